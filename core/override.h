/* SPDX-License-Identifier: MIT */
/* The texts of driver_override, shared by the queues that have the same (7.2, abi.md 5.5). */
#ifndef CORE_OVERRIDE_H
#define CORE_OVERRIDE_H

#include "core/engine.h"

/* "": none */
const char *override_get(const struct engine *e, unsigned queue);
/* -ENOMEM: too many different texts at a time. text: below 4096 bytes; "": none. */
int override_set(struct engine *e, unsigned queue, const char *text);
/* The queue's device is gone; whoever counts overrides does not hear of it. */
void override_release(struct engine *e, unsigned queue);

#endif
