/* SPDX-License-Identifier: MIT */
/*
 * Texts that cannot change, read from memory files that the kernel knows by number (FUSE passthrough, Linux 6.9): an
 * open fills one, and no read of it comes to us. As far as a client can tell it is what it was, but for three things: a
 * read after the object is gone finds the end of the file instead of ENODEV, the file can be mapped, and whether it
 * was read, which poll tells, is not known of each of several that have it open at a time. So it is
 * asked for with --passthrough. It needs CAP_SYS_ADMIN; without it, or on an older kernel, nothing is different.
 */
#ifndef FS_PASSTHROUGH_H
#define FS_PASSTHROUGH_H

#include "fs/reply.h"

struct server;
struct passthrough;
struct memory_text;	/* one memory file in use */

/* Prepares it, before the mount. NULL: out of memory. */
struct passthrough *passthrough_new(void);
void passthrough_free(struct passthrough *p);
/* Takes part in the session's first exchange, where both sides say what they can. 0 or -errno. */
int passthrough_join(struct server *s);
/* Did both sides say so? Known once the mount has answered. */
bool passthrough_works(const struct server *s);

/*
 * The file of a node whose text cannot change; NULL: it is to be read as any other. To be called for each open of
 * such a node, since the kernel takes all that are open at a time from one file. *ret_mark: for passthrough_was_read.
 */
struct memory_text *passthrough_open(struct server *s, uint64_t node, const struct caller *caller, unsigned *ret_mark);
void passthrough_release(struct server *s, struct memory_text *t);
/* Was it read since it was opened, by this opener or a later one? */
bool passthrough_was_read(struct server *s, const struct memory_text *t, unsigned mark);
/* Objects may be gone: their texts go too. */
void passthrough_drop_gone(struct server *s);

/* Answers an open with the file; direct: but the reads of this opener come to us. As fuse_reply_open. */
int passthrough_reply_open(fuse_req_t req, uint64_t handle, const struct memory_text *t, bool direct);

#endif
