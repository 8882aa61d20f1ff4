/* SPDX-License-Identifier: MIT */
/*
 * A scenario: events that change the machine by themselves. What it does depends on the state, the calls and
 * the clock alone. Order: events fire by their time; those of one time in the order they were triggered. One that a
 * write caused fires after that write's effects and before its answer; so does all that it causes at once.
 */
#ifndef CORE_SCENARIO_H
#define CORE_SCENARIO_H

#include "core/engine.h"
#include "core/scenario_event.h"
#include "core/node.h"

/*
 * Commands, a line each: an event to add (core/scenario_event.h), "remove NUMBER", "clear". All or nothing. Blank lines and
 * lines that begin with # are none. -EINVAL, and e->error says why; -ENOSPC: more than SCENARIO_EVENTS.
 */
int scenario_command(struct engine *e, const char *text);
/* A line an event: number, phase, how often it fired, what failed last, and the event. */
void scenario_print(const struct engine *e, struct page *out);

/* tree_store, and the events that such a write triggers once it was done. *triggers: 0 before the first try. */
int scenario_store(struct engine *e, struct node n, const char *text, size_t length, uint64_t *triggers);
/* An mdev appeared, a guest started. */
void scenario_happened(struct engine *e, enum scenario_trigger what, const uint8_t uuid[16]);
/* Does what is due. Was there anything? Then whoever waits may get further, and it is to be called again. */
bool scenario_run(struct engine *e);
/* When that is next, INT64_MAX: never. */
int64_t scenario_due(const struct engine *e);

#endif
