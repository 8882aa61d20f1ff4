/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define THREADS_MAX 256
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

struct workers {
	workers_fn *fn;
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t work;		/* a call is there */
	/* protected by lock */
	struct backend_call *first, **last;
	unsigned threads, idle;

	pthread_mutex_t turn_lock;
	pthread_cond_t turn_free;
	/* protected by turn_lock */
	unsigned turn;			/* whose it is, while taken */
	bool taken;
	int64_t until;			/* the end of the turn if the host holds it up; 0: it does not write yet */
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

struct workers *workers_new(workers_fn *fn, void *ctx)
{
	struct workers *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;

	if (!w)
		return NULL;
	w->fn = fn;
	w->ctx = ctx;
	w->last = &w->first;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_mutex_init(&w->turn_lock, NULL);
	pthread_cond_init(&w->turn_free, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return w;
}

static void *serve(void *arg)
{
	struct workers *w = arg;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct backend_call *call;

		w->idle++;
		while (!w->first)
			pthread_cond_wait(&w->work, &w->lock);
		w->idle--;
		call = w->first;
		w->first = call->next;
		if (!w->first)
			w->last = &w->first;
		pthread_mutex_unlock(&w->lock);
		w->fn(w->ctx, call);
		pthread_mutex_lock(&w->lock);
	}
	return NULL;
}

/* No signal is a worker's. */
static int start_thread(struct workers *w)
{
	sigset_t all, before;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, NULL, serve, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		pthread_detach(thread);
	return rc;
}

int workers_add(struct workers *w, struct backend_call *call)
{
	unsigned waiting = 1;
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	for (const struct backend_call *c = w->first; c; c = c->next)
		waiting++;
	if (waiting > w->idle && w->threads < THREADS_MAX) {
		if (start_thread(w) == 0)
			w->threads++;
		else if (!w->threads)
			rc = -EAGAIN;
	}
	if (rc == 0) {
		call->next = NULL;
		*w->last = call;
		w->last = &call->next;
		pthread_cond_signal(&w->work);
	}
	pthread_mutex_unlock(&w->lock);
	return rc;
}

unsigned workers_turn_take(struct workers *w)
{
	unsigned turn;

	pthread_mutex_lock(&w->turn_lock);
	while (w->taken && (!w->until || now() < w->until)) {
		struct timespec t = { w->until / NS_PER_S, w->until % NS_PER_S };

		if (w->until)
			pthread_cond_timedwait(&w->turn_free, &w->turn_lock, &t);
		else
			pthread_cond_wait(&w->turn_free, &w->turn_lock);
	}
	w->taken = true;
	w->until = 0;
	turn = ++w->turn;
	pthread_mutex_unlock(&w->turn_lock);
	return turn;
}

void workers_turn_writes(struct workers *w, unsigned turn)
{
	pthread_mutex_lock(&w->turn_lock);
	if (w->turn == turn) {
		w->until = now() + HOST_TURN_MS * NS_PER_MS;
		pthread_cond_broadcast(&w->turn_free);
	}
	pthread_mutex_unlock(&w->turn_lock);
}

void workers_turn_give(struct workers *w, unsigned turn)
{
	pthread_mutex_lock(&w->turn_lock);
	if (w->turn == turn) {
		w->taken = false;
		pthread_cond_broadcast(&w->turn_free);
	}
	pthread_mutex_unlock(&w->turn_lock);
}

void workers_stop(struct workers *w)
{
	/* threads may sit in a write: their memory stays until the process ends, and with it they */
	(void)w;
}
