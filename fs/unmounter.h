/* SPDX-License-Identifier: MIT */
/* A process that waits to unmount, for a daemon that may not do it itself any more. */
#ifndef FS_UNMOUNTER_H
#define FS_UNMOUNTER_H

#include <sys/types.h>

struct unmounter {
	pid_t pid;
	int fd;
};

/* Starts it; before anything is mounted or given up. -errno of pipe(2), fork(2). */
int unmounter_start(struct unmounter *u, const char *mountpoint);
/* Unmounts, lazily, and waits for that. */
void unmounter_unmount(struct unmounter *u);
/* It is not needed: somebody else unmounted. Without this, it leaves the mount alone when the daemon ends. */
void unmounter_stop(struct unmounter *u);

#endif
