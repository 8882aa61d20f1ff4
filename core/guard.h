/* SPDX-License-Identifier: MIT */
/*
 * A write on trial: what a policy is shown before a backend lets the write happen. The write has been
 * run on a copy of the state, so what it changes is known, whatever its text looked like.
 */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include "core/attr.h"

struct trial {
	struct caller caller;		/* who writes now */
	struct caller opener;		/* who opened the file; both must be allowed to */
	struct node node;
	const struct row *row;
	const char *text;
	size_t length;
	const struct engine *before;	/* the state as it is */
	const struct engine *after;	/* the copy, after the write */
	int result;			/* what the write returned on the copy: 0, -errno or BACKEND_WAITS */
};

/*
 * What only show_mutates (a request to the card) is a read, and not asked about. A store that waits is asked about
 * again each time it is tried: the state may have changed.
 *
 * Called with the backend's lock held, so that nothing changes between the verdict and the write.
 * judge returns 0: let it happen; -EACCES: the policy does not grant it; -EIO: the verdict could not be
 * recorded, so the write must not happen; GUARD_PRETEND (a dry run): it is answered as the trial was, does not happen,
 * and does not begin to wait either. done is told what the real write returned, after a 0.
 */
#define GUARD_PRETEND 2

struct store_guard {
	int (*judge)(struct store_guard *g, const struct trial *t);
	void (*done)(struct store_guard *g, const struct trial *t, int result);
	/* It is not even tried, with this result, for this reason, which is recorded: result, or -EIO as above. */
	int (*refuse)(struct store_guard *g, const struct trial *t, int result, const char *reason);
};

#endif
