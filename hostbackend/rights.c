/* SPDX-License-Identifier: MIT */
#include "hostbackend/rights.h"

#include <string.h>

static void add_view(struct rights *r, const struct grant *g)
{
	const struct area *areas[] = { &g->see, &g->pool, &g->assign };

	for (size_t i = 0; i < 3; i++) {
		ap_mask_or(&r->adapters, &areas[i]->adapters, &r->adapters);
		ap_mask_or(&r->domains, &areas[i]->domains, &r->domains);
	}
	ap_mask_or(&r->controls, &g->see_controls, &r->controls);
	ap_mask_or(&r->controls, &g->assign_controls, &r->controls);
}

static bool area_full(const struct area *a)
{
	return ap_mask_full(&a->adapters) && ap_mask_full(&a->domains);
}

/* Those that act by themselves, or those that leave it to modes. A grant without actions is of either kind. */
static void add_grants(struct rights *r, const struct policy *p, const struct caller *caller, bool modes_decide)
{
	for (unsigned i = 0; i < p->count && r->count < RIGHTS_MAX; i++) {
		const struct grant *g = &p->grant[i];

		if ((g->modes_decide || !g->actions) == modes_decide && grant_is_to(g, caller->uid, caller->gid))
			r->grant[r->count++] = g;
	}
}

void rights_of(const struct policy *p, const struct owners *o, const struct caller *caller, struct rights *ret)
{
	struct rights *r = ret;

	*r = (struct rights){ .uid = caller->uid, .owners = o };
	add_grants(r, p, caller, false);
	r->acting = r->count;
	add_grants(r, p, caller, true);
	r->modes_decide = r->acting == 0;
	/* a grant that leaves a write to the file's mode must not widen what another delegates past it; no mode stops root */
	if (r->acting == 0 || caller->uid == 0)
		r->acting = r->count;
	for (unsigned i = 0; i < r->count; i++) {
		const struct grant *g = r->grant[i];

		r->actions |= i < r->acting ? g->actions : 0;
		add_view(r, g);
		r->sees_all_queues |= area_full(&g->see) || area_full(&g->pool) || area_full(&g->assign);
		r->sees_all_mdevs |= g->see_mdevs.all || g->mdevs.all;
	}
	r->modes_decide = r->modes_decide && r->actions;
	/* a domain that he may use he may also see as a control domain */
	ap_mask_or(&r->controls, &r->domains, &r->controls);
	r->sees_all = r->sees_all_queues && r->sees_all_mdevs && ap_mask_full(&r->controls);
}

bool rights_see_queue(const struct rights *r, unsigned queue)
{
	if (r->sees_all)
		return true;
	for (unsigned i = 0; i < r->count; i++) {
		const struct grant *g = r->grant[i];

		if (area_has(&g->see, queue) || area_has(&g->pool, queue) || area_has(&g->assign, queue))
			return true;
	}
	return false;
}

bool rights_see_whole_card(const struct rights *r, unsigned adapter)
{
	for (unsigned domain = 0; domain < AP_IDS; domain++)
		if (!rights_see_queue(r, adapter << 8 | domain))
			return false;
	return true;
}

static bool set_names(const struct mdev_set *set, const uint8_t uuid[16])
{
	for (unsigned i = 0; i < set->count; i++)
		if (memcmp(set->uuid[i], uuid, 16) == 0)
			return true;
	return false;
}

static bool set_has(const struct mdev_set *set, const struct rights *r, const struct engine *e, uint32_t slot)
{
	if (set->all || set_names(set, e->state->mdev[slot].uuid))
		return true;
	return set->own && owners_of(r->owners, e, slot) == r->uid;
}

bool grant_has_mdev(const struct grant *g, const struct rights *r, const struct engine *e, uint32_t slot)
{
	return set_has(&g->mdevs, r, e, slot);
}

bool rights_see_mdev(const struct rights *r, const struct engine *e, uint32_t slot)
{
	for (unsigned i = 0; i < r->count; i++)
		if (set_has(&r->grant[i]->see_mdevs, r, e, slot) || set_has(&r->grant[i]->mdevs, r, e, slot))
			return true;
	return false;
}

const struct grant *rights_act(const struct rights *r, uint32_t actions)
{
	for (unsigned i = 0; i < r->acting; i++)
		if (r->grant[i]->actions & actions)
			return r->grant[i];
	return NULL;
}

static bool grant_reaches(const struct grant *g, uint32_t actions, unsigned queue)
{
	return (g->actions & actions) && (area_has(&g->pool, queue) || area_has(&g->assign, queue));
}

const struct grant *rights_reach(const struct rights *r, uint32_t actions, unsigned queue)
{
	for (unsigned i = 0; i < r->acting; i++)
		if (grant_reaches(r->grant[i], actions, queue))
			return r->grant[i];
	return NULL;
}

const struct grant *rights_reach_card(const struct rights *r, const struct engine *e, uint32_t actions, unsigned adapter)
{
	const struct grant *first = NULL;

	for (unsigned i = 0; i < r->acting && !first; i++) {
		const struct grant *g = r->grant[i];

		if ((g->actions & actions) &&
		    (ap_mask_has(&g->pool.adapters, adapter) || ap_mask_has(&g->assign.adapters, adapter)))
			first = g;
	}
	for (unsigned q = adapter << 8; first && q < (adapter + 1) << 8; q++)
		if (e->state->queue[q].life.born && !rights_reach(r, actions, q))
			first = NULL;
	return first;
}

const struct grant *rights_mdev(const struct rights *r, const struct engine *e, uint32_t actions, uint32_t slot)
{
	for (unsigned i = 0; i < r->acting; i++)
		if ((r->grant[i]->actions & actions) && grant_has_mdev(r->grant[i], r, e, slot))
			return r->grant[i];
	return NULL;
}

const struct grant *rights_create(const struct rights *r, const uint8_t uuid[16])
{
	for (unsigned i = 0; i < r->acting; i++) {
		const struct grant *g = r->grant[i];
		bool any = g->mdevs.all || g->mdevs.own || g->mdevs.count == 0;

		if ((g->actions & ACTION(CREATE)) && (any || set_names(&g->mdevs, uuid)))
			return g;
	}
	return NULL;
}

unsigned rights_mdev_limit(const struct rights *r)
{
	unsigned limit = 0;

	for (unsigned i = 0; i < r->acting; i++) {
		const struct grant *g = r->grant[i];

		if (!(g->actions & ACTION(CREATE)))
			continue;
		if (!g->has_limit)
			return UINT32_MAX;
		limit = g->mdev_limit > limit ? g->mdev_limit : limit;
	}
	return limit;
}

/* --- files ------------------------------------------------------------------------------------------ */

static const struct grant *write_pool(const struct rights *r)
{
	for (unsigned i = 0; i < r->acting; i++) {
		const struct grant *g = r->grant[i];

		if ((g->actions & ACTION(POOL)) && !ap_mask_empty(&g->pool.adapters) && !ap_mask_empty(&g->pool.domains))
			return g;
	}
	return NULL;
}

/* An action on the card or queue whose file it is. */
static const struct grant *write_device(const struct rights *r, const struct engine *e, struct node n, uint32_t actions)
{
	if (n.kind == DIR_POWER)
		n.kind = n.sub;
	if (n.kind == DIR_QUEUE)
		return rights_reach(r, actions, n.index);
	return n.kind == DIR_CARD ? rights_reach_card(r, e, actions, n.index) : NULL;
}

static const struct grant *write_uevent(const struct rights *r, const struct engine *e, struct node n)
{
	switch (n.kind) {
	case DIR_CARD:
	case DIR_QUEUE:
		return write_device(r, e, n, ACTION(UEVENT));
	case DIR_MDEV:
	case DIR_VFIO_DEV:
		return rights_mdev(r, e, ACTION(UEVENT), n.index);
	case DIR_GROUP_DEVICE:
		return rights_mdev(r, e, ACTION(UEVENT), e->state->group_slot[n.index]);
	default:
		return rights_act(r, ACTION(UEVENT));
	}
}

static bool is_named(const struct row *row, const char *name)
{
	return row->name && strcmp(row->name, name) == 0;
}

static const struct grant *write_mdev(const struct rights *r, const struct engine *e, struct node n, const struct row *row)
{
	if (n.kind == DIR_MDEV)
		return rights_mdev(r, e, ACTION(REMOVE), n.index);
	if (n.kind == DIR_TYPE)
		return rights_act(r, ACTION(CREATE));
	return rights_act(r, is_named(row, "unbind") ? ACTION(UNBIND) : ACTION(BIND));
}

static const struct grant *write_control(const struct rights *r, struct node n)
{
	return rights_act(r, ACTION(MACHINE) | (n.kind == DIR_CONTROL_GUESTS ? ACTION(GUEST) : 0));
}

const struct grant *rights_write(const struct rights *r, const struct engine *e, struct node n, const struct row *row)
{
	switch (row->effect) {
	case EFFECT_POOL:
		return write_pool(r);
	case EFFECT_BINDING:
		return rights_act(r, is_named(row, "unbind") ? ACTION(UNBIND) : ACTION(BIND));
	case EFFECT_MDEV:
		return write_mdev(r, e, n, row);
	case EFFECT_ASSIGNMENT:
		return rights_mdev(r, e, ACTION(ASSIGN), n.index);
	case EFFECT_ONLINE:
		return write_device(r, e, n, ACTION(ONLINE));
	case EFFECT_CONFIG:
		return write_device(r, e, n, ACTION(CONFIG));
	case EFFECT_RESET:
		return write_device(r, e, n, ACTION(RESET));
	case EFFECT_COUNTERS:
		return write_device(r, e, n, ACTION(COUNTERS));
	case EFFECT_OVERRIDE:
		return write_device(r, e, n, ACTION(OVERRIDE));
	case EFFECT_SECURE:
		return write_device(r, e, n, ACTION(SECURE));
	case EFFECT_SCAN:
		return rights_act(r, ACTION(SCAN));
	case EFFECT_UEVENT:
		return write_uevent(r, e, n);
	case EFFECT_ZCRYPT_NODE:
		return rights_act(r, ACTION(ZCRYPT));
	case EFFECT_CONTROL:
	case EFFECT_CLOCK:
		return write_control(r, n);
	case EFFECT_NONE:
	case EFFECT_BUS_SETTING:
		return rights_act(r, ACTION(SETTINGS));
	}
	return NULL;
}
