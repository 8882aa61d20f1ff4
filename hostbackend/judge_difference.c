/* SPDX-License-Identifier: MIT */
/*
 * The state before a write against the state after it. Every field is in one of two tables: what is judged, and what
 * only follows from what is judged. Bytes of the state that are in neither are compared too, and a difference there is
 * refused: a new field cannot slip through.
 */
#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/bus.h"
#include "core/override.h"
#include "core/parse.h"
#include "hostbackend/judge.h"
#include "hostbackend/judge_parts.h"

/* --- masks ----------------------------------------------------------------------------------------- */

static const struct grant *pool_grant(const struct rights *r, int adapter, int domain)
{
	for (unsigned i = 0; i < r->acting; i++) {
		const struct grant *g = r->grant[i];

		if ((g->actions & ACTION(POOL)) && (adapter < 0 || ap_mask_has(&g->pool.adapters, (unsigned)adapter)) &&
		    (domain < 0 || ap_mask_has(&g->pool.domains, (unsigned)domain)))
			return g;
	}
	return NULL;
}

/* The bits that change must be granted, each by itself. */
static void judge_bits(const struct ap_mask *changed, bool adapters, const struct rights *r, struct verdict *v)
{
	for (int i = ap_mask_next(changed, 0); i >= 0; i = ap_mask_next(changed, (unsigned)i + 1))
		verdict_need(v, pool_grant(r, adapters ? i : -1, adapters ? -1 : i), "no grant has %s %d in its pool",
			     adapters ? "adapter" : "domain", i);
}

static struct ap_mask difference_of(const struct ap_mask *a, const struct ap_mask *b)
{
	struct ap_mask ret;

	for (size_t w = 0; w < AP_MASK_WORDS; w++)
		ret.word[w] = a->word[w] ^ b->word[w];
	return ret;
}

struct change {
	bool was, is;	/* the host's */
};

/* One APQN: its pool changes only if a grant has it. */
static void judge_apqn(unsigned adapter, unsigned domain, struct change c, const struct rights *r, struct verdict *v)
{
	char name[16];

	if (c.was == c.is)
		return;
	snprintf(name, sizeof(name), "%02x.%04x", adapter, domain);
	verdict_effect(v, name, "pool", c.was ? "host" : "vfio", c.is ? "host" : "vfio");
	verdict_need(v, pool_grant(r, (int)adapter, (int)domain), "no grant has %s in its pool", name);
}

void judge_masks(const struct state *before, const struct ap_mask *apmask, const struct ap_mask *aqmask,
		 const struct rights *r, struct verdict *v)
{
	struct ap_mask adapters = difference_of(&before->apmask, apmask), domains = difference_of(&before->aqmask, aqmask);
	struct ap_mask all;

	ap_mask_fill(&all, true);
	judge_bits(&adapters, true, r, v);
	judge_bits(&domains, false, r, v);
	for (unsigned a = 0; a < AP_IDS && v->rc == 0; a++) {
		const struct ap_mask *look = ap_mask_has(&adapters, a) ? &all : &domains;
		bool was = ap_mask_has(&before->apmask, a), is = ap_mask_has(apmask, a);

		for (int d = ap_mask_next(look, 0); d >= 0; d = ap_mask_next(look, (unsigned)d + 1))
			judge_apqn(a, (unsigned)d,
				   (struct change){ was && ap_mask_has(&before->aqmask, (unsigned)d),
						    is && ap_mask_has(aqmask, (unsigned)d) },
				   r, v);
	}
}

/* --- what is one number ----------------------------------------------------------------------------- */

static void part_setting(const struct difference *x)
{
	verdict_effect(x->v, "bus", "settings", "old", "new");
	verdict_need(x->v, rights_act(x->r, ACTION(SETTINGS)), "no grant has the action settings");
}

/* The hardware: only whether an adapter is configured. */
static void part_machine(const struct difference *x)
{
	const struct machine *b = &x->b->machine, *a = &x->a->machine;
	struct machine_adapter adapter;
	size_t rest = offsetof(struct machine, adapter);

	for (unsigned i = 0; i < AP_IDS; i++) {
		memcpy(&adapter, &b->adapter[i], sizeof(adapter));
		if (adapter.state != a->adapter[i].state)
			verdict_need(x->v, rights_reach_card(x->r, x->eb, ACTION(CONFIG), i),
				     "no grant has the action config for all of card%02x", i);
		adapter.state = a->adapter[i].state;
		if (!same_bytes(&adapter, &a->adapter[i], sizeof(adapter)))
			judge_unknown(x, "the hardware");
	}
	if (!same_bytes(b, a, rest) || !same_bytes(b->queue_rc, a->queue_rc, sizeof(a->queue_rc)) ||
	    !same_bytes((const char *)b + offsetof(struct machine, queue_rc) + sizeof(b->queue_rc),
			(const char *)a + offsetof(struct machine, queue_rc) + sizeof(a->queue_rc),
			sizeof(*b) - offsetof(struct machine, queue_rc) - sizeof(b->queue_rc)))
		judge_unknown(x, "the hardware");
}

void judge_unknown(const struct difference *x, const char *what)
{
	verdict_effect(x->v, what, "state", "old", "new");
	verdict_need(x->v, NULL, "something of %s changes that no action is about", what);
}

bool same_bytes(const void *a, const void *b, size_t length)
{
	return length == 0 || memcmp(a, b, length) == 0;
}

/* --- the tables -------------------------------------------------------------------------------------- */

struct part {
	size_t offset, size;
	void (*judge)(const struct difference *x);	/* NULL: follows from what others judge */
	bool always;					/* large: it looks itself for what differs */
};

#define FIELD(member) .offset = offsetof(struct state, member), .size = sizeof(((struct state *)0)->member)
#define JUDGED(member, by) { FIELD(member), .judge = by }
#define FOLLOWS(member) { FIELD(member) }

/* In the order of struct state. */
static const struct part parts[] = {
	JUDGED(machine, part_machine),
	{ FIELD(hardware), .judge = judge_hardware, .always = true },
	JUDGED(next_scan, part_setting),
	JUDGED(default_domain, part_setting),
	FOLLOWS(apmask), /* judged first */
	FOLLOWS(aqmask),
	FOLLOWS(masks_in_use),
	FOLLOWS(overrides),
	JUDGED(autoprobe, part_setting),
	JUDGED(mdev_autoprobe, part_setting),
	JUDGED(matrix_autoprobe, part_setting),
	JUDGED(config_time, part_setting),
	JUDGED(poll_thread, part_setting),
	JUDGED(poll_timeout, part_setting),
	FOLLOWS(queues_bound),
	FOLLOWS(bindings_complete),
	FOLLOWS(bindings_done),
	JUDGED(card, judge_cards),
	{ FIELD(queue), .judge = judge_queues, .always = true },
	FOLLOWS(order),
	FOLLOWS(bound),
	FOLLOWS(order_link),
	FOLLOWS(bound_link),
	FOLLOWS(override),
	FOLLOWS(override_users),
	FOLLOWS(mdev_count),
	FOLLOWS(mdev_sequence),
	FOLLOWS(refilter_head),
	FOLLOWS(mdev), /* judged second */
	FOLLOWS(uuid_slot),
	FOLLOWS(free_hint),
	FOLLOWS(group_hint),
	FOLLOWS(device_hint),
	FOLLOWS(mdev_high),
	FOLLOWS(group_count),
	FOLLOWS(group_slot),
	FOLLOWS(device_slot),
	FOLLOWS(groups_used),
	FOLLOWS(devices_used),
	FOLLOWS(slots_used),
	FOLLOWS(owner),
	FOLLOWS(lock_ticket),
	FOLLOWS(reset_wait),
	FOLLOWS(guests),
	FOLLOWS(guests_started),
	FOLLOWS(node_count),
	JUDGED(node, judge_nodes),
	JUDGED(setting, part_setting),
	JUDGED(setting_set, part_setting),
	FOLLOWS(scenario), /* what the machine does by itself; only below .apsysfs it is said what that is */
	FOLLOWS(topology),
};

static bool differs(const struct difference *x, size_t from, size_t to)
{
	return from < to && memcmp((const char *)x->b + from, (const char *)x->a + from, to - from) != 0;
}

void judge_difference(const struct trial *t, const struct rights *r, struct verdict *v)
{
	struct difference x = { t->before, t->after, t->before->state, t->after->state, r, v };
	size_t done = 0;

	/* first what other things follow from: it makes the better reason */
	judge_masks(x.b, &x.a->apmask, &x.a->aqmask, r, v);
	judge_mdevs(&x);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && v->rc == 0; i++) {
		const struct part *p = &parts[i];
		size_t end = p->offset + p->size;

		assert(p->offset >= done);
		/* what no entry is about, and the padding between */
		if (differs(&x, done, p->offset))
			judge_unknown(&x, "the state");
		if (p->judge && (p->always || differs(&x, p->offset, end)))
			p->judge(&x);
		done = end;
	}
	if (v->rc == 0 && differs(&x, done, sizeof(struct state)))
		judge_unknown(&x, "the state");
}
