/* SPDX-License-Identifier: MIT */
/*
 * The names that the kernel was allowed to keep, where it cannot be told to look all of them up again: before Linux
 * 6.16, and where other mounts lie on some of them, which would be lost (epoch.h). So after a change each of them is
 * looked at, and the kernel told of those that no longer stand for what they stood for.
 *
 * Being told, the kernel waits for the lookups under way in that directory, so none of them can bring back what was
 * true before the change. They must be served meanwhile.
 */
#ifndef FS_KNOWN_NAMES_H
#define FS_KNOWN_NAMES_H

#include <stdbool.h>
#include <stdint.h>

struct server;
struct known_names;

struct known_names *known_names_new(void);	/* NULL: out of memory */
void known_names_free(struct known_names *k);

/*
 * A name is about to be answered: node, 0: there is nothing. generation: of the server, read before it was looked up.
 * false: the kernel must not keep it: it may have changed meanwhile, is too long, or there are too many.
 */
bool known_names_keep(struct server *s, uint64_t parent, const char *name, uint64_t node, uint64_t generation);
/* Entries appeared or vanished, somewhere. When it returns the kernel believes nothing that is no longer so. */
void known_names_changed(struct server *s);

#endif
