/* SPDX-License-Identifier: MIT */
/* What there is on the host: names, attributes, links. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"
#include "hostbackend/host.h"
#include "hostbackend/host_refresh.h"

/* .apsysfs is the mount's own, and a passthrough has nothing to control. */
static bool is_hidden(struct node n)
{
	const struct row *row = tree_row(n);

	return n.kind >= DIR_CONTROL || (row && row->hidden);
}

int host_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller, uint64_t *ret_child)
{
	struct host *h = host_of(b);
	char path[HOST_PATH];
	struct stat st;
	struct node child;
	int rc = host_enter(h);

	if (rc < 0)
		return rc;
	host_refresh_name(h->mirror, node_decode(dir), name);
	rc = tree_find(&h->mirror->engine, node_decode(dir), name, &child);
	if (rc == 0 && is_hidden(child))
		rc = -ENOENT;
	if (rc == 0)
		host_path(h, child, path);
	host_unlock(h);
	/* a row may be of what this host's kernel was built without */
	if (rc == 0 && host_stat(&h->sys, path, &st) < 0)
		rc = -ENOENT;
	if (rc == 0)
		*ret_child = node_encode(child);
	return rc;
}

/* The names that the host has in a directory, sorted. */
struct names {
	char (*name)[256];
	size_t count, size;
	bool failed;
};

static void add_name(void *ctx, const char *name)
{
	struct names *n = ctx;

	if (n->count == n->size) {
		size_t size = n->size ? 2 * n->size : 64;
		void *more = realloc(n->name, size * sizeof(*n->name));

		if (!more) {
			n->failed = true;
			return;
		}
		n->name = more;
		n->size = size;
	}
	strncpy(n->name[n->count], name, sizeof(*n->name) - 1);
	n->name[n->count++][sizeof(*n->name) - 1] = 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct listing {
	const struct names *there;
	backend_emit_fn *emit;
	void *ctx;
};

static void emit_if_there(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	const struct listing *l = ctx;
	char key[256];

	strncpy(key, name, sizeof(key) - 1);
	key[sizeof(key) - 1] = 0;
	if (is_hidden(node_decode(node)) || !l->there->count ||
	    !bsearch(key, l->there->name, l->there->count, sizeof(*l->there->name), compare_names))
		return;
	l->emit(l->ctx, name, node, type);
}

static int host_list_names(const struct host *h, const char *path, struct names *ret)
{
	int rc = host_list(&h->sys, path, add_name, ret);

	if (rc == 0 && ret->failed)
		rc = -ENOMEM;
	if (rc == 0 && ret->count)
		qsort(ret->name, ret->count, sizeof(*ret->name), compare_names);
	return rc == -ENODEV ? -ENOENT : rc;
}

int host_list_entries(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct host *h = host_of(b);
	struct node n = node_decode(dir);
	struct names there = { 0 };
	struct listing l = { &there, emit, ctx };
	char path[HOST_PATH];
	int rc = host_enter(h);

	if (rc < 0)
		return rc;
	host_refresh_entries(h->mirror, n);
	rc = tree_alive(&h->mirror->engine, n);
	if (rc == 0) {
		host_path(h, n, path);
		rc = n.row ? -ENOTDIR : host_list_names(h, path, &there);
	}
	if (rc == 0)
		rc = tree_list(&h->mirror->engine, n, emit_if_there, &l);
	host_unlock(h);
	free(there.name);
	return rc;
}

int host_stat_node(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct host *h = host_of(b);
	struct node n = node_decode(node);
	char path[HOST_PATH];
	struct stat st = { 0 };
	int rc = host_enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, n);
	rc = is_hidden(n) ? -ENOENT : tree_stat(&h->mirror->engine, n, ret);
	if (rc == 0)
		host_path(h, n, path);
	host_unlock(h);
	if (rc == 0)
		rc = host_stat(&h->sys, path, &st);
	if (rc < 0)
		return -ENOENT;
	ret->mode = st.st_mode & 07777;
	ret->uid = st.st_uid;
	ret->gid = st.st_gid;
	ret->nlink = (uint32_t)st.st_nlink;
	ret->born = st.st_mtim.tv_sec * NANOSECONDS + st.st_mtim.tv_nsec;
	/* what the host shows may change with the host's kernel: it is asked each time */
	ret->constant = false;
	/* a copy's files may be replaced, each by itself */
	ret->original = h->sys.live && ret->type == NODE_IS_FILE ? st.st_ino : 0;
	return 0;
}

int host_readlink_node(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct host *h = host_of(b);
	int rc = host_enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, node_decode(node));
	rc = tree_readlink(&h->mirror->engine, node_decode(node), out);
	host_unlock(h);
	return rc;
}

int host_open_node(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct host *h = host_of(b);
	int rc = host_enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, node_decode(node));
	rc = tree_alive(&h->mirror->engine, node_decode(node));
	host_unlock(h);
	return rc;
}
