/* SPDX-License-Identifier: MIT */
#include "fs/control.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY ".apsysfs"

/* The only mount of ours: 1 and its directory in ret; how many there are. */
static int count_mounts(char *ret, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *m;
	char inside[4200];
	int count = 0;

	while (mounts && (m = getmntent(mounts))) {
		if (strcmp(m->mnt_type, "fuse.apsysfs") != 0)
			continue;
		/* a file of ours may be bound elsewhere, as on /proc/modules; a mount that is dead counts */
		snprintf(inside, sizeof(inside), "%s/" DIRECTORY, m->mnt_dir);
		if (access(inside, F_OK) < 0 && errno == ENOTDIR)
			continue;
		snprintf(ret, size, "%s", m->mnt_dir);
		count++;
	}
	if (mounts)
		endmntent(mounts);
	return count;
}

static void list_mounts(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *m;

	while (mounts && (m = getmntent(mounts)))
		if (strcmp(m->mnt_type, "fuse.apsysfs") == 0)
			fprintf(stderr, "  %s\n", m->mnt_dir);
	if (mounts)
		endmntent(mounts);
}

int control_mount(const char *mount, char *ret, size_t size)
{
	char dir[4096] = "";
	int count = 1;

	if (!mount)
		mount = getenv("APSYSFS_MOUNT");
	if (!mount) {
		count = count_mounts(dir, sizeof(dir));
		mount = dir;
	}
	if (count > 1)
		list_mounts();
	if (count != 1) {
		fprintf(stderr, count ? "apsysfs: %d mounts: say which with --mount DIR\n" : "apsysfs: nothing of apsysfs is mounted; mount it, or work inside 'apsysfs run'\n",
			count);
		return -1;
	}
	if ((size_t)snprintf(ret, size, "%s", mount) >= size) {
		fprintf(stderr, "apsysfs: %s: too long\n", mount);
		return -1;
	}
	return 0;
}

int control_find(const char *mount, char *ret, size_t size)
{
	char dir[4096];

	if (control_mount(mount, dir, sizeof(dir)) < 0)
		return -1;
	if ((size_t)snprintf(ret, size, "%s/" DIRECTORY, dir) >= size || access(ret, F_OK) < 0) {
		fprintf(stderr, "apsysfs: %s is not a mount of apsysfs, or not one you may change\n", dir);
		return -1;
	}
	return 0;
}

static int open_file(const char *control, const char *name, int flags)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", control, name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_file(const char *control, const char *name, struct page *out)
{
	int fd = open_file(control, name, O_RDONLY);
	char part[65536];
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read(fd, part, sizeof(part))) > 0)
		page_append(out, part, (size_t)n);
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

int control_read(const char *control, const char *name, struct page *out)
{
	int rc = read_file(control, name, out);

	if (rc < 0)
		fprintf(stderr, "apsysfs: %s/%s: %s\n", control, name, strerror(-rc));
	return rc < 0 ? -1 : 0;
}

/* Of one line nobody wants to hear that it is the first. */
static bool is_one_line(const char *text)
{
	text += strcspn(text, "\n");
	text += strspn(text, "\n");
	return !*text || strcmp(text, "scan\n") == 0;
}

static void tell_refusal(const char *control, const char *name, const char *written, int error)
{
	char text[512];
	struct page reason;
	size_t skip;

	page_init_fixed(&reason, text, sizeof(text));
	/* only these say why in words of their own */
	if ((strcmp(name, "machine") == 0 || strcmp(name, "scenario") == 0) && read_file(control, "error", &reason) == 0 && reason.length) {
		skip = is_one_line(written) && strncmp(text, "line 1: ", 8) == 0 ? 8 : 0;
		fprintf(stderr, "apsysfs: %s%s", text + skip, text[strlen(text) - 1] == '\n' ? "" : "\n");
	} else {
		fprintf(stderr, "apsysfs: %s: %s\n", name, strerror(error));
	}
}

int control_write(const char *control, const char *name, const char *text)
{
	int fd = open_file(control, name, O_WRONLY), rc = 0;

	if (fd < 0) {
		fprintf(stderr, "apsysfs: %s/%s: %s\n", control, name, strerror(-fd));
		return fd;
	}
	if (write(fd, text, strlen(text)) < 0) {
		rc = -errno;
		tell_refusal(control, name, text, -rc);
	}
	close(fd);
	return rc;
}
