/* SPDX-License-Identifier: MIT */
#include "fs/ops.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/access.h"
#include "fs/dir_ops.h"
#include "fs/epoch.h"
#include "fs/held.h"
#include "fs/known_names.h"
#include "fs/open_file.h"
#include "fs/refused_ops.h"
#include "fs/xattr_ops.h"

static void decide_caching(struct server *s)
{
	if (s->backend->traits.views_differ || s->backend->traits.changes_unseen)
		return;
	s->epoch = !s->no_epoch && epoch_probe(s);
	if (!s->epoch)
		s->known_names = known_names_new();
}

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	struct server *s = userdata;

	conn->want |= conn->capable & (FUSE_CAP_READDIRPLUS | FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_PARALLEL_DIROPS |
				       FUSE_CAP_ATOMIC_O_TRUNC);
	conn->want &= ~(unsigned)(FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_WRITEBACK_CACHE);
	if (s->backend->traits.views_differ || s->backend->traits.changes_unseen)
		conn->want &= ~(unsigned)FUSE_CAP_CACHE_SYMLINKS;
	conn->max_write = MAX_WRITE;
	conn->time_gran = 1;
	decide_caching(s);
	/* attributes that it may not keep are of no use to the kernel */
	if (!server_caches(s))
		conn->want &= ~(unsigned)FUSE_CAP_READDIRPLUS;
}

int ops_fill_entry(struct server *s, const struct named_node *n, const struct caller *caller, struct fuse_entry_param *e)
{
	struct node_stat st;
	int rc = s->backend->ops->stat(s->backend, n->node, caller, &st);
	bool kept;

	if (rc < 0)
		return rc;
	kept = s->epoch || known_names_keep(s, n->parent, n->name, n->node, n->generation);
	*e = (struct fuse_entry_param){ .ino = n->node };
	/* a directory's change with what is in it: one by one that can be told only of an inode that is there (getattr) */
	e->attr_timeout = s->epoch || (kept && st.type != NODE_IS_DIRECTORY) ? FOREVER : 0;
	/* every name in /dev and the host's in /sys would else be asked for at each use */
	e->entry_timeout = kept || (st.lasting && !s->backend->traits.views_differ) ? FOREVER : 0;
	access_fill(s, n->node, &st, &e->attr);
	return 0;
}

/* May he search the directory, by mode, where nobody else has looked? */
static int check_search(struct server *s, uint64_t dir, const struct caller *caller)
{
	struct node_stat st;
	struct stat shown;

	if (!s->backend->traits.views_differ || s->backend->ops->stat(s->backend, dir, caller, &st) < 0)
		return 0;
	access_fill(s, dir, &st, &shown);
	return access_check(s, &shown, caller, X_OK);
}

static int look_up(struct server *s, struct named_node *n, const struct caller *caller, struct fuse_entry_param *e)
{
	int rc = check_search(s, n->parent, caller);

	if (rc == 0)
		rc = s->backend->ops->find(s->backend, n->parent, n->name, caller, &n->node);
	if (rc == 0)
		rc = ops_fill_entry(s, n, caller, e);
	if (rc == 0 && S_ISDIR(e->attr.st_mode))
		known_dirs_seen(s, n->node);
	if (rc == -ENOENT && (s->epoch || known_names_keep(s, n->parent, n->name, 0, n->generation))) {
		/* node 0: the kernel remembers that there is nothing */
		*e = (struct fuse_entry_param){ .entry_timeout = FOREVER };
		return 0;
	}
	return rc;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct server *s = server_of(req);
	struct named_node n = { parent, name, 0, atomic_load(&s->generation) };
	struct caller caller = access_caller(req);
	struct fuse_entry_param e;
	int rc;

	walkers_look_up(&s->walkers, (uint32_t)caller.pid, parent);
	rc = look_up(s, &n, &caller, &e);
	if (rc < 0)
		reply_error(req, rc);
	else
		fuse_reply_entry(req, &e);
}

static void reply_attributes(fuse_req_t req, uint64_t node, const struct node_stat *from, bool keep)
{
	struct server *s = server_of(req);
	struct stat st;

	access_fill(s, node, from, &st);
	fuse_reply_attr(req, &st, server_caches(s) && keep ? FOREVER : 0);
}

static void op_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct server *s = server_of(req);
	struct caller caller = access_caller(req);
	struct node_stat st;
	int rc = held_stat(s, node, &caller, &st);

	if (rc == 0 && s->known_names && st.type == NODE_IS_DIRECTORY) {
		/* from now on the kernel is told when they change */
		known_dirs_seen(s, node);
		rc = held_stat(s, node, &caller, &st);
	}
	if (rc < 0)
		reply_error(req, rc);
	else
		reply_attributes(req, node, &st, true);
}

static const struct timespec *time_to_set(const struct timespec *given, const struct timespec *present, int to_set,
					  int set, int set_now)
{
	return to_set & set_now ? present : to_set & set ? given : NULL;
}

static int set_times(struct server *s, uint64_t node, const struct node_stat *st, const struct stat *attr,
		     int to_set)
{
	struct timespec now = metadata_now(s->metadata);

	return metadata_utimes(s->metadata, node, st,
			       time_to_set(&attr->st_atim, &now, to_set, FUSE_SET_ATTR_ATIME, FUSE_SET_ATTR_ATIME_NOW),
			       time_to_set(&attr->st_mtim, &now, to_set, FUSE_SET_ATTR_MTIME, FUSE_SET_ATTR_MTIME_NOW));
}

static void op_setattr(fuse_req_t req, fuse_ino_t node, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	struct server *s = server_of(req);
	struct caller caller = access_caller(req);
	struct node_stat st;
	struct stat shown;
	int rc = held_stat(s, node, &caller, &st);

	if (rc == 0) {
		access_fill(s, node, &st, &shown);
		rc = access_check_set(s, &shown, &caller, to_set);
	}
	/* a new size changes nothing but times; truncate(2) of a path not even those, from the second time on */
	if (rc == 0 && (to_set & FUSE_SET_ATTR_SIZE))
		rc = metadata_touch(s->metadata, node, &st, fi ? TIMES_MODIFY_CHANGE : TIMES_NONE);
	else if (rc == 0 && (to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME)))
		rc = set_times(s, node, &st, attr, to_set);
	if (rc == 0 && (to_set & FUSE_SET_ATTR_MODE))
		rc = metadata_chmod(s->metadata, node, &st, attr->st_mode);
	if (rc == 0 && (to_set & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)))
		rc = metadata_chown(s->metadata, node, &st,
				    to_set & FUSE_SET_ATTR_UID ? attr->st_uid : (uid_t)-1,
				    to_set & FUSE_SET_ATTR_GID ? attr->st_gid : (gid_t)-1);
	if (rc < 0)
		reply_error(req, rc);
	else
		reply_attributes(req, node, &st, s->epoch || st.type != NODE_IS_DIRECTORY);
}

static void op_readlink(fuse_req_t req, fuse_ino_t node)
{
	struct server *s = server_of(req);
	struct caller caller = access_caller(req);
	char text[SYSFS_PAGE];
	struct page out;
	int rc;

	page_init_fixed(&out, text, sizeof(text));
	rc = s->backend->ops->readlink(s->backend, node, &caller, &out);
	if (rc < 0)
		reply_error(req, rc);
	else
		fuse_reply_readlink(req, text);
}

/* sysfs checks the mode bits of root too: reading needs an r, writing a w, whoever's (abi.md 3.2). */
static int check_open(const struct stat *st, int flags)
{
	int access = flags & O_ACCMODE;

	if (access != O_WRONLY && !(st->st_mode & 0444))
		return -EACCES;
	if (access != O_RDONLY && !(st->st_mode & 0222))
		return -EACCES;
	return flags & O_DIRECT ? -EINVAL : 0;
}

static int open_mask(int flags)
{
	static const int masks[] = { [O_RDONLY] = R_OK, [O_WRONLY] = W_OK, [O_RDWR] = R_OK | W_OK };

	return masks[flags & O_ACCMODE] | (flags & O_TRUNC ? W_OK : 0);
}

static int try_open(struct server *s, fuse_req_t req, uint64_t node, int flags, struct node_stat *st)
{
	struct caller caller = access_caller(req);
	struct stat attr;
	int rc = s->backend->ops->stat(s->backend, node, &caller, st);

	/* asked first: a policy wants to hear of what it refuses */
	if (rc == 0)
		rc = s->backend->ops->open(s->backend, node, &caller, (flags & O_ACCMODE) != O_RDONLY);
	if (rc < 0)
		return rc;
	access_fill(s, node, st, &attr);
	rc = access_check(s, &attr, &caller, open_mask(flags));
	return rc < 0 ? rc : check_open(&attr, flags);
}

/* As the kernel opens another's file: which modes it has here, and who asks, does not count there. */
static bool original_opens(const struct node_stat *st, int access)
{
	return st->original && (st->mode & 0444) && st->can_show &&
	       (access == O_RDONLY || ((st->mode & 0222) && st->can_store));
}

/* The file that a text may be read from past us (passthrough.h); for each open, also those that only write. */
static struct passed_file *passed_file_of(fuse_req_t req, uint64_t node, const struct node_stat *st, int access,
					  unsigned *ret_mark)
{
	struct server *s = server_of(req);
	struct caller caller = access_caller(req);

	if (st->control || s->backend->traits.reads_repeat || !passthrough_works(s))
		return NULL;
	if (original_opens(st, access))
		return passed_file_open_original(s, node, st, &caller);
	if (st->constant && !s->backend->traits.views_differ)
		return passed_file_open_text(s, node, &caller, ret_mark);
	return NULL;
}

static int reply_open(fuse_req_t req, uint64_t node, const struct node_stat *st, struct open_file *f,
		      struct fuse_file_info *fi)
{
	unsigned mark = 0;
	int access = fi->flags & O_ACCMODE;
	struct passed_file *passed = passed_file_of(req, node, st, access, &mark);

	fi->fh = (uint64_t)(uintptr_t)f;
	/* any other text is whatever the store or the hardware made it: it never goes through the page cache */
	fi->direct_io = 1;
	if (!passed)
		return fuse_reply_open(req, fi);
	open_file_pass(f, passed, mark);
	return passthrough_reply_open(req, fi->fh, passed, access != O_RDONLY);
}

static void op_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct server *s = server_of(req);
	struct open_file *f = NULL;
	struct node_stat st;
	int rc;

	rc = try_open(s, req, node, fi->flags, &st);
	if (rc == 0 && (fi->flags & O_TRUNC))
		rc = metadata_touch(s->metadata, node, &st, TIMES_MODIFY_CHANGE);
	if (rc == 0) {
		f = open_file_new(s, node, &st, req);
		rc = f ? 0 : -ENOMEM;
	}
	if (rc < 0) {
		reply_error(req, rc);
		return;
	}
	/* -ENOENT: the opener was interrupted, and nobody will release it */
	if (reply_open(req, node, &st, f, fi) == -ENOENT)
		open_file_free(f);
}

static struct open_file *file_of(const struct fuse_file_info *fi)
{
	return (struct open_file *)(uintptr_t)fi->fh;
}

/*
 * Direct reads say whose descriptors they come by; without, the kernel fills a page of a private map. Pages are shared
 * by all who map the file, so where views differ they would show one what is another's.
 */
static bool is_for_map(const struct server *s, const struct fuse_file_info *fi)
{
	return s->backend->traits.views_differ && !fi->lock_owner;
}

static void op_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *fi)
{
	if (is_for_map(server_of(req), fi)) {
		reply_error(req, -EIO);
		return;
	}
	open_file_read(file_of(fi), req, size, offset);
}

static void op_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t size, off_t offset,
		     struct fuse_file_info *fi)
{
	open_file_write(file_of(fi), req, data, size);
}

static void op_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	open_file_free(file_of(fi));
	fuse_reply_err(req, 0);
}

static void op_poll(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi, struct fuse_pollhandle *ph)
{
	open_file_poll(file_of(fi), req, ph);
}

/* Only where the kernel does not check modes itself. */
static void op_access(fuse_req_t req, fuse_ino_t node, int mask)
{
	struct server *s = server_of(req);
	struct caller caller = access_caller(req);
	struct node_stat st;
	struct stat attr;
	int rc = held_stat(s, node, &caller, &st);

	if (rc == 0) {
		access_fill(s, node, &st, &attr);
		rc = access_check(s, &attr, &caller, mask);
	}
	reply_error(req, rc);
}

static void op_statfs(fuse_req_t req, fuse_ino_t node)
{
	struct statvfs st = { .f_bsize = 4096, .f_frsize = 4096, .f_namemax = 255 };

	fuse_reply_statfs(req, &st);
}

/* No flush: the kernel stops asking after the first ENOSYS. No lseek: its own knows the size. */
const struct fuse_lowlevel_ops server_ops = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.open = op_open,
	.read = op_read,
	.write = op_write,
	.release = op_release,
	.poll = op_poll,
	.opendir = dir_op_open,
	.readdir = dir_op_read,
	.readdirplus = dir_op_read_plus,
	.releasedir = dir_op_release,
	.access = op_access,
	.statfs = op_statfs,
	.setxattr = xattr_op_set,
	.getxattr = xattr_op_get,
	.listxattr = xattr_op_list,
	.removexattr = xattr_op_remove,
	.mknod = refused_op_mknod,
	.create = refused_op_create,
	.mkdir = refused_op_mkdir,
	.unlink = refused_op_remove,
	.rmdir = refused_op_remove,
	.symlink = refused_op_symlink,
	.link = refused_op_link,
	.rename = refused_op_rename,
};
