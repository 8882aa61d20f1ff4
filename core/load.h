/* SPDX-License-Identifier: MIT */
/* Load: requests that go through the queues by themselves, so that counters move (core/machine.h). */
#ifndef CORE_LOAD_H
#define CORE_LOAD_H

#include "core/engine.h"

/*
 * Counts the requests of all queues up to state->now. To be called before anything changes that load depends on:
 * the machine, and whether a queue is online and bound. What is counted depends on the times alone at which that
 * changed, not on how often this was called.
 */
void load_advance(struct engine *e);

/* Requests in the card, and waiting for room in it, as pendingq_count and requestq_count show them. */
unsigned load_pending(const struct engine *e, unsigned queue);
unsigned load_waiting(const struct engine *e, unsigned queue);
/* What load shows: all of them, weighted as the kernel weighs one kind of request for this type of card. */
unsigned load_weight(const struct engine *e, unsigned queue);

/* A request_count, with its newline. */
void load_print_count(const struct engine *e, uint64_t count, struct page *out);

#endif
