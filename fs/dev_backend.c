/* SPDX-License-Identifier: MIT */
#include "fs/dev_backend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "fs/dev_device.h"

/* Above all kinds that core uses, run's places and the node of stats */
#define DEV_FOLDER (UINT64_C(0xf2) << 56)
#define VFIO_FOLDER (DEV_FOLDER + 1)
/* Of a device's directory in /sys: its node in /dev. Core's kinds are less. */
#define DEVICE_BIT (UINT64_C(1) << 63)
#define KIND_MAX 0x3f
#define VFIO "vfio/"

struct dev_backend {
	struct backend backend;
	struct backend *inner;
	const struct dev_entries *host;
};

static struct dev_backend *dev_of(struct backend *b)
{
	return (struct dev_backend *)b;
}

static bool is_folder(uint64_t node)
{
	return node == DEV_FOLDER || node == VFIO_FOLDER;
}

static bool is_device(uint64_t node)
{
	return (node & DEVICE_BIT) && (node & ~DEVICE_BIT) >> 56 <= KIND_MAX;
}

/* The device's name in this folder; NULL: it is not in it. */
static const char *name_in(uint64_t folder, const struct dev_device *d)
{
	bool below = strncmp(d->name, VFIO, strlen(VFIO)) == 0;

	if (folder == VFIO_FOLDER)
		return below ? d->name + strlen(VFIO) : NULL;
	return below ? "vfio" : d->name;
}

struct search {
	struct dev_backend *dev;
	uint64_t folder;
	const char *name;	/* what is looked for; NULL: all, for emit */
	backend_emit_fn *emit;
	void *ctx;
	bool has_vfio;
	uint64_t found;
};

static bool take(void *ctx, const struct dev_device *d)
{
	struct search *s = ctx;
	const char *name = name_in(s->folder, d);
	bool folder = name && s->folder == DEV_FOLDER && name != d->name;
	uint64_t node = folder ? VFIO_FOLDER : d->directory | DEVICE_BIT;

	if (!name || dev_entries_has(s->dev->host, name) || (folder && s->has_vfio))
		return true;
	s->has_vfio |= folder;
	if (!s->name)
		s->emit(s->ctx, name, node, folder ? NODE_IS_DIRECTORY : NODE_IS_DEVICE);
	else if (strcmp(s->name, name) == 0)
		s->found = node;
	return !s->found;
}

static int find_in(struct dev_backend *dev, uint64_t folder, const char *name, const struct caller *caller,
		   uint64_t *ret_child)
{
	struct search s = { .dev = dev, .folder = folder, .name = name };

	dev_device_each(dev->inner, caller, take, &s);
	if (s.found)
		*ret_child = s.found;
	return s.found ? 0 : -ENOENT;
}

static int dev_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller,
		    uint64_t *ret_child)
{
	struct dev_backend *dev = dev_of(b);

	if (is_folder(dir))
		return find_in(dev, dir, name, caller, ret_child);
	if (is_device(dir))
		return -ENOTDIR;
	if (dir != BACKEND_ROOT || strcmp(name, DEV_BACKEND_PATH) != 0)
		return dev->inner->ops->find(dev->inner, dir, name, caller, ret_child);
	*ret_child = DEV_FOLDER;
	return 0;
}

static int dev_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct dev_backend *dev = dev_of(b);
	struct search s = { .dev = dev, .folder = dir, .emit = emit, .ctx = ctx };

	if (is_device(dir))
		return -ENOTDIR;
	if (!is_folder(dir))
		return dev->inner->ops->list(dev->inner, dir, caller, emit, ctx);
	dev_device_each(dev->inner, caller, take, &s);
	return 0;
}

static int dev_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct dev_backend *dev = dev_of(b);

	return is_folder(node) || is_device(node) ? -EIO : dev->inner->ops->show(dev->inner, node, call);
}

static int dev_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct dev_backend *dev = dev_of(b);

	return is_folder(node) || is_device(node) ? -EIO : dev->inner->ops->store(dev->inner, node, call);
}

static void dev_interrupt(struct backend *b, struct backend_call *call)
{
	struct dev_backend *dev = dev_of(b);

	dev->inner->ops->interrupt(dev->inner, call);
}

static int dev_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct dev_backend *dev = dev_of(b);
	struct dev_device d;

	if (is_folder(node)) {
		*ret = (struct node_stat){ .type = NODE_IS_DIRECTORY, .mode = 0755, .nlink = 2,
					   .lasting = node == DEV_FOLDER };
		return 0;
	}
	if (!is_device(node))
		return dev->inner->ops->stat(dev->inner, node, caller, ret);
	if (dev->inner->ops->stat(dev->inner, node & ~DEVICE_BIT, caller, ret) < 0 ||
	    dev_device_read(dev->inner, node & ~DEVICE_BIT, caller, &d) < 0)
		return -ENOENT;
	*ret = (struct node_stat){ .type = NODE_IS_DEVICE, .mode = d.mode, .nlink = 1, .born = ret->born,
				   .device = makedev(d.major, d.minor) };
	return 0;
}

static int dev_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct dev_backend *dev = dev_of(b);

	return is_folder(node) || is_device(node) ? -EINVAL
						  : dev->inner->ops->readlink(dev->inner, node, caller, out);
}

static int dev_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct dev_backend *dev = dev_of(b);

	return is_folder(node) || is_device(node) ? 0 : dev->inner->ops->open(dev->inner, node, caller, writes);
}

static int dev_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	struct dev_backend *dev = dev_of(b);

	return is_folder(node) || is_device(node) ? -EOPNOTSUPP : dev->inner->ops->original(dev->inner, node, caller);
}

static void dev_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct dev_backend *dev = dev_of(b);

	dev->inner->ops->inspect(dev->inner, fn, ctx);
}

static uint64_t dev_generation(struct backend *b)
{
	struct dev_backend *dev = dev_of(b);

	return dev->inner->ops->generation(dev->inner);
}

static int64_t dev_now(struct backend *b)
{
	struct dev_backend *dev = dev_of(b);

	return dev->inner->ops->now(dev->inner);
}

static void dev_begin(struct backend *b)
{
	struct dev_backend *dev = dev_of(b);

	dev->inner->ops->begin(dev->inner);
}

static void dev_destroy(struct backend *b)
{
	struct dev_backend *dev = dev_of(b);

	dev->inner->ops->destroy(dev->inner);
	free(dev);
}

static const struct backend_ops dev_ops = {
	.find = dev_find,
	.list = dev_list,
	.show = dev_show,
	.store = dev_store,
	.interrupt = dev_interrupt,
	.stat = dev_stat,
	.readlink = dev_readlink,
	.open = dev_open,
	.original = dev_original,
	.inspect = dev_inspect,
	.generation = dev_generation,
	.now = dev_now,
	.begin = dev_begin,
	.destroy = dev_destroy,
};

static void forward_topology(void *ctx)
{
	struct dev_backend *dev = ctx;

	if (dev->backend.listener.topology_changed)
		dev->backend.listener.topology_changed(dev->backend.listener.ctx);
}

static void forward_changed(void *ctx)
{
	struct dev_backend *dev = ctx;

	if (dev->backend.listener.changed)
		dev->backend.listener.changed(dev->backend.listener.ctx);
}

int dev_backend_new(struct backend *inner, const struct dev_entries *host, struct backend **ret)
{
	struct dev_backend *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return -ENOMEM;
	dev->backend = (struct backend){ .ops = &dev_ops, .traits = inner->traits };
	dev->inner = inner;
	dev->host = host;
	inner->listener.topology_changed = forward_topology;
	inner->listener.changed = forward_changed;
	inner->listener.ctx = dev;
	*ret = &dev->backend;
	return 0;
}
