/* SPDX-License-Identifier: MIT */
/* The devices of the virtual kernel that have a node in /dev. */
#ifndef FS_DEV_DEVICE_H
#define FS_DEV_DEVICE_H

#include <limits.h>
#include <stdbool.h>

#include "core/backend.h"

struct dev_device {
	uint64_t directory;	/* in /sys */
	unsigned major, minor;	/* major 0: none */
	unsigned mode;		/* permission bits */
	char name[NAME_MAX + 1];	/* below /dev: "z90crypt", "vfio/0" */
};

/* Takes one "KEY=VALUE" of a uevent. d begins as { .mode = DEV_DEVICE_MODE }. */
void dev_device_take_key(struct dev_device *d, const char *line);
#define DEV_DEVICE_MODE 0600

/* Reads the device whose directory this is, as the caller sees it (NULL: all). -ENOENT: gone, or it has no node */
int dev_device_read(struct backend *b, uint64_t directory, const struct caller *caller, struct dev_device *ret);

typedef bool dev_device_fn(void *ctx, const struct dev_device *d);

/* Calls fn for each, until it returns false. */
void dev_device_each(struct backend *b, const struct caller *caller, dev_device_fn *fn, void *ctx);

#endif
