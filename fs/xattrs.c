/* SPDX-License-Identifier: MIT */
#include "fs/xattrs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#define XATTR_TOTAL 65536	/* of one node, as the VFS bounds a value */

struct xattr {
	struct xattr *next;
	char *name;
	char *value;
	size_t size;
};

static void free_one(struct xattr *x)
{
	free(x->name);
	free(x->value);
	free(x);
}

static struct xattr **find(struct xattr **list, const char *name)
{
	while (*list && strcmp((*list)->name, name) != 0)
		list = &(*list)->next;
	return list;
}

static struct xattr *copy_of(const struct xattr_value *from)
{
	struct xattr *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->name = strdup(from->name);
	x->value = malloc(from->size ? from->size : 1);
	x->size = from->size;
	if (!x->name || !x->value) {
		free_one(x);
		return NULL;
	}
	memcpy(x->value, from->value, from->size);
	return x;
}

int xattrs_set(struct xattr **list, const struct xattr_value *from, int flags)
{
	struct xattr **place = find(list, from->name), *x;

	if (*place && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!*place && (flags & XATTR_REPLACE))
		return -ENODATA;
	if (from->size > XATTR_TOTAL)
		return -ERANGE;
	x = copy_of(from);
	if (!x)
		return -ENOMEM;
	if (*place) {
		x->next = (*place)->next;
		free_one(*place);
	}
	*place = x;
	return 0;
}

int xattrs_get(const struct xattr *list, const char *name, char *value, size_t size)
{
	while (list && strcmp(list->name, name) != 0)
		list = list->next;
	if (!list)
		return -ENODATA;
	if (size && size < list->size)
		return -ERANGE;
	if (size)
		memcpy(value, list->value, list->size);
	return (int)list->size;
}

int xattrs_list(const struct xattr *list, char *names, size_t size)
{
	size_t length = 0;

	for (; list; list = list->next) {
		size_t part = strlen(list->name) + 1;

		if (size && length + part <= size)
			memcpy(names + length, list->name, part);
		length += part;
	}
	return size && length > size ? -ERANGE : (int)length;
}

int xattrs_remove(struct xattr **list, const char *name)
{
	struct xattr **place = find(list, name), *x = *place;

	if (!x)
		return -ENODATA;
	*place = x->next;
	free_one(x);
	return 0;
}

void xattrs_free(struct xattr **list)
{
	for (struct xattr *x = *list, *next; x; x = next) {
		next = x->next;
		free_one(x);
	}
	*list = NULL;
}
