/* SPDX-License-Identifier: MIT */
/* The request handlers for extended attributes: trusted.* and, but for 4.20, security.* (abi.md 3). */
#ifndef FS_XATTR_OPS_H
#define FS_XATTR_OPS_H

#include "fs/server.h"

void xattr_op_set(fuse_req_t req, fuse_ino_t node, const char *name, const char *value, size_t size, int flags);
void xattr_op_get(fuse_req_t req, fuse_ino_t node, const char *name, size_t size);
void xattr_op_list(fuse_req_t req, fuse_ino_t node, size_t size);
void xattr_op_remove(fuse_req_t req, fuse_ino_t node, const char *name);

#endif
