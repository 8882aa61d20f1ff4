/* SPDX-License-Identifier: MIT */
/* What a write names, and what its errno would tell: both only of things that he may see. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/mdev.h"
#include "core/parse.h"
#include "hostbackend/judge.h"

/* Are all mdevs seen that have one of these APQNs? */
static bool sees_holders(const struct trial *t, const struct rights *r, const struct matrix *m)
{
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1)) {
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1)) {
			uint32_t holder = t->before->state->owner[(unsigned)a << 8 | (unsigned)d];

			if (holder && !rights_see_mdev(r, t->before, holder - 1))
				return false;
		}
	}
	return true;
}

/* Are all queues seen that have a driver_override? While one has, no mask can be written (7.2). */
static bool sees_overrides(const struct trial *t, const struct rights *r)
{
	const struct state *s = t->before->state;

	for (unsigned q = 0; q < QUEUES; q += s->card[q >> 8].life.born ? 1 : AP_IDS)
		if (s->queue[q].life.born && s->queue[q].override && !rights_see_queue(r, q))
			return false;
	return true;
}

static void need(struct verdict *v, bool known, const char *what)
{
	if (!known)
		verdict_need(v, NULL, "%s, which he may not see", what);
}

static void mask_words(const struct trial *t, const struct rights *r, struct verdict *v)
{
	const struct state *s = t->before->state;
	bool adapters = strcmp(t->row->name, "apmask") == 0;
	const struct ap_mask *old = adapters ? &s->apmask : &s->aqmask;
	struct matrix changed;
	struct ap_mask next;

	/* a good one is judged by what it does */
	if (t->result >= 0 || mask_parse(t->text, old, t->before->rules->overflow, &next) < 0)
		return;
	judge_masks(s, adapters ? &next : &s->apmask, adapters ? &s->aqmask : &next, r, v);
	ap_mask_fill(&changed.adapters, true);
	ap_mask_fill(&changed.domains, true);
	ap_mask_without(&next, old, adapters ? &changed.adapters : &changed.domains);
	if (t->result == -EBUSY)
		need(v, sees_holders(t, r, &changed), "the error would tell of an mdev");
	else
		need(v, sees_overrides(t, r), "the error would tell of a queue's override");
}

/* The matrix that the text asks for. False: it asks for none. */
static bool wanted_matrix(const struct trial *t, struct matrix *next)
{
	const char *name = t->row->name;
	struct ap_mask masks[3], *mask;
	uint64_t id;

	if (strcmp(name, "ap_config") == 0) {
		if (mask_parse_config(t->text, masks) < 0)
			return false;
		*next = (struct matrix){ masks[0], masks[1], masks[2] };
		return true;
	}
	if (parse_ulong(t->text, &id) < 0 || id >= AP_IDS)
		return false;
	mask = strstr(name, "adapter") ? &next->adapters : strstr(name, "control") ? &next->controls : &next->domains;
	if (strncmp(name, "un", 2) == 0)
		ap_mask_clear(mask, (unsigned)id);
	else
		ap_mask_set(mask, (unsigned)id);
	return true;
}

static void assign_words(const struct trial *t, const struct rights *r, struct verdict *v)
{
	struct matrix next = t->before->state->mdev[t->node.index].assigned;

	if (t->result >= 0 || !wanted_matrix(t, &next))
		return;
	judge_matrix(t->before, t->node.index, &next, r, v);
	if (t->result == -EADDRINUSE)
		need(v, sees_holders(t, r, &next), "the error would tell of an mdev");
}

/* A device by its name, whether it is there or not. */
static void device_words(const struct trial *t, const struct rights *r, struct verdict *v)
{
	unsigned adapter, domain;
	char name[16];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(t->text, "\n"), t->text);
	if (parse_apqn(name, &adapter, &domain) == 0)
		need(v, rights_see_queue(r, adapter << 8 | domain), "it names a queue");
	else if (strncmp(name, "card", 4) == 0 && sscanf(name + 4, "%2x", &adapter) == 1)
		need(v, ap_mask_has(&r->adapters, adapter), "it names a card");
}

static void mdev_words(const struct trial *t, const struct rights *r, struct verdict *v)
{
	const char *text = t->text;
	uint8_t uuid[16];
	int slot;

	if (strncmp(text, "start ", 6) == 0 || strncmp(text, "stop ", 5) == 0)
		text = strchr(text, ' ') + 1;
	if (r->sees_all_mdevs || t->node.kind == DIR_MDEV || parse_uuid(text, uuid) < 0)
		return;
	slot = mdev_find(t->before, uuid);
	/* of one that is to be, there is something to hide only when it is already */
	if (t->node.kind == DIR_TYPE && slot < 0)
		return;
	need(v, slot >= 0 && rights_see_mdev(r, t->before, (uint32_t)slot), "it names an mdev");
}

void judge_words(const struct trial *t, const struct rights *r, struct verdict *v)
{
	switch (t->row->effect) {
	case EFFECT_POOL:
		mask_words(t, r, v);
		break;
	case EFFECT_ASSIGNMENT:
		assign_words(t, r, v);
		break;
	case EFFECT_BINDING:
		device_words(t, r, v);
		break;
	case EFFECT_MDEV:
	case EFFECT_CONTROL:
		mdev_words(t, r, v);
		break;
	default:
		break;
	}
}
