/* SPDX-License-Identifier: MIT */
/* Where in a YAML text a value stands, for messages about values that are wrong in themselves. */
#ifndef FS_YAML_PLACE_H
#define FS_YAML_PLACE_H

#include <stddef.h>

struct yaml_place {
	size_t line, column;	/* from 1 */
};

/*
 * Finds what a path names: keys and numbers of entries (from 0) with dots between, such as "adapters.2.type".
 * Where the path leads nowhere, the place of its longest part that leads somewhere.
 */
struct yaml_place yaml_place_of(const char *text, size_t length, const char *path);

#endif
