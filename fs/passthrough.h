/* SPDX-License-Identifier: MIT */
/*
 * Texts that the kernel reads by itself, from files that it knows by number (FUSE passthrough, Linux 6.9): no read of
 * them comes to us. Those that cannot change are in memory files, filled at an open; those of a host are the host's
 * own files. As far as a client can tell all is what it was, but for what apsysfs(1) says of --passthrough, by which
 * it is asked for. It needs CAP_SYS_ADMIN; without it, or on an older kernel, nothing is different.
 */
#ifndef FS_PASSTHROUGH_H
#define FS_PASSTHROUGH_H

#include <stdatomic.h>

#include "fs/passed_file.h"
#include "fs/reply.h"

struct passthrough {
	atomic_bool works;	/* both sides said so in the session's first exchange (session_io.h) */
	struct passed_files *files;
};

/* Prepares it, before the mount. NULL: out of memory. */
struct passthrough *passthrough_new(void);
void passthrough_free(struct passthrough *p);
/* Known once the mount has answered. */
bool passthrough_works(const struct server *s);

/* Tells the kernel of a file: its number, above 0, or -errno. The descriptor is not needed any more then. */
int passthrough_backing(struct server *s, int fd);
/* Who has it open goes on with it. */
void passthrough_backing_close(struct server *s, int backing);

/* Answers an open with the file; direct: but the reads of this opener come to us. As fuse_reply_open. */
int passthrough_reply_open(fuse_req_t req, uint64_t handle, const struct passed_file *f, bool direct);

#endif
