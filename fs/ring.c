/* SPDX-License-Identifier: MIT */
#include "fs/ring.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "fs/apart.h"
#include "fs/loop_thread.h"
#include "fs/ring_queue.h"

#define SPARES 32		/* threads more than there are queues */

/*
 * A thread. It stays until the session ends, also without a queue: what it has asked the kernel for comes to it, and with
 * it it would go.
 */
struct ring_worker {
	struct loop_thread thread;	/* first: its alignment */
	struct ring *ring;
	struct ring_queue *queue;		/* NULL: waits for one */
	struct ring_worker *next;		/* of those that wait, or of all */
	pthread_t id;
};

struct ring {
	struct loop *loop;
	atomic_bool works;
	unsigned queues;
	struct ring_queue *queue;
	cpu_set_t allowed;
	struct apart *apart;		/* NULL: not started */

	pthread_mutex_t lock;		/* after a queue's */
	pthread_cond_t work;		/* for somebody of the spare, or all ends */
	/* protected by lock */
	unsigned workers;
	struct ring_worker *spare;
	bool ended;
};

struct ring *ring_new(void)
{
	struct ring *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->queues = (unsigned)get_nprocs_conf();
	r->queue = calloc(r->queues, sizeof(*r->queue));
	if (!r->queue) {
		free(r);
		return NULL;
	}
	for (unsigned i = 0; i < r->queues; i++)
		ring_queue_init(&r->queue[i], r, i);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->work, NULL);
	if (sched_getaffinity(0, sizeof(r->allowed), &r->allowed) < 0)
		CPU_ZERO(&r->allowed);
	return r;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < r->queues; i++)
		ring_queue_free(&r->queue[i]);
	free(r->queue);
	free(r);
}

int ring_open(struct ring *r, int device)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < r->queues; i++)
		rc = uring_open(&r->queue[i].uring, device);
	return rc;
}

bool ring_works(const struct ring *r)
{
	return r && atomic_load(&r->works);
}

bool ring_asked(const struct ring *r, uint64_t unique)
{
	return r && ring_queue_is_entry(unique);
}

ssize_t ring_answer(struct ring *r, uint64_t unique, const struct iovec *part, int count)
{
	return ring_queue_answer(&r->queue[ring_queue_of(unique)], part, count);
}

/* Not by the thread apart: what it gives to the kernel would come to it. */
static void flush(struct ring_queue *q)
{
	if (!apart_is_self(q->ring->apart))
		(void)ring_queue_enter(q, false);
}

void ring_flush(struct ring *r)
{
	for (unsigned i = 0; ring_works(r) && i < r->queues; i++)
		flush(&r->queue[i]);
}

/* --- serving -------------------------------------------------------------------------------------------- */

/* A request for him whose the queue is; *ret_lost: it is not his any more. */
static bool take(struct ring_worker *w, struct io_uring_cqe *ret, bool *ret_lost)
{
	struct ring_queue *q = w->queue;
	bool there;

	pthread_mutex_lock(&q->lock);
	*ret_lost = q->worker != w;
	if (!*ret_lost)
		q->busy = false;
	there = !*ret_lost && uring_completion(&q->uring, ret);
	if (there && ret->res == 0) {
		q->busy = true;
		if (++q->taken == q->entries)
			ring_queue_grow(q);
	}
	pthread_mutex_unlock(&q->lock);
	return there;
}

static int wait_for_request(struct ring_queue *q)
{
	int rc = ring_queue_enter(q, true);

	return rc == -EINTR || rc == -EAGAIN || rc == -EBUSY ? 0 : rc;
}

/* true: the session has ended; false: the queue is another's */
static bool serve_queue(struct ring_worker *w)
{
	struct ring_queue *q = w->queue;
	struct io_uring_cqe completion;
	struct fuse_buf buf;
	bool lost;
	int rc = 0;

	while (rc == 0) {
		if (!take(w, &completion, &lost)) {
			if (lost)
				return false;
			rc = wait_for_request(q);
			continue;
		}
		rc = completion.res;
		if (rc == 0)
			rc = ring_queue_request(q, (unsigned)completion.user_data, &buf);
		if (rc == 0)
			loop_serve(&w->thread, &buf);
	}
	if (rc == -ENOTCONN || rc == -ECONNABORTED || rc == -ECANCELED)
		return true;
	/* the kernel asks nothing by the device any more: nobody would ever be answered */
	fprintf(stderr, "apsysfs: --io-uring: %s\n", strerror(-rc));
	_exit(1);
}

/* --- whose a queue is ------------------------------------------------------------------------------------------ */

/* Where its requests come from; not where the user keeps it from. */
static void move_to(const struct ring_queue *q)
{
	cpu_set_t set;

	if (q->id >= CPU_SETSIZE || !CPU_ISSET(q->id, &q->ring->allowed))
		return;
	CPU_ZERO(&set);
	CPU_SET(q->id, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static void begin(struct ring_worker *w)
{
	struct ring_queue *q = w->queue;

	move_to(q);
	pthread_mutex_lock(&q->lock);
	w->id = pthread_self();
	if (!q->entries)
		ring_queue_grow(q);
	pthread_mutex_unlock(&q->lock);
}

/* Until there is a queue to take over; false: it is over. */
static bool wait_for_queue(struct ring_worker *w)
{
	struct ring *r = w->ring;
	bool ended;

	pthread_mutex_lock(&r->lock);
	w->queue = NULL;
	w->next = r->spare;
	r->spare = w;
	while (!w->queue && !r->ended)
		pthread_cond_wait(&r->work, &r->lock);
	ended = r->ended;
	pthread_mutex_unlock(&r->lock);
	return !ended;
}

static void end(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	r->ended = true;
	pthread_cond_broadcast(&r->work);
	pthread_mutex_unlock(&r->lock);
}

static void *work(void *arg)
{
	struct ring_worker *w = arg;
	struct ring *r = w->ring;

	do {
		begin(w);
		if (serve_queue(w)) {
			end(r);
			break;
		}
	} while (wait_for_queue(w));
	loop_leave(r->loop);
	return NULL;
}

static struct ring_worker *new_worker(struct ring *r, struct ring_queue *q)
{
	struct ring_worker *w;

	if (r->workers == r->queues + SPARES)
		return NULL;
	w = aligned_alloc(_Alignof(struct ring_worker), sizeof(*w));
	if (!w)
		return NULL;
	*w = (struct ring_worker){ .thread = { .loop = r->loop, .seen = LOOP_NOT_BUSY }, .ring = r, .queue = q };
	if (!loop_start_thread(r->loop, work, w)) {
		free(w);
		return NULL;
	}
	r->workers++;
	return w;
}

/* To somebody who has none; call with the queue's lock held. Whose it was notices when he is done with his request. */
static void hand_over(struct ring_queue *q)
{
	struct ring *r = q->ring;
	struct ring_worker *w;

	pthread_mutex_lock(&r->lock);
	w = r->spare;
	if (w) {
		r->spare = w->next;
		w->queue = q;
		pthread_cond_broadcast(&r->work);
	} else {
		w = new_worker(r, q);
	}
	pthread_mutex_unlock(&r->lock);
	if (!w)
		return;
	q->worker = w;
	q->busy = false;
}

bool ring_prepare(struct ring *r)
{
	if (!r->apart)
		r->apart = apart_start();
	return r->apart;
}

void ring_start(struct ring *r, struct loop *l)
{
	r->loop = l;
	atomic_store(&r->works, true);
	for (unsigned i = 0; i < r->queues; i++) {
		pthread_mutex_lock(&r->queue[i].lock);
		hand_over(&r->queue[i]);
		pthread_mutex_unlock(&r->queue[i].lock);
	}
}

void ring_begin_wait(struct ring *r)
{
	for (unsigned i = 0; ring_works(r) && i < r->queues; i++) {
		struct ring_queue *q = &r->queue[i];

		pthread_mutex_lock(&q->lock);
		if (q->worker && q->busy && pthread_equal(q->worker->id, pthread_self()))
			hand_over(q);
		pthread_mutex_unlock(&q->lock);
		flush(q);
	}
}

void ring_apart(struct ring *r, void (*fn)(void *ctx), void *ctx)
{
	if (!ring_works(r)) {
		fn(ctx);
		return;
	}
	ring_begin_wait(r);
	apart_do(r->apart, fn, ctx);
}

void ring_look(struct ring *r)
{
	for (unsigned i = 0; ring_works(r) && i < r->queues; i++) {
		struct ring_queue *q = &r->queue[i];
		bool stuck;

		pthread_mutex_lock(&q->lock);
		stuck = q->worker && loop_thread_is_stuck(&q->worker->thread);
		if (stuck)
			hand_over(q);
		pthread_mutex_unlock(&q->lock);
		if (stuck)
			flush(q);
	}
}

uint64_t ring_served(struct ring *r)
{
	uint64_t sum = 0;

	for (unsigned i = 0; ring_works(r) && i < r->queues; i++) {
		struct ring_queue *q = &r->queue[i];

		pthread_mutex_lock(&q->lock);
		sum += q->worker ? atomic_load_explicit(&q->worker->thread.served, memory_order_relaxed) : 0;
		pthread_mutex_unlock(&q->lock);
	}
	return sum;
}
