/* SPDX-License-Identifier: MIT */
#include "fs/xattr_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/access.h"
#include "fs/held.h"

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool storable(const struct server *s, const char *name)
{
	return has_prefix(name, "trusted.") ||
	       (has_prefix(name, "security.") && !s->backend->traits.no_security_xattr);
}

void xattr_op_set(fuse_req_t req, fuse_ino_t node, const char *name, const char *value, size_t size, int flags)
{
	struct server *s = server_of(req);
	struct node_stat st;
	struct caller caller = access_caller(req);
	int rc = storable(s, name) ? held_stat(s, node, &caller, &st) : -EOPNOTSUPP;

	if (rc == 0)
		rc = metadata_set_xattr(s->metadata, node, &st, name, value, size, flags);
	reply_error(req, rc);
}

/* A value, or its length when no room was given for it. */
static void reply_sized(fuse_req_t req, int rc, const char *data, size_t size)
{
	if (rc < 0)
		reply_error(req, rc);
	else if (size == 0)
		fuse_reply_xattr(req, (size_t)rc);
	else
		fuse_reply_buf(req, data, (size_t)rc);
}

void xattr_op_get(fuse_req_t req, fuse_ino_t node, const char *name, size_t size)
{
	struct server *s = server_of(req);
	char *value = malloc(size + 1);
	int rc = value ? metadata_get_xattr(s->metadata, node, name, value, size) : -ENOMEM;

	if (rc == -ENODATA && s->backend->traits.no_security_xattr && !storable(s, name))
		rc = -EOPNOTSUPP;
	reply_sized(req, rc, value, size);
	free(value);
}

void xattr_op_list(fuse_req_t req, fuse_ino_t node, size_t size)
{
	struct server *s = server_of(req);
	char *list = malloc(size + 1);
	int rc = list ? metadata_list_xattr(s->metadata, node, list, size) : -ENOMEM;

	reply_sized(req, rc, list, size);
	free(list);
}

void xattr_op_remove(fuse_req_t req, fuse_ino_t node, const char *name)
{
	struct server *s = server_of(req);

	reply_error(req, storable(s, name) ? metadata_remove_xattr(s->metadata, node, name) : -EOPNOTSUPP);
}
