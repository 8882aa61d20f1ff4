/* SPDX-License-Identifier: MIT */
#include "fs/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

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

static int capabilities_limit(const struct privileges *p)
{
	capng_get_caps_process();
	if (!capng_have_capabilities(CAPNG_SELECT_CAPS))
		return 0;
	capng_clear(CAPNG_SELECT_BOTH);
	if (p->admin)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_ADMIN);
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
	say(p, "files (Landlock)", files_limit(p));
	say(p, "capabilities", capabilities_limit(p));
	/* last: the others need calls that are not left */
	say(p, "system calls (seccomp)", syscalls_limit());
}

uint64_t privileges_rest(void)
{
	uint64_t rested = 0;

	if (INSTRUMENTED)
		return 0;
	capng_get_caps_process();
	for (int c = 0; c <= CAP_LAST_CAP; c++)
		if (capng_have_capability(CAPNG_EFFECTIVE, (unsigned)c))
			rested |= UINT64_C(1) << c;
	for (int c = 0; c <= CAP_LAST_CAP; c++)
		capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, (unsigned)c);
	return capng_apply(CAPNG_SELECT_CAPS) < 0 ? 0 : rested;
}

void privileges_wake(uint64_t rested)
{
	if (!rested)
		return;
	capng_get_caps_process();
	for (int c = 0; c <= CAP_LAST_CAP; c++)
		if (rested >> c & 1)
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, (unsigned)c);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		perror("apsysfs: capabilities");
}
