/* SPDX-License-Identifier: MIT */
/*
 * The threads that serve a mount's requests: a few, there from the start. One of them reads requests and carries them
 * out; a request that another thread takes costs a switch more than it does itself. Others read too when it is not
 * enough: it sits in one request, or has no pause.
 */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include "fs/server.h"

struct loop;

/* How many threads suit this machine. Reads /sys, so before anything is mounted there. */
int loop_thread_count(void);

/*
 * Starts threads that serve until the session ends; as many as can be had. The calling thread gets SIGUSR2 when the
 * last one ends: somebody else unmounted. NULL: no memory.
 */
struct loop *loop_start(struct server *s, int threads);

/* Around what may wait for another request: somebody else reads meanwhile. From any thread; NULL: nothing. */
void loop_begin_wait(struct loop *l);
void loop_end_wait(struct loop *l);

/* Waits for them to end, at most ms milliseconds: they may sit in requests of files that somebody has open. */
void loop_wait(struct loop *l, int ms);

#endif
