/* SPDX-License-Identifier: MIT */
/*
 * Requests and answers through memory that is shared with the kernel (FUSE over io_uring, Linux 6.14): one system call
 * for both instead of two, and each processor's requests are carried out there. Asked for with --io-uring. What the
 * kernel forgets and interrupts still comes by the device (loop.h).
 *
 * A processor's queue has one thread. While that waits, or sits in one request, another takes the queue over. But what
 * the kernel has for a place in memory it hands out in the thread that last gave it the place, and waits until that can
 * be interrupted: so no thread that answers may ever wait for what a client holds in the kernel, as a page of a listing
 * that is about to be dropped. Such things are done apart; and where names are dropped one by one there is no ring.
 */
#ifndef FS_RING_H
#define FS_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct loop;
struct ring;

/* Counts processors, so before anything is mounted on /sys. NULL: out of memory. */
struct ring *ring_new(void);
void ring_free(struct ring *r);
/* Makes all queues, for the device of a session that is mounted. 0 or -errno of the first that cannot be made. */
int ring_open(struct ring *r, int device);
/* Before the kernel is told that it will be used. false: it cannot be. */
bool ring_prepare(struct ring *r);
/* The kernel has been told so, and from now on asks by the queues. */
void ring_start(struct ring *r, struct loop *l);
bool ring_works(const struct ring *r);

/* Is it the answer to a request of a queue's? Numbers that it has made up say so. */
bool ring_asked(const struct ring *r, uint64_t unique);
/* The answer, as the device would have it. Returns its length, as writev. */
ssize_t ring_answer(struct ring *r, uint64_t unique, const struct iovec *part, int count);
/* Answers that wait for the end of what is carried out now go to the kernel. */
void ring_flush(struct ring *r);

/* Does what may wait for a client in the kernel, for which nothing is locked; returns when it is done. */
void ring_apart(struct ring *r, void (*fn)(void *ctx), void *ctx);

/* The calling thread is about to wait for another request: if a queue is its own, somebody else takes it over. */
void ring_begin_wait(struct ring *r);
/* The minder's look: queues whose threads sit in one request are taken over. Requests served so far: ring_served. */
void ring_look(struct ring *r);
uint64_t ring_served(struct ring *r);

#endif
