/* SPDX-License-Identifier: MIT */
/*
 * Who may what. Without a policy the kernel checks modes (default_permissions). With one it cannot, since
 * it keeps one mode for all callers: then it is done here, request by request.
 */
#ifndef FS_ACCESS_H
#define FS_ACCESS_H

#include "fs/server.h"

/* Who asks. */
struct caller access_caller(fuse_req_t req);

/* For whom something was made. Where views differ it tells others what they may not see, and him after another policy. */
struct audience {
	uid_t uid;
	gid_t gid;
	unsigned views;		/* the server's, when it was asked for */
};

struct audience access_audience(const struct server *s, const struct caller *caller);
/* May this caller have it now? */
bool access_is_for(const struct server *s, const struct audience *a, const struct caller *caller);

/* What stat shows this caller: owner, mode and times as set, write bits as the policy says. */
void access_fill(struct server *s, uint64_t node, const struct node_stat *from, struct stat *st);

/* May he, by mode? mask: R_OK, W_OK, X_OK. Only where views differ, else the kernel has checked. -EACCES */
int access_check(const struct server *s, const struct stat *st, const struct caller *caller, int mask);
/* May he set attributes (to_set as FUSE gives it)? -EPERM, -EACCES */
int access_check_set(const struct server *s, const struct stat *st, const struct caller *caller, int to_set);

#endif
