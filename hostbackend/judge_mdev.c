/* SPDX-License-Identifier: MIT */
/* Mdevs and zcrypt nodes before and after a write. */
#include <stdio.h>
#include <string.h>

#include "core/parse.h"
#include "hostbackend/judge.h"
#include "hostbackend/judge_parts.h"

/* --- matrices ----------------------------------------------------------------------------------------- */

/* A grant that may assign to this mdev and has the adapter, domain, control domain; -1: any. */
static const struct grant *assign_grant(const struct rights *r, const struct engine *e, uint32_t slot, const int id[3])
{
	for (unsigned i = 0; i < r->acting; i++) {
		const struct grant *g = r->grant[i];

		if ((g->actions & ACTION(ASSIGN)) && (id[0] < 0 || ap_mask_has(&g->assign.adapters, (unsigned)id[0])) &&
		    (id[1] < 0 || ap_mask_has(&g->assign.domains, (unsigned)id[1])) &&
		    (id[2] < 0 || ap_mask_has(&g->assign_controls, (unsigned)id[2])) && grant_has_mdev(g, r, e, slot))
			return g;
	}
	return NULL;
}

static void judge_ids(const struct engine *e, uint32_t slot, const struct ap_mask change[2], int kind,
		      const struct rights *r, struct verdict *v)
{
	static const char *const kinds[] = { "adapter", "domain", "control domain" };

	for (int i = 0; i < AP_IDS; i++) {
		bool was = ap_mask_has(&change[0], (unsigned)i), is = ap_mask_has(&change[1], (unsigned)i);
		int id[3] = { -1, -1, -1 };
		char name[32];

		if (was == is)
			continue;
		id[kind] = i;
		snprintf(name, sizeof(name), "%s %d", kinds[kind], i);
		verdict_effect(v, name, "assigned", was ? "1" : "0", is ? "1" : "0");
		verdict_need(v, assign_grant(r, e, slot, id), "no grant has %s to assign to this mdev", name);
	}
}

void judge_matrix(const struct engine *e, uint32_t slot, const struct matrix *next, const struct rights *r,
		  struct verdict *v)
{
	const struct matrix *old = &e->state->mdev[slot].assigned;
	struct area both;

	judge_ids(e, slot, (const struct ap_mask[]){ old->adapters, next->adapters }, 0, r, v);
	judge_ids(e, slot, (const struct ap_mask[]){ old->domains, next->domains }, 1, r, v);
	judge_ids(e, slot, (const struct ap_mask[]){ old->controls, next->controls }, 2, r, v);
	/* and together: an adapter of one grant with a domain of another is an APQN of neither */
	ap_mask_or(&old->adapters, &next->adapters, &both.adapters);
	ap_mask_or(&old->domains, &next->domains, &both.domains);
	for (int a = ap_mask_next(&both.adapters, 0); a >= 0; a = ap_mask_next(&both.adapters, (unsigned)a + 1))
		for (int d = ap_mask_next(&both.domains, 0); d >= 0; d = ap_mask_next(&both.domains, (unsigned)d + 1))
			if (matrix_has(old, (unsigned)a, (unsigned)d) != matrix_has(next, (unsigned)a, (unsigned)d))
				verdict_need(v, assign_grant(r, e, slot, (const int[]){ a, d, -1 }),
					     "no grant has %02x.%04x to assign to this mdev", (unsigned)a, (unsigned)d);
}

/* --- mdevs --------------------------------------------------------------------------------------------- */

static void judge_creation(const struct difference *x, uint32_t slot, const char *uuid)
{
	unsigned limit = rights_mdev_limit(x->r), has = owners_count(x->r->owners, x->eb, x->r->uid);

	verdict_effect(x->v, uuid, "mdev", "none", "created");
	verdict_need(x->v, rights_create(x->r, x->a->mdev[slot].uuid), "no grant has the action create for this mdev");
	if (x->v->rc == 0 && has >= limit)
		verdict_need(x->v, NULL, "he has %u mdevs, as many as his grants allow", has);
}

static void need_mdev(const struct difference *x, uint32_t slot, uint32_t actions, const char *action)
{
	verdict_need(x->v, rights_mdev(x->r, x->eb, actions, slot), "no grant has the action %s for this mdev", action);
}

static const char *phase_name(unsigned phase)
{
	static const char *const names[] = { [MDEV_FREE] = "removed", [MDEV_UNBOUND] = "unbound", [MDEV_BOUND] = "bound",
					     [MDEV_LEAVING] = "leaving" };

	return phase < 4 ? names[phase] : "?";
}

/* To remove it is to remove it with what it has; any other way to lose that needs "assign" as well. */
static void judge_phase(const struct difference *x, uint32_t slot, const char *uuid)
{
	unsigned was = x->b->mdev[slot].phase, is = x->a->mdev[slot].phase;

	if (was != is)
		verdict_effect(x->v, uuid, "mdev", phase_name(was), phase_name(is));
	if (was != is && (is == MDEV_FREE || is == MDEV_LEAVING)) {
		need_mdev(x, slot, ACTION(REMOVE), "remove");
		return;
	}
	if (was != is && is == MDEV_BOUND)
		need_mdev(x, slot, ACTION(BIND), "bind");
	else if (was != is)
		need_mdev(x, slot, ACTION(UNBIND), "unbind");
	judge_matrix(x->eb, slot, &x->a->mdev[slot].assigned, x->r, x->v);
}

/* What goes along with what was judged; only of an mdev that is his at all. */
static void copy_followers(struct mdev *m, const struct mdev *from)
{
	m->guest = from->guest;
	m->refilter = from->refilter;
	m->refilter_next = from->refilter_next;
	m->group = from->group;
	m->device = from->device;
	m->has_group = from->has_group;
	m->has_device = from->has_device;
	m->leaving_ticket = from->leaving_ticket;
	m->life.bound = from->life.bound;
	m->life.lives = from->life.lives;
}

static void judge_mdev(const struct difference *x, uint32_t slot)
{
	static const struct matrix empty;
	const struct mdev *b = &x->b->mdev[slot], *a = &x->a->mdev[slot];
	struct mdev rest;
	char uuid[UUID_TEXT];

	memcpy(&rest, b, sizeof(rest));
	copy_followers(&rest, a);
	format_uuid(b->phase == MDEV_FREE ? a->uuid : b->uuid, uuid);
	if (b->phase == MDEV_FREE) {
		judge_creation(x, slot, uuid);
		if (a->opened || !same_bytes(&a->assigned, &empty, sizeof(empty)))
			judge_unknown(x, uuid);
		return;
	}
	judge_phase(x, slot, uuid);
	if (a->phase == MDEV_FREE)
		return;
	if (b->opened != a->opened || b->kvm != a->kvm) {
		verdict_effect(x->v, uuid, "guest", b->opened ? "runs" : "none", a->opened ? "runs" : "none");
		need_mdev(x, slot, ACTION(GUEST), "guest");
	}
	if (!same_bytes(&rest, b, sizeof(rest)))
		verdict_need(x->v, rights_mdev(x->r, x->eb, ACTION_ALL, slot), "what another's mdev has would change");
	rest.phase = a->phase;
	rest.assigned = a->assigned;
	rest.opened = a->opened;
	rest.kvm = a->kvm;
	if (!same_bytes(&rest, a, sizeof(rest)))
		judge_unknown(x, uuid);
}

void judge_mdevs(const struct difference *x)
{
	uint32_t high = x->b->mdev_high > x->a->mdev_high ? x->b->mdev_high : x->a->mdev_high;

	if (same_bytes(x->b->mdev, x->a->mdev, high * sizeof(struct mdev)))
		return;
	for (uint32_t slot = 0; slot < high && x->v->rc == 0; slot++)
		if (!same_bytes(&x->b->mdev[slot], &x->a->mdev[slot], sizeof(struct mdev)))
			judge_mdev(x, slot);
}

/* --- zcrypt nodes ---------------------------------------------------------------------------------------- */

enum node_part { NODE_ADAPTER, NODE_DOMAIN, NODE_ADMIN, NODE_PARTS };

static const char *const node_parts[NODE_PARTS] = { "adapter", "domain", "admin domain" };

static const struct ap_mask *node_mask(const struct zcrypt_node *node, enum node_part part)
{
	const struct ap_mask *masks[NODE_PARTS] = { &node->adapters, &node->domains, &node->admin };

	return masks[part];
}

/* A grant that has it in its pool, or to assign: the adapter, the domain, the domain to administer; -1: any. */
static const struct grant *zcrypt_grant(const struct rights *r, const int id[NODE_PARTS])
{
	for (unsigned i = 0; i < r->acting; i++) {
		const struct grant *g = r->grant[i];
		const struct ap_mask *const sets[2][NODE_PARTS] = {
			{ &g->pool.adapters, &g->pool.domains, &g->pool.domains },
			{ &g->assign.adapters, &g->assign.domains, &g->assign_controls },
		};

		for (int s = 0; (g->actions & ACTION(ZCRYPT)) && s < 2; s++) {
			bool has = true;

			for (int part = 0; part < NODE_PARTS; part++)
				has = has && (id[part] < 0 || ap_mask_has(sets[s][part], (unsigned)id[part]));
			if (has)
				return g;
		}
	}
	return NULL;
}

/* Requests through a node may go only where its masks say: those bits are granted, or they stay as they are. */
static void judge_node_mask(const struct difference *x, const char *name, const struct zcrypt_node node[2],
			    enum node_part part)
{
	for (int i = 0; i < AP_IDS; i++) {
		bool was = ap_mask_has(node_mask(&node[0], part), (unsigned)i);
		bool is = ap_mask_has(node_mask(&node[1], part), (unsigned)i);
		int id[NODE_PARTS] = { -1, -1, -1 };

		if (was == is)
			continue;
		id[part] = i;
		verdict_effect(x->v, name, node_parts[part], was ? "1" : "0", is ? "1" : "0");
		verdict_need(x->v, zcrypt_grant(x->r, id), "no grant has the action zcrypt for %s %d", node_parts[part], i);
	}
}

static bool reaches(const struct zcrypt_node *node, unsigned adapter, unsigned domain, enum node_part part)
{
	return ap_mask_has(&node->adapters, adapter) && ap_mask_has(node_mask(node, part), domain);
}

/*
 * An adapter of one grant with a domain of another is an APQN of neither. all: also where the node reaches now as before,
 * because what may be asked there changes.
 */
static void judge_node_reach(const struct difference *x, const struct zcrypt_node node[2], enum node_part part, bool all)
{
	for (unsigned a = 0; a < AP_IDS && x->v->rc == 0; a++) {
		if (!ap_mask_has(&node[0].adapters, a) && !ap_mask_has(&node[1].adapters, a))
			continue;
		for (unsigned d = 0; d < AP_IDS; d++) {
			bool was = reaches(&node[0], a, d, part), is = reaches(&node[1], a, d, part);
			int id[NODE_PARTS] = { (int)a, -1, -1 };

			id[part] = (int)d;
			if (was != is || (all && is))
				verdict_need(x->v, zcrypt_grant(x->r, id), "no grant has the action zcrypt for %02x.%04x", a, d);
		}
	}
}

/* As one that is not there: it reaches nothing. */
static struct zcrypt_node node_or_none(const struct zcrypt_node *node)
{
	return node->name[0] ? *node : (struct zcrypt_node){ 0 };
}

static void judge_node(const struct difference *x, unsigned minor)
{
	const struct zcrypt_node node[2] = { node_or_none(&x->b->node[minor]), node_or_none(&x->a->node[minor]) };
	bool was = node[0].name[0], is = node[1].name[0];
	bool ioctls = !ap_mask_equal(&node[0].ioctls, &node[1].ioctls);
	const char *name = was ? node[0].name : node[1].name;

	verdict_need(x->v, rights_act(x->r, ACTION(ZCRYPT)), "no grant has the action zcrypt");
	if (was != is)
		verdict_effect(x->v, name, "node", was ? "there" : "none", is ? "there" : "none");
	else if (strcmp(node[0].name, node[1].name) != 0 || node[0].life.born != node[1].life.born)
		judge_unknown(x, name);
	if (ioctls)
		verdict_effect(x->v, name, "ioctls", "old", "new");
	for (int part = 0; part < NODE_PARTS; part++)
		judge_node_mask(x, name, node, (enum node_part)part);
	judge_node_reach(x, node, NODE_DOMAIN, ioctls);
	judge_node_reach(x, node, NODE_ADMIN, ioctls);
}

void judge_nodes(const struct difference *x)
{
	for (unsigned i = 0; i < ZCRYPT_NODES && x->v->rc == 0; i++)
		if (!same_bytes(&x->b->node[i], &x->a->node[i], sizeof(struct zcrypt_node)))
			judge_node(x, i);
}
