/* SPDX-License-Identifier: MIT */
/* A write to a host, tried and judged before it happens. */
#ifndef HOSTBACKEND_HOST_STORE_H
#define HOSTBACKEND_HOST_STORE_H

#include "core/guard.h"
#include "hostbackend/host_mirror.h"

/* What a store becomes: one write of text to fd, unless it is answered already. */
struct host_store {
	const struct backend_call *call;
	struct node node;
	int fd;			/* -1: nothing is written */
	int result;		/* then: the answer */
	int expected;		/* what the trial of it returned; BACKEND_WAITS: it may be held up */
	bool scanned;		/* all of the host was read for the trial */
	bool judged;		/* the guard let it happen: it is told of the result */
	char path[HOST_PATH];
	char text[SYSFS_PAGE];	/* what is written: as it came, or the edit that a mask amounts to */
	size_t length;
	bool kept;		/* text holds it, else call's page does */
};

/*
 * Opens the file, and with a guard tries and judges the write on the mirror, which is read anew for it. ticket: of this
 * call. The descriptor stays with the object that was judged, whatever its name comes to mean.
 */
void host_store_prepare(struct host_mirror *m, struct store_guard *guard, uint32_t ticket, struct host_store *s);
/* The write itself; may take as long as the host likes. */
void host_store_write(struct host_store *s);
/* A store that no thread is there for is told to the guard: -EAGAIN; -EIO: it could not be; -ENODEV: the object is gone. */
int host_store_refuse(struct host_mirror *m, struct store_guard *guard, const struct backend_call *call);
/* Tells the guard, who is shown the state after it. */
void host_store_done(struct host_mirror *m, struct store_guard *guard, const struct host_store *s);

#endif
