/* SPDX-License-Identifier: MIT */
/* The engine behind its lock. Lock order: event_lock, then lock; nothing is called back under lock. */
#include "core/memory_backend.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "core/tree.h"

#define PAYLOAD 4096

struct memory {
	struct backend backend;
	pthread_rwlock_t lock;
	struct engine engine;		/* protected by lock */
	struct store_guard *guard;
	struct backend_call *waiting;	/* in the order they came; protected by lock */
	uint32_t tickets;		/* protected by lock */
	uint64_t topology;		/* what the listener has heard of; protected by lock */

	pthread_mutex_t event_lock;	/* held while events go out, so that they stay in order */
	uint64_t events_sent;		/* protected by event_lock */

	pthread_t clock;
	bool has_clock;
	pthread_mutex_t clock_lock;
	pthread_cond_t clock_changed;
	bool stop;			/* protected by clock_lock */
	int64_t due;			/* when the clock has to do something; protected by clock_lock */
};

/* What a change leaves to be done after unlocking. */
struct aftermath {
	struct backend_call *answered;
	bool topology, changed;
	int64_t due;
};

static struct memory *memory_of(struct backend *b)
{
	return (struct memory *)b;
}

static int64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

static void set_now(struct memory *m)
{
	if (!m->engine.state->virtual_clock)
		engine_set_now(&m->engine, clock_now());
}

/* First on a copy, which the guard is shown; then, if it says so, for good. */
static int run_guarded(struct memory *m, struct backend_call *call, struct node n)
{
	struct engine after;
	struct trial t = { .caller = call->caller, .opener = call->opener, .node = n, .row = tree_row(n),
			   .text = call->page.data, .length = call->page.length, .before = &m->engine,
			   .after = &after };
	int rc = engine_trial_begin(&m->engine, &after);

	if (rc < 0)
		return rc;
	t.result = tree_store(&after, n, t.text, t.length);
	rc = m->guard->judge(m->guard, &t);
	if (rc == 0 && m->guard->pretends) {
		/* nothing happens, so there is nothing to wait for */
		rc = t.result < 0 ? t.result : 0;
	} else if (rc == 0) {
		rc = tree_store(&m->engine, n, t.text, t.length);
		m->guard->done(m->guard, &t, rc);
	} else if (rc == GUARD_PRETEND) {
		rc = 0;
	}
	engine_free(&after);
	return rc;
}

static int run(struct memory *m, struct backend_call *call)
{
	struct node n = node_decode(call->node);

	m->engine.ticket = call->ticket;
	if (call->is_store && m->guard)
		return run_guarded(m, call, n);
	return call->is_store ? tree_store(&m->engine, n, call->page.data, call->page.length)
			      : tree_show(&m->engine, n, &call->page);
}

static void append(struct backend_call **list, struct backend_call *call)
{
	while (*list)
		list = &(*list)->next;
	call->next = NULL;
	*list = call;
}

/* Something changed: those who wait try again, until none gets further. */
static void retry(struct memory *m, struct aftermath *after)
{
	bool progress;

	do {
		progress = false;
		for (struct backend_call **p = &m->waiting; *p;) {
			struct backend_call *call = *p;
			int rc = run(m, call);

			if (rc == BACKEND_WAITS) {
				p = &call->next;
				continue;
			}
			*p = call->next;
			call->result = rc;
			append(&after->answered, call);
			progress = true;
		}
	} while (progress && m->waiting);
}

/* changed: did what was just called change anything? */
static void settle(struct memory *m, struct aftermath *after, bool changed)
{
	retry(m, after);
	after->changed = changed || after->answered;
	m->engine.changes += after->changed;
	after->topology = m->engine.state->topology != m->topology;
	m->topology = m->engine.state->topology;
	after->due = engine_next_due(&m->engine);
}

static void send_events(struct memory *m)
{
	char payload[PAYLOAD];
	size_t length;

	if (!m->backend.listener.uevent)
		return;
	pthread_mutex_lock(&m->event_lock);
	for (;;) {
		uint64_t next;

		pthread_rwlock_rdlock(&m->lock);
		next = journal_next(m->engine.journal);
		length = m->events_sent < next
				 ? journal_payload(m->engine.journal, m->events_sent, payload, sizeof(payload))
				 : 0;
		pthread_rwlock_unlock(&m->lock);
		if (m->events_sent >= next)
			break;
		m->events_sent++;
		/* length 0: the journal dropped it before it could be sent */
		if (length)
			m->backend.listener.uevent(m->backend.listener.uevent_ctx, payload, length);
	}
	pthread_mutex_unlock(&m->event_lock);
}

static void finish(struct memory *m, const struct aftermath *after)
{
	if (after->topology && m->backend.listener.topology_changed)
		m->backend.listener.topology_changed(m->backend.listener.ctx);
	if (after->changed && m->backend.listener.changed)
		m->backend.listener.changed(m->backend.listener.ctx);
	send_events(m);
	for (struct backend_call *call = after->answered, *next; call; call = next) {
		next = call->next;
		call->answer(call, call->result);
	}
	if (!m->has_clock)
		return;
	pthread_mutex_lock(&m->clock_lock);
	if (m->due != after->due) {
		m->due = after->due;
		pthread_cond_signal(&m->clock_changed);
	}
	pthread_mutex_unlock(&m->clock_lock);
}

static int memory_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct memory *m = memory_of(b);
	struct aftermath after = { 0 };
	int rc;

	pthread_rwlock_wrlock(&m->lock);
	set_now(m);
	call->node = node;
	call->is_store = true;
	call->ticket = ++m->tickets ? m->tickets : ++m->tickets;
	rc = run(m, call);
	if (rc == BACKEND_WAITS)
		append(&m->waiting, call);
	settle(m, &after, rc == 0);
	pthread_rwlock_unlock(&m->lock);
	finish(m, &after);
	return rc;
}

/* A show that only reads shares the lock. false: it cannot, since its text moves with the clock. */
static bool show_shared(struct memory *m, struct node n, struct backend_call *call, int *ret)
{
	bool shared;

	pthread_rwlock_rdlock(&m->lock);
	shared = !m->engine.state->has_load || !tree_row(n)->timed;
	if (shared)
		*ret = tree_show(&m->engine, n, &call->page);
	pthread_rwlock_unlock(&m->lock);
	return shared;
}

static int memory_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct memory *m = memory_of(b);
	struct node n = node_decode(node);
	const struct row *row = n.kind < DIR_KINDS && n.row && n.row <= dir_get(n.kind)->count ? tree_row(n) : NULL;
	struct aftermath after = { 0 };
	int rc;

	if (row && !row->show_mutates && !row->locked && show_shared(m, n, call, &rc))
		return rc;
	pthread_rwlock_wrlock(&m->lock);
	set_now(m);
	call->node = node;
	call->is_store = false;
	call->ticket = ++m->tickets ? m->tickets : ++m->tickets;
	rc = run(m, call);
	if (rc == BACKEND_WAITS)
		append(&m->waiting, call);
	settle(m, &after, rc == 0 && row && row->show_mutates);
	pthread_rwlock_unlock(&m->lock);
	finish(m, &after);
	return rc;
}

/* The kernel's waits for the mask mutex can be interrupted; all others cannot. */
static void memory_interrupt(struct backend *b, struct backend_call *call)
{
	struct memory *m = memory_of(b);
	bool found = false;

	pthread_rwlock_wrlock(&m->lock);
	for (struct backend_call **p = &m->waiting; *p && !found; p = found ? p : &(*p)->next) {
		const struct row *row = tree_row(node_decode(call->node));

		if (*p == call && row && row->effect == EFFECT_POOL) {
			*p = call->next;
			found = true;
		}
	}
	pthread_rwlock_unlock(&m->lock);
	if (found)
		call->answer(call, -EINTR);
}

static int memory_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller,
		       uint64_t *ret_child)
{
	struct memory *m = memory_of(b);
	struct node child;
	int rc;

	pthread_rwlock_rdlock(&m->lock);
	rc = tree_find(&m->engine, node_decode(dir), name, &child);
	pthread_rwlock_unlock(&m->lock);
	if (rc == 0)
		*ret_child = node_encode(child);
	return rc;
}

static int memory_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct memory *m = memory_of(b);
	int rc;

	pthread_rwlock_rdlock(&m->lock);
	rc = tree_list(&m->engine, node_decode(dir), emit, ctx);
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct memory *m = memory_of(b);
	int rc;

	pthread_rwlock_rdlock(&m->lock);
	rc = tree_stat(&m->engine, node_decode(node), ret);
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct memory *m = memory_of(b);
	int rc;

	pthread_rwlock_rdlock(&m->lock);
	rc = tree_readlink(&m->engine, node_decode(node), out);
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct memory *m = memory_of(b);
	int rc;

	pthread_rwlock_rdlock(&m->lock);
	rc = tree_alive(&m->engine, node_decode(node));
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static void memory_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct memory *m = memory_of(b);

	pthread_rwlock_rdlock(&m->lock);
	fn(ctx, &m->engine);
	pthread_rwlock_unlock(&m->lock);
}

static int64_t memory_now(struct backend *b)
{
	struct memory *m = memory_of(b);
	int64_t now;

	pthread_rwlock_rdlock(&m->lock);
	now = m->engine.state->virtual_clock ? m->engine.state->now : clock_now();
	pthread_rwlock_unlock(&m->lock);
	return now;
}

static uint64_t memory_generation(struct backend *b)
{
	struct memory *m = memory_of(b);
	uint64_t generation;

	pthread_rwlock_rdlock(&m->lock);
	generation = m->engine.state->topology;
	pthread_rwlock_unlock(&m->lock);
	return generation;
}

/* --- the clock: periodic scans, resets that last ------------------------------------------------ */

static void advance(struct memory *m)
{
	struct aftermath after = { 0 };

	pthread_rwlock_wrlock(&m->lock);
	engine_advance(&m->engine, clock_now());
	settle(m, &after, true);
	pthread_rwlock_unlock(&m->lock);
	finish(m, &after);
}

static void *clock_thread(void *arg)
{
	struct memory *m = arg;

	pthread_mutex_lock(&m->clock_lock);
	while (!m->stop) {
		struct timespec until = { .tv_sec = m->due / NANOSECONDS, .tv_nsec = m->due % NANOSECONDS };

		if (clock_now() < m->due) {
			pthread_cond_timedwait(&m->clock_changed, &m->clock_lock, &until);
			continue;
		}
		pthread_mutex_unlock(&m->clock_lock);
		advance(m);
		pthread_mutex_lock(&m->clock_lock);
	}
	pthread_mutex_unlock(&m->clock_lock);
	return NULL;
}

static void memory_destroy(struct backend *b)
{
	struct memory *m = memory_of(b);

	if (m->has_clock) {
		pthread_mutex_lock(&m->clock_lock);
		m->stop = true;
		pthread_cond_signal(&m->clock_changed);
		pthread_mutex_unlock(&m->clock_lock);
		pthread_join(m->clock, NULL);
	}
	engine_free(&m->engine);
	pthread_rwlock_destroy(&m->lock);
	pthread_mutex_destroy(&m->event_lock);
	pthread_mutex_destroy(&m->clock_lock);
	pthread_cond_destroy(&m->clock_changed);
	free(m);
}

static const struct backend_ops memory_ops = {
	.find = memory_find,
	.list = memory_list,
	.show = memory_show,
	.store = memory_store,
	.interrupt = memory_interrupt,
	.stat = memory_stat,
	.readlink = memory_readlink,
	.open = memory_open,
	.inspect = memory_inspect,
	.generation = memory_generation,
	.now = memory_now,
	.destroy = memory_destroy,
};

/* No signal is the clock's: what it does not block would end the process by default, whatever others wait for. */
static int start_clock(struct memory *m)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&m->clock, NULL, clock_thread, m);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int memory_backend_new(const struct memory_options *options, struct backend **ret)
{
	struct memory *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return -ENOMEM;
	m->backend.ops = &memory_ops;
	m->guard = options->guard;
	rc = engine_boot(&m->engine, options->kernel, options->machine, options->cmdline, clock_now());
	if (rc < 0) {
		free(m);
		return rc;
	}
	m->backend.traits = (struct backend_traits){
		.gone_has_no_links = m->engine.rules->removed_nlink_zero,
		.reads_repeat = options->kernel == KERNEL_4_20,
		.no_method_is_ignored = options->kernel == KERNEL_4_20,
		.no_security_xattr = options->kernel == KERNEL_4_20,
	};
	m->engine.state->virtual_clock = options->virtual_clock;
	if (!options->no_modules)
		engine_load_default_modules(&m->engine);
	m->topology = m->engine.state->topology;
	m->events_sent = journal_next(m->engine.journal);
	m->due = engine_next_due(&m->engine);
	pthread_rwlock_init(&m->lock, NULL);
	pthread_mutex_init(&m->event_lock, NULL);
	pthread_mutex_init(&m->clock_lock, NULL);
	pthread_cond_init(&m->clock_changed, NULL);
	m->has_clock = !options->virtual_clock && start_clock(m) == 0;
	*ret = &m->backend;
	return 0;
}
