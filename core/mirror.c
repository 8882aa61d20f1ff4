/* SPDX-License-Identifier: MIT */
#include "core/mirror.h"

#include <errno.h>
#include <string.h>

#include "core/binding.h"
#include "core/mdev.h"
#include "core/override.h"

/* --- devices of the AP bus ------------------------------------------------------------------------ */

static void begin_life(struct engine *e, uint32_t device, struct life *life)
{
	life->born = ++life->lives;
	life->time = e->state->now;
	ring_append(&e->state->order, e->state->order_link, device);
	e->state->topology++;
}

static void end_life(struct engine *e, uint32_t device, struct life *life)
{
	ring_remove(e->state->order_link, device);
	life->born = 0;
	e->state->topology++;
}

static void set_driver(struct engine *e, uint32_t device, struct life *life, uint8_t *driver, uint8_t next)
{
	struct state *s = e->state;

	if (*driver != DRIVER_NONE) {
		ring_remove(s->bound_link, device);
		s->queues_bound -= device < QUEUES;
	}
	*driver = next;
	life->bound = 0;
	if (next != DRIVER_NONE) {
		ring_append(&s->bound[next], s->bound_link, device);
		s->queues_bound += device < QUEUES;
		life->bound = ++life->lives;
	}
	s->topology++;
}

void mirror_drop_card(struct engine *e, unsigned adapter)
{
	struct card *c = &e->state->card[adapter];

	if (!c->life.born)
		return;
	set_driver(e, CARD_DEVICE(adapter), &c->life, &c->driver, DRIVER_NONE);
	end_life(e, CARD_DEVICE(adapter), &c->life);
}

void mirror_put_card(struct engine *e, unsigned adapter, const struct card *card, unsigned life)
{
	struct card *c = &e->state->card[adapter];
	struct card next = *card;

	if (life & MIRROR_RENEWED)
		mirror_drop_card(e, adapter);
	if (!c->life.born)
		begin_life(e, CARD_DEVICE(adapter), &c->life);
	if (c->driver != card->driver || (life & MIRROR_REBOUND))
		set_driver(e, CARD_DEVICE(adapter), &c->life, &c->driver, card->driver);
	next.life = c->life;
	*c = next;
}

void mirror_drop_queue(struct engine *e, unsigned queue)
{
	struct queue *q = &e->state->queue[queue];

	if (!q->life.born)
		return;
	override_release(e, queue);
	set_driver(e, queue, &q->life, &q->driver, DRIVER_NONE);
	end_life(e, queue, &q->life);
	e->state->queues_total--;
}

void mirror_put_queue(struct engine *e, unsigned queue, const struct queue *put, unsigned life)
{
	struct queue *q = &e->state->queue[queue];
	struct queue next = *put;

	if (life & MIRROR_RENEWED)
		mirror_drop_queue(e, queue);
	if (!q->life.born) {
		begin_life(e, queue, &q->life);
		e->state->queues_total++;
	}
	if (q->driver != put->driver || (life & MIRROR_REBOUND))
		set_driver(e, queue, &q->life, &q->driver, put->driver);
	next.life = q->life;
	next.override = q->override;
	*q = next;
}

int mirror_set_override(struct engine *e, unsigned queue, const char *text)
{
	bool had = e->state->queue[queue].override;
	int rc = override_set(e, queue, text);

	if (rc == 0)
		e->state->overrides += (uint32_t)(e->state->queue[queue].override != 0) - (uint32_t)had;
	return rc;
}

/* --- mdevs ------------------------------------------------------------------------------------------ */

static void set_owner(struct engine *e, const struct matrix *m, uint32_t from, uint32_t to)
{
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1)) {
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1)) {
			uint32_t *owner = &e->state->owner[a << 8 | d];

			if (*owner == from)
				*owner = to;
		}
	}
}

static void set_number(uint64_t *used, uint32_t *hint, uint32_t number, bool taken)
{
	uint64_t bit = UINT64_C(1) << (number % 64);

	used[number / 64] = taken ? used[number / 64] | bit : used[number / 64] & ~bit;
	if (!taken && number < *hint)
		*hint = number;
}

static void drop_group(struct state *s, struct mdev *m)
{
	if (!m->has_group)
		return;
	set_number(s->groups_used, &s->group_hint, m->group, false);
	s->group_count--;
	m->has_group = false;
}

/* A number that another mdev had is this one's now: that one has lost it, as it will be seen to. */
static void take_group(struct state *s, uint32_t slot, uint32_t number)
{
	struct mdev *m = &s->mdev[slot], *holder = &s->mdev[s->group_slot[number]];

	drop_group(s, m);
	if (holder->has_group && holder->group == number)
		drop_group(s, holder);
	m->has_group = true;
	m->group = number;
	s->group_count++;
	set_number(s->groups_used, &s->group_hint, number, true);
	s->group_slot[number] = (uint16_t)slot;
}

static void drop_device(struct state *s, struct mdev *m)
{
	if (!m->has_device)
		return;
	set_number(s->devices_used, &s->device_hint, m->device, false);
	m->has_device = false;
}

static void take_device(struct state *s, uint32_t slot, uint32_t number)
{
	struct mdev *m = &s->mdev[slot], *holder = &s->mdev[s->device_slot[number]];

	drop_device(s, m);
	if (holder->has_device && holder->device == number)
		drop_device(s, holder);
	m->has_device = true;
	m->device = number;
	set_number(s->devices_used, &s->device_hint, number, true);
	s->device_slot[number] = (uint16_t)slot;
}

/* As put has them; the iommu group and the vfio-dev appear and vanish by themselves. */
static void set_numbers(struct state *s, uint32_t slot, const struct mdev *put)
{
	struct mdev *m = &s->mdev[slot];

	if (m->has_group != put->has_group || m->has_device != put->has_device || m->group != put->group ||
	    m->device != put->device)
		s->topology++;
	if (!put->has_group)
		drop_group(s, m);
	else if (!m->has_group || m->group != put->group)
		take_group(s, slot, put->group);
	if (!put->has_device)
		drop_device(s, m);
	else if (!m->has_device || m->device != put->device)
		take_device(s, slot, put->device);
}

void mirror_drop_mdev(struct engine *e, uint32_t slot)
{
	struct state *s = e->state;
	struct mdev *m = &s->mdev[slot];

	if (m->phase == MDEV_FREE)
		return;
	set_owner(e, &m->assigned, slot + 1, 0);
	drop_group(s, m);
	drop_device(s, m);
	s->guests -= m->kvm;
	mdev_forget(e, slot);
}

static void put_life(struct engine *e, struct mdev *m, const struct mdev *put, unsigned life)
{
	/* one that waits for its guest has lost its link to the driver, not yet what is below it */
	bool bound = put->phase == MDEV_BOUND || put->phase == MDEV_LEAVING;

	if (bound && (!m->life.bound || (put->phase == MDEV_BOUND && (life & MIRROR_REBOUND))))
		m->life.bound = ++m->life.lives;
	else if (!bound)
		m->life.bound = 0;
	else
		return;
	e->state->topology++;
}

int mirror_put_mdev(struct engine *e, const struct mdev *put, unsigned life)
{
	struct state *s = e->state;
	int slot = mdev_find(e, put->uuid);
	struct mdev *m, next = *put;

	if (slot >= 0 && (life & MIRROR_RENEWED)) {
		mirror_drop_mdev(e, (uint32_t)slot);
		slot = -ENOENT;
	}
	if (slot < 0)
		slot = mdev_register(e, put->uuid);
	if (slot < 0)
		return slot;
	m = &s->mdev[slot];
	put_life(e, m, put, life);
	set_numbers(s, (uint32_t)slot, put);
	set_owner(e, &m->assigned, (uint32_t)slot + 1, 0);
	s->guests += (unsigned)put->kvm - (unsigned)m->kvm;
	next.life = m->life;
	next.sequence = m->sequence;
	next.adapter_max = m->adapter_max;
	next.domain_max = m->domain_max;
	*m = next;
	set_owner(e, &m->assigned, 0, (uint32_t)slot + 1);
	return slot;
}

/* --- zcrypt nodes, modules ---------------------------------------------------------------------------- */

void mirror_drop_node(struct engine *e, unsigned minor)
{
	struct zcrypt_node *n = &e->state->node[minor];

	if (!n->name[0])
		return;
	n->name[0] = 0;
	n->life.born = 0;
	e->state->node_count--;
	e->state->topology++;
}

void mirror_put_node(struct engine *e, unsigned minor, const struct zcrypt_node *put, unsigned life)
{
	struct zcrypt_node *n = &e->state->node[minor];
	struct zcrypt_node next = *put;

	if ((life & MIRROR_RENEWED) || strcmp(n->name, put->name) != 0)
		mirror_drop_node(e, minor);
	if (!n->name[0]) {
		n->life.born = ++n->life.lives;
		n->life.time = e->state->now;
		e->state->node_count++;
		e->state->topology++;
	}
	next.life = n->life;
	*n = next;
}

void mirror_set_module(struct engine *e, enum module_id module, bool loaded, unsigned life)
{
	struct module_state *m = &e->state->module[module];

	if (m->loaded == loaded && !(loaded && (life & MIRROR_RENEWED)))
		return;
	m->loaded = loaded;
	m->time = e->state->now;
	m->loads += loaded;
	e->state->topology++;
	if (module == MODULE_VFIO_AP)
		e->state->matrix_bound = loaded && e->rules->matrix_bus;
}
