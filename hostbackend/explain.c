/* SPDX-License-Identifier: MIT */
#include "hostbackend/explain.h"

#include "core/parse.h"
#include "hostbackend/subject.h"

/* "5, 8-15", "all", "none" */
static void print_set(const struct ap_mask *set, struct page *out)
{
	const char *comma = "";

	if (ap_mask_full(set) || ap_mask_empty(set)) {
		page_printf(out, "%s", ap_mask_full(set) ? "all" : "none");
		return;
	}
	for (int i = ap_mask_next(set, 0), last; i >= 0; i = ap_mask_next(set, (unsigned)last + 1)) {
		for (last = i; last + 1 < AP_IDS && ap_mask_has(set, (unsigned)last + 1);)
			last++;
		page_printf(out, last > i ? "%s%d-%d" : "%s%d", comma, i, last);
		comma = ", ";
		if (last + 1 == AP_IDS)
			break;
	}
}

static bool is_empty(const struct area *a)
{
	return ap_mask_empty(&a->adapters) && ap_mask_empty(&a->domains);
}

static void print_area(const char *what, const struct area *a, const struct ap_mask *controls, struct page *out)
{
	if (is_empty(a) && (!controls || ap_mask_empty(controls)))
		return;
	page_printf(out, "  %s: adapters ", what);
	print_set(&a->adapters, out);
	page_printf(out, "; domains ");
	print_set(&a->domains, out);
	if (controls && !ap_mask_empty(controls)) {
		page_printf(out, "; control domains ");
		print_set(controls, out);
	}
	page_printf(out, "\n");
}

static void print_mdevs(const char *what, const struct mdev_set *set, struct page *out)
{
	if (!set->all && !set->own && !set->count)
		return;
	page_printf(out, "  %s:%s", what, set->all ? " all mdevs" : set->own ? " mdevs that he created" : "");
	for (unsigned i = 0; !set->all && i < set->count; i++) {
		char uuid[UUID_TEXT];

		format_uuid(set->uuid[i], uuid);
		page_printf(out, " %s", uuid);
	}
	page_printf(out, "\n");
}

static void print_actions(const struct grant *g, struct page *out)
{
	page_printf(out, "  may:");
	for (enum policy_action a = 0; a < ACTIONS; a++)
		if (g->actions >> a & 1)
			page_printf(out, " %s", policy_action_name(a));
	page_printf(out, "%s\n", g->actions ? "" : " change nothing");
	if (g->modes_decide && g->actions)
		page_printf(out, "  as far as the files' modes let him\n");
	if (g->has_limit)
		page_printf(out, "  at most %u mdevs each\n", g->mdev_limit);
}

static void explain_grant(const struct grant *g, struct page *out)
{
	page_printf(out, "grant \"%s\" (line %u), to ", g->name, g->line);
	for (unsigned i = 0; i < g->to_count; i++) {
		page_printf(out, "%s", i ? ", " : "");
		subject_print(&g->to[i], out);
	}
	page_printf(out, ":\n");
	print_area("sees also", &g->see, &g->see_controls, out);
	print_area("moves between host and vfio, and works on", &g->pool, NULL, out);
	print_area("assigns", &g->assign, &g->assign_controls, out);
	print_mdevs("sees", &g->see_mdevs, out);
	print_mdevs("works on", &g->mdevs, out);
	print_actions(g, out);
}

void explain_policy(const struct policy *p, const struct caller *caller, struct page *out)
{
	unsigned told = 0;

	for (unsigned i = 0; i < p->count; i++) {
		if (caller && !grant_is_to(&p->grant[i], caller->uid, caller->gid))
			continue;
		explain_grant(&p->grant[i], out);
		told++;
	}
	if (!told)
		page_printf(out, caller ? "no grant is to this user: he sees no hardware and may change nothing\n"
					: "no grants: nobody sees hardware or may change anything\n");
}
