/* SPDX-License-Identifier: MIT */
#include "hostbackend/policy_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"
#include "hostbackend/event_view.h"
#include "hostbackend/view.h"

struct policed {
	struct backend backend;
	struct backend *inner;
	struct policy_guard *guard;
	struct event_view *events;	/* NULL: nobody is kept from any */
};

static struct policed *policed_of(struct backend *b)
{
	return (struct policed *)b;
}

/* --- a question to the engine and the policy at once ---------------------------------------------------- */

typedef void look_fn(void *ctx, const struct engine *e, const struct rights *r);

struct look {
	struct policed *p;
	const struct caller *caller;
	look_fn *fn;
	void *ctx;
	const struct engine *e;
};

static void look_with_rights(void *ctx, const struct rights *r)
{
	struct look *l = ctx;

	l->fn(l->ctx, l->e, r);
}

static void look_with_engine(void *ctx, const struct engine *e)
{
	struct look *l = ctx;

	l->e = e;
	policy_guard_with(l->p->guard, l->caller, look_with_rights, l);
}

static void look(struct policed *p, const struct caller *caller, look_fn *fn, void *ctx)
{
	struct look l = { p, caller, fn, ctx, NULL };

	p->inner->ops->inspect(p->inner, look_with_engine, &l);
}

struct glance {
	struct node n;
	bool has, filters, may_write, has_store;
	unsigned hidden;
	char path[512];
};

static void glance_at(void *ctx, const struct engine *e, const struct rights *r)
{
	struct glance *g = ctx;
	const struct row *row = tree_row(g->n);
	struct page out;

	g->has = tree_alive(e, g->n) == 0 && view_has(r, e, g->n);
	g->filters = g->has && row && view_filters(r, g->n);
	g->hidden = g->has && !row && !r->sees_all ? view_hidden(r, e, g->n) : 0;
	g->has_store = row && row->store;
	if (g->has && g->has_store)
		g->may_write = rights_write(r, e, g->n, row);
	else if (g->has)
		g->may_write = g->n.kind >= DIR_CONTROL;
	page_init_fixed(&out, g->path, sizeof(g->path));
	if (g->has)
		tree_path(e, g->n, &out);
}

static struct glance glance(struct policed *p, uint64_t node, const struct caller *caller)
{
	struct glance g = { .n = node_decode(node) };

	look(p, caller, glance_at, &g);
	return g;
}

/* --- names ------------------------------------------------------------------------------------------------ */

static int policed_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller, uint64_t *ret_child)
{
	struct policed *p = policed_of(b);
	uint64_t child;
	int rc = p->inner->ops->find(p->inner, dir, name, caller, &child);

	if (rc < 0)
		return rc;
	if (caller && !(glance(p, dir, caller).has && glance(p, child, caller).has))
		return -ENOENT;
	*ret_child = child;
	return 0;
}

struct entry {
	struct entry *next;
	uint64_t node;
	enum node_type type;
	char name[];
};

struct listing {
	struct entry *first, **last;
	bool failed;
	backend_emit_fn *emit;
	void *ctx;
};

static void collect(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct listing *l = ctx;
	size_t length = strlen(name) + 1;
	struct entry *e = malloc(sizeof(*e) + length);

	if (!e) {
		l->failed = true;
		return;
	}
	*e = (struct entry){ .node = node, .type = type };
	memcpy(e->name, name, length);
	*l->last = e;
	l->last = &e->next;
}

static void emit_seen(void *ctx, const struct engine *e, const struct rights *r)
{
	struct listing *l = ctx;

	for (struct entry *entry = l->first; entry; entry = entry->next)
		if (view_has(r, e, node_decode(entry->node)))
			l->emit(l->ctx, entry->name, entry->node, entry->type);
}

static int policed_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct policed *p = policed_of(b);
	struct listing l = { .last = &l.first, .emit = emit, .ctx = ctx };
	int rc;

	if (!caller)
		return p->inner->ops->list(p->inner, dir, NULL, emit, ctx);
	if (!glance(p, dir, caller).has)
		return -ENOENT;
	rc = p->inner->ops->list(p->inner, dir, caller, collect, &l);
	if (rc == 0 && !l.failed)
		look(p, caller, emit_seen, &l);
	for (struct entry *e = l.first, *next; e; e = next) {
		next = e->next;
		free(e);
	}
	return rc == 0 && l.failed ? -ENOMEM : rc;
}

static int policed_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct policed *p = policed_of(b);
	struct node_stat st;
	struct glance g;
	int rc = p->inner->ops->stat(p->inner, node, caller, &st);

	if (rc == 0 && caller) {
		g = glance(p, node, caller);
		if (!g.has)
			return -ENOENT;
		st.nlink -= g.hidden;
		st.as_owner = g.may_write && caller->uid != 0;
		st.no_store = g.has_store && !g.may_write;
	}
	if (rc == 0)
		*ret = st;
	return rc;
}

static int policed_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct policed *p = policed_of(b);

	if (caller && !glance(p, node, caller).has)
		return -ENOENT;
	return p->inner->ops->readlink(p->inner, node, caller, out);
}

static int policed_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct policed *p = policed_of(b);
	struct glance g;

	if (caller) {
		g = glance(p, node, caller);
		if (!g.has)
			return -ENOENT;
		/* root may have made a file writable that has no store: that is the kernel's to answer */
		if (writes && !g.may_write && (g.has_store || caller->uid != 0))
			return policy_guard_refuse_open(p->guard, caller, g.path);
	}
	return p->inner->ops->open(p->inner, node, caller, writes);
}

/* --- texts ------------------------------------------------------------------------------------------------- */

/* A show on its way whose text must be looked through. */
struct filtered_call {
	struct backend_call call;	/* first: answered() finds the rest by it */
	struct backend_call *outer;
	struct policed *policed;
	struct node n;
};

static void filter_text(void *ctx, const struct engine *e, const struct rights *r)
{
	struct filtered_call *c = ctx;

	if (view_filters(r, c->n))
		view_filter(r, e, c->n, &c->call.page);
}

static int finish_show(struct filtered_call *c, int result)
{
	if (result == 0)
		look(c->policed, &c->outer->caller, filter_text, c);
	c->outer->page = c->call.page;
	free(c);
	return result;
}

static void answered(struct backend_call *call, int result)
{
	struct filtered_call *c = (struct filtered_call *)call;
	struct backend_call *outer = c->outer;

	result = finish_show(c, result);
	outer->answer(outer, result);
}

static int policed_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct policed *p = policed_of(b);
	struct glance g = glance(p, node, &call->caller);
	struct filtered_call *c;
	int rc;

	if (!g.has)
		return -ENODEV;
	if (!g.filters)
		return p->inner->ops->show(p->inner, node, call);
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->call = (struct backend_call){ .caller = call->caller, .opener = call->opener, .page = call->page,
					 .answer = answered };
	c->outer = call;
	c->policed = p;
	c->n = g.n;
	rc = p->inner->ops->show(p->inner, node, &c->call);
	return rc == BACKEND_WAITS ? rc : finish_show(c, rc);
}

static int policed_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct policed *p = policed_of(b);

	/* the guard judges it, below, with the backend's lock held */
	return p->inner->ops->store(p->inner, node, call);
}

/* A call that is filtered cannot be interrupted: the kernel's waits of such files cannot either. */
static void policed_interrupt(struct backend *b, struct backend_call *call)
{
	struct policed *p = policed_of(b);

	p->inner->ops->interrupt(p->inner, call);
}

static void policed_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct policed *p = policed_of(b);

	p->inner->ops->inspect(p->inner, fn, ctx);
}

static uint64_t policed_generation(struct backend *b)
{
	struct policed *p = policed_of(b);

	return p->inner->ops->generation(p->inner);
}

static int64_t policed_now(struct backend *b)
{
	struct policed *p = policed_of(b);

	return p->inner->ops->now(p->inner);
}

static void policed_destroy(struct backend *b)
{
	struct policed *p = policed_of(b);

	p->inner->ops->destroy(p->inner);
	policy_guard_free(p->guard);
	event_view_free(p->events);
	free(p);
}

static const struct backend_ops policed_ops = {
	.find = policed_find,
	.list = policed_list,
	.show = policed_show,
	.store = policed_store,
	.interrupt = policed_interrupt,
	.stat = policed_stat,
	.readlink = policed_readlink,
	.open = policed_open,
	.inspect = policed_inspect,
	.generation = policed_generation,
	.now = policed_now,
	.destroy = policed_destroy,
};

/* --- what is told ------------------------------------------------------------------------------------------- */

static void forward_topology(void *ctx)
{
	struct policed *p = ctx;

	if (p->backend.listener.topology_changed)
		p->backend.listener.topology_changed(p->backend.listener.ctx);
}

static void forward_uevent(void *ctx, const char *payload, size_t length)
{
	struct policed *p = ctx;

	if (!p->backend.listener.uevent)
		return;
	if (!p->events || event_view_has(p->events, p->inner, p->guard, payload))
		p->backend.listener.uevent(p->backend.listener.uevent_ctx, payload, length);
}

int policy_backend_new(struct backend *inner, struct policy_guard *g, const struct caller *audience, struct backend **ret)
{
	struct policed *p = calloc(1, sizeof(*p));

	if (p && audience)
		p->events = event_view_new(audience);
	if (!p || (audience && !p->events)) {
		free(p);
		return -ENOMEM;
	}
	p->backend = (struct backend){ .ops = &policed_ops, .traits = inner->traits };
	p->backend.traits.views_differ = true;
	p->inner = inner;
	p->guard = g;
	inner->listener = (struct backend_listener){ .topology_changed = forward_topology, .uevent = forward_uevent,
						     .ctx = p, .uevent_ctx = p };
	*ret = &p->backend;
	return 0;
}

struct policy_guard *policy_backend_guard(struct backend *b)
{
	return policed_of(b)->guard;
}
