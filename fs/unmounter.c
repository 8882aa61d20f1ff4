/* SPDX-License-Identifier: MIT */
#include "fs/unmounter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* The daemon may have threads already, so here is nothing that takes a lock. */
static void wait_and_unmount(int fd, const char *mountpoint)
{
	sigset_t all;
	char byte;

	/* what ends the daemon from a terminal arrives here as well, too early */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	/* nothing of the daemon's stays open here, such as a locked file, or a pipe that somebody reads to its end */
	dup2(fd, STDIN_FILENO);
	close(STDOUT_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (read(STDIN_FILENO, &byte, 1) != 1)
		_exit(0);
	if (umount2(mountpoint, MNT_DETACH) == 0 || errno != EPERM)
		_exit(0);
	execlp("fusermount3", "fusermount3", "-u", "-q", "-z", "--", mountpoint, (char *)NULL);
	_exit(1);
}

int unmounter_start(struct unmounter *u, const char *mountpoint)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	u->pid = fork();
	if (u->pid == 0) {
		close(fds[1]);
		wait_and_unmount(fds[0], mountpoint);
	}
	close(fds[0]);
	u->fd = fds[1];
	if (u->pid < 0) {
		close(fds[1]);
		return -EAGAIN;
	}
	return 0;
}

void unmounter_stop(struct unmounter *u)
{
	close(u->fd);
	waitpid(u->pid, NULL, 0);
}

void unmounter_unmount(struct unmounter *u)
{
	/* if somebody ended it there is nobody to ask: then the mount is left, and doctor says how to remove it */
	signal(SIGPIPE, SIG_IGN);
	if (write(u->fd, "-", 1) == 1)
		waitpid(u->pid, NULL, 0);
	close(u->fd);
}
