/* SPDX-License-Identifier: MIT */
/*
 * One io_uring(7) for commands to one device, by its system calls. Nothing else can be asked for through it, so that it
 * is no way around a filter of system calls.
 */
#ifndef FS_URING_H
#define FS_URING_H

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>

#define URING_COMMANDS 64	/* places for commands on their way to the kernel */
#define URING_COMMAND_SIZE 128

struct uring {
	int fd;			/* -1: not open */
	unsigned *to_head, *to_tail, to_mask;	/* of commands */
	unsigned *from_head, *from_tail, from_mask;	/* of completions */
	struct io_uring_cqe *completion;
	char *command;
	unsigned published;	/* commands that the kernel has not been called for */
	void *rings;
	size_t rings_size;
};

/* 0 or -errno: -ENOSYS, -EPERM: not there, or not allowed here. device becomes the ring's only file. */
int uring_open(struct uring *u, int device);
void uring_close(struct uring *u);

/* The three of a side by one thread at a time; the sides do not disturb each other. */

/* A place for a command, zero but for what makes it one to the device; NULL: uring_enter must empty some first. */
struct io_uring_sqe *uring_command(struct uring *u);
/* It is filled. */
void uring_publish(struct uring *u);
/* How many to tell uring_enter of, which no other call will. */
unsigned uring_take_published(struct uring *u);

/* A completion, if there is one. */
bool uring_completion(struct uring *u, struct io_uring_cqe *ret);

/* Has the kernel take commands, and then waits until there is a completion, if asked. By any thread. 0 or -errno */
int uring_enter(const struct uring *u, unsigned commands, bool wait);

#endif
