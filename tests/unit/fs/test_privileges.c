/* SPDX-License-Identifier: MIT */
/* What a daemon can still do once it has given up the rest. Each try is in a process of its own. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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

static int try_node(int folder, const char *name, mode_t type)
{
	if (mknodat(folder, name, type | 0600, makedev(1, 3)) < 0)
		return errno;
	return unlinkat(folder, name, 0) < 0 ? errno : 0;
}

static int folder = -1;

static int tries_node(void) { return try_node(folder, "node", S_IFCHR); }
static int tries_block_node(void) { return try_node(folder, "node", S_IFBLK); }
static int tries_node_beside(void) { return try_node(folder, "../node", S_IFCHR); }
static int tries_making_a_folder(void) { return mkdirat(folder, "folder", 0700) < 0 ? errno : 0; }
static int tries_fifo(void) { return mkfifoat(folder, "fifo", 0600) < 0 ? errno : 0; }
static int tries_link(void) { return symlinkat("/", folder, "link") < 0 ? errno : 0; }
static int tries_reading_a_folder_of_nodes(void) { return openat(folder, ".", O_RDONLY | O_DIRECTORY) < 0 ? errno : 0; }

/* What is needed is named here. */
static void of_sysfs(struct privileges *p)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/bus/ap", top);
	privileges_list(p, top);
	privileges_write(p, path);
}

static void of_nodes(struct privileges *p)
{
	folder = open(other_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	privileges_nodes(p, folder);
}

/* As run has it: something else stands at the paths once all is mounted, and the host's is reached by a descriptor. */
static void of_covered_sysfs(struct privileges *p)
{
	of_sysfs(p);
	folder = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", top, "tmpfs", 0, NULL) < 0)
		_exit(126);
}

static int tries_ours_below(void) { return openat(folder, "bus/ap/apmask", O_RDWR) < 0 ? errno : 0; }
static int tries_other_below(void) { return openat(folder, "bus/pci/rescan", O_RDONLY) < 0 ? errno : 0; }
static int tries_making_in_cover(void) { return opens(ours, O_WRONLY | O_CREAT) == ENOENT ? opens(top, O_RDONLY) : 0; }

/* How the process ends that tries it: with the errno, or 128 and the signal. */
static int outcome(int try(void), void name(struct privileges *p))
{
	struct privileges p = { 0 };
	int status;
	pid_t child = fork();

	if (child == 0) {
		name(&p);
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
	cr_expect_eq(outcome(tries_ours, of_sysfs), 0);
	cr_expect_eq(outcome(tries_names, of_sysfs), 0);
	cr_expect_eq(outcome(tries_other, of_sysfs), EACCES);
	cr_expect_eq(outcome(tries_other_writing, of_sysfs), EACCES);
	cr_expect_eq(outcome(tries_passwd, of_sysfs), EACCES);
	cr_expect_eq(outcome(tries_sys, of_sysfs), access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) ? ENOENT : EACCES);
	cr_expect_eq(outcome(tries_creating, of_sysfs), EACCES);
	remove_tree();
}

Test(privileges, a_daemon_executes_forks_mounts_and_connects_nothing)
{
	if (!GIVES_UP)
		cr_skip_test("nothing is given up here");
	make_tree();
	cr_expect_eq(outcome(tries_executing, of_sysfs), 128 + SIGSYS);
	cr_expect_eq(outcome(tries_mounting, of_sysfs), 128 + SIGSYS);
	cr_expect_eq(outcome(tries_fork, of_sysfs), EPERM);
	cr_expect_eq(outcome(tries_network, of_sysfs), EPERM);
	remove_tree();
}

Test(privileges, one_that_makes_nodes_makes_nothing_else_and_nowhere_else)
{
	if (!GIVES_UP || geteuid() != 0)
		cr_skip_test("nothing is given up here, or no node can be made");
	make_tree();
	cr_expect_eq(outcome(tries_node, of_nodes), 0);
	cr_expect_eq(outcome(tries_making_a_folder, of_nodes), 0);
	cr_expect_eq(outcome(tries_node, of_sysfs), EPERM);
	cr_expect_eq(outcome(tries_block_node, of_nodes), EPERM);
	cr_expect_eq(outcome(tries_fifo, of_nodes), EPERM);
	cr_expect_eq(outcome(tries_link, of_nodes), EPERM);
	cr_expect_eq(outcome(tries_executing, of_nodes), 128 + SIGSYS);
	cr_expect_eq(outcome(tries_mounting, of_nodes), 128 + SIGSYS);
	if (has_landlock()) {
		cr_expect_eq(outcome(tries_node_beside, of_nodes), EACCES);
		cr_expect_eq(outcome(tries_reading_a_folder_of_nodes, of_nodes), EACCES);
		cr_expect_eq(outcome(tries_passwd, of_nodes), EACCES);
	}
	remove_tree();
}

Test(privileges, what_was_named_is_reached_when_its_path_is_covered_and_its_cover_is_not)
{
	if (!GIVES_UP || !has_landlock() || geteuid() != 0)
		cr_skip_test("nothing is given up here, or nothing can be mounted");
	make_tree();
	cr_expect_eq(outcome(tries_ours_below, of_covered_sysfs), 0);
	cr_expect_eq(outcome(tries_other_below, of_covered_sysfs), EACCES);
	cr_expect_eq(outcome(tries_making_in_cover, of_covered_sysfs), EACCES);
	remove_tree();
}
