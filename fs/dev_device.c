/* SPDX-License-Identifier: MIT */
#include "fs/dev_device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dev_device_take_key(struct dev_device *d, const char *line)
{
	if (sscanf(line, "MAJOR=%u", &d->major) == 1 || sscanf(line, "MINOR=%u", &d->minor) == 1 ||
	    sscanf(line, "DEVMODE=%o", &d->mode) == 1)
		return;
	if (strncmp(line, "DEVNAME=", 8) == 0)
		snprintf(d->name, sizeof(d->name), "%s", line + 8);
}

int dev_device_read(struct backend *b, uint64_t directory, const struct caller *caller, struct dev_device *ret)
{
	char text[SYSFS_PAGE], *rest;
	struct backend_call call = { 0 };
	uint64_t file;

	*ret = (struct dev_device){ .directory = directory, .mode = DEV_DEVICE_MODE };
	if (caller)
		call.caller = call.opener = *caller;
	page_init_fixed(&call.page, text, sizeof(text));
	if (b->ops->find(b, directory, "uevent", caller, &file) < 0 || b->ops->show(b, file, &call) != 0)
		return -ENOENT;
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		dev_device_take_key(ret, line);
	return ret->major && *ret->name ? 0 : -ENOENT;
}

struct found {
	uint64_t *node;
	size_t count, size;
};

/* Collected first: a backend may hold its lock while it lists. */
static void collect(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct found *f = ctx;

	if (type != NODE_IS_DIRECTORY)
		return;
	if (f->count == f->size) {
		size_t size = f->size ? 2 * f->size : 16;
		uint64_t *more = realloc(f->node, size * sizeof(*more));

		if (!more)
			return;
		f->node = more;
		f->size = size;
	}
	f->node[f->count++] = node;
}

void dev_device_each(struct backend *b, const struct caller *caller, dev_device_fn *fn, void *ctx)
{
	static const char *const places[] = { "misc", "zcrypt", "vfio" };
	uint64_t devices, virtual, place;
	struct dev_device d;
	bool more = true;

	if (b->ops->find(b, BACKEND_ROOT, "devices", caller, &devices) < 0 ||
	    b->ops->find(b, devices, "virtual", caller, &virtual) < 0)
		return;
	for (size_t i = 0; more && i < sizeof(places) / sizeof(*places); i++) {
		struct found found = { 0 };

		if (b->ops->find(b, virtual, places[i], caller, &place) == 0 &&
		    b->ops->list(b, place, caller, collect, &found) == 0)
			for (size_t n = 0; more && n < found.count; n++)
				if (dev_device_read(b, found.node[n], caller, &d) == 0)
					more = fn(ctx, &d);
		free(found.node);
	}
}
