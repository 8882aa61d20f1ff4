/* SPDX-License-Identifier: MIT */
/* What a daemon can still do once it has given up the rest. Each try is in a process of its own. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/privileges.h"

/* A host's sysfs, with a part that is none of ours. */
static char top[64], ours[128], other[128], other_dir[128];

static void make_tree(void)
{
	char path[128];

	snprintf(top, sizeof(top), "/tmp/apsysfs-privileges-XXXXXX");
	cr_assert(mkdtemp(top));
	snprintf(path, sizeof(path), "%s/bus", top);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/bus/ap", top);
	mkdir(path, 0755);
	snprintf(ours, sizeof(ours), "%s/bus/ap/apmask", top);
	snprintf(other_dir, sizeof(other_dir), "%s/bus/pci", top);
	mkdir(other_dir, 0755);
	snprintf(other, sizeof(other), "%s/bus/pci/rescan", top);
	close(open(ours, O_CREAT | O_WRONLY, 0600));
	close(open(other, O_CREAT | O_WRONLY, 0600));
}

static void remove_tree(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", top);
	cr_expect(system(command) == 0);
}

/* 0, or the errno of open(2) */
static int opens(const char *path, int flags)
{
	return open(path, flags) < 0 ? errno : 0;
}

static int tries_ours(void) { return opens(ours, O_RDWR); }
static int tries_other(void) { return opens(other, O_RDONLY); }
static int tries_other_writing(void) { return opens(other, O_WRONLY); }
static int tries_names(void) { return opens(other_dir, O_RDONLY | O_DIRECTORY); }
static int tries_passwd(void) { return opens("/etc/passwd", O_RDONLY); }
static int tries_sys(void) { return opens("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY); }
static int tries_creating(void) { return opens("/tmp/apsysfs-privileges", O_WRONLY | O_CREAT); }
static int tries_network(void) { return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }
static int tries_fork(void) { return fork() < 0 ? errno : 0; }

static int tries_executing(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int tries_mounting(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL) < 0 ? errno : 0;
}

/* How the process ends that tries it: with the errno, or 128 and the signal. */
static int outcome(int try(void), bool run)
{
	struct privileges p = { .list = top, .run = run };
	char path[128];
	int status;
	pid_t child = fork();

	if (child == 0) {
		snprintf(path, sizeof(path), "%s/bus/ap", top);
		privileges_write(&p, path);
		privileges_drop(&p);
		_exit(try());
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Nothing is given up under a sanitizer, and files only where the kernel has Landlock. */
static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(APSYSFS_COVERAGE)
#define GIVES_UP false
#elif defined(__has_feature)
#define GIVES_UP (!__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer))
#else
#define GIVES_UP true
#endif

Test(privileges, a_daemon_reaches_its_part_of_sysfs_and_no_other_file)
{
	if (!GIVES_UP || !has_landlock())
		cr_skip_test("nothing is given up here");
	make_tree();
	cr_expect_eq(outcome(tries_ours, false), 0);
	cr_expect_eq(outcome(tries_names, false), 0);
	cr_expect_eq(outcome(tries_other, false), EACCES);
	cr_expect_eq(outcome(tries_other_writing, false), EACCES);
	cr_expect_eq(outcome(tries_passwd, false), EACCES);
	cr_expect_eq(outcome(tries_sys, false), access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) ? ENOENT : EACCES);
	cr_expect_eq(outcome(tries_creating, false), EACCES);
	remove_tree();
}

Test(privileges, a_daemon_executes_forks_mounts_and_connects_nothing)
{
	if (!GIVES_UP)
		cr_skip_test("nothing is given up here");
	make_tree();
	cr_expect_eq(outcome(tries_executing, false), 128 + SIGSYS);
	cr_expect_eq(outcome(tries_mounting, false), 128 + SIGSYS);
	cr_expect_eq(outcome(tries_fork, false), EPERM);
	cr_expect_eq(outcome(tries_network, false), EPERM);
	/* that of run keeps its files, and executes nothing either */
	cr_expect_eq(outcome(tries_passwd, true), 0);
	cr_expect_eq(outcome(tries_executing, true), 128 + SIGSYS);
	cr_expect_eq(outcome(tries_mounting, true), 128 + SIGSYS);
	remove_tree();
}
