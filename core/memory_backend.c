/* SPDX-License-Identifier: MIT */
/* The engine behind its lock. Lock order: event_lock, turnstile, lock; nothing is called back under lock. */
#include "core/memory_backend.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "core/memory.h"
#include "core/restore.h"
#include "core/scenario.h"
#include "core/tree.h"

#define PAYLOAD 4096

/*
 * Fair to both: readers who never rest would else keep a writer out for ever, as the lock lets them in while one of
 * them is. A writer leaves the turnstile when he has the lock, so those behind him, of both kinds, are next.
 */
static void lock_shared(struct memory *m)
{
	if (atomic_load(&m->writers)) {
		pthread_mutex_lock(&m->turnstile);
		pthread_mutex_unlock(&m->turnstile);
	}
	pthread_rwlock_rdlock(&m->lock);
}

static void lock_alone(struct memory *m)
{
	atomic_fetch_add(&m->writers, 1);
	pthread_mutex_lock(&m->turnstile);
	pthread_rwlock_wrlock(&m->lock);
	pthread_mutex_unlock(&m->turnstile);
	atomic_fetch_sub(&m->writers, 1);
}

int64_t memory_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

/* The machine's time for what is done now. */
static int64_t present(const struct memory *m)
{
	return m->engine.state->virtual_clock ? m->engine.state->now : memory_clock();
}

/* First on a copy, which the guard is shown; then, if it says so, for good. */
static int run_guarded(struct memory *m, struct backend_call *call, struct node n, const struct operation *o)
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
	if (rc == 0)
		rc = memory_record(m, o);
	else if (!o)
		/* it waited, and is recorded as one that will be carried out */
		memory_record(m, &(struct operation){ .kind = OPERATION_INTERRUPT, .ticket = call->ticket });
	if (rc == 0) {
		rc = scenario_store(&m->engine, n, t.text, t.length, &call->triggers);
		m->guard->done(m->guard, &t, rc);
	} else if (rc == GUARD_PRETEND) {
		/* nothing happens, so there is nothing to wait for */
		rc = t.result < 0 ? t.result : 0;
	}
	engine_free(&after);
	return rc;
}

int memory_run(struct memory *m, struct backend_call *call, const struct operation *o)
{
	struct node n = node_decode(call->node);
	bool guarded = call->is_store && m->guard && !m->replays;
	int rc = guarded ? 0 : memory_record(m, o);

	if (rc < 0)
		return rc;
	if (o)
		engine_set_now(&m->engine, o->now);
	m->engine.ticket = call->ticket;
	if (guarded)
		return run_guarded(m, call, n, o);
	return call->is_store ? scenario_store(&m->engine, n, call->page.data, call->page.length, &call->triggers)
			      : tree_show(&m->engine, n, &call->page);
}

void memory_append(struct backend_call **list, struct backend_call *call)
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
			int rc = memory_run(m, call, NULL);

			if (rc == BACKEND_WAITS) {
				p = &call->next;
				continue;
			}
			*p = call->next;
			call->result = rc;
			memory_append(&after->answered, call);
			progress = true;
		}
	} while (progress && m->waiting);
}

/* changed: did what was just called change anything? */
void memory_settle(struct memory *m, struct aftermath *after, bool changed)
{
	bool events;

	do {
		retry(m, after);
		events = scenario_run(&m->engine);
		changed = changed || events;
	} while (events);
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

		lock_shared(m);
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

void memory_finish(struct memory *m, const struct aftermath *after)
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

static uint32_t next_ticket(struct memory *m)
{
	return ++m->tickets ? m->tickets : ++m->tickets;
}

/* A call that may change something: alone, recorded, and who waits is asked again. */
static int perform(struct memory *m, uint64_t node, struct backend_call *call, bool is_store, bool mutates)
{
	struct operation o = { .kind = is_store ? OPERATION_STORE : OPERATION_SHOW, .node = node };
	struct aftermath after = { 0 };
	int rc;

	if (is_store) {
		o.text = call->page.data;
		o.length = call->page.length;
	}
	lock_alone(m);
	o.now = present(m);
	o.ticket = next_ticket(m);
	call->node = node;
	call->is_store = is_store;
	call->ticket = o.ticket;
	call->triggers = 0;
	rc = memory_run(m, call, &o);
	if (rc == BACKEND_WAITS)
		memory_append(&m->waiting, call);
	memory_settle(m, &after, rc == 0 && mutates);
	memory_recorded(m);
	pthread_rwlock_unlock(&m->lock);
	memory_finish(m, &after);
	return rc;
}

static int memory_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	return perform(memory_of(b), node, call, true, true);
}

/* A show that only reads shares the lock. false: it cannot, since its text moves with the clock. */
static bool show_shared(struct memory *m, struct node n, struct backend_call *call, int *ret)
{
	bool shared;

	lock_shared(m);
	shared = !m->engine.state->has_load || !tree_row(n)->timed;
	if (shared)
		*ret = tree_show(&m->engine, n, &call->page);
	pthread_rwlock_unlock(&m->lock);
	return shared;
}

/* One that may have to wait, but changes nothing. */
static int show_locked(struct memory *m, uint64_t node, struct backend_call *call)
{
	int rc;

	lock_alone(m);
	call->node = node;
	call->is_store = false;
	call->ticket = next_ticket(m);
	rc = memory_run(m, call, NULL);
	if (rc == BACKEND_WAITS)
		memory_append(&m->waiting, call);
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct memory *m = memory_of(b);
	struct node n = node_decode(node);
	const struct row *row = n.kind < DIR_KINDS && n.row && n.row <= dir_get(n.kind)->count ? tree_row(n) : NULL;
	int rc;

	if (row && row->locked && !row->show_mutates)
		return show_locked(m, node, call);
	if (row && !row->show_mutates && show_shared(m, n, call, &rc))
		return rc;
	return perform(m, node, call, false, row && row->show_mutates);
}

/* The kernel's waits for the mask mutex can be interrupted; all others cannot. */
static void memory_interrupt(struct backend *b, struct backend_call *call)
{
	struct memory *m = memory_of(b);
	struct operation o = { .kind = OPERATION_INTERRUPT, .ticket = call->ticket };
	bool found = false;

	lock_alone(m);
	for (struct backend_call **p = &m->waiting; *p && !found; p = found ? p : &(*p)->next) {
		const struct row *row = tree_row(node_decode(call->node));

		if (*p == call && row && row->effect == EFFECT_POOL && memory_record(m, &o) == 0) {
			*p = call->next;
			found = true;
			memory_recorded(m);
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

	lock_shared(m);
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

	lock_shared(m);
	rc = tree_list(&m->engine, node_decode(dir), emit, ctx);
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct memory *m = memory_of(b);
	int rc;

	lock_shared(m);
	rc = tree_stat(&m->engine, node_decode(node), ret);
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct memory *m = memory_of(b);
	int rc;

	lock_shared(m);
	rc = tree_readlink(&m->engine, node_decode(node), out);
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct memory *m = memory_of(b);
	int rc;

	lock_shared(m);
	rc = tree_alive(&m->engine, node_decode(node));
	pthread_rwlock_unlock(&m->lock);
	return rc;
}

static int memory_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	return -EOPNOTSUPP;
}

static void memory_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct memory *m = memory_of(b);

	lock_shared(m);
	fn(ctx, &m->engine);
	pthread_rwlock_unlock(&m->lock);
}

static int64_t memory_now(struct backend *b)
{
	struct memory *m = memory_of(b);
	int64_t now;

	lock_shared(m);
	now = m->engine.state->virtual_clock ? m->engine.state->now : memory_clock();
	pthread_rwlock_unlock(&m->lock);
	return now;
}

static uint64_t memory_generation(struct backend *b)
{
	struct memory *m = memory_of(b);
	uint64_t generation;

	lock_shared(m);
	generation = m->engine.state->topology;
	pthread_rwlock_unlock(&m->lock);
	return generation;
}

/* --- the clock: periodic scans, resets that last ------------------------------------------------ */

static void advance(struct memory *m)
{
	struct aftermath after = { 0 };
	struct operation o = { .kind = OPERATION_ADVANCE };

	lock_alone(m);
	o.now = memory_clock();
	if (memory_record(m, &o) == 0) {
		engine_advance(&m->engine, o.now);
		memory_settle(m, &after, true);
		memory_recorded(m);
	} else {
		/* what cannot be recorded must not happen: the clock stands until it can */
		after.due = o.now + NANOSECONDS;
	}
	pthread_rwlock_unlock(&m->lock);
	memory_finish(m, &after);
}

static void *clock_thread(void *arg)
{
	struct memory *m = arg;

	pthread_mutex_lock(&m->clock_lock);
	while (!m->stop) {
		struct timespec until = { .tv_sec = m->due / NANOSECONDS, .tv_nsec = m->due % NANOSECONDS };

		if (memory_clock() < m->due) {
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

/* No signal is the clock's: what it does not block would end the process by default, whatever others wait for. */
static void memory_begin(struct backend *b)
{
	struct memory *m = memory_of(b);
	sigset_t all, before;

	if (m->engine.state->virtual_clock)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	m->has_clock = pthread_create(&m->clock, NULL, clock_thread, m) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
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
	pthread_mutex_destroy(&m->turnstile);
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
	.original = memory_original,
	.inspect = memory_inspect,
	.generation = memory_generation,
	.now = memory_now,
	.begin = memory_begin,
	.destroy = memory_destroy,
};

static int boot(struct memory *m, const struct memory_options *options)
{
	int rc;

	if (options->image)
		return engine_restore(&m->engine, options->image->read, options->image->ctx);
	rc = engine_boot(&m->engine, options->kernel, options->machine, options->cmdline, memory_clock());
	if (rc < 0)
		return rc;
	m->engine.state->virtual_clock = options->virtual_clock;
	if (!options->no_modules)
		engine_load_default_modules(&m->engine);
	if (options->state)
		rc = restore_state(&m->engine, options->state, options->message);
	if (rc == 0 && options->scenario)
		rc = scenario_command(&m->engine, options->scenario);
	if (rc < 0)
		engine_free(&m->engine);
	else
		scenario_run(&m->engine);
	return rc;
}

int memory_backend_new(const struct memory_options *options, struct backend **ret)
{
	struct memory *m = calloc(1, sizeof(*m));
	bool old;
	int rc;

	if (!m)
		return -ENOMEM;
	m->backend.ops = &memory_ops;
	m->guard = options->guard;
	rc = boot(m, options);
	if (rc < 0) {
		free(m);
		return rc;
	}
	old = m->engine.state->kernel == KERNEL_4_20;
	m->backend.traits = (struct backend_traits){
		.gone_has_no_links = m->engine.rules->removed_nlink_zero,
		.reads_repeat = old,
		.no_method_is_ignored = old,
		.no_security_xattr = old,
	};
	m->topology = m->engine.state->topology;
	m->events_sent = journal_next(m->engine.journal);
	m->due = engine_next_due(&m->engine);
	pthread_rwlock_init(&m->lock, NULL);
	pthread_mutex_init(&m->turnstile, NULL);
	pthread_mutex_init(&m->event_lock, NULL);
	pthread_mutex_init(&m->clock_lock, NULL);
	pthread_cond_init(&m->clock_changed, NULL);
	*ret = &m->backend;
	return 0;
}
