/* SPDX-License-Identifier: MIT */
#include "fs/dev_nodes.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fs/dev_device.h"

/* Over /dev, without devices of its own; -1 if nobody may make nodes here. */
static int mount_over(void)
{
	int dir;

	if (mount("apsysfs", "/dev", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") < 0)
		return -1;
	dir = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && mknodat(dir, "try", S_IFCHR | 0600, makedev(1, 3)) == 0) {
		unlinkat(dir, "try", 0);
		return dir;
	}
	if (dir >= 0)
		close(dir);
	umount2("/dev", MNT_DETACH);
	return -1;
}

int dev_nodes_cover(const struct dev_entries *host)
{
	int dir;

	/* only a first try tells whether nodes can be made; /dev is as it was if not */
	if (geteuid() != 0)
		return -1;
	dir = mount_over();
	if (dir >= 0)
		dev_entries_put(host, dir);
	return dir;
}

/* --- nodes ------------------------------------------------------------------------------------------ */

/* A name stays in the folder, or one below it. */
static bool may_be_named(int dir, const char *name)
{
	const char *slash = strchr(name, '/');

	if (!slash)
		return *name && *name != '.';
	if (strncmp(name, "vfio/", 5) != 0 || strchr(slash + 1, '/') || slash[1] == '.')
		return false;
	(void)mkdirat(dir, "vfio", 0755);
	return true;
}

static void make_node(int dir, const struct dev_device *d)
{
	if (!d->major || !may_be_named(dir, d->name))
		return;
	/* what the host has by this name is its own */
	if (mknodat(dir, d->name, S_IFCHR | d->mode, makedev(d->major, d->minor)) == 0)
		(void)fchmodat(dir, d->name, d->mode, 0);
}

static void remove_node(int dir, const struct dev_device *d)
{
	struct stat st;

	if (d->major && may_be_named(dir, d->name) && fstatat(dir, d->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISCHR(st.st_mode) && st.st_rdev == makedev(d->major, d->minor))
		(void)unlinkat(dir, d->name, 0);
}

void dev_nodes_event(int dir, const char *payload, size_t length)
{
	bool add = strncmp(payload, "add@", 4) == 0, remove = strncmp(payload, "remove@", 7) == 0;
	struct dev_device d = { .mode = DEV_DEVICE_MODE };

	if (!add && !remove)
		return;
	for (const char *line = payload; line < payload + length; line += strlen(line) + 1)
		dev_device_take_key(&d, line);
	if (add)
		make_node(dir, &d);
	else
		remove_node(dir, &d);
}

static bool make_one(void *ctx, const struct dev_device *d)
{
	make_node(*(const int *)ctx, d);
	return true;
}

void dev_nodes_make(int dir, struct backend *b)
{
	dev_device_each(b, NULL, make_one, &dir);
}
