/* SPDX-License-Identifier: MIT */
#include "hostbackend/policy_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostbackend/event_view.h"
#include "hostbackend/policy_look.h"
#include "hostbackend/view.h"
#include "hostbackend/view_sum.h"

struct policed {
	struct backend backend;
	struct policy_look look;
	struct event_view *events;	/* NULL: nobody is kept from any */
};

static struct policed *policed_of(struct backend *b)
{
	return (struct policed *)b;
}

/* --- names ------------------------------------------------------------------------------------------------ */

static int policed_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller, uint64_t *ret_child)
{
	struct policed *p = policed_of(b);
	uint64_t child;
	int rc = p->look.inner->ops->find(p->look.inner, dir, name, caller, &child);

	if (rc < 0)
		return rc;
	if (caller && !(policy_glance(&p->look, dir, caller).has && policy_glance(&p->look, child, caller).has))
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
		return p->look.inner->ops->list(p->look.inner, dir, NULL, emit, ctx);
	/* first, so that a host which is gone is not taken for a directory that is */
	rc = p->look.inner->ops->list(p->look.inner, dir, caller, collect, &l);
	if (rc == 0 && !policy_glance(&p->look, dir, caller).has)
		rc = -ENOENT;
	if (rc == 0 && !l.failed)
		policy_look(&p->look, caller, emit_seen, &l);
	for (struct entry *e = l.first, *next; e; e = next) {
		next = e->next;
		free(e);
	}
	return rc == 0 && l.failed ? -ENOMEM : rc;
}

/* Might the text be another for somebody than the backend's own? */
static bool may_differ(struct node n)
{
	return view_may_filter(n) || view_may_sum(n);
}

static int policed_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct policed *p = policed_of(b);
	struct node_stat st;
	struct glance g;
	int rc = p->look.inner->ops->stat(p->look.inner, node, caller, &st);

	if (rc == 0 && caller) {
		g = policy_glance(&p->look, node, caller);
		if (!g.has)
			return -ENOENT;
		st.nlink -= g.hidden;
		st.as_owner = g.may_write && caller->uid != 0 && !g.modes_decide;
		st.no_store = g.has_store && !g.may_write;
	}
	if (rc == 0 && may_differ(node_decode(node)))
		st.original = 0;
	if (rc == 0)
		*ret = st;
	return rc;
}

static int policed_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct policed *p = policed_of(b);
	int rc = p->look.inner->ops->readlink(p->look.inner, node, caller, out);

	return rc == 0 && caller && !policy_glance(&p->look, node, caller).has ? -ENOENT : rc;
}

static int policed_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct policed *p = policed_of(b);
	struct glance g;
	int rc = p->look.inner->ops->open(p->look.inner, node, caller, writes);

	if (rc == 0 && caller) {
		g = policy_glance(&p->look, node, caller);
		if (!g.has)
			return -ENOENT;
		/* root may have made a file writable that has no store: that is the kernel's to answer */
		if (writes && !g.may_write && (g.has_store || (caller->uid != 0 && !g.modes_decide)))
			return policy_guard_refuse_open(p->look.guard, caller, g.path);
	}
	return rc;
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
		policy_look(&c->policed->look, &c->outer->caller, filter_text, c);
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
	struct glance g = policy_glance(&p->look, node, &call->caller);
	struct filtered_call *c;
	int rc;

	if (!g.has)
		return -ENODEV;
	if (g.sums)
		return view_sum_show(&p->look, node, call);
	if (!g.filters)
		return p->look.inner->ops->show(p->look.inner, node, call);
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->call = (struct backend_call){ .caller = call->caller, .opener = call->opener, .page = call->page,
					 .answer = answered };
	c->outer = call;
	c->policed = p;
	c->n = g.n;
	rc = p->look.inner->ops->show(p->look.inner, node, &c->call);
	return rc == BACKEND_WAITS ? rc : finish_show(c, rc);
}

static int policed_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct policed *p = policed_of(b);

	/* the guard judges it, below, with the backend's lock held */
	return p->look.inner->ops->store(p->look.inner, node, call);
}

/* A call that is filtered cannot be interrupted: the kernel's waits of such files cannot either. */
static void policed_interrupt(struct backend *b, struct backend_call *call)
{
	struct policed *p = policed_of(b);

	p->look.inner->ops->interrupt(p->look.inner, call);
}

/* Pages of a file that is mapped are shared by all who map it: a text that differs is nobody's to read past us. */
static int policed_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	struct policed *p = policed_of(b);

	if (may_differ(node_decode(node)))
		return -EOPNOTSUPP;
	if (caller && !policy_glance(&p->look, node, caller).has)
		return -ENODEV;
	return p->look.inner->ops->original(p->look.inner, node, caller);
}

static void policed_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct policed *p = policed_of(b);

	p->look.inner->ops->inspect(p->look.inner, fn, ctx);
}

static uint64_t policed_generation(struct backend *b)
{
	struct policed *p = policed_of(b);

	return p->look.inner->ops->generation(p->look.inner);
}

static int64_t policed_now(struct backend *b)
{
	struct policed *p = policed_of(b);

	return p->look.inner->ops->now(p->look.inner);
}

static void policed_begin(struct backend *b)
{
	struct policed *p = policed_of(b);

	p->look.inner->ops->begin(p->look.inner);
}

static void policed_destroy(struct backend *b)
{
	struct policed *p = policed_of(b);

	p->look.inner->ops->destroy(p->look.inner);
	policy_guard_free(p->look.guard);
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
	.original = policed_original,
	.inspect = policed_inspect,
	.generation = policed_generation,
	.now = policed_now,
	.begin = policed_begin,
	.destroy = policed_destroy,
};

/* --- what is told ------------------------------------------------------------------------------------------- */

static void forward_topology(void *ctx)
{
	struct policed *p = ctx;

	if (p->backend.listener.topology_changed)
		p->backend.listener.topology_changed(p->backend.listener.ctx);
}

static void forward_changed(void *ctx)
{
	struct policed *p = ctx;

	if (p->backend.listener.changed)
		p->backend.listener.changed(p->backend.listener.ctx);
}

static void forward_uevent(void *ctx, const char *payload, size_t length)
{
	struct policed *p = ctx;

	if (p->backend.listener.uevent && p->events)
		payload = event_view_take(p->events, &p->look, payload, length);
	if (p->backend.listener.uevent && payload)
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
	p->look = (struct policy_look){ inner, g };
	inner->listener = (struct backend_listener){ .topology_changed = forward_topology, .changed = forward_changed,
						     .uevent = forward_uevent, .ctx = p, .uevent_ctx = p };
	if (p->events)
		event_view_begin(p->events, &p->look);
	*ret = &p->backend;
	return 0;
}

struct policy_guard *policy_backend_guard(struct backend *b)
{
	return policed_of(b)->look.guard;
}
