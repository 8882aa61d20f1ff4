/* SPDX-License-Identifier: MIT */
/* A host's sysfs behind core/backend.h: names from the rows, texts and errnos from the host. */
#ifndef HOSTBACKEND_HOST_BACKEND_H
#define HOSTBACKEND_HOST_BACKEND_H

#include "core/guard.h"

struct host_options {
	const char *dir;		/* what has bus/ap below it: /sys, or a mount */
	struct store_guard *guard;	/* asked before each store; NULL: the host's modes decide alone */
	/* Told where the host did not do what the trial of a write said; may be NULL. From any thread. */
	void (*differs)(const char *path, int expected, int result);
	/* Opens below dir what the daemon may not: a descriptor, or -errno; may be NULL. From any thread. */
	int (*opener)(void *ctx, const char *path, int flags);
	void *opener_ctx;
};

/*
 * Without a guard a write goes to the host as it is. With one it is first run on a mirror of the host's present state,
 * and what that shows is judged; a mask then goes to the host as the relative edit that was judged, so that it
 * changes no other bit, whatever the host does meanwhile. State that cannot be read refuses the write with -EIO.
 * Returns 0, -ENOENT (no AP bus there), -errno of opening dir, -ENOMEM.
 */
int host_backend_new(const struct host_options *options, struct backend **ret);

/*
 * From now on its listener, which is set, hears the host's uevents of fd (host_events.h), each after what it is about was
 * looked at anew. Owns fd, also if it fails. -ENOMEM, -EAGAIN
 */
int host_backend_hear(struct backend *b, int fd);

/*
 * All that it reads or writes below the folder, up to a NULL; folders above these are listed. A place is there when its
 * module is loaded; or it comes with the first device of a class.
 */
const char *const *host_backend_places(void);
bool host_backend_comes_later(const char *place);
/* Is it in one of them? */
bool host_backend_has_place(const char *path);

#endif
