/* SPDX-License-Identifier: MIT */
/* The request handlers for directories. */
#ifndef FS_DIR_OPS_H
#define FS_DIR_OPS_H

#include "fs/server.h"

void dir_op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi);
void dir_op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *fi);
void dir_op_read_plus(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *fi);
void dir_op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi);

/* A name, and what it stands for as far as was seen at this generation of the server. */
struct named_node {
	uint64_t parent;
	const char *name;
	uint64_t node, generation;
};

/* An entry for the kernel's cache, in ops.c. -ENOENT: gone meanwhile. */
int ops_fill_entry(struct server *s, const struct named_node *n, const struct caller *caller, struct fuse_entry_param *e);

#endif
