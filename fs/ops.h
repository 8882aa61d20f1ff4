/* SPDX-License-Identifier: MIT */
/* The request handlers of a mount. */
#ifndef FS_OPS_H
#define FS_OPS_H

#include "fs/server.h"

#define MAX_WRITE (1u << 20)	/* control files take whole machines; attributes see a page at most */

extern const struct fuse_lowlevel_ops server_ops;

#endif
