/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/fuse.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/privileges.h"

/*
 * What serving calls, found by running every end-to-end case under this list: the C library's memory and threads,
 * libfuse's device, files (where Landlock lets), the journal. An architecture need not have each.
 */
static const char *const allowed[] = {
	/* memory */
	"brk", "madvise", "mmap", "mprotect", "mremap", "munmap", "memfd_create",
	/* threads, time, signals */
	"clock_getres", "clock_gettime", "clock_nanosleep", "exit", "exit_group", "futex", "futex_waitv",
	"get_robust_list", "getpid", "gettid", "gettimeofday", "membarrier", "nanosleep", "restart_syscall",
	"rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sched_getaffinity",
	"sched_yield", "set_robust_list", "set_tid_address", "sigaltstack", "sigreturn", "time", "wait4", "waitid",
	/* who and how much */
	"getegid", "geteuid", "getgid", "getgroups", "getrandom", "getrlimit", "getrusage", "getuid", "prlimit64",
	"sysinfo", "uname",
	/* descriptors */
	"close", "close_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait",
	"eventfd2", "fallocate", "fcntl", "fdatasync", "flock", "fstat", "fsync", "ftruncate", "lseek", "pipe",
	"pipe2", "poll", "ppoll", "pread64", "preadv", "preadv2", "pselect6", "pwrite64", "pwritev", "pwritev2",
	"read", "readv", "select", "splice", "tee", "timerfd_create", "timerfd_settime", "vmsplice", "write", "writev",
	/* files */
	"access", "faccessat", "faccessat2", "fstatfs", "fstatfs64", "getcwd", "getdents64", "link", "linkat", "lstat",
	"newfstatat", "open", "openat", "openat2", "readlink", "readlinkat", "rename", "renameat",
	"renameat2", "rmdir", "stat", "statfs", "statfs64", "statx", "umask", "unlink", "unlinkat", "utimensat",
	/* sockets; of which kinds stands below */
	"bind", "connect", "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmsg", "sendmmsg", "sendmsg", "sendto",
	"setsockopt", "shutdown", "socketcall",
};

/* Nobody calls these by mistake: whoever does is not us any more. */
static const char *const deadly[] = {
	"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "bpf", "init_module", "finit_module",
	"delete_module", "kexec_load", "kexec_file_load", "mount", "umount2", "pivot_root", "setns", "unshare",
	"open_by_handle_at", "userfaultfd", "perf_event_open", "io_uring_setup", "chroot", "fsconfig", "fsmount", "fsopen",
	"fspick", "mount_setattr", "move_mount", "open_tree",
};

/* Calls that depend on one argument. */
struct condition {
	const char *name;
	unsigned argument;
	uint64_t mask, value;
};

static const struct condition conditional[] = {
	{ "socket", 0, UINT64_MAX, AF_UNIX },
	{ "socket", 0, UINT64_MAX, AF_NETLINK },
	{ "ioctl", 1, UINT32_MAX, FUSE_DEV_IOC_CLONE },
	{ "ioctl", 1, UINT32_MAX, _IOW(229, 1, uint32_t[4]) },	/* FUSE_DEV_IOC_BACKING_OPEN */
	{ "ioctl", 1, UINT32_MAX, _IOW(229, 2, uint32_t) },	/* FUSE_DEV_IOC_BACKING_CLOSE */
	{ "prctl", 0, UINT32_MAX, PR_SET_NAME },
	{ "prctl", 0, UINT32_MAX, 0x53564d41 },			/* PR_SET_VMA: malloc names its memory */
#ifdef __s390x__
	/* there clone has its first two arguments the other way round */
	{ "clone", 1, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM },
#else
	{ "clone", 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM },
#endif
};

/* The same, for who makes device nodes: of characters only. */
static const struct condition of_nodes[] = {
	{ "mknodat", 2, S_IFMT, S_IFCHR },
	{ "mknod", 1, S_IFMT, S_IFCHR },
	{ "mkdirat", 2, ~(uint64_t)0777, 0 },
	{ "mkdir", 1, ~(uint64_t)0777, 0 },
	{ "fchmodat", 2, ~(uint64_t)0777, 0 },
	{ "chmod", 1, ~(uint64_t)0777, 0 },
};

/* For who has rings: the calls that use and the one that moves threads to their processors. */
static const char *const of_rings[] = { "io_uring_enter", "sched_setaffinity" };

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static int add_each(scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);
		int rc = number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, action, number, 0);

		if (rc < 0)
			return rc;
	}
	return 0;
}

static int add_conditions(scmp_filter_ctx filter, const struct condition *c, size_t count)
{
	int rc = 0;

	for (; rc == 0 && count; c++, count--) {
		int number = seccomp_syscall_resolve_name(c->name);

		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
				      SCMP_CMP(c->argument, SCMP_CMP_MASKED_EQ, c->mask, c->value));
		/* an architecture that does not have it, and so no rule for it */
		if (rc < 0 && number < 0)
			rc = 0;
	}
	return rc;
}

static int add_conditional(scmp_filter_ctx filter, const struct privileges *p)
{
	int rc = add_conditions(filter, conditional, LENGTH(conditional));

	if (rc == 0 && p->nodes)
		rc = add_conditions(filter, of_nodes, LENGTH(of_nodes));
	/* threads wake each other; nobody else */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name("tgkill"), 1,
				      SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid(), 0));
	/* its flags are out of a filter's sight: the C library then takes clone */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), seccomp_syscall_resolve_name("clone3"), 0);
	return rc;
}

int syscalls_limit(const struct privileges *p)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (!filter)
		return -ENOMEM;
	/* a kill is in the kernel's log by itself; threads that are there already are limited too */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = add_each(filter, SCMP_ACT_KILL_PROCESS, deadly, LENGTH(deadly));
	if (rc == 0)
		rc = add_each(filter, SCMP_ACT_ALLOW, allowed, LENGTH(allowed));
	if (rc == 0 && p->io_uring)
		rc = add_each(filter, SCMP_ACT_ALLOW, of_rings, LENGTH(of_rings));
	if (rc == 0)
		rc = add_conditional(filter, p);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}
