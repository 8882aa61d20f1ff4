/* SPDX-License-Identifier: MIT */
#include "fs/dir_ops.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/access.h"
#include "fs/dir_buffer.h"
#include "fs/held.h"

#define DOTS 2	/* "." and ".." come first */

struct open_dir {
	struct held held;
	pthread_mutex_t lock;
	bool filled;			/* protected by lock */
	struct dir_buffer buffer;	/* set once, under lock */
};

static struct open_dir *dir_of(const struct fuse_file_info *fi)
{
	return (struct open_dir *)(uintptr_t)fi->fh;
}

static void free_dir(struct server *s, struct open_dir *d)
{
	held_remove(s, &d->held);
	dir_buffer_free(&d->buffer);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

void dir_op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct server *s = server_of(req);
	struct open_dir *d = calloc(1, sizeof(*d));
	struct caller caller = access_caller(req);
	struct node_stat st;

	if (!d) {
		reply_error(req, -ENOMEM);
		return;
	}
	/* one that is gone opens and is empty: a process may stand in it */
	if (s->backend->ops->stat(s->backend, node, &caller, &st) < 0)
		st = (struct node_stat){ .type = NODE_IS_DIRECTORY, .mode = 0755 };
	pthread_mutex_init(&d->lock, NULL);
	held_add(s, &d->held, node, &st);
	fi->fh = (uint64_t)(uintptr_t)d;
	/* the kernel may keep the listing until something appears or vanishes anywhere */
	fi->cache_readdir = !s->backend->traits.views_differ;
	fi->keep_cache = fi->cache_readdir && server_listing_holds(s, node);
	if (fuse_reply_open(req, fi) == -ENOENT)
		free_dir(s, d);
}

static int fill(struct server *s, struct open_dir *d, const struct caller *caller)
{
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	if (!d->filled) {
		rc = dir_buffer_fill(&d->buffer, s->backend, d->held.node, caller);
		d->filled = rc == 0;
	}
	pthread_mutex_unlock(&d->lock);
	return rc;
}

static mode_t type_bits(enum node_type type)
{
	static const mode_t types[] = { S_IFDIR, S_IFREG, S_IFLNK };

	return types[type];
}

/* One reply being put together. */
struct listing {
	fuse_req_t req;
	struct caller caller;
	bool plus;
	char *data;
	size_t length, size;
};

/* Adds entry number i; false: no room for it. */
static bool add(struct listing *l, struct open_dir *d, size_t i)
{
	const struct dir_entry *entry = i < DOTS ? NULL : &d->buffer.entry[i - DOTS];
	const char *name = entry ? entry->name : i == 0 ? "." : "..";
	struct fuse_entry_param e = { 0 };
	size_t n;

	if (entry && l->plus && ops_fill_entry(server_of(l->req), entry->node, &l->caller, &e) < 0)
		return true; /* gone since the directory was opened; the listing need not name it */
	if (!e.ino) {
		e.attr.st_ino = entry ? entry->node : d->held.node;
		e.attr.st_mode = type_bits(entry ? entry->type : NODE_IS_DIRECTORY);
	}
	if (l->plus)
		n = fuse_add_direntry_plus(l->req, l->data + l->length, l->size - l->length, name, &e, (off_t)i + 1);
	else
		n = fuse_add_direntry(l->req, l->data + l->length, l->size - l->length, name, &e.attr, (off_t)i + 1);
	if (n > l->size - l->length)
		return false;
	l->length += n;
	return true;
}

static void read_dir(fuse_req_t req, size_t size, off_t offset, struct open_dir *d, bool plus)
{
	struct listing l = { req, access_caller(req), plus, malloc(size), 0, size };
	int rc = l.data ? fill(server_of(req), d, &l.caller) : -ENOMEM;

	if (rc < 0) {
		reply_error(req, rc);
		free(l.data);
		return;
	}
	for (size_t i = (size_t)offset; i < d->buffer.count + DOTS; i++)
		if (!add(&l, d, i))
			break;
	fuse_reply_buf(req, l.data, l.length);
	free(l.data);
}

void dir_op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *fi)
{
	read_dir(req, size, offset, dir_of(fi), false);
}

void dir_op_read_plus(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *fi)
{
	read_dir(req, size, offset, dir_of(fi), true);
}

void dir_op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	free_dir(server_of(req), dir_of(fi));
	fuse_reply_err(req, 0);
}
