/* SPDX-License-Identifier: MIT */
#include "fs/host_places.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Directories that both sides have, by path. */
static const char *const merged_directories[] = {
	"", "bus", "class", "class/misc", "devices", "devices/virtual", "devices/virtual/misc", "kernel", "module",
};

/* Names that the virtual kernel has, or may come to have: never the host's. */
static const char *const own_names[] = {
	"bus/ap", "bus/mdev", "bus/matrix", "class/mdev_bus", "class/zcrypt", "class/vfio", "class/vfio-dev",
	"class/misc/z90crypt", "class/misc/vfio", "class/misc/kvm", "devices/ap", "devices/vfio_ap",
	"devices/virtual/zcrypt", "devices/virtual/vfio", "devices/virtual/misc/z90crypt",
	"devices/virtual/misc/vfio", "devices/virtual/misc/kvm", "kernel/iommu_groups", "module/ap",
	"module/zcrypt", "module/zcrypt_cex2a", "module/zcrypt_cex2c", "module/zcrypt_cex4", "module/vfio",
	"module/mdev", "module/vfio_mdev", "module/kvm", "module/vfio_ap", "module/irqbypass", "module/iommufd",
	"module/vfio_virqfd", "module/vfio_iommu_type1",
};

static bool listed(const char *const *list, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], path) == 0)
			return true;
	return false;
}

bool host_places_is_ours(const char *path)
{
	return listed(own_names, sizeof(own_names) / sizeof(*own_names), path) ||
	       listed(merged_directories, sizeof(merged_directories) / sizeof(*merged_directories), path);
}

static char *read_link(const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		return NULL;
	target[n] = 0;
	return strdup(target);
}

int host_places_add(struct host_places *h, const char *path, enum node_type type, const char *target)
{
	struct host_place *place = h->place;

	if (h->count == h->size) {
		size_t size = h->size ? 2 * h->size : 256;

		place = realloc(place, size * sizeof(*place));
		if (!place)
			return -ENOMEM;
		h->place = place;
		h->size = size;
	}
	place += h->count++;
	*place = (struct host_place){ strdup(path), type, target ? strdup(target) : NULL };
	return place->path && (place->target || !target) ? 0 : -ENOMEM;
}

static int add_entry(struct host_places *h, const char *host, const char *path, unsigned char type)
{
	char full[2 * PATH_MAX];
	char *target;
	int rc;

	if (host_places_is_ours(path))
		return 0;
	if (type == DT_DIR)
		return host_places_add(h, path, NODE_IS_DIRECTORY, NULL);
	if (type == DT_REG)
		return host_places_add(h, path, NODE_IS_FILE, NULL);
	if (type != DT_LNK)
		return 0;
	snprintf(full, sizeof(full), "%s/%s", host, path);
	target = read_link(full);
	if (!target)
		return 0;
	rc = host_places_add(h, path, NODE_IS_LINK, target);
	free(target);
	return rc;
}

static int read_directory(struct host_places *h, const char *host, const char *path)
{
	char full[2 * PATH_MAX], entry_path[PATH_MAX];
	struct dirent *entry;
	DIR *d;
	int rc = 0;

	snprintf(full, sizeof(full), "%s/%s", host, path);
	d = opendir(full);
	/* a host need not have every directory */
	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (rc == 0 && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(entry_path, sizeof(entry_path), "%s%s%s", path, *path ? "/" : "", entry->d_name);
		rc = add_entry(h, host, entry_path, entry->d_type);
	}
	closedir(d);
	return rc;
}

int host_places_read(struct host_places *h, const char *host)
{
	int rc = 0;

	*h = (struct host_places){ 0 };
	for (size_t i = 0; rc == 0 && i < sizeof(merged_directories) / sizeof(*merged_directories); i++)
		rc = read_directory(h, host, merged_directories[i]);
	/* for the module commands: nothing of the host's, but a place to mount on */
	if (rc == 0)
		rc = host_places_add(h, ".apsysfs/bin", NODE_IS_DIRECTORY, NULL);
	if (rc < 0)
		host_places_free(h);
	return rc;
}

void host_places_free(struct host_places *h)
{
	for (size_t i = 0; i < h->count; i++) {
		free(h->place[i].path);
		free(h->place[i].target);
	}
	free(h->place);
	*h = (struct host_places){ 0 };
}
