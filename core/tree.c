/* SPDX-License-Identifier: MIT */
#include "core/tree.h"

#include <errno.h>
#include <string.h>

#include "core/mdev.h"

#define NAME 256
#define DEPTH 12	/* directories above any node, and then some */

const struct row *tree_row(struct node n)
{
	if (n.kind >= DIR_KINDS || !n.row || n.row > dir_get(n.kind)->count)
		return NULL;
	return &dir_get(n.kind)->rows[n.row - 1];
}

/* The directory that holds a node, or that it is. */
static struct node without_row(const struct engine *e, struct node n)
{
	const struct row *row = tree_row(n);
	/* links of a family carry their child's number; only an iommu group's is also its directory's */
	bool own_index = !row || !row->family || n.kind == DIR_GROUP_MEMBERS;

	return dir_node(e, n.kind, n.sub, own_index ? n.index : 0);
}

static bool in_kernel(const struct engine *e, const struct row *row)
{
	return e->state->kernel >= row->first && e->state->kernel <= row->last;
}

static bool row_there(const struct engine *e, struct node dir, const struct row *row)
{
	return in_kernel(e, row) && (!row->when || row->when(e, dir, row));
}

static uint32_t row_life(const struct engine *e, struct node dir, const struct row *row)
{
	return row->life == LIFE_OF_DRIVER ? dir_driver_life(e, dir) : dir_life(e, dir);
}

static struct node row_node(const struct engine *e, struct node dir, const struct row *row)
{
	return (struct node){
		.kind = dir.kind,
		.row = (uint8_t)(row - dir_get(dir.kind)->rows + 1),
		.sub = dir.sub,
		.index = dir.index,
		.reuse = row_life(e, dir, row),
	};
}

static struct node child_node(const struct engine *e, struct node dir, const struct row *row, uint32_t child)
{
	struct node n;

	if (row->type == ROW_DIR)
		return row->family->child_is_sub ? dir_node(e, row->child, child, dir.index)
						 : dir_node(e, row->child, dir.sub, child);
	n = row_node(e, dir, row);
	n.index = (uint16_t)child;
	/* a link lives as long as what it means */
	n.reuse = row_life(e, row->target(e, n, row), row);
	return n;
}

static struct node fixed_child(const struct engine *e, struct node dir, const struct row *row)
{
	if (row->type != ROW_DIR)
		return row_node(e, dir, row);
	if (row->child == DIR_MISC_DEVICE)
		return dir_node(e, row->child, 0, (unsigned)row->arg);
	if (row->child == DIR_POWER)
		return dir_node(e, row->child, dir.kind, dir.index);
	return dir_node(e, row->child, dir.sub, dir.index);
}

/* As tree_alive; *ret_dir: the directory that holds it, or that it is. */
static int alive_in(const struct engine *e, struct node n, struct node *ret_dir)
{
	const struct row *row;
	struct node dir, now;

	if (n.kind >= DIR_KINDS || n.row > dir_get(n.kind)->count)
		return -ENOENT;
	row = tree_row(n);
	dir = *ret_dir = without_row(e, n);
	if (!row)
		return n.reuse && (dir.reuse & 0xffffff) == n.reuse ? 0 : -ENOENT;
	if (!dir.reuse || !row_there(e, dir, row))
		return -ENOENT;
	now = row->family ? child_node(e, dir, row, n.index) : row_node(e, dir, row);
	return now.reuse && (now.reuse & 0xffffff) == n.reuse ? 0 : -ENOENT;
}

int tree_alive(const struct engine *e, struct node n)
{
	struct node dir;

	return alive_in(e, n, &dir);
}

static int check_directory(const struct engine *e, struct node dir)
{
	int rc = tree_alive(e, dir);

	if (rc < 0)
		return rc;
	return dir.row ? -ENOTDIR : 0;
}

int tree_find(const struct engine *e, struct node dir, const char *name, struct node *ret)
{
	const struct dir *d = dir_get(dir.kind);
	int rc = check_directory(e, dir);

	if (rc < 0)
		return rc;
	for (const struct row *row = d->rows; row < d->rows + d->count; row++) {
		struct node n;

		if (row->family) {
			int child = row_there(e, dir, row) ? row->family->find(e, dir, name) : -ENOENT;

			if (child < 0)
				continue;
			n = child_node(e, dir, row, (uint32_t)child);
		} else if (strcmp(row->name, name) == 0 && row_there(e, dir, row)) {
			n = fixed_child(e, dir, row);
		} else {
			continue;
		}
		if (!n.reuse)
			continue;
		*ret = n;
		return 0;
	}
	return -ENOENT;
}

static enum node_type node_type(enum row_type type)
{
	return type == ROW_DIR ? NODE_IS_DIRECTORY : type == ROW_LINK ? NODE_IS_LINK : NODE_IS_FILE;
}

struct listing {
	const struct engine *e;
	struct node dir;
	const struct row *row;
	backend_emit_fn *emit;
	void *ctx;
};

static void list_child(void *ctx, uint32_t child)
{
	struct listing *l = ctx;
	struct node n = child_node(l->e, l->dir, l->row, child);
	char name[NAME];
	struct page out;

	if (!n.reuse)
		return;
	page_init_fixed(&out, name, sizeof(name));
	l->row->family->name(l->e, l->dir, child, &out);
	l->emit(l->ctx, name, node_encode(n), node_type(l->row->type));
}

int tree_list(const struct engine *e, struct node dir, backend_emit_fn *emit, void *ctx)
{
	const struct dir *d = dir_get(dir.kind);
	int rc = check_directory(e, dir);

	if (rc < 0)
		return rc;
	for (const struct row *row = d->rows; row < d->rows + d->count; row++) {
		struct listing l = { e, dir, row, emit, ctx };
		struct node n;

		if (row->hidden || !row_there(e, dir, row))
			continue;
		if (row->family) {
			row->family->walk(e, dir, list_child, &l);
			continue;
		}
		n = fixed_child(e, dir, row);
		if (n.reuse)
			emit(ctx, row->name, node_encode(n), node_type(row->type));
	}
	return 0;
}

static void count_child(void *ctx, uint32_t child)
{
	(void)child;
	++*(uint32_t *)ctx;
}

static uint32_t count_directories(const struct engine *e, struct node dir)
{
	const struct dir *d = dir_get(dir.kind);
	uint32_t n = 0;

	for (const struct row *row = d->rows; row < d->rows + d->count; row++) {
		if (row->type != ROW_DIR || row->hidden || !row_there(e, dir, row))
			continue;
		if (row->family && row->family->count)
			n += row->family->count(e, dir);
		else if (row->family)
			row->family->walk(e, dir, count_child, &n);
		else if (fixed_child(e, dir, row).reuse)
			n++;
	}
	return n;
}

int tree_stat(const struct engine *e, struct node n, struct node_stat *ret)
{
	const struct row *row = tree_row(n);
	struct node dir;
	int rc = alive_in(e, n, &dir);

	if (rc < 0) {
		*ret = (struct node_stat){ 0 };
		if (n.kind < DIR_KINDS && !n.row)
			*ret = (struct node_stat){ .type = NODE_IS_DIRECTORY, .mode = 0755, .nlink = 2,
						   .born = e->state->booted };
		return rc;
	}
	*ret = (struct node_stat){ .nlink = 1, .born = dir_time(e, dir) };
	ret->control = n.kind >= DIR_CONTROL;
	if (!row) {
		ret->type = NODE_IS_DIRECTORY;
		ret->nlink = 2 + count_directories(e, n);
		/* who is not the owner may pass through the first, to the texts that are for everybody */
		ret->mode = n.kind == DIR_CONTROL ? 0711 : ret->control ? 0700 : n.kind == DIR_ROOT ? 0555 : 0755;
	} else if (row->type == ROW_LINK) {
		ret->type = NODE_IS_LINK;
		ret->mode = 0777;
	} else {
		ret->type = NODE_IS_FILE;
		ret->mode = row->mode;
		ret->size = SYSFS_PAGE;
		ret->can_show = row->show;
		ret->can_store = row->store;
		ret->constant = row->constant;
		ret->notifies = row->notifies;
		ret->ignores_missing = n.kind == DIR_BUS_AP || n.kind == DIR_BUS_MDEV;
	}
	return 0;
}

/* --- paths ------------------------------------------------------------------------------------- */

static void print_name(const struct engine *e, struct node dir, struct page *out)
{
	const struct dir *d = dir_get(dir.kind);
	struct node parent = dir_parent(e, dir);
	const struct dir *above = dir_get(parent.kind);

	if (d->name) {
		page_printf(out, "%s", d->name);
		return;
	}
	for (const struct row *row = above->rows; row < above->rows + above->count; row++) {
		if (row->type != ROW_DIR || row->child != dir.kind || !in_kernel(e, row))
			continue;
		if (row->family)
			row->family->name(e, parent, row->family->child_is_sub ? dir.sub : dir.index, out);
		else if (row->child == DIR_MISC_DEVICE && row->arg != dir.index)
			continue;
		else
			page_printf(out, "%s", row->name);
		return;
	}
}

/* The directories from dir up to the root, root last; how many. */
static unsigned ancestry(const struct engine *e, struct node dir, struct node list[DEPTH])
{
	unsigned n = 0;

	for (list[n++] = dir; dir.kind != DIR_ROOT && n < DEPTH; list[n++] = dir)
		dir = dir_parent(e, dir);
	return n;
}

static bool same_directory(struct node a, struct node b)
{
	return a.kind == b.kind && a.sub == b.sub && a.index == b.index;
}

static void print_down(const struct engine *e, const struct node *list, unsigned count, struct page *out)
{
	while (count-- > 0) {
		print_name(e, list[count], out);
		if (count)
			page_append(out, "/", 1);
	}
}

int tree_readlink(const struct engine *e, struct node n, struct page *out)
{
	const struct row *row = tree_row(n);
	struct node from[DEPTH], to[DEPTH];
	unsigned nfrom, nto;
	int rc = tree_alive(e, n);

	if (rc < 0)
		return rc;
	if (!row || row->type != ROW_LINK)
		return -EINVAL;
	nfrom = ancestry(e, without_row(e, n), from);
	nto = ancestry(e, row->target(e, n, row), to);
	/* drop what both share from the root on, but never the target itself */
	while (nfrom > 0 && nto > 1 && same_directory(from[nfrom - 1], to[nto - 1])) {
		nfrom--;
		nto--;
	}
	for (unsigned i = 0; i < nfrom; i++)
		page_append(out, "../", 3);
	print_down(e, to, nto, out);
	return 0;
}

void tree_path(const struct engine *e, struct node n, struct page *out)
{
	const struct row *row = tree_row(n);
	struct node list[DEPTH];
	unsigned count = ancestry(e, without_row(e, n), list) - 1;

	page_append(out, "/", 1);
	print_down(e, list, count, out);
	if (!row)
		return;
	if (count)
		page_append(out, "/", 1);
	if (row->family)
		row->family->name(e, list[0], n.index, out);
	else
		page_printf(out, "%s", row->name);
}

/* --- files ------------------------------------------------------------------------------------- */

int tree_show(struct engine *e, struct node n, struct page *out)
{
	const struct row *row = tree_row(n);

	if (tree_alive(e, n) < 0)
		return -ENODEV;
	if (!row || !row->show)
		return -EIO;
	if (row->locked && assign_locked(e))
		return ENGINE_WAITS;
	return row->show(e, n, row, out);
}

int tree_store(struct engine *e, struct node n, const char *text, size_t length)
{
	const struct row *row = tree_row(n);

	/* the writer of a waiting remove comes back when its files are gone already */
	if (tree_alive(e, n) < 0 &&
	    !(row && n.kind == DIR_MDEV && e->ticket &&
	      e->state->mdev[n.index].phase == MDEV_LEAVING &&
	      e->state->mdev[n.index].leaving_ticket == e->ticket))
		return -ENODEV;
	if (!row || !row->store)
		return -EIO;
	return row->store(e, n, row, text, length);
}

int tree_lookup(const struct engine *e, const char *path, struct node *ret)
{
	struct node n = node_decode(NODE_ROOT_ID);
	char name[NAME];

	while (*path) {
		size_t length = strcspn(path, "/");
		int rc;

		if (length >= sizeof(name))
			return -ENOENT;
		memcpy(name, path, length);
		name[length] = 0;
		rc = length ? tree_find(e, n, name, &n) : 0;
		if (rc < 0)
			return rc;
		path += length + (path[length] == '/');
	}
	*ret = n;
	return 0;
}
