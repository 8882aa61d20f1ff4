/* SPDX-License-Identifier: MIT */
/* Signals on their way to a command that a chain of processes waits for. */
#ifndef FS_FORWARD_H
#define FS_FORWARD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct forward {
	sigset_t before;		/* the mask as it was inherited */
	struct sigaction child;		/* SIGCHLD as it was inherited */
};

/*
 * From now on nothing that is for the command ends or stops this process before the command has it. What was
 * inherited as ignored stays so, as under nohup(1) or in the background of a script.
 */
void forward_begin(struct forward *f);
/* In the command, before it is executed: all as it was inherited. */
void forward_restore(const struct forward *f);

/*
 * Until the other process, which makes something ready, has written to fd or ended: signals end this process with
 * status 128 and the signal's number. True: it wrote.
 */
bool forward_wait_ready(const struct forward *f, int fd);

/*
 * Waits for the child, and passes on what is sent to this process. What a terminal sends reaches the command by
 * itself. Reaps all others too. Returns the exit status: the child's, or 128 and the signal that ended it; -1: no child.
 */
int forward_until_end(pid_t child);

#endif
