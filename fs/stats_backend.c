/* SPDX-License-Identifier: MIT */
#include "fs/stats_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STATS_NODE (UINT64_C(0xf1) << 56)	/* above all kinds that core uses, and run's places */
#define NAME "stats"

struct counted {
	struct backend backend;
	struct backend *inner;
	stats_show_fn *show;
	void *ctx;
};

static struct counted *counted_of(struct backend *b)
{
	return (struct counted *)b;
}

/* The control directory's node; 0: there is none, for this caller. */
static uint64_t control_dir(struct counted *c, const struct caller *caller)
{
	uint64_t node;

	return c->inner->ops->find(c->inner, BACKEND_ROOT, ".apsysfs", caller, &node) == 0 ? node : 0;
}

static int counted_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller,
			uint64_t *ret_child)
{
	struct counted *c = counted_of(b);
	int rc;

	if (dir == STATS_NODE)
		return -ENOTDIR;
	rc = c->inner->ops->find(c->inner, dir, name, caller, ret_child);
	if (rc != -ENOENT || strcmp(name, NAME) != 0 || dir != control_dir(c, caller))
		return rc;
	*ret_child = STATS_NODE;
	return 0;
}

static int counted_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct counted *c = counted_of(b);
	int rc = dir == STATS_NODE ? -ENOTDIR : c->inner->ops->list(c->inner, dir, caller, emit, ctx);

	if (rc == 0 && dir == control_dir(c, caller))
		emit(ctx, NAME, STATS_NODE, NODE_IS_FILE);
	return rc;
}

static int counted_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct counted *c = counted_of(b);

	if (node != STATS_NODE)
		return c->inner->ops->show(c->inner, node, call);
	if (!control_dir(c, &call->caller))
		return -ENODEV;
	c->show(c->ctx, &call->page);
	return 0;
}

static int counted_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct counted *c = counted_of(b);

	return node == STATS_NODE ? -EIO : c->inner->ops->store(c->inner, node, call);
}

static void counted_interrupt(struct backend *b, struct backend_call *call)
{
	struct counted *c = counted_of(b);

	c->inner->ops->interrupt(c->inner, call);
}

static int counted_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct counted *c = counted_of(b);

	if (node != STATS_NODE)
		return c->inner->ops->stat(c->inner, node, caller, ret);
	if (!control_dir(c, caller))
		return -ENOENT;
	*ret = (struct node_stat){ .type = NODE_IS_FILE, .mode = 0400, .nlink = 1, .size = SYSFS_PAGE,
				   .can_show = true, .control = true, .as_owner = c->backend.traits.views_differ };
	return 0;
}

static int counted_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct counted *c = counted_of(b);

	return node == STATS_NODE ? -EINVAL : c->inner->ops->readlink(c->inner, node, caller, out);
}

static int counted_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct counted *c = counted_of(b);

	return node == STATS_NODE ? 0 : c->inner->ops->open(c->inner, node, caller, writes);
}

static int counted_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	struct counted *c = counted_of(b);

	return node == STATS_NODE ? -EOPNOTSUPP : c->inner->ops->original(c->inner, node, caller);
}

static void counted_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct counted *c = counted_of(b);

	c->inner->ops->inspect(c->inner, fn, ctx);
}

static uint64_t counted_generation(struct backend *b)
{
	struct counted *c = counted_of(b);

	return c->inner->ops->generation(c->inner);
}

static int64_t counted_now(struct backend *b)
{
	struct counted *c = counted_of(b);

	return c->inner->ops->now(c->inner);
}

static void counted_begin(struct backend *b)
{
	struct counted *c = counted_of(b);

	c->inner->ops->begin(c->inner);
}

static void counted_destroy(struct backend *b)
{
	struct counted *c = counted_of(b);

	c->inner->ops->destroy(c->inner);
	free(c);
}

static const struct backend_ops counted_ops = {
	.find = counted_find,
	.list = counted_list,
	.show = counted_show,
	.store = counted_store,
	.interrupt = counted_interrupt,
	.stat = counted_stat,
	.readlink = counted_readlink,
	.open = counted_open,
	.original = counted_original,
	.inspect = counted_inspect,
	.generation = counted_generation,
	.now = counted_now,
	.begin = counted_begin,
	.destroy = counted_destroy,
};

static void forward_topology(void *ctx)
{
	struct counted *c = ctx;

	if (c->backend.listener.topology_changed)
		c->backend.listener.topology_changed(c->backend.listener.ctx);
}

static void forward_changed(void *ctx)
{
	struct counted *c = ctx;

	if (c->backend.listener.changed)
		c->backend.listener.changed(c->backend.listener.ctx);
}

int stats_backend_new(struct backend *inner, stats_show_fn *show, void *ctx, struct backend **ret)
{
	struct counted *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->backend = (struct backend){ .ops = &counted_ops, .traits = inner->traits };
	c->inner = inner;
	c->show = show;
	c->ctx = ctx;
	inner->listener.topology_changed = forward_topology;
	inner->listener.changed = forward_changed;
	inner->listener.ctx = c;
	*ret = &c->backend;
	return 0;
}
