/* SPDX-License-Identifier: MIT */
/*
 * What reads a YAML document of our own making: mappings by tables of keys, lists, and complaints with line and column.
 * The first complaint stays; after it what is read no longer counts.
 */
#ifndef HOSTBACKEND_READING_H
#define HOSTBACKEND_READING_H

#include <yaml.h>

#include "core/page.h"

struct reading {
	const char *name;	/* of the file */
	yaml_document_t document;
	struct page *message;
	int rc;			/* -EINVAL: message says what is wrong; -ENOMEM */
};

/* What reads the value of one key into the thing that has it. */
typedef void take_fn(struct reading *r, yaml_node_t *value, void *into);

struct key {
	const char *name;
	take_fn *take;
	size_t offset;		/* in what it is read into */
};

/* "name:line:column: ..." */
__attribute__((format(printf, 3, 4)))
void reading_complain(struct reading *r, const yaml_node_t *at, const char *format, ...);

/* The text of a scalar, NULL: a list or a mapping. And whether it is this one. */
const char *reading_text(const yaml_node_t *n);
bool reading_is(const yaml_node_t *n, const char *text);

/* Zeroes, also for a count of 0. NULL: out of memory, as r->rc then says. */
void *reading_allocate(struct reading *r, size_t count, size_t size);

/* Calls take for each item of a list; a value that is no list is a list of itself. */
void reading_each(struct reading *r, yaml_node_t *n, take_fn *take, void *into);
/* How many items that are; complains of more than 1024. */
size_t reading_count(struct reading *r, const yaml_node_t *n);

/* Each key of a mapping at most once, by the table, which ends with a key without name. */
void reading_mapping(struct reading *r, const yaml_node_t *n, const struct key *keys, void *into);

#endif
