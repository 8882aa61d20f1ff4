/* SPDX-License-Identifier: MIT */
#include "fs/dir_ops.h"

#include <errno.h>
#include <stdlib.h>

#include "fs/access.h"
#include "fs/dir_cache.h"
#include "fs/held.h"

#define DOTS 2	/* "." and ".." come first */
#define SMALL 64	/* in a directory of more entries whoever looks at some would have to ask too often */

/* Where directories are opened, each opener has a listing of his own, frozen when its beginning is read. */
struct open_dir {
	struct held held;
	pthread_mutex_t lock;
	/* protected by lock */
	bool filled;
	struct audience audience;
	struct dir_buffer buffer;
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
	struct caller caller = access_caller(req);
	struct open_dir *d;
	struct node_stat st;

	if (server_caches(s)) {
		/* the kernel need not ask again, and keeps every listing until it is told otherwise (known_dirs.h) */
		fuse_reply_err(req, ENOSYS);
		return;
	}
	d = calloc(1, sizeof(*d));
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
	if (fuse_reply_open(req, fi) == -ENOENT)
		free_dir(s, d);
}

static mode_t type_bits(enum node_type type)
{
	static const mode_t types[] = { S_IFDIR, S_IFREG, S_IFLNK, S_IFCHR };

	return types[type];
}

/* One reply being put together. */
struct listing {
	fuse_req_t req;
	struct caller caller;
	uint64_t dir;
	bool plus;		/* with room for attributes */
	bool names_only;	/* of files and links nothing but the names */
	bool fills;		/* the kernel makes entries of some of it */
	char *data;
	size_t length, size;
};

static bool add(struct listing *l, const char *name, const struct fuse_entry_param *e, uint64_t next)
{
	char *at = l->data + l->length;
	size_t room = l->size - l->length;
	size_t n = l->plus ? fuse_add_direntry_plus(l->req, at, room, name, e, (off_t)next)
			   : fuse_add_direntry(l->req, at, room, name, &e->attr, (off_t)next);

	if (n > room)
		return false;
	l->length += n;
	return true;
}

static bool wants_attributes(const struct listing *l, const struct dir_entry *entry)
{
	return l->plus && !(l->names_only && entry->type != NODE_IS_DIRECTORY);
}

static int fill(const struct listing *l, const struct dir_entry *entry, struct fuse_entry_param *e)
{
	struct server *s = server_of(l->req);
	struct named_node n = { l->dir, entry->name, entry->node, atomic_load(&s->generation) };

	return ops_fill_entry(s, &n, &l->caller, e);
}

/* Adds entry number i, counted with the dots; false: no room for it. */
static bool add_number(struct listing *l, const struct dir_buffer *d, size_t i)
{
	const struct dir_entry *entry = i < DOTS ? NULL : &d->entry[i - DOTS];
	struct server *s = server_of(l->req);
	struct fuse_entry_param e = { 0 };
	uint64_t next = i == 0 ? 1 : dir_buffer_position(d, i + 1 - DOTS);

	if (!entry) {
		e.attr.st_ino = l->dir;
		e.attr.st_mode = S_IFDIR;
		return add(l, i == 0 ? "." : "..", &e, next);
	}
	/* one that is gone since the listing was made is named nevertheless: a listing is of one moment */
	if (wants_attributes(l, entry) && fill(l, entry, &e) < 0)
		e = (struct fuse_entry_param){ 0 };
	l->fills |= e.ino != 0;
	if (e.ino && entry->type == NODE_IS_DIRECTORY)
		known_dirs_seen(s, entry->node);
	if (!e.ino) {
		e.attr.st_ino = entry->node;
		e.attr.st_mode = type_bits(entry->type);
	}
	return add(l, entry->name, &e, next);
}

static void add_from(struct listing *l, const struct dir_buffer *d, off_t offset)
{
	size_t i = offset < DOTS ? (size_t)offset : DOTS + dir_buffer_find(d, (uint64_t)offset);

	while (i < DOTS + d->count && add_number(l, d, i))
		i++;
}

static int add_shared(struct listing *l, off_t offset)
{
	struct server *s = server_of(l->req);
	uint64_t generation = atomic_load(&s->generation);
	struct cached_dir *d;
	int rc;

	if (offset < DOTS) {
		known_dirs_seen(s, l->dir);
		rc = dir_cache_get(s->dir_cache, s->backend, l->dir, generation, &d);
	} else {
		rc = dir_cache_go_on(s->dir_cache, s->backend, l->dir, generation, (uint64_t)offset, &d);
	}
	if (rc < 0)
		return rc;
	l->names_only = l->plus && cached_dir_buffer(d)->count <= SMALL &&
			!walkers_want_attributes(&s->walkers, (uint32_t)l->caller.pid, l->dir, offset == 0);
	add_from(l, cached_dir_buffer(d), offset);
	if (!l->length)
		known_dirs_end(s, l->dir, generation, cached_dir_holds(s->dir_cache, d, generation));
	dir_cache_put(s->dir_cache, d);
	return 0;
}

static int fill_own(struct listing *l, struct open_dir *d)
{
	struct server *s = server_of(l->req);
	int rc;

	d->audience = access_audience(s, &l->caller);
	dir_buffer_free(&d->buffer);
	rc = dir_buffer_fill(&d->buffer, s->backend, d->held.node, &l->caller);
	d->filled = rc == 0;
	return rc;
}

static int add_own(struct listing *l, struct open_dir *d, off_t offset)
{
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	/* the beginning, also once more (rewinddir), is of now */
	if (offset < DOTS || !d->filled || !access_is_for(server_of(l->req), &d->audience, &l->caller))
		rc = fill_own(l, d);
	if (rc == 0)
		add_from(l, &d->buffer, offset);
	pthread_mutex_unlock(&d->lock);
	return rc;
}

static void read_dir(fuse_req_t req, fuse_ino_t node, off_t offset, const struct fuse_file_info *fi,
		     struct listing *l)
{
	struct in_flight *f = &server_of(req)->in_flight;
	bool flies = l->plus && server_of(req)->epoch;
	unsigned flight = 0;
	int rc = -ENOMEM;

	l->req = req;
	l->dir = node;
	l->caller = access_caller(req);
	l->data = malloc(l->size);
	if (flies)
		flight = in_flight_begin(f, (uint32_t)l->caller.pid);
	if (l->data)
		rc = fi->fh ? add_own(l, dir_of(fi), offset) : add_shared(l, offset);
	if (flies)
		in_flight_sent(f, flight, rc == 0 && l->fills);
	if (rc < 0)
		reply_error(req, rc);
	else
		fuse_reply_buf(req, l->data, l->length);
	free(l->data);
}

void dir_op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *fi)
{
	struct listing l = { .size = size };

	read_dir(req, node, offset, fi, &l);
}

void dir_op_read_plus(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *fi)
{
	struct listing l = { .plus = true, .size = size };

	read_dir(req, node, offset, fi, &l);
}

void dir_op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	if (fi->fh)
		free_dir(server_of(req), dir_of(fi));
	fuse_reply_err(req, 0);
}
