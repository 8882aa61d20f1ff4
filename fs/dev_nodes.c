/* SPDX-License-Identifier: MIT */
#include "fs/dev_nodes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define ENTRIES_MAX 4096

/* One of the host's: a link, or a copy of its mount. */
struct entry {
	char name[NAME_MAX + 1];
	char target[PATH_MAX];	/* "": no link */
	int clone;		/* -1: none */
	bool directory;
};

/* Names that are the virtual kernel's. */
static bool is_ours(const char *name)
{
	return strcmp(name, "vfio") == 0 || strcmp(name, "z90crypt") == 0 || strcmp(name, "zcrypt") == 0;
}

/* A node of an outer run: it lies in a /dev like ours, where nodes cannot be opened. */
static bool is_outer_node(int dev, const struct stat *st)
{
	struct statvfs fs;
	struct stat folder;

	return S_ISCHR(st->st_mode) && fstatvfs(dev, &fs) == 0 && (fs.f_flag & ST_NODEV) &&
	       fstat(dev, &folder) == 0 && folder.st_dev == st->st_dev;
}

static bool take_entry(int dev, const char *name, struct entry *e)
{
	struct stat st;
	ssize_t n;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || is_ours(name) ||
	    fstatat(dev, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || is_outer_node(dev, &st))
		return false;
	*e = (struct entry){ .clone = -1, .directory = S_ISDIR(st.st_mode) };
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (S_ISLNK(st.st_mode)) {
		n = readlinkat(dev, name, e->target, sizeof(e->target) - 1);
		return n > 0;
	}
	e->clone = (int)syscall(SYS_open_tree, dev, name, 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC | 0x8000 /* AT_RECURSIVE */);
	return e->clone >= 0;
}

/* The host's entries; how many, or -1. */
static int take_entries(struct entry **ret)
{
	struct entry *entry = calloc(ENTRIES_MAX, sizeof(*entry));
	DIR *dev = opendir("/dev");
	struct dirent *d;
	int count = 0;

	*ret = entry;
	if (!entry || !dev) {
		if (dev)
			closedir(dev);
		return -1;
	}
	while (count < ENTRIES_MAX && (d = readdir(dev)))
		count += take_entry(dirfd(dev), d->d_name, &entry[count]);
	closedir(dev);
	return count;
}

static void put_entry(int dir, const struct entry *e)
{
	int fd;

	if (*e->target) {
		(void)symlinkat(e->target, dir, e->name);
		return;
	}
	if (e->directory) {
		(void)mkdirat(dir, e->name, 0755);
	} else {
		fd = openat(dir, e->name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	syscall(SYS_move_mount, e->clone, "", dir, e->name, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
	close(e->clone);
}

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

int dev_nodes_cover(void)
{
	struct entry *entry;
	int count, dir = -1;

	/* only a first try tells whether nodes can be made; /dev is as it was if not */
	if (geteuid() != 0)
		return -1;
	count = take_entries(&entry);
	if (count >= 0)
		dir = mount_over();
	for (int i = 0; i < count; i++) {
		if (dir >= 0)
			put_entry(dir, &entry[i]);
		else if (entry[i].clone >= 0)
			close(entry[i].clone);
	}
	free(entry);
	return dir;
}

/* --- nodes ------------------------------------------------------------------------------------------ */

struct device {
	unsigned major, minor, mode;
	char name[PATH_MAX];
};

/* One "KEY=VALUE". */
static void take_key(struct device *d, const char *line)
{
	if (sscanf(line, "MAJOR=%u", &d->major) == 1 || sscanf(line, "MINOR=%u", &d->minor) == 1 ||
	    sscanf(line, "DEVMODE=%o", &d->mode) == 1)
		return;
	if (strncmp(line, "DEVNAME=", 8) == 0)
		snprintf(d->name, sizeof(d->name), "%s", line + 8);
}

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

static void make_node(int dir, const struct device *d)
{
	if (!d->major || !may_be_named(dir, d->name))
		return;
	/* what the host has by this name is its own */
	if (mknodat(dir, d->name, S_IFCHR | (d->mode ? d->mode : 0600), makedev(d->major, d->minor)) == 0)
		(void)fchmodat(dir, d->name, d->mode ? d->mode : 0600, 0);
}

static void remove_node(int dir, const struct device *d)
{
	struct stat st;

	if (d->major && may_be_named(dir, d->name) && fstatat(dir, d->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISCHR(st.st_mode) && st.st_rdev == makedev(d->major, d->minor))
		(void)unlinkat(dir, d->name, 0);
}

void dev_nodes_event(int dir, const char *payload, size_t length)
{
	bool add = strncmp(payload, "add@", 4) == 0, remove = strncmp(payload, "remove@", 7) == 0;
	struct device d = { 0 };

	if (!add && !remove)
		return;
	for (const char *line = payload; line < payload + length; line += strlen(line) + 1)
		take_key(&d, line);
	if (add)
		make_node(dir, &d);
	else
		remove_node(dir, &d);
}

/* --- what is there at the beginning ------------------------------------------------------------------- */

struct walk {
	struct backend *backend;
	int dir;
};

static void make_from_uevent(const struct walk *w, uint64_t device)
{
	struct backend *b = w->backend;
	char text[SYSFS_PAGE], *rest;
	struct backend_call call = { 0 };
	struct device d = { 0 };
	uint64_t file;

	page_init_fixed(&call.page, text, sizeof(text));
	if (b->ops->find(b, device, "uevent", NULL, &file) < 0 || b->ops->show(b, file, &call) != 0)
		return;
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));)
		take_key(&d, line);
	make_node(w->dir, &d);
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

void dev_nodes_make(int dir, struct backend *b)
{
	static const char *const places[] = { "misc", "zcrypt", "vfio" };
	struct walk w = { b, dir };
	uint64_t devices, virtual, place;

	if (b->ops->find(b, BACKEND_ROOT, "devices", NULL, &devices) < 0 ||
	    b->ops->find(b, devices, "virtual", NULL, &virtual) < 0)
		return;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct found found = { 0 };

		if (b->ops->find(b, virtual, places[i], NULL, &place) == 0 &&
		    b->ops->list(b, place, NULL, collect, &found) == 0)
			for (size_t n = 0; n < found.count; n++)
				make_from_uevent(&w, found.node[n]);
		free(found.node);
	}
}
