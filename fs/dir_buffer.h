/* SPDX-License-Identifier: MIT */
/* One open directory: its entries in the kernel's hash order, frozen when it is first read (abi.md 3.6). */
#ifndef FS_DIR_BUFFER_H
#define FS_DIR_BUFFER_H

#include "core/backend.h"

struct dir_entry {
	const char *name;
	uint64_t node;
	uint32_t hash;
	enum node_type type;
};

struct dir_buffer {
	struct dir_entry *entry;
	size_t count;
	char *names;
	uint32_t moment;	/* which of the directory's listings this is, below DIR_MOMENTS; in all its positions */
};

#define DIR_MOMENTS (1u << 22)

/* kernfs's hash of a name, which orders its listings. */
uint32_t dir_hash(const char *name);

/* Fills an empty buffer with what the caller sees; a directory that is gone has no entries. -ENOMEM, -ENOTDIR */
int dir_buffer_fill(struct dir_buffer *d, struct backend *b, uint64_t dir, const struct caller *caller);
void dir_buffer_free(struct dir_buffer *d);

/*
 * Where entry number i stands in the listing, for whoever reads on from there later, and the entry to go on with
 * from there: the hash, as kernfs has it, above it how many of the same hash come before, above that the listing's
 * moment. After the last one: the greatest number that kernfs uses. What comes and goes meanwhile does not move
 * the others.
 */
uint64_t dir_buffer_position(const struct dir_buffer *d, size_t i);
size_t dir_buffer_find(const struct dir_buffer *d, uint64_t position);
/* The moment of the listing that the position is of. */
uint32_t dir_position_moment(uint64_t position);
/* A number for what is listed: names, nodes and types. */
uint64_t dir_buffer_content(const struct dir_buffer *d);

#endif
