/* SPDX-License-Identifier: MIT */
#include "fs/access.h"

#include <errno.h>
#include <unistd.h>

struct caller access_caller(fuse_req_t req)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);

	return (struct caller){ ctx->uid, ctx->gid, ctx->pid };
}

struct audience access_audience(const struct server *s, const struct caller *caller)
{
	return (struct audience){ caller->uid, caller->gid, atomic_load(&s->views) };
}

bool access_is_for(const struct server *s, const struct audience *a, const struct caller *caller)
{
	struct audience now = access_audience(s, caller);

	return !s->backend->traits.views_differ || (a->uid == now.uid && a->gid == now.gid && a->views == now.views);
}

void access_fill(struct server *s, uint64_t node, const struct node_stat *from, struct stat *st)
{
	metadata_fill(s->metadata, node, from, st);
	if (from->type == NODE_IS_LINK)
		return;
	/* whoever he is: what the owner may, but for entries of directories, which nobody makes */
	if (from->as_owner) {
		mode_t owner = st->st_mode >> 6 & (from->type == NODE_IS_DIRECTORY ? 05 : 07);

		st->st_mode |= owner << 3 | owner;
	}
	if (from->no_store && from->type == NODE_IS_FILE)
		st->st_mode &= ~(mode_t)0222;
}

int access_check(const struct server *s, const struct stat *st, const struct caller *caller, int mask)
{
	mode_t bits = st->st_mode;

	if (!s->backend->traits.views_differ)
		return 0;
	/*
	 * Root passes any mode, but executes only what anybody may. That a file has no reader or writer at all is asked
	 * when it is opened (abi.md 3.2).
	 */
	if (caller->uid == 0)
		return (mask & X_OK) && S_ISREG(bits) && !(bits & 0111) ? -EACCES : 0;
	if (caller->uid == st->st_uid)
		bits >>= 6;
	else if (caller->gid == st->st_gid)
		bits >>= 3;
	return (mode_t)mask & ~bits & 07 ? -EACCES : 0;
}

int access_check_set(const struct server *s, const struct stat *st, const struct caller *caller, int to_set)
{
	const int now = FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW;
	bool owns = caller->uid == 0 || caller->uid == st->st_uid;

	if (!s->backend->traits.views_differ)
		return 0;
	if ((to_set & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) && caller->uid != 0)
		return -EPERM;
	if ((to_set & FUSE_SET_ATTR_MODE) && !owns)
		return -EPERM;
	if ((to_set & FUSE_SET_ATTR_SIZE) && access_check(s, st, caller, W_OK) < 0)
		return -EACCES;
	if (!(to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME)) || owns)
		return 0;
	/* another's times: to now by whoever may write, to any other never */
	if ((to_set & now) != now)
		return -EPERM;
	return access_check(s, st, caller, W_OK);
}
