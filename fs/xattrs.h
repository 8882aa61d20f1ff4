/* SPDX-License-Identifier: MIT */
/* The extended attributes of one node: a list, NULL while there are none. Whoever has it locks it. */
#ifndef FS_XATTRS_H
#define FS_XATTRS_H

#include <stddef.h>

struct xattr;

struct xattr_value {
	const char *name;
	const char *value;
	size_t size;
};

/* flags as setxattr(2) has them. -EEXIST, -ENODATA, -ERANGE: too large a value; -ENOMEM */
int xattrs_set(struct xattr **list, const struct xattr_value *x, int flags);
/* How long it is; it is put into value unless size is 0. -ENODATA; -ERANGE: value has no room for it */
int xattrs_get(const struct xattr *list, const char *name, char *value, size_t size);
/* The names, each with its NUL, likewise. -ERANGE */
int xattrs_list(const struct xattr *list, char *names, size_t size);
/* -ENODATA */
int xattrs_remove(struct xattr **list, const char *name);
void xattrs_free(struct xattr **list);

#endif
