/* SPDX-License-Identifier: MIT */
#include "fs/metadata.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fs/xattrs.h"

#define BUCKETS 1024
#define NANOSECONDS 1000000000

struct record {
	struct record *next;
	uint64_t node;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime, ctime;
	struct xattr *xattrs;	/* xattrs.h */
	struct record *next_directory;
	uint64_t entries;	/* of a directory: what is in it, as a number */
};

struct metadata {
	struct backend *backend;
	/* Held while directories are looked at for what changed; before lock. The backend is never asked with lock held. */
	pthread_mutex_t watching;
	pthread_mutex_t lock;
	struct record *bucket[BUCKETS];	/* protected by lock */
	struct record *directories;	/* those among them; protected by lock */
};

struct metadata *metadata_new(struct backend *backend)
{
	struct metadata *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->backend = backend;
	pthread_mutex_init(&m->lock, NULL);
	pthread_mutex_init(&m->watching, NULL);
	return m;
}

void metadata_free(struct metadata *m)
{
	if (!m)
		return;
	for (int i = 0; i < BUCKETS; i++) {
		for (struct record *r = m->bucket[i], *next; r; r = next) {
			next = r->next;
			xattrs_free(&r->xattrs);
			free(r);
		}
	}
	pthread_mutex_destroy(&m->lock);
	pthread_mutex_destroy(&m->watching);
	free(m);
}

static struct record **bucket_of(struct metadata *m, uint64_t node)
{
	return &m->bucket[(node * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
}

static struct record *find(struct metadata *m, uint64_t node)
{
	struct record *r = *bucket_of(m, node);

	while (r && r->node != node)
		r = r->next;
	return r;
}

struct timespec metadata_now(struct metadata *m)
{
	int64_t now = m->backend->ops->now(m->backend);

	return (struct timespec){ now / NANOSECONDS, now % NANOSECONDS };
}

static void add_entry(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	*(uint64_t *)ctx += (node + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t entries_of(struct metadata *m, uint64_t directory)
{
	uint64_t entries = 0;

	(void)m->backend->ops->list(m->backend, directory, NULL, add_entry, &entries);
	return entries;
}

/* What a record that may have to be made begins with. Asks the backend, which may tell us of changes: no lock is held. */
struct beginning {
	const struct node_stat *from;
	struct timespec now;
	uint64_t entries;
};

static struct beginning begin(struct metadata *m, uint64_t node, const struct node_stat *from)
{
	return (struct beginning){ from, metadata_now(m), from->type == NODE_IS_DIRECTORY ? entries_of(m, node) : 0 };
}

/* The node's record, made with all times now if there was none; NULL: out of memory. *ret_first: it was made. */
static struct record *obtain(struct metadata *m, uint64_t node, const struct beginning *b, bool *ret_first)
{
	const struct node_stat *from = b->from;
	struct record *r = find(m, node), **bucket = bucket_of(m, node);

	*ret_first = !r;
	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->node = node;
	r->mode = from->mode;
	r->uid = from->uid;
	r->gid = from->gid;
	r->atime = r->mtime = r->ctime = b->now;
	r->next = *bucket;
	*bucket = r;
	if (from->type == NODE_IS_DIRECTORY) {
		r->entries = b->entries;
		r->next_directory = m->directories;
		m->directories = r;
	}
	return r;
}

void metadata_fill(struct metadata *m, uint64_t node, const struct node_stat *from, struct stat *st)
{
	static const mode_t types[] = { S_IFDIR, S_IFREG, S_IFLNK, S_IFCHR };
	const struct record *r;

	*st = (struct stat){ .st_ino = node, .st_nlink = from->nlink, .st_size = (off_t)from->size,
			     .st_blksize = 4096, .st_mode = from->mode, .st_uid = from->uid,
			     .st_gid = from->gid, .st_rdev = from->device };
	st->st_atim.tv_sec = from->born / NANOSECONDS;
	st->st_atim.tv_nsec = from->born % NANOSECONDS;
	st->st_mtim = st->st_ctim = st->st_atim;
	pthread_mutex_lock(&m->lock);
	r = find(m, node);
	if (r) {
		st->st_mode = r->mode;
		st->st_uid = r->uid;
		st->st_gid = r->gid;
		st->st_atim = r->atime;
		st->st_mtim = r->mtime;
		st->st_ctim = r->ctime;
	}
	pthread_mutex_unlock(&m->lock);
	st->st_mode |= types[from->type];
}

int metadata_touch(struct metadata *m, uint64_t node, const struct node_stat *from, enum metadata_times times)
{
	struct beginning b = begin(m, node, from);
	struct record *r;
	bool first;

	pthread_mutex_lock(&m->lock);
	r = obtain(m, node, &b, &first);
	if (r && !first && times != TIMES_NONE)
		r->ctime = b.now;
	if (r && !first && times == TIMES_MODIFY_CHANGE)
		r->mtime = r->ctime;
	pthread_mutex_unlock(&m->lock);
	return r ? 0 : -ENOMEM;
}

int metadata_chmod(struct metadata *m, uint64_t node, const struct node_stat *from, mode_t mode)
{
	struct record *r;
	int rc = metadata_touch(m, node, from, TIMES_CHANGE);

	pthread_mutex_lock(&m->lock);
	r = find(m, node);
	if (r)
		r->mode = mode & 07777;
	pthread_mutex_unlock(&m->lock);
	return rc;
}

int metadata_chown(struct metadata *m, uint64_t node, const struct node_stat *from, uid_t uid, gid_t gid)
{
	struct record *r;
	int rc = metadata_touch(m, node, from, TIMES_CHANGE);

	pthread_mutex_lock(&m->lock);
	r = find(m, node);
	if (r && uid != (uid_t)-1)
		r->uid = uid;
	if (r && gid != (gid_t)-1)
		r->gid = gid;
	pthread_mutex_unlock(&m->lock);
	return rc;
}

int metadata_utimes(struct metadata *m, uint64_t node, const struct node_stat *from, const struct timespec *atime,
		    const struct timespec *mtime)
{
	struct record *r;
	int rc = metadata_touch(m, node, from, TIMES_CHANGE);

	pthread_mutex_lock(&m->lock);
	r = find(m, node);
	if (r && atime)
		r->atime = *atime;
	if (r && mtime)
		r->mtime = *mtime;
	pthread_mutex_unlock(&m->lock);
	return rc;
}

void metadata_entries_changed(struct metadata *m)
{
	struct record *first;

	pthread_mutex_lock(&m->watching);
	pthread_mutex_lock(&m->lock);
	first = m->directories;
	pthread_mutex_unlock(&m->lock);
	/* records live as long as the mount, and their order does not change */
	for (struct record *r = first; r; r = r->next_directory) {
		uint64_t entries = entries_of(m, r->node);
		struct timespec now = metadata_now(m);

		pthread_mutex_lock(&m->lock);
		if (entries != r->entries)
			r->mtime = r->ctime = now;
		r->entries = entries;
		pthread_mutex_unlock(&m->lock);
	}
	pthread_mutex_unlock(&m->watching);
}

/* --- extended attributes ------------------------------------------------------------------------ */

int metadata_set_xattr(struct metadata *m, uint64_t node, const struct node_stat *from, const char *name,
		       const char *value, size_t size, int flags)
{
	struct beginning b = begin(m, node, from);
	struct xattr_value x = { name, value, size };
	struct record *r;
	bool first;
	int rc;

	pthread_mutex_lock(&m->lock);
	r = obtain(m, node, &b, &first);
	rc = r ? xattrs_set(&r->xattrs, &x, flags) : -ENOMEM;
	pthread_mutex_unlock(&m->lock);
	return rc;
}

int metadata_get_xattr(struct metadata *m, uint64_t node, const char *name, char *value, size_t size)
{
	struct record *r;
	int rc;

	pthread_mutex_lock(&m->lock);
	r = find(m, node);
	rc = xattrs_get(r ? r->xattrs : NULL, name, value, size);
	pthread_mutex_unlock(&m->lock);
	return rc;
}

int metadata_list_xattr(struct metadata *m, uint64_t node, char *list, size_t size)
{
	struct record *r;
	int rc;

	pthread_mutex_lock(&m->lock);
	r = find(m, node);
	rc = xattrs_list(r ? r->xattrs : NULL, list, size);
	pthread_mutex_unlock(&m->lock);
	return rc;
}

int metadata_remove_xattr(struct metadata *m, uint64_t node, const char *name)
{
	struct record *r;
	int rc;

	pthread_mutex_lock(&m->lock);
	r = find(m, node);
	rc = r ? xattrs_remove(&r->xattrs, name) : -ENODATA;
	pthread_mutex_unlock(&m->lock);
	return rc;
}
