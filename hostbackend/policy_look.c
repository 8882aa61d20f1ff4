/* SPDX-License-Identifier: MIT */
#include "hostbackend/policy_look.h"

#include "core/tree.h"
#include "hostbackend/view.h"
#include "hostbackend/view_sum.h"

struct question {
	const struct policy_look *look;
	const struct caller *caller;
	policy_look_fn *fn;
	void *ctx;
	const struct engine *e;
};

static void look_with_rights(void *ctx, const struct rights *r)
{
	struct question *q = ctx;

	q->fn(q->ctx, q->e, r);
}

static void look_with_engine(void *ctx, const struct engine *e)
{
	struct question *q = ctx;

	q->e = e;
	policy_guard_with(q->look->guard, q->caller, look_with_rights, q);
}

void policy_look(const struct policy_look *look, const struct caller *caller, policy_look_fn *fn, void *ctx)
{
	struct question q = { look, caller, fn, ctx, NULL };

	look->inner->ops->inspect(look->inner, look_with_engine, &q);
}

static void glance_at(void *ctx, const struct engine *e, const struct rights *r)
{
	struct glance *g = ctx;
	const struct row *row = tree_row(g->n);
	struct page out;

	g->has = tree_alive(e, g->n) == 0 && view_has(r, e, g->n);
	g->filters = g->has && row && view_filters(r, g->n);
	g->sums = g->has && view_sums(r, g->n);
	/* who sees all of sysfs need not see all of .apsysfs */
	g->hidden = g->has && !row && (!r->sees_all || g->n.kind >= DIR_CONTROL) ? view_hidden(r, e, g->n) : 0;
	g->has_store = row && row->store;
	g->modes_decide = r->modes_decide;
	if (g->has && g->has_store)
		g->may_write = rights_write(r, e, g->n, row);
	else if (g->has)
		g->may_write = g->n.kind >= DIR_CONTROL;
	page_init_fixed(&out, g->path, sizeof(g->path));
	if (g->has)
		tree_path(e, g->n, &out);
}

struct glance policy_glance(const struct policy_look *look, uint64_t node, const struct caller *caller)
{
	struct glance g = { .n = node_decode(node) };

	policy_look(look, caller, glance_at, &g);
	return g;
}
