/* SPDX-License-Identifier: MIT */
/* What one processor's requests and answers are exchanged in (ring.h); whose it is is not known here. */
#ifndef FS_RING_QUEUE_H
#define FS_RING_QUEUE_H

#include <pthread.h>
#include <sys/uio.h>

#include "fs/reply.h"
#include "fs/uring.h"

#define RING_ENTRIES 1024	/* of a queue, at most */

struct ring;
struct ring_entry;
struct ring_worker;

struct ring_queue {
	struct ring *ring;
	unsigned id;
	struct uring uring;
	pthread_mutex_t lock;		/* protects the commands' side of the uring, and the rest */
	struct ring_worker *worker;	/* whose it is */
	bool busy;			/* he is in a request: what is published waits for him */
	unsigned entries, taken;	/* how many there are, and have a request in them */
	struct ring_entry *entry[RING_ENTRIES];
};

void ring_queue_init(struct ring_queue *q, struct ring *r, unsigned id);
void ring_queue_free(struct ring_queue *q);

/* More places, if there is memory; for requests that wait keep theirs. With the lock held. */
void ring_queue_grow(struct ring_queue *q);

/*
 * libfuse is told of an entry instead of the kernel's number: is it one, and of which queue. The answer goes to the kernel
 * when he whose the queue is is done, or at once. Returns its length.
 */
bool ring_queue_is_entry(uint64_t unique);
unsigned ring_queue_of(uint64_t unique);
ssize_t ring_queue_answer(struct ring_queue *q, const struct iovec *part, int count);

/* What is published goes to the kernel. wait: and then a completion comes. 0 or -errno */
int ring_queue_enter(struct ring_queue *q, bool wait);

/* The request in an entry, as the device would give it. -EPROTO: it is none. */
int ring_queue_request(struct ring_queue *q, unsigned entry, struct fuse_buf *ret);

#endif
