/* SPDX-License-Identifier: MIT */
#include "fs/module_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fs/kmod.h"

#define STAND_INS 5	/* of kmod_names: those that have to be ours */

static const char *const folders[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };

static const char *end_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void add_cover(struct module_commands *c, const char *path)
{
	for (unsigned i = 0; i < c->covers; i++)
		if (strcmp(c->cover[i], path) == 0)
			return;
	if (c->covers < MODULE_COMMANDS)
		snprintf(c->cover[c->covers++], PATH_MAX, "%s", path);
}

static void keep(struct module_commands *c, const char *path)
{
	struct kept_file *k = &c->kept[c->kept_count];

	for (unsigned i = 0; i < c->kept_count; i++)
		if (strcmp(c->kept[i].label, end_of(path)) == 0)
			return;
	if (c->kept_count == MODULE_COMMANDS)
		return;
	snprintf(k->label, sizeof(k->label), "%s", end_of(path));
	k->clone = (int)syscall(SYS_open_tree, AT_FDCWD, path, 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
	c->kept_count++;
}

/* kmod is all of them, a file of the name itself just one; what else a link may lead to (busybox) is not ours to cover. */
static bool may_cover(const char *path, const char *name)
{
	return strcmp(end_of(path), "kmod") == 0 || strcmp(end_of(path), name) == 0;
}

/* What the host has by this name. In a run within a run it is what the outer one kept. */
static void find_host(struct module_commands *c, unsigned name, const char *path)
{
	if (*c->link[name])
		return;
	if (may_cover(path, kmod_names[name])) {
		keep(c, path);
		snprintf(c->link[name], PATH_MAX, "%s", end_of(path));
	} else {
		snprintf(c->link[name], PATH_MAX, "%s", path);
	}
}

static void find_name(struct module_commands *c, unsigned name, bool nested)
{
	char path[PATH_MAX], real[PATH_MAX];
	bool covered = false;

	snprintf(path, sizeof(path), KMOD_HOST "/%s", kmod_names[name]);
	if (nested && realpath(path, real))
		find_host(c, name, real);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], kmod_names[name]);
		if (!realpath(path, real))
			continue;
		if (!nested)
			find_host(c, name, real);
		if (!may_cover(real, kmod_names[name]))
			continue;
		add_cover(c, real);
		covered = true;
	}
	if (!covered && name < STAND_INS)
		c->needs_path = true;
}

void module_commands_find(struct module_commands *c)
{
	bool nested = access(KMOD_BIN "/apsysfs", F_OK) == 0;

	memset(c, 0, sizeof(*c));
	for (unsigned name = 0; kmod_names[name]; name++)
		find_name(c, name, nested);
}

/* --- putting ours in front ----------------------------------------------------------------------- */

static int make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int bind_file(const char *source, const char *target)
{
	return mount(source, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

/* By its path: what /proc/self/exe means is a mount of the namespace that was left. */
static int bind_self(const char *target)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return -errno;
	path[n] = 0;
	return bind_file(path, target);
}

static int attach_kept(const struct kept_file *k)
{
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), KMOD_HOST "/%s", k->label);
	rc = make_file(path);
	if (rc == 0 && (k->clone < 0 || syscall(SYS_move_mount, k->clone, "", AT_FDCWD, path, 4 /* F_EMPTY_PATH */) < 0))
		rc = -errno;
	if (k->clone >= 0)
		close(k->clone);
	return rc;
}

static int make_links(const struct module_commands *c)
{
	char path[PATH_MAX];

	for (unsigned name = 0; kmod_names[name]; name++) {
		snprintf(path, sizeof(path), KMOD_BIN "/%s", kmod_names[name]);
		if ((name < STAND_INS || *c->link[name]) && symlink("apsysfs", path) < 0)
			return -errno;
		snprintf(path, sizeof(path), KMOD_HOST "/%s", kmod_names[name]);
		/* EEXIST: it is the kept file itself */
		if (*c->link[name] && symlink(c->link[name], path) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int fill_bin(struct module_commands *c)
{
	int rc;

	if (mount("apsysfs", KMOD_BIN, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k") < 0)
		return -errno;
	if (mkdir(KMOD_HOST, 0755) < 0)
		return -errno;
	rc = make_file(KMOD_BIN "/apsysfs");
	if (rc == 0)
		rc = bind_self(KMOD_BIN "/apsysfs");
	for (unsigned i = 0; i < c->kept_count; i++)
		if (rc == 0)
			rc = attach_kept(&c->kept[i]);
	return rc < 0 ? rc : make_links(c);
}

void module_commands_install(struct module_commands *c)
{
	int rc;

	/* over a host's own sysfs there are no modules of ours to load: its commands are the right ones */
	if (access(KMOD_CONTROL, F_OK) < 0) {
		c->needs_path = false;
		return;
	}
	rc = fill_bin(c);
	for (unsigned i = 0; rc == 0 && i < c->covers; i++)
		rc = bind_file(KMOD_BIN "/apsysfs", c->cover[i]);
	if (rc == 0 && access("/proc/modules", F_OK) == 0)
		rc = bind_file(KMOD_CONTROL "/proc_modules", "/proc/modules");
	if (rc < 0)
		fprintf(stderr, "apsysfs run: modprobe and its like are the host's: %s; 'apsysfs module' does their work\n",
			strerror(-rc));
}

void module_commands_set_path(const struct module_commands *c)
{
	const char *path = getenv("PATH");
	char *longer;

	if (!c->needs_path || (path && strncmp(path, KMOD_BIN ":", sizeof(KMOD_BIN)) == 0))
		return;
	if (asprintf(&longer, KMOD_BIN ":%s", path ? path : "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin") < 0)
		return;
	setenv("PATH", longer, 1);
	free(longer);
}
