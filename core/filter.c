/* SPDX-License-Identifier: MIT */
#include "core/filter.h"

#include "core/mdev.h"

static bool passable(const struct engine *e, unsigned queue)
{
	const struct queue *q = &e->state->queue[queue];

	return q->driver == DRIVER_VFIO_AP && !q->reset_bad;
}

/* A whole adapter goes if one of its queues cannot be passed: guests get a full matrix or none. */
static bool adapter_passable(const struct engine *e, unsigned adapter, const struct ap_mask *domains)
{
	for (int d = ap_mask_next(domains, 0); d >= 0; d = ap_mask_next(domains, (unsigned)d + 1))
		if (!passable(e, adapter << 8 | (unsigned)d))
			return false;
	return true;
}

void filter_all(struct engine *e, uint32_t slot)
{
	const struct state *s = e->state;
	struct mdev *m = &e->state->mdev[slot];
	struct matrix *g = &m->guest;

	m->refilter = false;
	if (!s->qci) {
		*g = (struct matrix){ 0 };
		return;
	}
	ap_mask_and(&m->assigned.adapters, &s->host_adapters, &g->adapters);
	ap_mask_and(&m->assigned.domains, &s->host_domains, &g->domains);
	ap_mask_and(&m->assigned.controls, &s->host_controls, &g->controls);
	for (int a = ap_mask_next(&g->adapters, 0); a >= 0; a = ap_mask_next(&g->adapters, (unsigned)a + 1))
		if (!adapter_passable(e, (unsigned)a, &g->domains))
			ap_mask_clear(&g->adapters, (unsigned)a);
}

/* Has the mdev something assigned that a scan is just adding? Then the end of the scan filters it. */
static bool being_added(const struct engine *e, const struct mdev *m)
{
	return ap_mask_meets(&m->assigned.adapters, &e->state->adding.adapters) ||
	       ap_mask_meets(&m->assigned.domains, &e->state->adding.domains);
}

void filter_queue_bound(struct engine *e, unsigned queue)
{
	uint32_t owner = e->state->owner[queue];
	struct mdev *m;

	if (!owner)
		return;
	m = &e->state->mdev[owner - 1];
	if (m->refilter || being_added(e, m))
		return;
	m->refilter = true;
	m->refilter_next = e->state->refilter_head;
	e->state->refilter_head = owner;
}

void filter_flush(struct engine *e)
{
	while (e->state->refilter_head) {
		uint32_t slot = e->state->refilter_head - 1;

		e->state->refilter_head = e->state->mdev[slot].refilter_next;
		if (e->state->mdev[slot].refilter)
			filter_all(e, slot);
	}
}

void filter_queue_unbound(struct engine *e, unsigned queue)
{
	uint32_t owner = e->state->owner[queue];

	if (owner && matrix_has(&e->state->mdev[owner - 1].guest, queue >> 8, queue & 255))
		ap_mask_clear(&e->state->mdev[owner - 1].guest.adapters, queue >> 8);
}

void filter_config_begin(const struct engine *e, struct filter_change *change)
{
	change->before.adapters = e->state->host_adapters;
	change->before.domains = e->state->host_domains;
	change->before.controls = e->state->host_controls;
}

void filter_config_changed(struct engine *e, struct filter_change *change)
{
	struct state *s = e->state;
	struct matrix gone, *before = &change->before, *added = &change->added;

	ap_mask_without(&before->adapters, &s->host_adapters, &gone.adapters);
	ap_mask_without(&before->domains, &s->host_domains, &gone.domains);
	ap_mask_without(&before->controls, &s->host_controls, &gone.controls);
	ap_mask_without(&s->host_adapters, &before->adapters, &added->adapters);
	ap_mask_without(&s->host_domains, &before->domains, &added->domains);
	ap_mask_without(&s->host_controls, &before->controls, &added->controls);
	s->adding = *added;
	change->changed = !ap_mask_empty(&added->adapters) || !ap_mask_empty(&added->domains) ||
			  !ap_mask_empty(&added->controls);
	for (uint32_t slot = 0; slot < s->mdev_high; slot++) {
		struct matrix *g = &s->mdev[slot].guest;

		ap_mask_without(&g->adapters, &gone.adapters, &g->adapters);
		ap_mask_without(&g->domains, &gone.domains, &g->domains);
		ap_mask_without(&g->controls, &gone.controls, &g->controls);
	}
}

void filter_config_complete(struct engine *e, const struct filter_change *change)
{
	struct state *s = e->state;

	s->adding = (struct matrix){ 0 };
	for (uint32_t slot = 0; change->changed && slot < s->mdev_high; slot++) {
		struct mdev *m = &s->mdev[slot];
		const struct matrix *added = &change->added;

		if (m->phase == MDEV_FREE || !e->rules->assign_hot)
			continue;
		if (ap_mask_meets(&m->assigned.adapters, &added->adapters) ||
		    ap_mask_meets(&m->assigned.domains, &added->domains))
			filter_all(e, slot);
		ap_mask_and(&m->assigned.controls, &s->host_controls, &m->guest.controls);
	}
}
