/* SPDX-License-Identifier: MIT */
/* apsysfs doctor: what this host lacks for apsysfs, dead mounts, and how to mend either. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/command.h"

#define ANSWER_MS 3000	/* how long a mount may take to answer */

static const char usage[] =
	"Usage: apsysfs doctor\n"
	"Look for what apsysfs needs and for mounts whose daemon is gone, and say how to mend what is wrong.\n\n"
	"  -h, --help           this text\n\n"
	"Exit status: 0 all is well, 1 something is wrong, 2 usage.\n";

/* One line; returns 1 if it is a complaint. */
static int report(bool good, const char *what, const char *state, const char *advice)
{
	printf("%-6s %s: %s\n", good ? "ok" : "WRONG", what, state);
	if (!good)
		printf("       %s\n", advice);
	return !good;
}

static int check_device(void)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), error = errno;

	if (fd >= 0) {
		close(fd);
		return report(true, "/dev/fuse", "can be opened", "");
	}
	return report(false, "/dev/fuse", strerror(error),
		      error == EACCES ? "let users open it: chmod 666 /dev/fuse, or a udev rule with MODE=\"0666\"" : "modprobe fuse; in a container, give it the device (--device /dev/fuse)");
}

static int check_helper(void)
{
	struct stat st;

	if (geteuid() == 0)
		return report(true, "fusermount3", "not needed by root", "");
	if (stat("/usr/bin/fusermount3", &st) < 0 && stat("/bin/fusermount3", &st) < 0)
		return report(false, "fusermount3", "not found", "install it (Debian: apt-get install fuse3); 'run' works without it");
	return report(st.st_mode & S_ISUID, "fusermount3", st.st_mode & S_ISUID ? "installed" : "is not set-user-ID root",
		      "reinstall fuse3, or mount as root; 'run' works without it");
}

static int check_namespaces(void)
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | (geteuid() ? CLONE_NEWUSER : 0), status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(unshare(flags) < 0 ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return report(false, "namespaces", "cannot be tried", "free some memory or processes");
	if (WEXITSTATUS(status) == 0)
		return report(true, "namespaces", "'run' can have its own", "");
	return report(false, "namespaces", strerror(WEXITSTATUS(status)),
		      geteuid() ? "allow them: sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone and "
				  "kernel.apparmor_restrict_unprivileged_userns; or use 'run' as root"
				: "a container needs CAP_SYS_ADMIN and a seccomp profile that lets unshare through");
}

/* Not a fault: sysfs is all there without them. */
static int check_nodes(void)
{
	return report(true, "nodes in /dev",
		      geteuid() == 0 ? "'run' makes them, where this is not a container that may not"
				     : "not for a plain user's 'run'; who needs them (zcryptctl) runs as root",
		      "");
}

/* statfs(2) by a child, since a daemon that lives and does not answer would keep us: 0, an errno, or ETIMEDOUT. */
static int try_mount(const char *dir)
{
	struct statfs fs;
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(statfs(dir, &fs) == 0 ? 0 : errno);
	for (int ms = 0; child > 0 && ms < ANSWER_MS; ms += 10) {
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
		usleep(10000);
	}
	if (child > 0)
		kill(child, SIGKILL);
	return ETIMEDOUT;
}

static int check_mount(const char *dir)
{
	char advice[4200];
	/* the kernel may remember the directory itself; what this asks it never remembers */
	int error = try_mount(dir);

	if (error == 0)
		return report(true, dir, "a mount that answers", "");
	snprintf(advice, sizeof(advice),
		 error == ETIMEDOUT ? "its daemon is stopped or hangs: continue it, or end it and fusermount3 -uz '%s' (as root: umount -l '%s')" : "its daemon is gone: fusermount3 -uz '%s' (as root: umount -l '%s')",
		 dir, dir);
	return report(false, dir, error == ETIMEDOUT ? "does not answer" : strerror(error), advice);
}

static int check_mounts(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *m;
	int wrong = 0;

	if (!mounts)
		return report(false, "/proc/self/mounts", strerror(errno), "mount /proc");
	while ((m = getmntent(mounts)))
		if (strcmp(m->mnt_type, "fuse.apsysfs") == 0)
			wrong += check_mount(m->mnt_dir);
	endmntent(mounts);
	return wrong;
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	int wrong, option = getopt_long(argc, argv, "h", longs, NULL);

	if (option == 'h') {
		fputs(usage, stdout);
		return STATUS_OK;
	}
	if (option != -1 || optind != argc) {
		fprintf(stderr, "apsysfs doctor: it takes no arguments; try 'apsysfs doctor --help'\n");
		return STATUS_USAGE;
	}
	fflush(NULL);
	wrong = check_device() + check_helper() + check_namespaces() + check_nodes() + check_mounts();
	return wrong ? STATUS_FAILED : STATUS_OK;
}

const struct command command_doctor = { "doctor", "say what this host lacks, and which mounts are dead", usage, run };
