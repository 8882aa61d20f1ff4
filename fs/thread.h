/* SPDX-License-Identifier: MIT */
/* A thread that nobody waits for, and that no signal comes to: what it did not block would be its to die of. */
#ifndef FS_THREAD_H
#define FS_THREAD_H

/* 0 or -errno of pthread_create(3) */
int thread_start(void *(*run)(void *), void *arg);

#endif
