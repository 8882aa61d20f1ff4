/* SPDX-License-Identifier: MIT */
/*
 * A backend that writes down what it is asked and what it answers, one line each, so that a machine of another
 * kind can be asked the same (tests/replay/player.c). Meant for --clock virtual, where nothing else happens.
 */
#ifndef FS_TRACE_BACKEND_H
#define FS_TRACE_BACKEND_H

#include <stdio.h>

#include "core/backend.h"

/*
 * Wraps inner, which it owns when it succeeds. out: where the lines go; flushed with each. Returns 0 or -ENOMEM.
 *	find DIR NAME -> RC CHILD	list DIR -> RC COUNT SUM	stat NODE -> RC TYPE MODE NLINK SIZE
 *	link NODE -> RC TEXT		show NODE N -> RC TEXT		store NODE N TEXT -> RC
 *	answer N -> RC TEXT		of a show or store with RC 1, which had to wait
 * NODE, DIR, CHILD: hex. TEXT: blanks, backslashes and what is not printable as \HH, "-" if empty.
 */
int trace_backend_new(struct backend *inner, FILE *out, struct backend **ret);

#endif
