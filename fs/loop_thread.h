/* SPDX-License-Identifier: MIT */
/* One of those that serve, wherever it has its requests from: for loop.c and ring.c. */
#ifndef FS_LOOP_THREAD_H
#define FS_LOOP_THREAD_H

#include "fs/loop.h"

struct loop_thread {
	_Alignas(64) struct loop *loop;
	atomic_uint_least64_t served;	/* requests so far */
	atomic_bool busy;		/* with the next */
	uint64_t seen;			/* the minder's: served, when it last saw it busy; or LOOP_NOT_BUSY */
};

#define LOOP_NOT_BUSY UINT64_MAX

/* Carries out one request. */
void loop_serve(struct loop_thread *t, const struct fuse_buf *buf);
/* Is it in the request in which the last call found it? For the minder. */
bool loop_thread_is_stuck(struct loop_thread *t);

/* Starts a thread that counts as one of the loop's until it calls loop_leave. false: there is none to be had. */
bool loop_start_thread(struct loop *l, void *(*run)(void *), void *arg);
/* It has noticed that the session has ended, so it is over for all. */
void loop_leave(struct loop *l);

#endif
