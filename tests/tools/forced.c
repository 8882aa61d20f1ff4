/* SPDX-License-Identifier: MIT */
/*
 * forced PID CALL [ARGUMENT...]: has another process make a system call, under the limits that it has, and prints what
 * comes of it: the result, the name of the errno, or the signal that ends the process. An argument is a number, or a
 * text whose address is passed. Only where it knows the registers: else it exits with 77.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__

int main(void)
{
	puts("the registers of this architecture are not known here");
	return 77;
}

#else

#define ARGUMENTS 6
#define BELOW_STACK 4096	/* where nothing is yet */

static void fail(const char *what)
{
	fprintf(stderr, "forced: %s: %s\n", what, strerror(errno));
	exit(2);
}

static const struct {
	const char *name;
	int number;
} calls[] = {
	{ "bpf", SYS_bpf }, { "chroot", SYS_chroot }, { "clone", SYS_clone }, { "execve", SYS_execve }, { "fchmodat", SYS_fchmodat },
	{ "getpid", SYS_getpid }, { "kill", SYS_kill }, { "mkdirat", SYS_mkdirat }, { "mknodat", SYS_mknodat }, { "mount", SYS_mount },
	{ "openat", SYS_openat }, { "open_tree", SYS_open_tree }, { "ptrace", SYS_ptrace }, { "setns", SYS_setns },
	{ "socket", SYS_socket }, { "symlinkat", SYS_symlinkat }, { "umount2", SYS_umount2 }, { "unlinkat", SYS_unlinkat },
	{ "unshare", SYS_unshare },
};

static int number_of(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	return -1;
}

/* The process stops, or ends: then its signal is printed, and this ends too. */
static int wait_for_stop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) < 0)
		fail("waiting");
	if (WIFSTOPPED(status))
		return WSTOPSIG(status);
	printf("SIG%s\n", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "NONE");
	exit(0);
}

static unsigned long long pass(pid_t pid, const char *argument, unsigned long long *free_memory)
{
	char *end;
	unsigned long long value = (unsigned long long)strtoll(argument, &end, 0);
	struct iovec from = { (void *)(unsigned long)argument, strlen(argument) + 1 }, to = { NULL, from.iov_len };

	if (*argument && !*end)
		return value;
	value = *free_memory;
	*free_memory += from.iov_len;
	to.iov_base = (void *)(unsigned long)value;
	if (process_vm_writev(pid, &from, 1, &to, 1, 0) != (ssize_t)from.iov_len)
		fail("writing to its stack");
	return value;
}

/* It was stopped in a call: the instruction before the present one makes it. */
static long call(pid_t pid, int number, char **arguments, int count)
{
	struct user_regs_struct before, now;
	unsigned long long free_memory, value[ARGUMENTS] = { 0 };

	if (ptrace(PTRACE_GETREGS, pid, NULL, &before) < 0)
		fail("registers");
	free_memory = (before.rsp - BELOW_STACK) & ~15ull;
	for (int i = 0; i < count; i++)
		value[i] = pass(pid, arguments[i], &free_memory);
	now = before;
	now.rip -= 2;
	now.orig_rax = (unsigned long long)-1;
	now.rax = (unsigned long long)number;
	now.rdi = value[0];
	now.rsi = value[1];
	now.rdx = value[2];
	now.r10 = value[3];
	now.r8 = value[4];
	now.r9 = value[5];
	if (ptrace(PTRACE_SETREGS, pid, NULL, &now) < 0 || ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
		fail("calling");
	while (wait_for_stop(pid) != SIGTRAP)
		ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
	if (ptrace(PTRACE_GETREGS, pid, NULL, &now) < 0 || ptrace(PTRACE_SETREGS, pid, NULL, &before) < 0)
		fail("registers");
	return (long)now.rax;
}

int main(int argc, char **argv)
{
	pid_t pid = argc > 2 ? (pid_t)atoi(argv[1]) : 0;
	int number = argc > 2 ? number_of(argv[2]) : -1;
	long result;

	if (pid <= 0 || number < 0 || argc > 3 + ARGUMENTS) {
		fprintf(stderr, "usage: forced PID CALL [ARGUMENT...]\n");
		return 2;
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		fail("attaching");
	wait_for_stop(pid);
	result = call(pid, number, argv + 3, argc - 3);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (result < 0 && result > -4096)
		puts(strerrorname_np((int)-result));
	else
		printf("%ld\n", result);
	return 0;
}

#endif
