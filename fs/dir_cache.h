/* SPDX-License-Identifier: MIT */
/*
 * Listings that were put together lately. Reading a directory takes several requests, each of which says only where to
 * go on, and the tree may change between two of them; who began with a listing must get the rest of the same one,
 * and the kernel, which keeps what readers were answered and can have several readers of one directory at once,
 * must not put parts of two together. So each position tells by a number, its moment, which listing it is of: the kernel
 * adds an answer to what it keeps only where the position fits, and we find the listing again by it. The first
 * listing of a directory has moment 0, whose positions are those of the kernel's own sysfs; one with other
 * content gets another number, one with the same content the same.
 */
#ifndef FS_DIR_CACHE_H
#define FS_DIR_CACHE_H

#include "fs/dir_buffer.h"

struct dir_cache;

/* One listing. Of each directory and moment there is one at most. */
struct cached_dir;

struct dir_cache *dir_cache_new(void);	/* NULL: out of memory */
void dir_cache_free(struct dir_cache *c);

/*
 * The directory's entries as of this generation, made if they are not there: as all see them. -ENOMEM, -ENOTDIR.
 * The buffer is the caller's to read until dir_cache_put.
 */
int dir_cache_get(struct dir_cache *c, struct backend *b, uint64_t dir, uint64_t generation, struct cached_dir **ret);
/*
 * The listing that this position is of. Those used last are there (16 MiB of them); for one that is not, what the
 * directory has now, under a moment of its own.
 */
int dir_cache_go_on(struct dir_cache *c, struct backend *b, uint64_t dir, uint64_t generation, uint64_t position,
		    struct cached_dir **ret);
const struct dir_buffer *cached_dir_buffer(const struct cached_dir *d);
/* Is it all that the directory had at this generation? If so, the kernel may keep it. */
bool cached_dir_holds(struct dir_cache *c, const struct cached_dir *d, uint64_t generation);
void dir_cache_put(struct dir_cache *c, struct cached_dir *d);

#endif
