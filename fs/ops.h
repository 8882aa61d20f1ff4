/* SPDX-License-Identifier: MIT */
/* The request handlers of a mount. */
#ifndef FS_OPS_H
#define FS_OPS_H

#include "fs/server.h"

extern const struct fuse_lowlevel_ops server_ops;

#endif
