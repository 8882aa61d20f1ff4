/* SPDX-License-Identifier: MIT */
/* The request handlers for what sysfs refuses: nobody makes, removes or renames an entry (abi.md 3.5). */
#ifndef FS_REFUSED_OPS_H
#define FS_REFUSED_OPS_H

#include "fs/server.h"

void refused_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev);
void refused_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi);
void refused_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void refused_op_remove(fuse_req_t req, fuse_ino_t parent, const char *name);
void refused_op_symlink(fuse_req_t req, const char *link, fuse_ino_t parent, const char *name);
void refused_op_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t parent, const char *name);
void refused_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
		      const char *new_name, unsigned int flags);

#endif
