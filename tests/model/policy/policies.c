/* SPDX-License-Identifier: MIT */
/* Random policies, and their text for a file. */
#include <stdio.h>
#include <string.h>

#include "tests/model/policy/policy.h"

static const char *const actions[ACTIONS_OF_GRANTS] = {
	"create", "remove", "assign", "pool", "bind", "unbind", "online", "config", "reset", "counters", "scan", "settings",
	"override", "secure", "uevent", "zcrypt", "guest", "machine",
};

const char *const uuids[UUIDS] = {
	"a0000000-0000-4000-8000-00000000000a", "b0000000-0000-4000-8000-00000000000b", "c0000000-0000-4000-8000-00000000000c",
	"d0000000-0000-4000-8000-00000000000d", "e0000000-0000-4000-8000-00000000000e",
};

/* the last one is nobody whom a policy names */
const struct caller callers[CALLERS] = {
	{ 0, 0, 1 }, { 1000, 1000, 1 }, { 1001, 22222, 1 }, { 1002, 22222, 1 }, { 1003, 1003, 1 },
};

unsigned pick(struct world *w, unsigned below)
{
	w->random = w->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(w->random >> 33) % below;
}

/* 9 is plugged now and then, the last never */
unsigned random_adapter(struct world *w)
{
	static const unsigned adapters[] = { 5, 6, 5, 6, 5, 6, 9, 200 };

	return adapters[pick(w, LENGTH(adapters))];
}

unsigned random_domain(struct world *w)
{
	static const unsigned domains[] = { 0x04, 0x47, 0xab, 0x04, 0x47, 0xab, 0xff, 0x05 };

	return domains[pick(w, LENGTH(domains))];
}

/* --- random ones ------------------------------------------------------------------------------------------ */

static void random_ids(struct world *w, struct ids *s, unsigned (*id)(struct world *w))
{
	unsigned kind = pick(w, 5);

	/* all, or so many, or a range */
	memset(s, kind <= 1, sizeof(*s));
	for (unsigned n = 1 + pick(w, 3); kind > 1 && n > 0; n--)
		s->has[id(w)] = true;
	if (kind == 4)
		memset(s->has + 5, true, 0x43);
}

static void random_things(struct world *w, struct things *t)
{
	*t = (struct things){ 0 };
	if (pick(w, 4) == 0)
		return;
	random_ids(w, &t->adapters, random_adapter);
	random_ids(w, &t->domains, random_domain);
	random_ids(w, &t->controls, random_domain);
}

static void random_mdevs(struct world *w, struct mdevs_of_grant *m)
{
	*m = (struct mdevs_of_grant){ .all = pick(w, 4) == 0, .own = pick(w, 3) == 0 };
	for (unsigned i = 0; i < UUIDS; i++)
		m->named[i] = pick(w, 3) == 0;
}

static void random_allowance(struct world *w, struct allowance *g)
{
	static const char *const to[] = { "uid:0", "uid:1000", "uid:1000", "uid:1001", "gid:22222", "gid:1000", "everyone" };
	unsigned most = pick(w, 5);

	*g = (struct allowance){ .to_count = 1 + pick(w, 2), .delegates = pick(w, 5) != 0, .limit = (int)pick(w, 4) - 1 };
	for (unsigned i = 0; i < g->to_count; i++)
		snprintf(g->to[i], sizeof(g->to[i]), "%s", to[pick(w, LENGTH(to))]);
	random_things(w, &g->see);
	random_things(w, &g->pool);
	random_things(w, &g->assign);
	memset(&g->pool.controls, 0, sizeof(g->pool.controls));
	random_mdevs(w, &g->see_mdevs);
	random_mdevs(w, &g->mdevs);
	for (unsigned i = 0; i < ACTIONS_OF_GRANTS; i++)
		g->may[i] = most < 2 || (most < 4 && pick(w, most) == 0);
	/* what grants the virtual machine grants too much to be interesting often */
	g->may[MACHINE] = g->may[MACHINE] && pick(w, 3) == 0;
}

void random_policy(struct world *w)
{
	w->grants = pick(w, 16) ? 1 + pick(w, GRANTS) : 0;
	for (unsigned i = 0; i < w->grants; i++)
		random_allowance(w, &w->grant[i]);
}

/* --- as a file -------------------------------------------------------------------------------------------- */

/* Numbers and ranges, either way of writing them. */
static void print_ids(const struct ids *s, struct page *out)
{
	const char *comma = "";

	page_printf(out, "[");
	for (unsigned i = 0, end; i < AP_IDS; i = end + 1) {
		for (end = i; end < AP_IDS && s->has[end] && end - i < 100; end++)
			;
		if (end == i)
			continue;
		page_printf(out, i & 1 ? "%s0x%x" : "%s%u", comma, i);
		if (end > i + 1)
			page_printf(out, "-%u", end - 1);
		comma = ", ";
		end--;
	}
	page_printf(out, "]");
}

static void print_things(const char *name, const struct things *t, bool controls, struct page *out)
{
	page_printf(out, "  %s:\n    adapters: ", name);
	print_ids(&t->adapters, out);
	page_printf(out, "\n    domains: ");
	print_ids(&t->domains, out);
	if (controls) {
		page_printf(out, "\n    control_domains: ");
		print_ids(&t->controls, out);
	}
	page_printf(out, "\n");
}

static void print_mdevs(const struct mdevs_of_grant *m, struct page *out)
{
	page_printf(out, "  mdevs: [");
	if (m->all)
		page_printf(out, "all, ");
	if (m->own)
		page_printf(out, "own, ");
	for (unsigned i = 0; i < UUIDS; i++)
		if (m->named[i])
			page_printf(out, "%s, ", uuids[i]);
	page_printf(out, "]\n");
}

void print_policy(struct world *w, struct page *out)
{
	page_printf(out, "grants: %s\n", w->grants ? "" : "[]");
	for (unsigned n = 0; n < w->grants; n++) {
		const struct allowance *g = &w->grant[n];

		page_printf(out, "- name: g%u\n  to: [%s%s%s]\n", n, g->to[0], g->to_count > 1 ? ", " : "",
			    g->to_count > 1 ? g->to[1] : "");
		print_things("see", &g->see, true, out);
		page_printf(out, "  ");
		print_mdevs(&g->see_mdevs, out);
		print_things("pool", &g->pool, false, out);
		print_things("assign", &g->assign, true, out);
		print_mdevs(&g->mdevs, out);
		page_printf(out, "  delegate: %s\n  actions: [", g->delegates ? "true" : "false");
		for (unsigned i = 0; i < ACTIONS_OF_GRANTS; i++)
			if (g->may[i])
				page_printf(out, "%s, ", actions[i]);
		page_printf(out, "]\n");
		if (g->limit >= 0)
			page_printf(out, "  limits: {mdevs: %d}\n", g->limit);
	}
}
