/* SPDX-License-Identifier: MIT */
#include "fs/uring.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COMPLETIONS 1024

static int restrict_to_commands(int fd)
{
	struct io_uring_restriction only[] = {
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_URING_CMD },
		{ .opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED, .sqe_flags = IOSQE_FIXED_FILE },
	};

	if (syscall(SYS_io_uring_register, fd, IORING_REGISTER_RESTRICTIONS, only, 2) < 0 ||
	    syscall(SYS_io_uring_register, fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0) < 0)
		return -errno;
	return 0;
}

static int map_rings(struct uring *u, const struct io_uring_params *p)
{
	size_t to = p->sq_off.array + p->sq_entries * sizeof(unsigned);
	size_t from = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	unsigned *place;
	char *rings;

	if (!(p->features & IORING_FEAT_SINGLE_MMAP))
		return -ENOSYS;
	u->rings_size = to > from ? to : from;
	rings = mmap(NULL, u->rings_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQ_RING);
	if (rings == MAP_FAILED)
		return -errno;
	u->rings = rings;
	u->command = mmap(NULL, p->sq_entries * URING_COMMAND_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, u->fd,
			  IORING_OFF_SQES);
	if (u->command == MAP_FAILED) {
		u->command = NULL;
		return -errno;
	}
	u->to_head = (unsigned *)(void *)(rings + p->sq_off.head);
	u->to_tail = (unsigned *)(void *)(rings + p->sq_off.tail);
	u->to_mask = p->sq_entries - 1;
	u->from_head = (unsigned *)(void *)(rings + p->cq_off.head);
	u->from_tail = (unsigned *)(void *)(rings + p->cq_off.tail);
	u->from_mask = p->cq_entries - 1;
	u->completion = (struct io_uring_cqe *)(void *)(rings + p->cq_off.cqes);
	/* places are used in turn */
	place = (unsigned *)(void *)(rings + p->sq_off.array);
	for (unsigned i = 0; i < p->sq_entries; i++)
		place[i] = i;
	return 0;
}

int uring_open(struct uring *u, int device)
{
	struct io_uring_params p = {
		.flags = IORING_SETUP_SQE128 | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED,
		.cq_entries = COMPLETIONS,
	};
	int rc;

	*u = (struct uring){ .fd = (int)syscall(SYS_io_uring_setup, URING_COMMANDS, &p) };
	if (u->fd < 0)
		return -errno;
	rc = map_rings(u, &p);
	if (rc == 0 && syscall(SYS_io_uring_register, u->fd, IORING_REGISTER_FILES, &device, 1) < 0)
		rc = -errno;
	if (rc == 0)
		rc = restrict_to_commands(u->fd);
	if (rc < 0)
		uring_close(u);
	return rc;
}

void uring_close(struct uring *u)
{
	if (u->fd < 0)
		return;
	if (u->rings)
		munmap(u->rings, u->rings_size);
	if (u->command)
		munmap(u->command, URING_COMMANDS * URING_COMMAND_SIZE);
	close(u->fd);
	u->fd = -1;
}

struct io_uring_sqe *uring_command(struct uring *u)
{
	unsigned tail = *u->to_tail, head = atomic_load_explicit((atomic_uint *)u->to_head, memory_order_acquire);
	struct io_uring_sqe *command;

	if (tail - head > u->to_mask)
		return NULL;
	command = (struct io_uring_sqe *)(void *)(u->command + (size_t)(tail & u->to_mask) * URING_COMMAND_SIZE);
	memset(command, 0, URING_COMMAND_SIZE);
	command->opcode = IORING_OP_URING_CMD;
	/* the first, and only, of the files that the ring has */
	command->flags = IOSQE_FIXED_FILE;
	return command;
}

void uring_publish(struct uring *u)
{
	atomic_store_explicit((atomic_uint *)u->to_tail, *u->to_tail + 1, memory_order_release);
	u->published++;
}

unsigned uring_take_published(struct uring *u)
{
	unsigned n = u->published;

	u->published = 0;
	return n;
}

bool uring_completion(struct uring *u, struct io_uring_cqe *ret)
{
	unsigned head = *u->from_head;

	if (head == atomic_load_explicit((atomic_uint *)u->from_tail, memory_order_acquire))
		return false;
	*ret = u->completion[head & u->from_mask];
	atomic_store_explicit((atomic_uint *)u->from_head, head + 1, memory_order_release);
	return true;
}

int uring_enter(const struct uring *u, unsigned commands, bool wait)
{
	unsigned flags = wait ? IORING_ENTER_GETEVENTS : 0;

	return syscall(SYS_io_uring_enter, u->fd, commands, wait, flags, NULL, 0) < 0 ? -errno : 0;
}
