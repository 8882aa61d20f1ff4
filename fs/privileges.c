/* SPDX-License-Identifier: MIT */
#include "fs/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <libgen.h>
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

void privileges_read(struct privileges *p, const char *path)
{
	if (p->reads < PRIVILEGES_PATHS)
		p->read[p->reads++] = path;
}

/* In memory of its own, which is never given back; NULL: there is no such folder. */
static const char *folder_of(const char *file)
{
	char *real = realpath(file, NULL), *copy = real ? real : strdup(file);
	char *folder = copy ? realpath(dirname(copy), NULL) : NULL;

	free(copy);
	return folder;
}

void privileges_read_beside(struct privileges *p, const char *file)
{
	const char *folder = folder_of(file);

	if (folder)
		privileges_read(p, folder);
}

void privileges_write_beside(struct privileges *p, const char *file)
{
	const char *folder = folder_of(file);
	struct stat st;

	if (!folder || p->writes == PRIVILEGES_PATHS)
		return;
	p->write[p->writes++] = folder;
	if (stat(folder, &st) == 0 && st.st_uid != geteuid())
		p->override = true;
}

void privileges_write(struct privileges *p, const char *path)
{
	if (p->writes < PRIVILEGES_PATHS)
		p->write[p->writes++] = path;
}

static void say(const struct privileges *p, const char *what, int rc)
{
	if (rc < 0 && p->debug)
		fprintf(stderr, "apsysfs: not limited here: %s: %s\n", what, strerror(-rc));
}

#define BIT(capability) (UINT64_C(1) << (capability))
/* device nodes, whose they are, and uevents in the command's network namespace */
#define OF_RUN (BIT(CAP_MKNOD) | BIT(CAP_CHOWN) | BIT(CAP_FOWNER) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_SYS_ADMIN))

static uint64_t needed(const struct privileges *p)
{
	return (p->run ? OF_RUN : 0) | (p->admin ? BIT(CAP_SYS_ADMIN) : 0) | (p->override ? BIT(CAP_DAC_OVERRIDE) : 0);
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

void privileges_drop(const struct privileges *p)
{
	if (INSTRUMENTED) {
		/* their reports need files, and their run time calls that no daemon makes */
		if (p->debug)
			fprintf(stderr, "apsysfs: nothing is given up: built with a sanitizer or for coverage\n");
		return;
	}
	say(p, "new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0);
	if (!p->run)
		say(p, "files (Landlock)", files_limit(p));
	say(p, "capabilities", capabilities_limit(p));
	/* last: the others need calls that are not left */
	say(p, "system calls (seccomp)", syscalls_limit(p));
}

uint64_t privileges_rest(const struct privileges *p)
{
	uint64_t rested = 0;

	if (INSTRUMENTED)
		return 0;
	capng_get_caps_process();
	for (unsigned c = 0; c <= CAP_LAST_CAP; c++) {
		if (!capng_have_capability(CAPNG_EFFECTIVE, c) || needed(p) >> c & 1)
			continue;
		rested |= UINT64_C(1) << c;
		capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, c);
	}
	return rested && capng_apply(CAPNG_SELECT_CAPS) == 0 ? rested : 0;
}

void privileges_wake(uint64_t rested)
{
	if (!rested)
		return;
	capng_get_caps_process();
	for (unsigned c = 0; c <= CAP_LAST_CAP; c++)
		if (rested >> c & 1)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, c);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		perror("apsysfs: capabilities");
}
