/* SPDX-License-Identifier: MIT */
/* Who created which mdev, also after the daemon was started anew. An mdev that is not here is root's. */
#ifndef HOSTBACKEND_OWNERS_H
#define HOSTBACKEND_OWNERS_H

#include "core/engine.h"

struct owners;

/*
 * file: read now, and replaced as a whole at each change ("UUID UID" lines); NULL: kept in memory only. The folder is
 * held open, so that the file can be replaced also by who may open nothing any more.
 * -ENOMEM; -errno of the file; -EINVAL and message says "file:line: what is wrong".
 */
int owners_open(const char *file, struct owners **ret, struct page *message);
void owners_free(struct owners *o);

/* Of the mdev in this slot. 0: root, or one that was made anew behind our back. */
uint32_t owners_of(const struct owners *o, const struct engine *e, uint32_t slot);
/* How many of the engine's mdevs are his. */
unsigned owners_count(const struct owners *o, const struct engine *e, uint32_t uid);

/*
 * The mdev in this slot is about to be his; those that are gone in e are forgotten. born: its life.
 * -errno: the file could not be written; then nothing has changed.
 */
int owners_set(struct owners *o, const struct engine *e, uint32_t slot, uint32_t uid);
/* The engine as it is now: what is gone is forgotten. -errno of the file; it is forgotten all the same. */
int owners_prune(struct owners *o, const struct engine *e);

#endif
