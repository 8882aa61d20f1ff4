/* SPDX-License-Identifier: MIT */
/* One open attribute: the text a reader sees, writes as whole stores, one operation at a time (abi.md 3.3, 3.4). */
#ifndef FS_OPEN_FILE_H
#define FS_OPEN_FILE_H

#include "fs/server.h"

struct open_file;

/* NULL: out of memory. at_open: the node as it was. req: who opens it. */
struct open_file *open_file_new(struct server *s, uint64_t node, const struct node_stat *at_open, fuse_req_t req);
void open_file_free(struct open_file *f);
/* Its text is the kernel's to read from p, which is released with it (passed_file.h). */
void open_file_pass(struct open_file *f, struct passed_file *p, unsigned mark);

/* Each answers the request, now or later. */
void open_file_read(struct open_file *f, fuse_req_t req, size_t size, off_t offset);
void open_file_write(struct open_file *f, fuse_req_t req, const char *data, size_t size);
/* handle: whom to wake when it has news, or NULL; takes it. */
void open_file_poll(struct open_file *f, fuse_req_t req, struct fuse_pollhandle *handle);

#endif
