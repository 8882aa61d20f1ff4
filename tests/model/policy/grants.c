/* SPDX-License-Identifier: MIT */
/* What a policy grants, as the manual says it. */
#include <stdio.h>
#include <string.h>

#include "tests/model/policy/policy.h"

static bool is_to(const struct allowance *g, const struct caller *c)
{
	char user[16], group[16];

	snprintf(user, sizeof(user), "uid:%u", c->uid);
	snprintf(group, sizeof(group), "gid:%u", c->gid);
	for (unsigned i = 0; i < g->to_count; i++)
		if (strcmp(g->to[i], "everyone") == 0 || strcmp(g->to[i], user) == 0 || strcmp(g->to[i], group) == 0)
			return true;
	return false;
}

static bool has_actions(const struct allowance *g)
{
	for (unsigned i = 0; i < ACTIONS_OF_GRANTS; i++)
		if (g->may[i])
			return true;
	return false;
}

/* One that does not delegate acts only for root, and for whom no other delegates to. */
static bool acts(const struct world *w, const struct allowance *g, const struct caller *c)
{
	if (!is_to(g, c))
		return false;
	if (g->delegates || c->uid == 0)
		return true;
	for (unsigned i = 0; i < w->grants; i++)
		if (is_to(&w->grant[i], c) && w->grant[i].delegates && has_actions(&w->grant[i]))
			return false;
	return true;
}

struct person person_of(const struct world *w, const struct caller *c)
{
	struct person p = { .w = w, .uid = c->uid };

	for (unsigned i = 0; i < w->grants; i++) {
		const struct allowance *g = &w->grant[i];

		if (is_to(g, c))
			p.shown[p.shows++] = g;
		if (acts(w, g, c))
			p.acting[p.acts++] = g;
	}
	/* so it is if all that let him do anything are such */
	for (unsigned i = 0; i < p.acts; i++)
		p.leaves_to_modes = p.leaves_to_modes || has_actions(p.acting[i]);
	for (unsigned i = 0; i < p.acts; i++)
		p.leaves_to_modes = p.leaves_to_modes && !(has_actions(p.acting[i]) && p.acting[i]->delegates);
	return p;
}

uint32_t owner_of(const struct world *w, unsigned uuid)
{
	return w->owner[uuid] < 0 ? 0 : (uint32_t)w->owner[uuid];
}

static bool names_mdev(const struct person *p, const struct mdevs_of_grant *m, unsigned uuid)
{
	/* UUIDS: none of ours */
	if (uuid == UUIDS)
		return m->all;
	return m->all || m->named[uuid] || (m->own && owner_of(p->w, uuid) == p->uid);
}

#define EACH(g, list, count) const struct allowance *g, *const *at = list; at < list + count && (g = *at); at++
#define FOR_EACH_ACTING(g) for (EACH(g, p->acting, p->acts))
#define FOR_EACH_SHOWING(g) for (EACH(g, p->shown, p->shows))

bool may(const struct person *p, enum action a)
{
	FOR_EACH_ACTING(g)
	if (g->may[a])
		return true;
	return false;
}

static bool has(const struct ids *s, int id)
{
	return id < 0 || s->has[id];
}

static bool has_apqn(const struct things *t, unsigned adapter, unsigned domain)
{
	return t->adapters.has[adapter] && t->domains.has[domain];
}

bool may_queue(const struct person *p, enum action a, unsigned adapter, unsigned domain)
{
	FOR_EACH_ACTING(g)
	if (g->may[a] && (has_apqn(&g->pool, adapter, domain) || has_apqn(&g->assign, adapter, domain)))
		return true;
	return false;
}

bool may_pool(const struct person *p, int adapter, int domain)
{
	FOR_EACH_ACTING(g)
	if (g->may[POOL] && has(&g->pool.adapters, adapter) && has(&g->pool.domains, domain))
		return true;
	return false;
}

bool may_create(const struct person *p, unsigned uuid)
{
	FOR_EACH_ACTING(g)
	{
		bool names_some = false;

		for (unsigned i = 0; i < UUIDS; i++)
			names_some = names_some || g->mdevs.named[i];
		if (g->may[CREATE] && (g->mdevs.all || g->mdevs.own || !names_some || g->mdevs.named[uuid]))
			return true;
	}
	return false;
}

bool may_mdev(const struct person *p, enum action a, unsigned uuid)
{
	FOR_EACH_ACTING(g)
	if (g->may[a] && names_mdev(p, &g->mdevs, uuid))
		return true;
	return false;
}

bool may_mdev_anything(const struct person *p, unsigned uuid)
{
	for (enum action a = 0; a < ACTIONS_OF_GRANTS; a++)
		if (may_mdev(p, a, uuid))
			return true;
	return false;
}

bool may_assign(const struct person *p, unsigned uuid, const int id[3])
{
	FOR_EACH_ACTING(g)
	if (g->may[ASSIGN] && names_mdev(p, &g->mdevs, uuid) && has(&g->assign.adapters, id[0]) &&
	    has(&g->assign.domains, id[1]) && has(&g->assign.controls, id[2]))
		return true;
	return false;
}

bool may_zcrypt(const struct person *p, int adapter, int domain, bool admin)
{
	FOR_EACH_ACTING(g)
	{
		const struct ids *domains = admin ? &g->assign.controls : &g->assign.domains;

		if (g->may[ZCRYPT] && ((has(&g->pool.adapters, adapter) && has(&g->pool.domains, domain)) ||
				       (has(&g->assign.adapters, adapter) && has(domains, domain))))
			return true;
	}
	return false;
}

/* Who may do to a queue what makes it be reset, may have it reset. */
bool may_reset(const struct person *p, unsigned adapter, unsigned domain)
{
	static const enum action reset[] = { POOL, BIND, UNBIND, RESET, ASSIGN, REMOVE, CONFIG, SECURE };

	for (size_t i = 0; i < LENGTH(reset); i++)
		if (may_queue(p, reset[i], adapter, domain))
			return true;
	return false;
}

int limit_of(const struct person *p)
{
	int most = 0;

	FOR_EACH_ACTING(g)
	{
		if (!g->may[CREATE])
			continue;
		if (g->limit < 0)
			return -1;
		most = g->limit > most ? g->limit : most;
	}
	return most;
}

/* --- what they show ------------------------------------------------------------------------------------------ */

bool sees_adapter(const struct person *p, unsigned adapter)
{
	FOR_EACH_SHOWING(g)
	if (g->see.adapters.has[adapter] || g->pool.adapters.has[adapter] || g->assign.adapters.has[adapter])
		return true;
	return false;
}

bool sees_domain(const struct person *p, unsigned domain)
{
	FOR_EACH_SHOWING(g)
	if (g->see.domains.has[domain] || g->pool.domains.has[domain] || g->assign.domains.has[domain])
		return true;
	return false;
}

bool sees_control(const struct person *p, unsigned domain)
{
	FOR_EACH_SHOWING(g)
	if (g->see.controls.has[domain] || g->assign.controls.has[domain])
		return true;
	return sees_domain(p, domain);
}

bool sees_queue(const struct person *p, unsigned adapter, unsigned domain)
{
	FOR_EACH_SHOWING(g)
	if (has_apqn(&g->see, adapter, domain) || has_apqn(&g->pool, adapter, domain) ||
	    has_apqn(&g->assign, adapter, domain))
		return true;
	return false;
}

bool sees_mdev(const struct person *p, unsigned uuid)
{
	FOR_EACH_SHOWING(g)
	if (names_mdev(p, &g->see_mdevs, uuid) || names_mdev(p, &g->mdevs, uuid))
		return true;
	return false;
}

bool sees_all_queues(const struct person *p)
{
	for (unsigned a = 0; a < AP_IDS; a++)
		for (unsigned d = 0; d < AP_IDS; d++)
			if (!sees_queue(p, a, d))
				return false;
	return true;
}

bool sees_all_mdevs(const struct person *p)
{
	FOR_EACH_SHOWING(g)
	if (g->see_mdevs.all || g->mdevs.all)
		return true;
	return false;
}
