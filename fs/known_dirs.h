/* SPDX-License-Identifier: MIT */
/*
 * The directories that the kernel knows, and whose listing it may have kept: so that it gives up one that no longer
 * holds. Directories are never opened here (the kernel is told so with the first ENOSYS), so a listing that it has
 * costs no request at all.
 *
 * After a change every name is looked up again (epoch), and with it the directory's listing is dropped, in
 * known_dirs_seen. That leaves who reads a directory without a name, by a descriptor or as where he stands: for them
 * the directories that were used last are dropped at the change itself, before its writer is answered.
 *
 * Where names are told of one by one (known_names.h) nothing is looked up again: there the kernel keeps attributes and
 * listings of those used last alone, and all of them are dropped at a change.
 */
#ifndef FS_KNOWN_DIRS_H
#define FS_KNOWN_DIRS_H

#include <stdbool.h>
#include <stdint.h>

struct server;
struct known_dirs;

struct known_dirs *known_dirs_new(void);	/* NULL: out of memory */
void known_dirs_free(struct known_dirs *k);

/* The directory's name, or the first part of its listing, is about to be answered. */
void known_dirs_seen(struct server *s, uint64_t dir);
/*
 * The end of a listing of it is about to be answered: then the kernel keeps all of it, if it has all of it
 * (dir_cache.h). holds: it is what there was at this generation of the server.
 */
void known_dirs_end(struct server *s, uint64_t dir, uint64_t generation, bool holds);
/* Entries appeared or vanished, somewhere. */
void known_dirs_changed(struct server *s);

#endif
