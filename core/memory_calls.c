/* SPDX-License-Identifier: MIT */
/* Shows and stores: carried out at once, or kept until what they wait for happens. */
#include <errno.h>

#include "core/guard.h"
#include "core/memory.h"
#include "core/scenario.h"
#include "core/tree.h"

#define PAYLOAD 4096

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

		memory_lock_shared(m);
		next = journal_next(m->engine.journal);
		length = m->events_sent < next
				 ? journal_payload(m->engine.journal, m->events_sent, payload, sizeof(payload))
				 : 0;
		memory_unlock(m);
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
	memory_lock_alone(m);
	o.now = memory_present(m);
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
	memory_unlock(m);
	memory_finish(m, &after);
	return rc;
}

int memory_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	return perform(memory_of(b), node, call, true, true);
}

/* A show that only reads shares the lock. false: it cannot, since its text moves with the clock. */
static bool show_shared(struct memory *m, struct node n, struct backend_call *call, int *ret)
{
	bool shared;

	memory_lock_shared(m);
	shared = !m->engine.state->has_load || !tree_row(n)->timed;
	if (shared)
		*ret = tree_show(&m->engine, n, &call->page);
	memory_unlock(m);
	return shared;
}

/* One that may have to wait, but changes nothing. */
static int show_locked(struct memory *m, uint64_t node, struct backend_call *call)
{
	int rc;

	memory_lock_alone(m);
	call->node = node;
	call->is_store = false;
	call->ticket = next_ticket(m);
	rc = memory_run(m, call, NULL);
	if (rc == BACKEND_WAITS)
		memory_append(&m->waiting, call);
	memory_unlock(m);
	return rc;
}

int memory_show(struct backend *b, uint64_t node, struct backend_call *call)
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
void memory_interrupt(struct backend *b, struct backend_call *call)
{
	struct memory *m = memory_of(b);
	struct operation o = { .kind = OPERATION_INTERRUPT, .ticket = call->ticket };
	bool found = false;

	memory_lock_alone(m);
	for (struct backend_call **p = &m->waiting; *p && !found; p = found ? p : &(*p)->next) {
		const struct row *row = tree_row(node_decode(call->node));

		if (*p == call && row && row->effect == EFFECT_POOL && memory_record(m, &o) == 0) {
			*p = call->next;
			found = true;
			memory_recorded(m);
		}
	}
	memory_unlock(m);
	if (found)
		call->answer(call, -EINTR);
}
