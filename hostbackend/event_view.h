/* SPDX-License-Identifier: MIT */
/* Which uevents one listener hears: those of objects he sees, or saw come. */
#ifndef HOSTBACKEND_EVENT_VIEW_H
#define HOSTBACKEND_EVENT_VIEW_H

#include "hostbackend/policy_guard.h"

struct event_view;

/* NULL: out of memory. */
struct event_view *event_view_new(const struct caller *audience);
void event_view_free(struct event_view *v);

/* payload: "add@/devices/..." NUL ... Called in the order of the events, one at a time, with no lock held. */
bool event_view_has(struct event_view *v, struct backend *b, struct policy_guard *g, const char *payload);

#endif
