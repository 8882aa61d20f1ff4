/* SPDX-License-Identifier: MIT */
/* A policy in front of any backend: each caller sees what is granted to him, as if there was nothing else. */
#ifndef HOSTBACKEND_POLICY_BACKEND_H
#define HOSTBACKEND_POLICY_BACKEND_H

#include "hostbackend/policy_guard.h"

/*
 * Takes inner, and g when it succeeds; inner must ask policy_guard_store(g) before each store. audience: who hears
 * uevents, since those go to everyone; NULL: all events are heard. 0, -ENOMEM.
 */
int policy_backend_new(struct backend *inner, struct policy_guard *g, const struct caller *audience, struct backend **ret);

/* Of a backend that policy_backend_new made: for policy_reload. */
struct policy_guard *policy_backend_guard(struct backend *b);

#endif
