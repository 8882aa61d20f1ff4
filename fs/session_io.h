/* SPDX-License-Identifier: MIT */
/*
 * What passes between libfuse and the kernel's device: in a session's first exchange both sides say what they can, and
 * what this libfuse has no word for is added there; and answers to requests that came by a ring go back by it.
 */
#ifndef FS_SESSION_IO_H
#define FS_SESSION_IO_H

#include <stdint.h>

struct server;

struct session_io {
	uint64_t init;		/* the number of the session's first request until it is answered; else 0 */
	uint32_t offered;	/* by the kernel: the upper half of its flags */
};

/* Before the session's first request is read. 0 or -errno. */
int session_io_join(struct server *s);

#endif
