/* SPDX-License-Identifier: MIT */
/* Mounts of ours that are dead or do not answer, and daemons without a mount. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fs/doctor.h"

#define PATIENCE_MS 2000

/* The answer to statfs: 0, an errno, or -1 if it does not come. A child asks: whoever waits for a stuck daemon is stuck. */
static int ask(const char *dir)
{
	struct statfs fs;
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	/* the kernel may remember the directory itself; what this asks it never remembers */
	if (child == 0)
		_exit(statfs(dir, &fs) < 0 ? errno : 0);
	for (int ms = 0; child > 0 && ms < PATIENCE_MS; ms += 20) {
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		usleep(20000);
	}
	if (child > 0)
		kill(child, SIGKILL);
	return -1;
}

static void check_mount(finding_fn *take, void *ctx, const char *dir)
{
	struct finding f = { FINDING_OK, dir, "a mount that answers", NULL };
	char advice[PATH_MAX + 200];
	int answer = ask(dir);

	if (answer > 0) {
		f.level = FINDING_WRONG;
		f.state = strerror(answer);
		snprintf(advice, sizeof(advice), "its daemon is gone: fusermount3 -uz '%s' (as root: umount -l '%s')", dir, dir);
		f.advice = advice;
	} else if (answer < 0) {
		f.level = FINDING_WRONG;
		f.state = "its daemon does not answer";
		snprintf(advice, sizeof(advice), "is it stopped? kill -CONT it; else end it and fusermount3 -uz '%s'", dir);
		f.advice = advice;
	}
	take(ctx, &f);
}

void doctor_check_mounts(finding_fn *take, void *ctx)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *m;

	if (!mounts) {
		take(ctx, &(struct finding){ FINDING_WRONG, "/proc/self/mounts", strerror(errno), "mount /proc" });
		return;
	}
	while ((m = getmntent(mounts)))
		if (strcmp(m->mnt_type, "fuse.apsysfs") == 0)
			check_mount(take, ctx, m->mnt_dir);
	endmntent(mounts);
}

/* --- daemons ------------------------------------------------------------------------------------- */

static bool is_ours(const char *pid)
{
	char path[300], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fscanf(file, "%31s", name) != 1)
		*name = 0;
	fclose(file);
	return strcmp(name, "apsysfs") == 0;
}

/* Serves it a mount: has it /dev/fuse open? That of another user cannot be seen, and is not ours to judge. */
static bool serves(const char *pid)
{
	char path[PATH_MAX], target[64];
	struct dirent *entry;
	bool found = false;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	d = opendir(path);
	while (d && !found && (entry = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), entry->d_name, target, sizeof(target));

		found = n == 9 && memcmp(target, "/dev/fuse", 9) == 0;
	}
	if (d)
		closedir(d);
	return found;
}

static bool has_mount(const char *pid)
{
	char path[300], *line = NULL;
	bool found = false;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	while (!found && getline(&line, &size, file) >= 0)
		found = strstr(line, " - fuse.apsysfs ");
	free(line);
	fclose(file);
	return found;
}

static void report_stale(finding_fn *take, void *ctx, const char *pid)
{
	char what[64], advice[128];

	snprintf(what, sizeof(what), "process %.20s", pid);
	snprintf(advice, sizeof(advice), "files of it are still open somewhere; it ends with them, or by kill %.20s", pid);
	take(ctx, &(struct finding){ FINDING_WRONG, what, "a daemon whose mount is gone", advice });
}

void doctor_check_daemons(finding_fn *take, void *ctx)
{
	DIR *d = opendir("/proc");
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_ours(entry->d_name) && serves(entry->d_name) &&
		    !has_mount(entry->d_name))
			report_stale(take, ctx, entry->d_name);
	if (d)
		closedir(d);
}
