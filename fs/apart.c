/* SPDX-License-Identifier: MIT */
#include "fs/apart.h"

#include <pthread.h>
#include <stdlib.h>

struct job {
	struct job *next;
	void (*fn)(void *ctx);
	void *ctx;
	bool done;
};

struct apart {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	/* protected by lock */
	struct job *first;
};

static void *work(void *arg)
{
	struct apart *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		struct job *j;

		while (!a->first)
			pthread_cond_wait(&a->work, &a->lock);
		j = a->first;
		a->first = j->next;
		pthread_mutex_unlock(&a->lock);
		j->fn(j->ctx);
		pthread_mutex_lock(&a->lock);
		/* it is in its giver's hands again as soon as the lock is free */
		j->done = true;
		pthread_cond_broadcast(&a->done);
	}
	return NULL;
}

struct apart *apart_start(void)
{
	struct apart *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_cond_init(&a->done, NULL);
	if (pthread_create(&a->thread, NULL, work, a) != 0) {
		free(a);
		return NULL;
	}
	pthread_detach(a->thread);
	return a;
}

bool apart_is_self(struct apart *a)
{
	return pthread_equal(pthread_self(), a->thread);
}

void apart_do(struct apart *a, void (*fn)(void *ctx), void *ctx)
{
	struct job j = { .fn = fn, .ctx = ctx }, **last = &a->first;

	pthread_mutex_lock(&a->lock);
	while (*last)
		last = &(*last)->next;
	*last = &j;
	pthread_cond_signal(&a->work);
	while (!j.done)
		pthread_cond_wait(&a->done, &a->lock);
	pthread_mutex_unlock(&a->lock);
}
