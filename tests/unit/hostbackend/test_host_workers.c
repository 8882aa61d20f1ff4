/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "hostbackend/host_workers.h"

#define CALLS 400
#define PATIENCE 2000	/* times 5 ms */

/* A host that holds up each call until it is let go. */
struct host {
	struct workers *w;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* protected by lock */
	unsigned at_work, done, refused;
	bool open;
	struct backend_call call[CALLS];
	unsigned calls;
};

static void moment(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
}

static void hold(void *ctx, struct backend_call *call)
{
	struct host *h = ctx;

	/* without a turn, which would take each of them a while */
	if (call->is_store)
		workers_turn_writes(h->w, 0, call);
	pthread_mutex_lock(&h->lock);
	h->at_work++;
	while (!h->open)
		pthread_cond_wait(&h->changed, &h->lock);
	h->at_work--;
	h->done++;
	pthread_mutex_unlock(&h->lock);
}

static void refuse(void *ctx, struct backend_call *call)
{
	struct host *h = ctx;

	pthread_mutex_lock(&h->lock);
	h->refused++;
	pthread_mutex_unlock(&h->lock);
}

static struct host *host_new(void)
{
	struct host *h = calloc(1, sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	h->w = workers_new(hold, refuse, h);
	return h;
}

static int add(struct host *h, uid_t uid, bool is_store)
{
	struct backend_call *call = &h->call[h->calls++];

	*call = (struct backend_call){ .caller = { .uid = uid }, .is_store = is_store };
	return workers_add(h->w, call);
}

static unsigned read_locked(struct host *h, const unsigned *value)
{
	unsigned n;

	pthread_mutex_lock(&h->lock);
	n = *value;
	pthread_mutex_unlock(&h->lock);
	return n;
}

static bool becomes(struct host *h, const unsigned *value, unsigned wanted)
{
	for (unsigned i = 0; i < PATIENCE && read_locked(h, value) != wanted; i++)
		moment();
	return read_locked(h, value) == wanted;
}

/* Until a call of his is refused: then all that he may have are held up. False: it never is. */
static bool is_refused_once(struct host *h, uid_t uid, bool is_store)
{
	struct timespec t = { .tv_nsec = (WORKERS_HELD_MS + 50) * 1000000L };

	nanosleep(&t, NULL);
	return add(h, uid, is_store) == -EAGAIN;
}

static void let_go(struct host *h)
{
	pthread_mutex_lock(&h->lock);
	h->open = true;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

Test(host_workers, one_user_has_his_share_and_the_others_theirs)
{
	struct host *h = host_new();
	unsigned taken = 0;

	for (unsigned i = 0; i < WORKERS_USER + 8; i++)
		taken += add(h, 1000, true) == 0;
	cr_expect(taken == WORKERS_USER + 8, "what is not held up yet waits in line");
	cr_expect(becomes(h, &h->at_work, WORKERS_USER), "%u at work", read_locked(h, &h->at_work));
	cr_expect(is_refused_once(h, 1000, true));
	cr_expect(becomes(h, &h->refused, 8), "%u of those in line refused", read_locked(h, &h->refused));
	/* reading is another matter, and so are others */
	cr_expect(add(h, 1000, false) == 0);
	cr_expect(add(h, 1001, true) == 0);
	cr_expect(add(h, 0, true) == 0);
	cr_expect(becomes(h, &h->at_work, WORKERS_USER + 3), "%u at work", read_locked(h, &h->at_work));
	let_go(h);
	cr_expect(becomes(h, &h->done, WORKERS_USER + 3), "%u done", read_locked(h, &h->done));
	/* and he may again */
	cr_expect(add(h, 1000, true) == 0);
	cr_expect(becomes(h, &h->done, WORKERS_USER + 4));
}

Test(host_workers, all_others_together_leave_root_his)
{
	struct host *h = host_new();
	unsigned taken = 0, others = WORKERS_MAX - WORKERS_ROOT;

	for (unsigned i = 0; i < others; i++)
		taken += add(h, 1000 + i / 16, i % 2) == 0;
	cr_expect(becomes(h, &h->at_work, others), "%u at work", read_locked(h, &h->at_work));
	cr_expect(is_refused_once(h, 5000, true), "a user who has none yet waits for nothing");
	for (unsigned i = 0; i < WORKERS_ROOT; i++)
		taken += add(h, 0, true) == 0;
	cr_expect(becomes(h, &h->at_work, WORKERS_MAX), "%u at work", read_locked(h, &h->at_work));
	cr_expect(is_refused_once(h, 0, true));
	let_go(h);
	cr_expect(becomes(h, &h->done, taken), "%u of %u done", read_locked(h, &h->done), taken);
}
