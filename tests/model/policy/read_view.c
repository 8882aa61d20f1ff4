/* SPDX-License-Identifier: MIT */
/* The whole tree, as a front end reads it from a backend; and a backend that is a world of the model's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"
#include "tests/model/policy/policy.h"

/* --- a backend that is the world --------------------------------------------------------------------------------- */

struct globe {
	struct backend backend;
	struct engine *e;
};

static struct engine *engine_of(struct backend *b)
{
	return ((struct globe *)b)->e;
}

static int globe_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller, uint64_t *ret_child)
{
	struct node child;
	int rc = tree_find(engine_of(b), node_decode(dir), name, &child);

	if (rc == 0)
		*ret_child = node_encode(child);
	return rc;
}

static int globe_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	return tree_list(engine_of(b), node_decode(dir), emit, ctx);
}

/* As whoever has vfio_ap's locks: nobody has to wait here. */
static int globe_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct engine *e = engine_of(b);

	e->ticket = e->state->lock_ticket;
	return tree_show(e, node_decode(node), &call->page);
}

static int globe_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	return tree_stat(engine_of(b), node_decode(node), ret);
}

static int globe_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	return tree_readlink(engine_of(b), node_decode(node), out);
}

static void globe_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	fn(ctx, engine_of(b));
}

static void globe_destroy(struct backend *b)
{
	free(b);
}

static const struct backend_ops globe_ops = {
	.find = globe_find, .list = globe_list, .show = globe_show, .stat = globe_stat, .readlink = globe_readlink,
	.inspect = globe_inspect, .destroy = globe_destroy,
};

struct backend *world_backend(struct world *w)
{
	struct globe *globe = calloc(1, sizeof(*globe));

	if (!globe)
		abort();
	globe->backend.ops = &globe_ops;
	globe->e = &w->engine;
	return &globe->backend;
}

/* --- reading all of it ----------------------------------------------------------------------------------------------- */

struct reader {
	struct backend *b;
	const struct caller *c;		/* NULL: the program itself */
	struct texts *t;
	const char *path;
	uint64_t dir;
	unsigned directories;
	bool wrong;			/* something does not fit together */
};

/* What stat(2) tells of a file that takes writes, as if it were another file. */
static void keep_writes(struct reader *r, const char *path, const struct node_stat *st)
{
	char name[300];

	if (!st->can_store || st->control)
		return;
	snprintf(name, sizeof(name), "%s (writes)", path);
	texts_keep(r->t, name, !r->c ? "" : st->no_store ? "not from him" : st->as_owner ? "as from its owner" : "by its mode");
}

static void show(struct reader *r, uint64_t id, char *text)
{
	struct backend_call call = { .caller = r->c ? *r->c : (struct caller){ 0, 0, 1 } };
	const struct row *row = tree_row(node_decode(id));
	int rc;

	page_init_fixed(&call.page, text, SYSFS_PAGE);
	text[0] = 0;
	if (!row->show || row->show_mutates || node_decode(id).kind == DIR_CONTROL) {
		snprintf(text, SYSFS_PAGE, "(not read)");
		return;
	}
	call.opener = call.caller;
	rc = r->b->ops->show(r->b, id, &call);
	if (rc < 0)
		snprintf(text, SYSFS_PAGE, "(error %d)", rc);
}

static void read_entry(void *ctx, const char *name, uint64_t id, enum node_type type)
{
	struct reader *r = ctx, below = { r->b, r->c, r->t, NULL, id, 0, false };
	char path[256], text[SYSFS_PAGE] = "";
	const char *wrong = NULL;
	struct node_stat st;
	struct page link;
	uint64_t found;

	snprintf(path, sizeof(path), "%s%s%s", r->path, *r->path ? "/" : "", name);
	if (begins(path, "module/") && !begins(path, "module/vfio_ap") && !begins(path, "module/ap"))
		return;
	if (r->b->ops->find(r->b, r->dir, name, r->c, &found) < 0 || found != id || r->b->ops->stat(r->b, id, r->c, &st) < 0) {
		wrong = "is listed, and not there";
	} else if (type == NODE_IS_LINK) {
		page_init_fixed(&link, text, sizeof(text));
		if (r->b->ops->readlink(r->b, id, r->c, &link) < 0)
			wrong = "is a link that leads nowhere";
	} else if (type == NODE_IS_FILE) {
		keep_writes(r, path, &st);
		show(r, id, text);
	} else {
		below.path = path;
		r->directories++;
		if (r->b->ops->list(r->b, id, r->c, read_entry, &below) < 0)
			wrong = "is a directory that cannot be listed";
		if (st.nlink != 2 + below.directories && !begins(path, "module"))
			wrong = "has a wrong number of links";
	}
	if (wrong)
		printf("view: %s %s\n", path, wrong);
	r->wrong = r->wrong || wrong || below.wrong;
	texts_keep(r->t, path, text);
}

bool read_view(struct backend *b, const struct caller *c, struct texts *t)
{
	struct reader r = { b, c, t, "", BACKEND_ROOT, 0, false };
	uint64_t control;

	t->count = 0;
	t->data.length = 0;
	if (b->ops->list(b, BACKEND_ROOT, c, read_entry, &r) < 0)
		return false;
	/* found by name, never listed */
	if (b->ops->find(b, BACKEND_ROOT, ".apsysfs", c, &control) == 0)
		read_entry(&r, ".apsysfs", control, NODE_IS_DIRECTORY);
	texts_sort(t);
	return !r.wrong;
}
