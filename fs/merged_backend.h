/* SPDX-License-Identifier: MIT */
/* A backend whose upper directories also name what the host's /sys has: places to bind the real entries on. */
#ifndef FS_MERGED_BACKEND_H
#define FS_MERGED_BACKEND_H

#include "fs/host_places.h"

/*
 * Wraps inner, which it owns when it succeeds; places must outlive it. Uevents stay inner's own business.
 * Returns 0, -ENOMEM, or -errno of inner.
 */
int merged_backend_new(struct backend *inner, const struct host_places *places, struct backend **ret);

#endif
