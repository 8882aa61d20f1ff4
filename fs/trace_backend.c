/* SPDX-License-Identifier: MIT */
#include "fs/trace_backend.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct trace {
	struct backend backend;
	struct backend *inner;
	FILE *out;
	pthread_mutex_t lock;	/* recursive: a call may make others, and answers. One call after the other. */
	/* protected by lock */
	unsigned long calls;
	unsigned depth;		/* calls within calls */
	struct page line;	/* of the call that ends */
	struct page within;	/* lines of those that ended within the outermost: they follow its line */
};

/* A call on its way: the inner backend's own, so that the trace hears the answer. */
struct traced_call {
	struct backend_call call;	/* first: answered() finds the rest by it */
	struct backend_call *outer;
	struct trace *trace;
	unsigned long number;
};

static struct trace *trace_of(struct backend *b)
{
	return (struct trace *)b;
}

static void write_text(struct page *out, const char *text, size_t length)
{
	if (!length)
		page_printf(out, "-");
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c > '~' || c == '\\' || (length == 1 && c == '-'))
			page_printf(out, "\\%02x", c);
		else
			page_append(out, text + i, 1);
	}
}

static void begin(struct trace *t)
{
	pthread_mutex_lock(&t->lock);
	t->depth++;
}

static void empty(struct page *p)
{
	p->length = 0;
	p->data[0] = 0;
}

static void end(struct trace *t)
{
	page_printf(&t->line, "\n");
	if (--t->depth) {
		page_append(&t->within, t->line.data, t->line.length);
	} else {
		fwrite(t->line.data, 1, t->line.length, t->out);
		fwrite(t->within.data, 1, t->within.length, t->out);
		fflush(t->out);
		empty(&t->within);
	}
	empty(&t->line);
	pthread_mutex_unlock(&t->lock);
}

static int trace_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller,
		      uint64_t *ret_child)
{
	struct trace *t = trace_of(b);
	int rc;

	begin(t);
	*ret_child = 0;
	rc = t->inner->ops->find(t->inner, dir, name, caller, ret_child);
	page_printf(&t->line, "find %" PRIx64 " ", dir);
	write_text(&t->line, name, strlen(name));
	page_printf(&t->line, " -> %d %" PRIx64, rc, rc < 0 ? 0 : *ret_child);
	end(t);
	return rc;
}

struct listed {
	backend_emit_fn *emit;
	void *ctx;
	uint64_t sum;
	unsigned count;
};

static void count_entry(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct listed *l = ctx;

	l->sum += node + type;
	l->count++;
	l->emit(l->ctx, name, node, type);
}

static int trace_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct trace *t = trace_of(b);
	struct listed l = { .emit = emit, .ctx = ctx };
	int rc;

	begin(t);
	rc = t->inner->ops->list(t->inner, dir, caller, count_entry, &l);
	page_printf(&t->line, "list %" PRIx64 " -> %d %u %" PRIx64, dir, rc, l.count, l.sum);
	end(t);
	return rc;
}

static int trace_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct trace *t = trace_of(b);
	int rc;

	begin(t);
	rc = t->inner->ops->stat(t->inner, node, caller, ret);
	page_printf(&t->line, "stat %" PRIx64 " -> %d", node, rc);
	if (rc == 0)
		page_printf(&t->line, " %d %o %u %" PRIu64, (int)ret->type, ret->mode, ret->nlink, ret->size);
	end(t);
	return rc;
}

static int trace_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct trace *t = trace_of(b);
	int rc;

	begin(t);
	rc = t->inner->ops->readlink(t->inner, node, caller, out);
	page_printf(&t->line, "link %" PRIx64 " -> %d ", node, rc);
	write_text(&t->line, out->data, rc < 0 ? 0 : out->length);
	end(t);
	return rc;
}

/* Opening and looking change nothing that a trace is about: neither leaves a line. */
static int trace_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct trace *t = trace_of(b);

	return t->inner->ops->open(t->inner, node, caller, writes);
}

static int trace_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	struct trace *t = trace_of(b);

	return t->inner->ops->original(t->inner, node, caller);
}

static void trace_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct trace *t = trace_of(b);

	t->inner->ops->inspect(t->inner, fn, ctx);
}

static void write_result(struct trace *t, const struct backend_call *call, int rc)
{
	page_printf(&t->line, " -> %d", rc);
	if (call->is_store || rc < 0 || rc == BACKEND_WAITS)
		return;
	page_printf(&t->line, " ");
	write_text(&t->line, call->page.data, call->page.length);
}

static void answered(struct backend_call *call, int result)
{
	struct traced_call *c = (struct traced_call *)call;
	struct trace *t = c->trace;

	begin(t);
	page_printf(&t->line, "answer %lu", c->number);
	write_result(t, call, result);
	end(t);
	c->outer->page = call->page;
	c->outer->answer(c->outer, result);
	free(c);
}

/* Hands the call on as one of ours, and back again unless it waits. */
static int pass(struct trace *t, uint64_t node, struct backend_call *outer, bool is_store)
{
	int (*op)(struct backend *, uint64_t, struct backend_call *) = is_store ? t->inner->ops->store : t->inner->ops->show;
	struct traced_call *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	c->call = (struct backend_call){ .caller = outer->caller, .opener = outer->opener, .page = outer->page,
					 .answer = answered, .is_store = is_store };
	c->outer = outer;
	c->trace = t;
	begin(t);
	c->number = ++t->calls;
	rc = op(t->inner, node, &c->call);
	page_printf(&t->line, "%s %" PRIx64 " %lu", is_store ? "store" : "show", node, c->number);
	if (is_store) {
		page_printf(&t->line, " ");
		write_text(&t->line, outer->page.data, outer->page.length);
	}
	c->call.is_store = is_store;
	write_result(t, &c->call, rc);
	end(t);
	if (rc == BACKEND_WAITS)
		return rc;
	outer->page = c->call.page;
	free(c);
	return rc;
}

static int trace_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	return pass(trace_of(b), node, call, false);
}

static int trace_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	return pass(trace_of(b), node, call, true);
}

/* The kernel's waits that matter here cannot be interrupted, so there is nothing to hand on. */
static void trace_interrupt(struct backend *b, struct backend_call *call)
{
}

static uint64_t trace_generation(struct backend *b)
{
	return trace_of(b)->inner->ops->generation(trace_of(b)->inner);
}

static int64_t trace_now(struct backend *b)
{
	return trace_of(b)->inner->ops->now(trace_of(b)->inner);
}

static void trace_begin(struct backend *b)
{
	struct trace *t = trace_of(b);

	t->inner->ops->begin(t->inner);
}

static void trace_destroy(struct backend *b)
{
	struct trace *t = trace_of(b);

	t->inner->ops->destroy(t->inner);
	pthread_mutex_destroy(&t->lock);
	page_free(&t->line);
	page_free(&t->within);
	fclose(t->out);
	free(t);
}

static const struct backend_ops trace_ops = {
	.find = trace_find,
	.list = trace_list,
	.show = trace_show,
	.store = trace_store,
	.interrupt = trace_interrupt,
	.stat = trace_stat,
	.readlink = trace_readlink,
	.open = trace_open,
	.original = trace_original,
	.inspect = trace_inspect,
	.generation = trace_generation,
	.now = trace_now,
	.begin = trace_begin,
	.destroy = trace_destroy,
};

static void forward_topology(void *ctx)
{
	struct trace *t = ctx;

	if (t->backend.listener.topology_changed)
		t->backend.listener.topology_changed(t->backend.listener.ctx);
}

static void forward_changed(void *ctx)
{
	struct trace *t = ctx;

	if (t->backend.listener.changed)
		t->backend.listener.changed(t->backend.listener.ctx);
}

static void forward_uevent(void *ctx, const char *payload, size_t length)
{
	struct trace *t = ctx;

	if (t->backend.listener.uevent)
		t->backend.listener.uevent(t->backend.listener.uevent_ctx, payload, length);
}

int trace_backend_new(struct backend *inner, FILE *out, struct backend **ret)
{
	struct trace *t = calloc(1, sizeof(*t));
	pthread_mutexattr_t recursive;

	if (!t || page_init_growing(&t->line) < 0 || page_init_growing(&t->within) < 0) {
		free(t);
		return -ENOMEM;
	}
	pthread_mutexattr_init(&recursive);
	pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&t->lock, &recursive);
	pthread_mutexattr_destroy(&recursive);
	t->backend.ops = &trace_ops;
	t->backend.traits = inner->traits;
	t->inner = inner;
	t->out = out;
	inner->listener = (struct backend_listener){ .topology_changed = forward_topology, .changed = forward_changed,
						     .uevent = forward_uevent,
						     .ctx = t, .uevent_ctx = t };
	*ret = &t->backend;
	return 0;
}
