/* SPDX-License-Identifier: MIT */
/* The edge: negative errno inside, positive outside; node_stat to struct stat. */
#ifndef FS_REPLY_H
#define FS_REPLY_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#include "core/backend.h"

#define FOREVER 1e9	/* seconds: until the kernel is told otherwise */

static inline void reply_error(fuse_req_t req, int rc)
{
	fuse_reply_err(req, -rc);
}

#endif
