/* SPDX-License-Identifier: MIT */
/* A process that answers questions which need more than the daemon keeps, and has limits of its own. */
#ifndef FS_HELPER_H
#define FS_HELPER_H

#include <sys/types.h>

#include "fs/privileges.h"

#define HELPER_QUESTION 1024	/* bytes, with the NUL */
#define HELPER_ANSWER (128 * 1024)

/* Called in the helper: the answer's length. */
typedef size_t helper_fn(const char *question, void *answer, size_t size);

/*
 * Starts it, with what needs says; it ends with whoever started it. Before there are threads. Returns its socket, which
 * the caller owns, or -errno of socketpair(2), fork(2).
 */
int helper_start(struct privileges *needs, helper_fn *fn);
/* One question at a time. Returns the answer's length; -ENAMETOOLONG; -EPIPE: the helper is gone. */
ssize_t helper_ask(int helper, const char *question, void *answer, size_t size);

#endif
