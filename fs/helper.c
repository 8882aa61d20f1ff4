/* SPDX-License-Identifier: MIT */
#include "fs/helper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Until the other end is closed, in the daemon and nowhere else. */
static void answer_all(int fd, helper_fn *fn)
{
	char question[HELPER_QUESTION];
	char *answer = malloc(HELPER_ANSWER);
	ssize_t n;

	while (answer && (n = recv(fd, question, sizeof(question) - 1, 0)) > 0) {
		question[n] = 0;
		if (send(fd, answer, fn(question, answer, HELPER_ANSWER), MSG_NOSIGNAL) < 0)
			break;
	}
	free(answer);
}

static void help(int fd, struct privileges *needs, helper_fn *fn)
{
	sigset_t all;

	/* what ends or wakes the daemon is not for this one, though it be of the same terminal */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* nor does it hold a file system that the daemon leaves */
	if (chdir("/") < 0)
		_exit(1);
	privileges_drop(needs);
	/* nothing of the daemon's stays open here, such as a locked file, or a pipe that somebody reads to its end */
	dup2(fd, STDIN_FILENO);
	close(STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	answer_all(STDIN_FILENO, fn);
	_exit(0);
}

int helper_start(struct privileges *needs, helper_fn *fn)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		help(fds[1], needs, fn);
	}
	close(fds[1]);
	privileges_forget(needs);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	return fds[0];
}

ssize_t helper_ask(int helper, const char *question, void *answer, size_t size)
{
	ssize_t n;

	if (strlen(question) >= HELPER_QUESTION)
		return -ENAMETOOLONG;
	if (send(helper, question, strlen(question), MSG_NOSIGNAL) < 0)
		return -EPIPE;
	do
		n = recv(helper, answer, size, 0);
	while (n < 0 && errno == EINTR);
	return n > 0 ? n : -EPIPE;
}
