/* SPDX-License-Identifier: MIT */
/* Listings that were put together lately: reading a long one takes many requests, and each says only where to go on. */
#ifndef FS_DIR_CACHE_H
#define FS_DIR_CACHE_H

#include "fs/dir_buffer.h"

struct dir_cache;
struct cached_dir;

struct dir_cache *dir_cache_new(void);	/* NULL: out of memory */
void dir_cache_free(struct dir_cache *c);

/*
 * The directory's entries as of this generation, made if they are not there: as all see them. -ENOMEM, -ENOTDIR.
 * The buffer is the caller's to read until dir_cache_put.
 */
int dir_cache_get(struct dir_cache *c, struct backend *b, uint64_t dir, uint64_t generation, struct cached_dir **ret);
const struct dir_buffer *cached_dir_buffer(const struct cached_dir *d);
void dir_cache_put(struct dir_cache *c, struct cached_dir *d);

#endif
