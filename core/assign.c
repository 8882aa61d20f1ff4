/* SPDX-License-Identifier: MIT */
#include "core/assign.h"

#include <errno.h>

#include "core/binding.h"
#include "core/bus.h"
#include "core/hardware.h"
#include "core/mask_parse.h"
#include "core/mdev.h"
#include "core/override.h"
#include "core/parse.h"

#define WAIT_STEP_MS 20	/* how long the kernel believes to have slept between looks at a reset it waits for */
#define WAIT_PERIOD (30 * INT64_C(1000000))	/* how long it sleeps: 20 ms are up to three ticks of 10 ms */
#define WAIT_LOG_INTERVAL (5 * INT64_C(1000000000))
#define WAIT_LOG_BURST 10

static struct ap_mask *mask_of(struct matrix *m, enum assign_kind kind)
{
	switch (kind) {
	case ASSIGN_ADAPTER:
		return &m->adapters;
	case ASSIGN_DOMAIN:
		return &m->domains;
	default:
		return &m->controls;
	}
}

bool assign_locked(const struct engine *e)
{
	return e->state->lock_ticket && e->state->lock_ticket != e->ticket;
}

/* The owner table says whose each APQN is: sharing is found without looking at other mdevs. */
static void set_owner(struct engine *e, const struct matrix *m, uint32_t owner)
{
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1))
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1))
			e->state->owner[(unsigned)a << 8 | (unsigned)d] = owner;
}

/* --- resets ------------------------------------------------------------------------------------ */

static void reset_queue(struct engine *e, unsigned queue)
{
	struct queue *q = &e->state->queue[queue];
	struct tapq info;
	int rc;

	if (q->driver != DRIVER_VFIO_AP)
		return;
	rc = hardware_tapq(e, queue, &info);
	if (rc == AP_RC_NORMAL)
		hardware_reset(e, queue);
	if (e->rules->reset == RESET_GIVES_UP)
		q->reset_bad = rc != AP_RC_NORMAL;
	else
		q->reset_bad = rc == AP_RC_NOT_AVAILABLE;
	if (e->rules->reset == RESET_WAITS && !q->reset_waited &&
	    (rc == AP_RC_RESET || e->state->hardware[queue].reset_polls)) {
		q->reset_waited = true;
		e->state->reset_wait.queues++;
	}
}

static void reset_matrix(struct engine *e, const struct matrix *m)
{
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1))
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1))
			reset_queue(e, (unsigned)a << 8 | (unsigned)d);
}

/* Not more than ten lines in five seconds, as the kernel limits them. */
static void log_wait(struct engine *e, unsigned queue)
{
	struct reset_wait *w = &e->state->reset_wait;

	if (w->log_begin && e->state->now > w->log_begin + WAIT_LOG_INTERVAL) {
		if (w->log_missed)
			journal_log(e->journal, "apq_reset_check: %u callbacks suppressed", w->log_missed);
		w->log_begin = 0;
	}
	if (!w->log_begin) {
		w->log_begin = e->state->now;
		w->log_written = w->log_missed = 0;
	}
	if (w->log_written == WAIT_LOG_BURST) {
		w->log_missed++;
		return;
	}
	w->log_written++;
	journal_log(e->journal, "Waited %ums for reset of queue %02x.%04x (2, 1, 1)", w->polls * WAIT_STEP_MS,
		    queue >> 8, queue & 255);
}

/* Is a queue still in its reset? Then this call keeps vfio_ap's locks, and everybody else waits (11.8). */
static bool resets_pending(struct engine *e)
{
	struct state *s = e->state;

	for (unsigned queue = 0; s->reset_wait.queues && queue < QUEUES; queue++) {
		struct queue *q = &s->queue[queue];

		if (!q->reset_waited || s->machine.queue_rc[queue] == AP_RC_RESET || s->hardware[queue].reset_polls)
			continue;
		q->reset_waited = false;
		s->reset_wait.queues--;
	}
	return s->reset_wait.queues;
}

/* 0, or ENGINE_WAITS and the locks are this call's until it comes back and finds the resets ended. */
static int wait_for_resets(struct engine *e)
{
	struct state *s = e->state;

	if (!resets_pending(e)) {
		s->lock_ticket = 0;
		return 0;
	}
	if (!s->lock_ticket) {
		s->reset_wait.polls = 0;
		s->reset_wait.due = s->now + WAIT_PERIOD;
	}
	s->lock_ticket = e->ticket;
	return ENGINE_WAITS;
}

void assign_tick(struct engine *e)
{
	struct state *s = e->state;

	s->reset_wait.polls++;
	s->reset_wait.due = s->now + WAIT_PERIOD;
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		if (!s->queue[queue].reset_waited)
			continue;
		if (s->hardware[queue].reset_polls)
			s->hardware[queue].reset_polls--;
		log_wait(e, queue);
	}
}

void assign_queue_gone(struct engine *e, unsigned queue)
{
	if (e->state->queue[queue].reset_waited)
		e->state->reset_wait.queues--;
	e->state->queue[queue].reset_waited = false;
}

void assign_reset(struct engine *e, uint32_t slot)
{
	if (e->rules->assign_hot)
		reset_matrix(e, &e->state->mdev[slot].assigned);
}

void assign_clear(struct engine *e, uint32_t slot)
{
	struct mdev *m = &e->state->mdev[slot];

	assign_reset(e, slot);
	set_owner(e, &m->assigned, 0);
	m->assigned = (struct matrix){ 0 };
	m->guest = (struct matrix){ 0 };
}

/* --- checks ------------------------------------------------------------------------------------ */

/* A bound queue with an override is its driver's; else the masks decide (5.5). */
static bool override_says_host(const struct engine *e, unsigned queue, bool by_mask)
{
	const struct queue *q = &e->state->queue[queue];

	if (!q->override || q->driver == DRIVER_NONE)
		return by_mask;
	return driver_get(q->driver)->is_default;
}

/* Is any APQN of the matrix the host's? */
static bool owned_by_host(const struct engine *e, const struct matrix *m)
{
	const struct state *s = e->state;
	struct matrix pool = *m;

	ap_mask_and(&m->adapters, &s->apmask, &pool.adapters);
	ap_mask_and(&m->domains, &s->aqmask, &pool.domains);
	if (!s->overrides)
		return !ap_mask_empty(&pool.adapters) && !ap_mask_empty(&pool.domains);
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1))
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1))
			if (override_says_host(e, (unsigned)a << 8 | (unsigned)d,
					       matrix_has(&pool, (unsigned)a, (unsigned)d)))
				return true;
	return false;
}

static void log_sharing(struct engine *e, uint32_t slot, const struct matrix *m, uint32_t holder)
{
	char own[UUID_TEXT], other[UUID_TEXT];

	format_uuid(e->state->mdev[slot].uuid, own);
	format_uuid(e->state->mdev[holder].uuid, other);
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1))
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1))
			if (e->state->owner[(unsigned)a << 8 | (unsigned)d] == holder + 1)
				journal_log(e->journal,
					    "vfio_ap_mdev %s: Userspace may not assign queue %02x.%04x to mdev: already assigned to %s",
					    own, (unsigned)a, (unsigned)d, other);
}

/* The mdev that shares an APQN with the matrix: of several the youngest, which the kernel meets first; -1: none. */
static int64_t sharing_mdev(const struct engine *e, uint32_t slot, const struct matrix *m)
{
	int64_t holder = -1;

	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1)) {
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1)) {
			uint32_t owner = e->state->owner[(unsigned)a << 8 | (unsigned)d];

			if (owner && owner != slot + 1 &&
			    (holder < 0 || e->state->mdev[owner - 1].sequence > e->state->mdev[holder].sequence))
				holder = owner - 1;
		}
	}
	return holder;
}

/* -EADDRNOTAVAIL before -EADDRINUSE (6.4 steps 5 and 6, 6.8) */
static int check_matrix(struct engine *e, uint32_t slot, const struct matrix *m)
{
	int64_t holder;

	if (e->rules->assign_hot && owned_by_host(e, m))
		return -EADDRNOTAVAIL;
	holder = sharing_mdev(e, slot, m);
	if (holder < 0)
		return 0;
	if (e->rules->assign_hot)
		log_sharing(e, slot, m, (uint32_t)holder);
	return -EADDRINUSE;
}

static bool bound_to_vfio(const struct engine *e, unsigned adapter, unsigned domain)
{
	return e->state->queue[adapter << 8 | domain].driver == DRIVER_VFIO_AP;
}

/* 4.20, 5.10: all new APQNs must be bound; with none yet, one queue of this id must be (6.4 step 5). */
static bool reserved_by_binding(const struct engine *e, const struct matrix *assigned, enum assign_kind kind,
				unsigned id)
{
	bool adapter = kind == ASSIGN_ADAPTER;
	const struct ap_mask *others = adapter ? &assigned->domains : &assigned->adapters;
	bool none = ap_mask_empty(others);

	for (unsigned other = 0; other < AP_IDS; other++) {
		bool bound = adapter ? bound_to_vfio(e, id, other) : bound_to_vfio(e, other, id);

		if (none && bound)
			return true;
		if (!none && ap_mask_has(others, other) && !bound)
			return false;
	}
	return !none;
}

/* --- stores ------------------------------------------------------------------------------------ */

static int parse_id(const struct mdev *m, enum assign_kind kind, const char *text, unsigned *ret)
{
	uint64_t id;
	int rc = parse_ulong(text, &id);

	if (rc < 0)
		return rc;
	if (id > (kind == ASSIGN_ADAPTER ? m->adapter_max : m->domain_max))
		return -ENODEV;
	*ret = (unsigned)id;
	return 0;
}

static int assign_id(struct engine *e, uint32_t slot, enum assign_kind kind, unsigned id)
{
	struct mdev *m = &e->state->mdev[slot];
	struct matrix next = m->assigned;
	int rc;

	if (e->rules->assign_hot && ap_mask_has(mask_of(&m->assigned, kind), id))
		return 0;
	if (e->rules->assign_needs_binding && kind != ASSIGN_CONTROL_DOMAIN &&
	    !reserved_by_binding(e, &m->assigned, kind, id))
		return -EADDRNOTAVAIL;
	ap_mask_set(mask_of(&next, kind), id);
	if (kind == ASSIGN_CONTROL_DOMAIN) {
		m->assigned = next;
		ap_mask_and(&next.controls, &e->state->host_controls, &m->guest.controls);
		return 0;
	}
	rc = check_matrix(e, slot, &next);
	if (rc < 0)
		return rc;
	m->assigned = next;
	set_owner(e, &next, slot + 1);
	if (e->rules->assign_hot)
		filter_all(e, slot);
	return 0;
}

static void unassign_id(struct engine *e, uint32_t slot, enum assign_kind kind, unsigned id)
{
	struct mdev *m = &e->state->mdev[slot];
	struct matrix going = m->assigned, plugged = m->guest;
	struct ap_mask *goes = mask_of(&going, kind), *unplugs = mask_of(&plugged, kind);
	bool was_plugged = ap_mask_has(unplugs, id);

	ap_mask_clear(mask_of(&m->assigned, kind), id);
	ap_mask_clear(mask_of(&m->guest, kind), id);
	if (kind == ASSIGN_CONTROL_DOMAIN)
		return;
	ap_mask_fill(goes, false);
	ap_mask_set(goes, id);
	set_owner(e, &going, 0);
	if (!e->rules->assign_hot || !was_plugged)
		return;
	ap_mask_fill(unplugs, false);
	ap_mask_set(unplugs, id);
	reset_matrix(e, &plugged);
}

int assign_store(struct engine *e, uint32_t slot, enum assign_kind kind, bool assign, const char *text)
{
	struct mdev *m = &e->state->mdev[slot];
	unsigned id;
	int rc;

	if (e->state->lock_ticket && e->state->lock_ticket == e->ticket)
		return wait_for_resets(e);
	if (assign_locked(e))
		return ENGINE_WAITS;
	if (!e->rules->assign_hot && m->kvm)
		return -EBUSY;
	rc = parse_id(m, kind, text, &id);
	if (rc < 0)
		return rc;
	if (assign)
		return assign_id(e, slot, kind, id);
	if (!ap_mask_has(mask_of(&m->assigned, kind), id))
		return 0;
	unassign_id(e, slot, kind, id);
	return wait_for_resets(e);
}

/* What of the guest's matrix is not in the new one is unplugged and reset, adapters first. */
static void unplug_config(struct engine *e, struct mdev *m, const struct matrix *next)
{
	struct matrix going = m->guest;

	ap_mask_without(&m->guest.adapters, &next->adapters, &going.adapters);
	reset_matrix(e, &going);
	ap_mask_and(&m->guest.adapters, &next->adapters, &going.adapters);
	ap_mask_without(&m->guest.domains, &next->domains, &going.domains);
	reset_matrix(e, &going);
}

static bool beyond_limits(const struct mdev *m, const struct matrix *next)
{
	return ap_mask_last(&next->adapters) > m->adapter_max || ap_mask_last(&next->domains) > m->domain_max ||
	       ap_mask_last(&next->controls) > m->domain_max;
}

int assign_store_config(struct engine *e, uint32_t slot, const char *text)
{
	struct mdev *m = &e->state->mdev[slot];
	struct ap_mask masks[3];
	struct matrix next;
	int rc;

	if (e->state->lock_ticket && e->state->lock_ticket == e->ticket)
		return wait_for_resets(e);
	if (assign_locked(e))
		return ENGINE_WAITS;
	rc = mask_parse_config(text, masks);
	if (rc < 0)
		return rc;
	next = (struct matrix){ masks[0], masks[1], masks[2] };
	rc = check_matrix(e, slot, &next);
	if (rc < 0)
		return rc;
	if (beyond_limits(m, &next))
		return -ENODEV;
	unplug_config(e, m, &next);
	set_owner(e, &m->assigned, 0);
	m->assigned = next;
	set_owner(e, &next, slot + 1);
	filter_all(e, slot);
	return wait_for_resets(e);
}
