/* SPDX-License-Identifier: MIT */
#include "fs/dev_entries.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES_MAX 4096
#define WHOLE ".host"

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

static int clone(int dir, const char *name)
{
	return (int)syscall(SYS_open_tree, dir, name, 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC | 0x8000 /* AT_RECURSIVE */);
}

static void copy_links(int from, int to)
{
	DIR *d = fdopendir(from);
	char target[PATH_MAX];
	struct dirent *found;
	ssize_t n;

	if (!d) {
		close(from);
		return;
	}
	while ((found = readdir(d))) {
		n = readlinkat(from, found->d_name, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = 0;
		(void)symlinkat(target, to, found->d_name);
	}
	closedir(d);
}

/* udev makes links by number there: a folder of links of its own, so that ours do not come to the host. A mount, or -1. */
static int clone_links(int dev, const char *name)
{
	int from = openat(dev, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), context, to;

	if (from < 0)
		return -1;
	context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0 ||
	    (to = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)) < 0) {
		if (context >= 0)
			close(context);
		close(from);
		return -1;
	}
	close(context);
	copy_links(from, to);
	return to;
}

static char *read_link(int dev, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(dev, name, text, sizeof(text) - 1);

	if (n <= 0)
		return NULL;
	text[n] = 0;
	return strdup(text);
}

static bool take_entry(int dev, const char *name, struct dev_entry *e)
{
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, WHOLE) == 0 || is_ours(name) ||
	    fstatat(dev, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || is_outer_node(dev, &st))
		return false;
	*e = (struct dev_entry){ .clone = -1, .directory = S_ISDIR(st.st_mode) };
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (S_ISLNK(st.st_mode)) {
		e->target = read_link(dev, name);
		return e->target;
	}
	e->clone = strcmp(name, "char") == 0 ? clone_links(dev, name) : clone(dev, name);
	return e->clone >= 0;
}

static struct dev_entry *find(const struct dev_entries *d, const char *name)
{
	for (int i = 0; i < d->count; i++)
		if (strcmp(d->entry[i].name, name) == 0)
			return &d->entry[i];
	return NULL;
}

/* For a ptmx that is a device, or an outer run's; other links are the host's own way. */
static void take_whole(struct dev_entries *d)
{
	struct dev_entry *ptmx = find(d, "ptmx"), *whole = &d->entry[d->count];
	bool outer = ptmx && ptmx->target && strcmp(ptmx->target, WHOLE "/ptmx") == 0;

	if (!ptmx || (ptmx->target && !outer))
		return;
	*whole = (struct dev_entry){ .name = WHOLE, .directory = true };
	whole->clone = clone(AT_FDCWD, outer ? "/dev/" WHOLE : "/dev");
	if (whole->clone < 0)
		return;
	d->count++;
	if (outer)
		return;
	close(ptmx->clone);
	ptmx->clone = -1;
	ptmx->target = strdup(WHOLE "/ptmx");
}

int dev_entries_take(struct dev_entries *d)
{
	DIR *dev = opendir("/dev");
	struct dirent *found;

	*d = (struct dev_entries){ 0 };
	if (!dev)
		return -errno;
	d->entry = calloc(ENTRIES_MAX + 1, sizeof(*d->entry));
	while (d->entry && d->count < ENTRIES_MAX && (found = readdir(dev)))
		d->count += take_entry(dirfd(dev), found->d_name, &d->entry[d->count]);
	closedir(dev);
	if (d->entry)
		take_whole(d);
	return d->entry ? 0 : -ENOMEM;
}

static void attach(int dir, const struct dev_entry *e)
{
	if (e->clone >= 0)
		syscall(SYS_move_mount, e->clone, "", dir, e->name, 4 /* MOVE_MOUNT_F_EMPTY_PATH */);
}

static void make(int dir, const struct dev_entry *e)
{
	int fd;

	if (e->target) {
		(void)symlinkat(e->target, dir, e->name);
	} else if (e->directory) {
		(void)mkdirat(dir, e->name, 0755);
	} else {
		fd = openat(dir, e->name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
}

void dev_entries_put(const struct dev_entries *d, int dir)
{
	for (int i = 0; i < d->count; i++)
		make(dir, &d->entry[i]);
	dev_entries_attach(d, dir);
}

void dev_entries_attach(const struct dev_entries *d, int dir)
{
	for (int i = 0; i < d->count; i++)
		attach(dir, &d->entry[i]);
}

bool dev_entries_has(const struct dev_entries *d, const char *name)
{
	return find(d, name);
}

void dev_entries_let_go(struct dev_entries *d)
{
	for (int i = 0; i < d->count; i++) {
		if (d->entry[i].clone >= 0)
			close(d->entry[i].clone);
		d->entry[i].clone = -1;
	}
}

void dev_entries_free(struct dev_entries *d)
{
	dev_entries_let_go(d);
	for (int i = 0; i < d->count; i++)
		free(d->entry[i].target);
	free(d->entry);
	*d = (struct dev_entries){ 0 };
}
