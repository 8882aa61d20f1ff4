/* SPDX-License-Identifier: MIT */
#include "fs/helper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one descriptor in a message. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message_of(struct iovec *part, union control *c)
{
	memset(c, 0, sizeof(*c));
	return (struct msghdr){ .msg_iov = part, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof(*c) };
}

static bool answer(int socket, void *text, size_t length, int fd)
{
	struct iovec part = { text, length };
	union control c;
	struct msghdr m = message_of(&part, &c);

	if (fd < 0) {
		m.msg_control = NULL;
		m.msg_controllen = 0;
	} else {
		c.header.cmsg_len = CMSG_LEN(sizeof(fd));
		c.header.cmsg_level = SOL_SOCKET;
		c.header.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&c.header), &fd, sizeof(fd));
	}
	return sendmsg(socket, &m, MSG_NOSIGNAL) >= 0;
}

/* Until the other end is closed, in the daemon and nowhere else. */
static void answer_all(int socket, helper_fn *fn, void *ctx)
{
	char question[HELPER_QUESTION];
	char *text = malloc(HELPER_ANSWER);
	bool goes_on = text;
	ssize_t n;

	while (goes_on && (n = recv(socket, question, sizeof(question) - 1, 0)) > 0) {
		size_t length;
		int fd = -1;

		question[n] = 0;
		length = fn(ctx, question, text, HELPER_ANSWER, &fd);
		goes_on = answer(socket, text, length, fd);
		if (fd >= 0)
			close(fd);
	}
	free(text);
}

static void help(int fd, struct privileges *needs, helper_fn *fn, void *ctx, int keep)
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
	if (keep >= 0)
		dup2(keep, HELPER_KEPT);
	close_range(keep < 0 ? HELPER_KEPT : HELPER_KEPT + 1, ~0U, 0);
	answer_all(STDIN_FILENO, fn, ctx);
	_exit(0);
}

int helper_start(struct privileges *needs, helper_fn *fn, void *ctx, int keep)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		help(fds[1], needs, fn, ctx, keep);
	}
	close(fds[1]);
	privileges_forget(needs);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	return fds[0];
}

ssize_t helper_ask(int helper, const char *question, void *answer, size_t size, int *ret_fd)
{
	struct iovec part = { answer, size };
	union control c;
	struct msghdr m = message_of(&part, &c);
	ssize_t n;

	if (ret_fd)
		*ret_fd = -1;
	if (strlen(question) >= HELPER_QUESTION)
		return -ENAMETOOLONG;
	if (send(helper, question, strlen(question), MSG_NOSIGNAL) < 0)
		return -EPIPE;
	do
		n = recvmsg(helper, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n > 0 && ret_fd && m.msg_controllen >= CMSG_LEN(sizeof(int)) && c.header.cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(&c.header), sizeof(int));
	return n > 0 ? n : -EPIPE;
}
