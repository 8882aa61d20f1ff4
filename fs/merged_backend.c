/* SPDX-License-Identifier: MIT */
#include "fs/merged_backend.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/host_modules.h"

/* Node numbers of places: above all kinds that core uses. */
#define PLACE_BASE (UINT64_C(0xf0) << 56)

struct place {
	uint64_t parent;	/* the merged directory's node */
	const char *name;	/* the end of its path */
	enum node_type type;
	const char *target;	/* links */
};

struct merged {
	struct backend backend;
	struct backend *inner;
	struct place *place;
	size_t count;
	uint64_t proc_modules;	/* the node that the host's modules are added to */
	int host_modules;	/* or -errno */
};

static struct merged *merged_of(const struct backend *b)
{
	return (struct merged *)b;
}

static int find_path(struct backend *b, const char *path, uint64_t *ret)
{
	uint64_t node = BACKEND_ROOT;
	char copy[PATH_MAX], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name; (name = strsep(&rest, "/"));) {
		int rc = *name ? b->ops->find(b, node, name, NULL, &node) : 0;

		if (rc < 0)
			return rc;
	}
	*ret = node;
	return 0;
}

static bool is_place(const struct merged *m, uint64_t node)
{
	return node >= PLACE_BASE && node - PLACE_BASE < m->count;
}

static int merged_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller,
		       uint64_t *ret_child)
{
	struct merged *m = merged_of(b);
	int rc;

	if (is_place(m, dir))
		return -ENOENT;
	rc = m->inner->ops->find(m->inner, dir, name, caller, ret_child);
	if (rc != -ENOENT)
		return rc;
	for (size_t i = 0; i < m->count; i++) {
		if (m->place[i].parent == dir && strcmp(m->place[i].name, name) == 0) {
			*ret_child = PLACE_BASE + i;
			return 0;
		}
	}
	return -ENOENT;
}

static int merged_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct merged *m = merged_of(b);
	int rc;

	if (is_place(m, dir))
		return 0;
	rc = m->inner->ops->list(m->inner, dir, caller, emit, ctx);
	for (size_t i = 0; rc == 0 && i < m->count; i++)
		/* .host of /dev is for who knows it */
		if (m->place[i].parent == dir && m->place[i].name[0] != '.')
			emit(ctx, m->place[i].name, PLACE_BASE + i, m->place[i].type);
	return rc;
}

static int merged_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct merged *m = merged_of(b);

	int rc = is_place(m, node) ? -EIO : m->inner->ops->show(m->inner, node, call);

	if (rc == 0 && node == m->proc_modules && m->host_modules >= 0)
		host_modules_print(m->host_modules, &call->page);
	return rc;
}

static int merged_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct merged *m = merged_of(b);

	return is_place(m, node) ? -EIO : m->inner->ops->store(m->inner, node, call);
}

static void merged_interrupt(struct backend *b, struct backend_call *call)
{
	struct merged *m = merged_of(b);

	m->inner->ops->interrupt(m->inner, call);
}

static void stat_place(const struct place *p, struct node_stat *ret)
{
	static const mode_t modes[] = { [NODE_IS_DIRECTORY] = 0755, [NODE_IS_FILE] = 0444, [NODE_IS_LINK] = 0777 };

	*ret = (struct node_stat){ .type = p->type, .nlink = p->type == NODE_IS_DIRECTORY ? 2 : 1,
				   .mode = modes[p->type], .lasting = true };
}

static int merged_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct merged *m = merged_of(b);
	int rc;

	if (is_place(m, node)) {
		stat_place(&m->place[node - PLACE_BASE], ret);
		return 0;
	}
	rc = m->inner->ops->stat(m->inner, node, caller, ret);
	for (size_t i = 0; rc == 0 && ret->type == NODE_IS_DIRECTORY && i < m->count; i++)
		ret->nlink += m->place[i].parent == node && m->place[i].type == NODE_IS_DIRECTORY;
	return rc;
}

static int merged_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct merged *m = merged_of(b);
	const struct place *p;

	if (!is_place(m, node))
		return m->inner->ops->readlink(m->inner, node, caller, out);
	p = &m->place[node - PLACE_BASE];
	if (p->type != NODE_IS_LINK)
		return -EINVAL;
	page_printf(out, "%s", p->target);
	return 0;
}

static int merged_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct merged *m = merged_of(b);

	return is_place(m, node) ? 0 : m->inner->ops->open(m->inner, node, caller, writes);
}

static int merged_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	struct merged *m = merged_of(b);

	return is_place(m, node) ? -EOPNOTSUPP : m->inner->ops->original(m->inner, node, caller);
}

static void merged_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct merged *m = merged_of(b);

	m->inner->ops->inspect(m->inner, fn, ctx);
}

static int64_t merged_now(struct backend *b)
{
	struct merged *m = merged_of(b);

	return m->inner->ops->now(m->inner);
}

static uint64_t merged_generation(struct backend *b)
{
	struct merged *m = merged_of(b);

	return m->inner->ops->generation(m->inner);
}

static void merged_begin(struct backend *b)
{
	struct merged *m = merged_of(b);

	m->inner->ops->begin(m->inner);
}

static void merged_destroy(struct backend *b)
{
	struct merged *m = merged_of(b);

	m->inner->ops->destroy(m->inner);
	if (m->host_modules >= 0)
		close(m->host_modules);
	free(m->place);
	free(m);
}

static const struct backend_ops merged_ops = {
	.find = merged_find,
	.list = merged_list,
	.show = merged_show,
	.store = merged_store,
	.interrupt = merged_interrupt,
	.stat = merged_stat,
	.readlink = merged_readlink,
	.open = merged_open,
	.original = merged_original,
	.inspect = merged_inspect,
	.generation = merged_generation,
	.now = merged_now,
	.begin = merged_begin,
	.destroy = merged_destroy,
};

static void forward_topology(void *ctx)
{
	struct merged *m = ctx;

	if (m->backend.listener.topology_changed)
		m->backend.listener.topology_changed(m->backend.listener.ctx);
}

static void forward_changed(void *ctx)
{
	struct merged *m = ctx;

	if (m->backend.listener.changed)
		m->backend.listener.changed(m->backend.listener.ctx);
}

/* Finds the directory that a place is in. */
static int add_place(struct merged *m, const struct host_place *from)
{
	const char *slash = strrchr(from->path, '/');
	char dir[PATH_MAX];
	struct place *p = &m->place[m->count];
	int rc;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - from->path) : 0, from->path);
	rc = find_path(m->inner, dir, &p->parent);
	/* a directory the virtual kernel does not have now takes no entries */
	if (rc == -ENOENT)
		return 0;
	p->name = slash ? slash + 1 : from->path;
	p->type = from->type;
	p->target = from->target;
	m->count++;
	return rc;
}

int merged_backend_new(struct backend *inner, const struct host_places *places, struct backend **ret)
{
	struct merged *m = calloc(1, sizeof(*m));
	int rc = 0;

	if (!m)
		return -ENOMEM;
	m->place = calloc(places->count + 1, sizeof(*m->place));
	if (!m->place) {
		free(m);
		return -ENOMEM;
	}
	m->inner = inner;
	m->host_modules = host_modules_open();
	/* a host's own sysfs has none of that: there /proc/modules is the host's */
	rc = find_path(inner, ".apsysfs/proc_modules", &m->proc_modules);
	if (rc == -ENOENT)
		rc = 0;
	m->backend.ops = &merged_ops;
	m->backend.traits = inner->traits;
	for (size_t i = 0; rc == 0 && i < places->count; i++)
		rc = add_place(m, &places->place[i]);
	if (rc < 0) {
		free(m->place);
		free(m);
		return rc;
	}
	inner->listener.topology_changed = forward_topology;
	inner->listener.changed = forward_changed;
	inner->listener.ctx = m;
	*ret = &m->backend;
	return 0;
}
