/* SPDX-License-Identifier: MIT */
/* A backend with one file more than inner has: .apsysfs/stats, which the mount itself answers. */
#ifndef FS_STATS_BACKEND_H
#define FS_STATS_BACKEND_H

#include "core/backend.h"

typedef void stats_show_fn(void *ctx, struct page *out);

/* Wraps inner, which it owns when it succeeds. Without a .apsysfs in inner there is no such file. 0 or -ENOMEM. */
int stats_backend_new(struct backend *inner, stats_show_fn *show, void *ctx, struct backend **ret);

#endif
