/* SPDX-License-Identifier: MIT */
#include "fs/forward.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

/* A terminal sends these to its whole foreground, so to the command too. */
static const int from_terminal[] = { SIGINT, SIGQUIT, SIGTSTP, SIGWINCH };
static const int forwarded[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT };

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static bool is_ignored(int signal)
{
	struct sigaction old;

	return sigaction(signal, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

static void all_of_them(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	for (size_t i = 0; i < COUNT(from_terminal); i++)
		sigaddset(set, from_terminal[i]);
	for (size_t i = 0; i < COUNT(forwarded); i++)
		sigaddset(set, forwarded[i]);
}

void forward_begin(struct forward *f)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t set;

	/* ignored, it would take the exit status of children away */
	sigaction(SIGCHLD, &by_default, &f->child);
	all_of_them(&set);
	sigprocmask(SIG_BLOCK, &set, &f->before);
}

void forward_restore(const struct forward *f)
{
	sigaction(SIGCHLD, &f->child, NULL);
	sigprocmask(SIG_SETMASK, &f->before, NULL);
}

static void leave(int signal)
{
	_exit(128 + signal);
}

/* The first process of a namespace has no default for signals: it needs handlers to be ended by them. */
bool forward_wait_ready(const struct forward *f, int fd)
{
	static const int ending[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	struct sigaction on_signal = { .sa_handler = leave }, old[COUNT(ending)];
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char byte;

	for (size_t i = 0; i < COUNT(ending); i++)
		sigaction(ending[i], is_ignored(ending[i]) ? NULL : &on_signal, &old[i]);
	while (ppoll(&ready, 1, NULL, &f->before) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < COUNT(ending); i++)
		sigaction(ending[i], &old[i], NULL);
	return read(fd, &byte, 1) == 1;
}

static bool terminal_sends(int signal)
{
	for (size_t i = 0; i < COUNT(from_terminal); i++)
		if (from_terminal[i] == signal)
			return true;
	return false;
}

static void pass_on(pid_t child, const siginfo_t *info)
{
	/* to us alone by kill(2); or by the terminal, then the command has it already */
	bool has_it = terminal_sends(info->si_signo) && info->si_code == SI_KERNEL;

	if (is_ignored(info->si_signo))
		return;
	if (!has_it)
		kill(child, info->si_signo);
	/* whoever waits for us sees that the command is stopped; the first process of a namespace cannot be */
	if (info->si_signo == SIGTSTP)
		raise(SIGSTOP);
}

int forward_until_end(pid_t child)
{
	sigset_t set;
	int status;

	all_of_them(&set);
	for (;;) {
		pid_t ended = waitpid(-1, &status, WNOHANG);
		siginfo_t info;

		if (ended == child)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		if (ended > 0)
			continue;
		if (ended < 0)
			return -1;
		if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD)
			pass_on(child, &info);
	}
}
