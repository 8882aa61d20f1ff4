/* SPDX-License-Identifier: MIT */
/*
 * Threads for calls that the host may hold up: as many as are held up, and one more. One user's are not all of them, so
 * that nobody keeps the others from being served; his other calls wait in line.
 */
#ifndef HOSTBACKEND_HOST_WORKERS_H
#define HOSTBACKEND_HOST_WORKERS_H

#include "core/backend.h"

#define WORKERS_MAX 256
#define WORKERS_USER 32	/* that may do one user's writes, and as many his reads; root has no such limit */
#define WORKERS_ROOT 32	/* that do nobody else's */
#define WORKERS_HELD_MS 200	/* what the host takes longer for is held up */

struct workers;

typedef void workers_fn(void *ctx, struct backend_call *call);

/*
 * fn does a call, answer included; refuse answers one that waited in line until nothing was left to wait for, as workers_add
 * says of a later one. NULL: out of memory. No thread is started before there is a call.
 */
struct workers *workers_new(workers_fn *fn, workers_fn *refuse, void *ctx);
/*
 * Hands a call over. -EAGAIN: all threads that could do it are held up by the host, or none could be started and none is
 * there.
 */
int workers_add(struct workers *w, struct backend_call *call);

/*
 * Stores go one after another: what takes its turn is alone until it gives it back, or until the host has held it up
 * for HOST_TURN_MS since workers_turn_writes, which says that the call is at the host now.
 */
#define HOST_TURN_MS WORKERS_HELD_MS
unsigned workers_turn_take(struct workers *w);
void workers_turn_writes(struct workers *w, unsigned turn, const struct backend_call *call);
void workers_turn_give(struct workers *w, unsigned turn);

/* Waits for nobody: a thread that the host holds up ends with the process. */
void workers_stop(struct workers *w);

#endif
