/* SPDX-License-Identifier: MIT */
/* Which uevents one listener hears: those of objects he sees, or saw come. */
#ifndef HOSTBACKEND_EVENT_VIEW_H
#define HOSTBACKEND_EVENT_VIEW_H

#include "hostbackend/policy_look.h"

struct event_view;

/* NULL: out of memory. */
struct event_view *event_view_new(const struct caller *audience);
void event_view_free(struct event_view *v);

/* Knows what is there before the first event. */
void event_view_begin(struct event_view *v, const struct policy_look *l);

/*
 * payload: "add@/devices/..." NUL ... NUL. What he hears of it, as long, until the next call: in the masks that it tells of
 * only the bits that he sees. NULL: nothing. Called in the order of the events, one at a time, with no lock held.
 */
const char *event_view_take(struct event_view *v, const struct policy_look *l, const char *payload, size_t length);

#endif
