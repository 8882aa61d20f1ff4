/* SPDX-License-Identifier: MIT */
#include "fs/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(APSYSFS_COVERAGE)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#ifndef INSTRUMENTED
#define INSTRUMENTED 0
#endif

/* Takes over fd; below 0: there is none. */
static void keep(struct privileges *p, enum file_use use, int fd)
{
	if (fd < 0)
		return;
	if (p->files == PRIVILEGES_FILES) {
		close(fd);
		return;
	}
	p->file[p->files].use = use;
	p->file[p->files++].fd = fd;
}

static int name(const char *path)
{
	return open(path, O_PATH | O_CLOEXEC);
}

void privileges_list(struct privileges *p, const char *path)
{
	keep(p, FILE_LISTED, name(path));
}

void privileges_read(struct privileges *p, const char *path)
{
	keep(p, FILE_READ, name(path));
}

void privileges_write(struct privileges *p, const char *path)
{
	keep(p, FILE_WRITTEN, name(path));
}

void privileges_nodes(struct privileges *p, int folder)
{
	keep(p, FILE_NODES, fcntl(folder, F_DUPFD_CLOEXEC, 0));
	p->nodes = true;
}

/* Below 0: there is no such folder. */
static int folder_of(const char *file)
{
	char *real = realpath(file, NULL), *copy = real ? real : strdup(file);
	int fd = copy ? name(dirname(copy)) : -1;

	free(copy);
	return fd;
}

void privileges_read_beside(struct privileges *p, const char *file)
{
	keep(p, FILE_READ, folder_of(file));
}

void privileges_write_beside(struct privileges *p, const char *file)
{
	int folder = folder_of(file);
	struct stat st;

	if (folder >= 0 && fstat(folder, &st) == 0 && st.st_uid != geteuid())
		p->override = true;
	keep(p, FILE_WRITTEN, folder);
}

static void say(const struct privileges *p, const char *what, int rc)
{
	if (rc < 0 && p->debug)
		fprintf(stderr, "apsysfs: not limited here: %s: %s\n", what, strerror(-rc));
}

#define BIT(capability) (UINT64_C(1) << (capability))

static uint64_t needed(const struct privileges *p)
{
	return (p->nodes ? BIT(CAP_MKNOD) : 0) | (p->override ? BIT(CAP_DAC_OVERRIDE) : 0) |
	       (p->admin ? BIT(CAP_SYS_ADMIN) : 0);
}

static int capabilities_limit(const struct privileges *p)
{
	capng_get_caps_process();
	if (!capng_have_capabilities(CAPNG_SELECT_CAPS))
		return 0;
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned c = 0; c <= CAP_LAST_CAP; c++)
		if (needed(p) >> c & 1)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, c);
	/* the bounding set can be emptied only while the right to is there: first that, then the rest */
	if (capng_apply(CAPNG_SELECT_BOTH) < 0 && capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	return 0;
}

void privileges_forget(struct privileges *p)
{
	while (p->files)
		close(p->file[--p->files].fd);
}

void privileges_drop(struct privileges *p)
{
	if (INSTRUMENTED) {
		/* their reports need files, and their run time calls that no daemon makes */
		if (p->debug)
			fprintf(stderr, "apsysfs: nothing is given up: built with a sanitizer or for coverage\n");
		privileges_forget(p);
		return;
	}
	say(p, "new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0);
	say(p, "files (Landlock)", files_limit(p));
	privileges_forget(p);
	say(p, "capabilities", capabilities_limit(p));
	/* last: the others need calls that are not left */
	say(p, "system calls (seccomp)", syscalls_limit(p));
}
