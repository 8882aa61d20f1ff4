/* SPDX-License-Identifier: MIT */
/* Which file, directory or link of the tree is meant: a value, and a 64-bit number for it. */
#ifndef CORE_NODE_H
#define CORE_NODE_H

#include <stdint.h>

#define NODE_ROOT_ID UINT64_C(1)

/*
 * A node is a directory (kind, sub, index) and a row of that directory's table; row 0 is the
 * directory itself. reuse tells lives apart: an object that comes back has another one.
 */
struct node {
	uint8_t kind;	/* enum dir_kind of the directory, or of the directory that holds the row */
	uint8_t row;	/* 0, or 1 + the number of the row in that directory's table */
	uint8_t sub;	/* which driver, module, ...: meaning depends on kind */
	uint16_t index;	/* adapter << 8 | domain, mdev slot, group: of the directory, or of a row's child */
	uint32_t reuse;	/* 24 bits */
};

/* The number is the node: there is no table, and nothing to forget. */
uint64_t node_encode(struct node n);
struct node node_decode(uint64_t id);

#endif
