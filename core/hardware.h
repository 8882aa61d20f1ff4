/* SPDX-License-Identifier: MIT */
/* What the virtual hardware answers to the AP instructions: TAPQ, resets, requests, SCLP. */
#ifndef CORE_HARDWARE_H
#define CORE_HARDWARE_H

#include "core/engine.h"

/* The answer of TAPQ. */
struct tapq {
	uint8_t type;
	uint8_t depth, message_limit;
	uint8_t bind_state;	/* with APSB */
	bool interrupts;
	uint32_t functions;	/* the whole word, bind state included */
};

/* Returns the response code AP_RC_*; ret is filled unless it is AP_RC_NOT_AVAILABLE. */
int hardware_tapq(const struct engine *e, unsigned queue, struct tapq *ret);

/* Does a request to the queue get a reply now? */
bool hardware_replies(const struct engine *e, unsigned queue);

/* RAPQ, ZAPQ: interrupts go off, the reset lasts as the machine says. */
void hardware_reset(struct engine *e, unsigned queue);
/* Has the reset ended, as far as the hardware can say? Otherwise one poll is used up. */
bool hardware_reset_done(struct engine *e, unsigned queue);
/* SCLP (de)configure. Interrupts of its queues go off when it is deconfigured. */
void hardware_configure(struct engine *e, unsigned adapter, bool on);

#endif
