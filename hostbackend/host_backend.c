/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"
#include "hostbackend/host.h"
#include "hostbackend/host_refresh.h"

#define VIEW_AGE (20 * INT64_C(1000000))	/* ns for which what a view is made of need not be read again */

static void host_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct host *h = host_of(b);
	int64_t now;

	host_lock(h);
	now = h->mirror->engine.state->now;
	if ((now - h->viewed > h->view_age || now < h->viewed) && host_sysfs_gone(&h->sys) == 0) {
		host_scan_all(h->mirror, HOST_BINDINGS);
		h->viewed = host_clock();
		/* of a host that takes long to read, not all of the time goes into reading it */
		h->view_age = h->viewed - now > VIEW_AGE ? h->viewed - now : VIEW_AGE;
	}
	fn(ctx, &h->mirror->engine);
	host_unlock(h);
}

/* Nobody knows what the host did meanwhile: each answer is another one. */
static uint64_t host_generation(struct backend *b)
{
	struct host *h = host_of(b);
	uint64_t generation;

	pthread_mutex_lock(&h->lock);
	generation = h->topology = ++h->mirror->engine.state->topology;
	pthread_mutex_unlock(&h->lock);
	return generation;
}

static int64_t host_now(struct backend *b)
{
	return host_clock();
}

/* What it tells of is looked at anew before anybody hears of it. */
static void forward_event(void *ctx, const char *payload, size_t length)
{
	struct host *h = ctx;

	host_lock(h);
	h->viewed = 0;
	h->mirror->engine.state->topology++;
	host_unlock(h);
	if (h->backend.listener.changed)
		h->backend.listener.changed(h->backend.listener.ctx);
	if (h->backend.listener.uevent)
		h->backend.listener.uevent(h->backend.listener.uevent_ctx, payload, length);
}

/* Its workers come with the calls. */
static void host_begin(struct backend *b)
{
}

static void host_destroy(struct backend *b)
{
	struct host *h = host_of(b);

	host_events_stop(h->events);
	workers_stop(h->workers);
	host_mirror_free(h->mirror);
	free(h->mirror);
	host_sysfs_close(&h->sys);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static const struct backend_ops host_ops = {
	.find = host_find,
	.list = host_list_entries,
	.show = host_show,
	.store = host_store,
	.interrupt = host_interrupt,
	.stat = host_stat_node,
	.readlink = host_readlink_node,
	.open = host_open_node,
	.original = host_original,
	.inspect = host_inspect,
	.generation = host_generation,
	.now = host_now,
	.begin = host_begin,
	.destroy = host_destroy,
};

static int start(struct host *h, const struct host_options *options)
{
	int rc = host_sysfs_open(&h->sys, options->dir);

	if (rc < 0)
		return rc;
	h->sys.opener = options->opener;
	h->sys.opener_ctx = options->opener_ctx;
	h->mirror = calloc(1, sizeof(*h->mirror));
	rc = h->mirror ? host_mirror_init(h->mirror, &h->sys) : -ENOMEM;
	if (rc < 0) {
		free(h->mirror);
		host_sysfs_close(&h->sys);
		return rc;
	}
	/* once all, so that what is constant or set by others is known */
	host_scan_all(h->mirror, HOST_STATE);
	h->topology = h->mirror->engine.state->topology;
	h->workers = workers_new(host_do_call, host_refuse_call, h);
	return h->workers ? 0 : -ENOMEM;
}

int host_backend_new(const struct host_options *options, struct backend **ret)
{
	struct host *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return -ENOMEM;
	pthread_mutex_init(&h->lock, NULL);
	h->guard = options->guard;
	h->differs = options->differs;
	h->backend.ops = &host_ops;
	rc = start(h, options);
	if (rc < 0) {
		free(h);
		return rc;
	}
	h->backend.traits = (struct backend_traits){
		.changes_unseen = true,
		.gone_has_no_links = h->mirror->engine.rules->removed_nlink_zero,
		.reads_repeat = h->mirror->engine.state->kernel == KERNEL_4_20,
		.no_method_is_ignored = h->mirror->engine.state->kernel == KERNEL_4_20,
		.no_security_xattr = h->mirror->engine.state->kernel == KERNEL_4_20,
	};
	*ret = &h->backend;
	return 0;
}

int host_backend_hear(struct backend *b, int fd)
{
	struct host *h = host_of(b);

	return host_events_start(fd, forward_event, h, &h->events);
}

const char *const *host_backend_places(void)
{
	static const char *const places[] = {
		"bus/ap", "bus/mdev", "bus/matrix", "class/mdev_bus", "class/misc", "class/vfio", "class/vfio-dev", "class/zcrypt",
		"devices/ap", "devices/vfio_ap", "devices/virtual/misc/kvm", "devices/virtual/misc/vfio",
		"devices/virtual/misc/z90crypt", "devices/virtual/vfio", "devices/virtual/zcrypt", "kernel/iommu_groups",
		"module/ap", "module/iommufd", "module/irqbypass", "module/kvm", "module/mdev", "module/vfio", "module/vfio_ap", "module/vfio_iommu_type1",
		"module/vfio_mdev", "module/vfio_virqfd", "module/zcrypt", "module/zcrypt_cex2a", "module/zcrypt_cex2c", "module/zcrypt_cex4",
		".apsysfs/guests", NULL,
	};

	return places;
}

bool host_backend_comes_later(const char *place)
{
	return strcmp(place, "devices/virtual/zcrypt") == 0 || strcmp(place, "devices/virtual/vfio") == 0;
}

bool host_backend_has_place(const char *path)
{
	/* "bus/ap/../pci" is none */
	if (strstr(path, ".."))
		return false;
	for (const char *const *place = host_backend_places(); *place; place++) {
		size_t length = strlen(*place);

		if (strncmp(path, *place, length) == 0 && (!path[length] || path[length] == '/'))
			return true;
	}
	return false;
}
