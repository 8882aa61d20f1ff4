/* SPDX-License-Identifier: MIT */
/* The state machine that resets a queue and enables its interrupts, as far as attributes show it (abi.md 5.3). */
#ifndef CORE_QUEUE_STATE_H
#define CORE_QUEUE_STATE_H

#include "core/engine.h"

#define POLLS_PER_SECOND 40	/* how often the state machine asks while something lasts */

/* A device was made for the queue by a scan; usable: neither deconfigured nor checkstopped. */
void queue_state_created(struct engine *e, unsigned queue, bool usable);
/* A zcrypt driver was bound. */
void queue_state_initiate(struct engine *e, unsigned queue);
/* Its driver is gone. */
void queue_state_stopped(struct engine *e, unsigned queue);
/* A write to reset. */
void queue_state_reset(struct engine *e, unsigned queue);
/* Deconfigured or checkstopped no more. */
void queue_state_returned(struct engine *e, unsigned queue);
/* A request went out to it. */
void queue_state_request(struct engine *e, unsigned queue);
/* The first zcrypt driver was loaded. */
void queue_state_drivers_loaded(struct engine *e);
/* A second has passed. */
void queue_state_tick(struct engine *e);

#endif
