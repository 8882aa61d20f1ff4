/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

struct worker {
	struct workers *all;
	/* protected by their lock */
	struct backend_call *call;	/* NULL: idle */
	uid_t uid;
	bool is_store;
	int64_t since;			/* when it came to the host; NOT_YET */
};

#define NOT_YET INT64_MAX

struct workers {
	workers_fn *fn, *refuse;
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t work;		/* a call is there */
	/* protected by lock */
	struct backend_call *first, **last;
	unsigned threads, idle;
	struct worker worker[WORKERS_MAX];

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

struct workers *workers_new(workers_fn *fn, workers_fn *refuse, void *ctx)
{
	struct workers *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;

	if (!w)
		return NULL;
	w->fn = fn;
	w->refuse = refuse;
	w->ctx = ctx;
	w->last = &w->first;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, &monotonic);
	pthread_mutex_init(&w->turn_lock, NULL);
	pthread_cond_init(&w->turn_free, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return w;
}

/* --- who may have a thread; all with the lock held ------------------------------------------------------- */

/* Threads at work: all, for others than root, for this user's calls of this kind; and how many of those are held up. */
struct load {
	unsigned all, others, his;
	unsigned all_held, others_held, his_held;
};

static struct load load_of(const struct workers *w, const struct backend_call *call)
{
	int64_t held_since = now() - WORKERS_HELD_MS * NS_PER_MS;
	struct load l = { 0 };

	for (unsigned i = 0; i < w->threads; i++) {
		const struct worker *worker = &w->worker[i];
		bool held = worker->since <= held_since;
		bool others = worker->uid != 0, his = worker->uid == call->caller.uid && worker->is_store == call->is_store;

		if (!worker->call)
			continue;
		l.all++;
		l.all_held += held;
		l.others += others;
		l.others_held += others && held;
		l.his += his;
		l.his_held += his && held;
	}
	return l;
}

static bool may_run(const struct workers *w, const struct backend_call *call)
{
	struct load l = load_of(w, call);

	return call->caller.uid == 0 || (l.his < WORKERS_USER && l.others < WORKERS_MAX - WORKERS_ROOT);
}

/* Nothing that it could wait for in line is going to end before the host lets it. */
static bool is_hopeless(const struct workers *w, const struct backend_call *call)
{
	struct load l = load_of(w, call);

	return l.all_held >= WORKERS_MAX ||
	       (call->caller.uid != 0 && (l.his_held >= WORKERS_USER || l.others_held >= WORKERS_MAX - WORKERS_ROOT));
}

/* Takes the first one of whom this is true out of the line. NULL: none. */
static struct backend_call *take_call(struct workers *w, bool (*fits)(const struct workers *w, const struct backend_call *call))
{
	struct backend_call **at = &w->first, *call;

	while (*at && !fits(w, *at))
		at = &(*at)->next;
	call = *at;
	if (!call)
		return NULL;
	*at = call->next;
	if (!*at)
		w->last = at;
	return call;
}

/* --- threads ------------------------------------------------------------------------------------------------ */

static void begin(struct worker *me, struct backend_call *call)
{
	me->call = call;
	me->uid = call->caller.uid;
	me->is_store = call->is_store;
	/* a store waits for its turn first */
	me->since = call->is_store ? NOT_YET : now();
}

/* Whom the line keeps waiting may by and by have nothing left to wait for. */
static void wait_for_work(struct workers *w)
{
	int64_t until = now() + WORKERS_HELD_MS * NS_PER_MS / 4;
	struct timespec t = { until / NS_PER_S, until % NS_PER_S };

	if (w->first)
		pthread_cond_timedwait(&w->work, &w->lock, &t);
	else
		pthread_cond_wait(&w->work, &w->lock);
}

static struct backend_call *next_call(struct workers *w)
{
	struct backend_call *call, *hopeless;

	w->idle++;
	while (!(call = take_call(w, may_run))) {
		hopeless = take_call(w, is_hopeless);
		if (!hopeless) {
			wait_for_work(w);
			continue;
		}
		w->idle--;
		pthread_mutex_unlock(&w->lock);
		w->refuse(w->ctx, hopeless);
		pthread_mutex_lock(&w->lock);
		w->idle++;
	}
	w->idle--;
	return call;
}

static void *serve(void *arg)
{
	struct worker *me = arg;
	struct workers *w = me->all;
	struct backend_call *call;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		call = next_call(w);
		begin(me, call);
		pthread_mutex_unlock(&w->lock);
		w->fn(w->ctx, call);
		pthread_mutex_lock(&w->lock);
		me->call = NULL;
	}
	return NULL;
}

/* No signal is a worker's. */
static int start_thread(struct workers *w)
{
	struct worker *me = &w->worker[w->threads];
	sigset_t all, before;
	pthread_t thread;
	int rc;

	me->all = w;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, NULL, serve, me);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		pthread_detach(thread);
	return rc;
}

static unsigned line_length(const struct workers *w)
{
	unsigned n = 0;

	for (const struct backend_call *c = w->first; c; c = c->next)
		n++;
	return n;
}

int workers_add(struct workers *w, struct backend_call *call)
{
	/* one that has to wait in line needs somebody idle to look after it */
	unsigned needed;
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	needed = may_run(w, call) ? line_length(w) + 1 : 1;
	if (is_hopeless(w, call)) {
		rc = -EAGAIN;
	} else if (w->idle < needed && w->threads < WORKERS_MAX) {
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

static void at_host(struct workers *w, const struct backend_call *call)
{
	pthread_mutex_lock(&w->lock);
	for (unsigned i = 0; i < w->threads; i++)
		if (w->worker[i].call == call)
			w->worker[i].since = now();
	pthread_mutex_unlock(&w->lock);
}

/* --- turns --------------------------------------------------------------------------------------------------- */

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

void workers_turn_writes(struct workers *w, unsigned turn, const struct backend_call *call)
{
	at_host(w, call);
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
