/* SPDX-License-Identifier: MIT */
/* A second engine on a private mapping of the same state: what it writes is its own, and costs a page each. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/engine.h"

#define PART 4096	/* copied in parts, and only those with something in them */

static bool empty(const uint64_t *part, size_t length)
{
	for (size_t i = 0; i < length / sizeof(*part); i++)
		if (part[i])
			return false;
	return true;
}

/* Mdevs are most of the state, and those that never were most of them. */
static bool never_used(const struct state *s, size_t at)
{
	return at >= offsetof(struct state, mdev) + s->mdev_high * sizeof(*s->mdev) &&
	       at + PART <= offsetof(struct state, mdev) + sizeof(s->mdev);
}

static int copy_state(const struct state *s, int fd)
{
	static_assert(sizeof(*s) % sizeof(uint64_t) == 0, "copied in words");
	const char *from = (const char *)s;

	if (ftruncate(fd, sizeof(*s)) < 0)
		return -errno;
	for (size_t at = 0; at < sizeof(*s); at += PART) {
		size_t length = sizeof(*s) - at < PART ? sizeof(*s) - at : PART;

		if (never_used(s, at) || empty((const uint64_t *)(const void *)(from + at), length))
			continue;
		if (pwrite(fd, from + at, length, (off_t)at) != (ssize_t)length)
			return errno ? -errno : -ENOSPC;
	}
	return 0;
}

/* Once: the state moves, at its address, from memory of the process to a file in memory that can be mapped again. */
static int make_shared(struct engine *e)
{
	int fd = memfd_create("apsysfs-state", MFD_CLOEXEC);
	int rc = fd < 0 ? -errno : copy_state(e->state, fd);

	if (rc == 0 && mmap(e->state, sizeof(*e->state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		rc = -errno;
	if (rc < 0 && fd >= 0)
		close(fd);
	if (rc == 0)
		e->shared = fd + 1;
	return rc;
}

int engine_trial_begin(struct engine *e, struct engine *ret_trial)
{
	struct engine trial = *e;
	int rc = e->shared ? 0 : make_shared(e);

	if (rc < 0)
		return rc;
	trial.shared = 0;
	trial.journal = journal_sink();
	if (!trial.journal)
		return -ENOMEM;
	trial.state = mmap(NULL, sizeof(*e->state), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
			   e->shared - 1, 0);
	if (trial.state == MAP_FAILED) {
		journal_free(trial.journal);
		return -ENOMEM;
	}
	*ret_trial = trial;
	return 0;
}
