/* SPDX-License-Identifier: MIT */
/* A process that answers questions which need more than the daemon keeps, and has limits of its own. */
#ifndef FS_HELPER_H
#define FS_HELPER_H

#include <sys/types.h>

#include "fs/privileges.h"

#define HELPER_QUESTION 1024	/* bytes, with the NUL */
#define HELPER_ANSWER (128 * 1024)
#define HELPER_KEPT 3			/* in the helper: the descriptor that it was to keep */

/* Called in the helper: the answer's length. *ret_fd: a descriptor that goes with it, and is closed then; -1: none. */
typedef size_t helper_fn(void *ctx, const char *question, void *answer, size_t size, int *ret_fd);

/*
 * Starts it, with what needs says; it ends with whoever started it. Before there are threads. keep: of the caller's
 * descriptors all that it has; -1: none. Returns its socket, which the caller owns, or -errno of socketpair(2), fork(2).
 */
int helper_start(struct privileges *needs, helper_fn *fn, void *ctx, int keep);
/*
 * One question at a time. Returns the answer's length; -ENAMETOOLONG; -EPIPE: the helper is gone. *ret_fd (NULL: none is
 * wanted): the descriptor that came with it, -1: none.
 */
ssize_t helper_ask(int helper, const char *question, void *answer, size_t size, int *ret_fd);

#endif
