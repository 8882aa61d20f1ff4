/* SPDX-License-Identifier: MIT */
/* Threads for calls that the host may hold up: as many as are held up, and one more. */
#ifndef HOSTBACKEND_HOST_WORKERS_H
#define HOSTBACKEND_HOST_WORKERS_H

#include "core/backend.h"

struct workers;

typedef void workers_fn(void *ctx, struct backend_call *call);

/* fn does a call, answer included. NULL: out of memory. No thread is started before there is a call. */
struct workers *workers_new(workers_fn *fn, void *ctx);
/* Hands a call over. -EAGAIN: no thread could be started and none is there. */
int workers_add(struct workers *w, struct backend_call *call);

/*
 * Stores go one after another: what takes its turn is alone until it gives it back, or until the host has held it up
 * for HOST_TURN_MS since workers_turn_writes.
 */
#define HOST_TURN_MS 200
unsigned workers_turn_take(struct workers *w);
void workers_turn_writes(struct workers *w, unsigned turn);
void workers_turn_give(struct workers *w, unsigned turn);

/* Waits for nobody: a thread that the host holds up ends with the process. */
void workers_stop(struct workers *w);

#endif
