/* SPDX-License-Identifier: MIT */
/* The threads that serve a mount's requests: a few, there from the start, none of them ever the only idle one. */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include "fs/server.h"

struct loop {
	struct server *server;
	pthread_t main;		/* gets SIGUSR2 when the last thread ends: somebody else unmounted */
	atomic_int running;
};

/* How many threads suit this machine. Reads /sys, so before anything is mounted there. */
int loop_thread_count(void);

/* Starts threads that serve until the session ends; as many as can be had. */
void loop_start(struct loop *l, int threads);

/* Waits for them to end, at most ms milliseconds: they may sit in requests of files that somebody has open. */
void loop_wait(struct loop *l, int ms);

#endif
