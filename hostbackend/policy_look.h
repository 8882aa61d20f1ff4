/* SPDX-License-Identifier: MIT */
/* A question to a backend's state and to the policy at once. */
#ifndef HOSTBACKEND_POLICY_LOOK_H
#define HOSTBACKEND_POLICY_LOOK_H

#include "core/backend.h"
#include "hostbackend/policy_guard.h"

struct policy_look {
	struct backend *inner;
	struct policy_guard *guard;
};

/* Both hold until it returns; it calls no backend. */
typedef void policy_look_fn(void *ctx, const struct engine *e, const struct rights *r);
void policy_look(const struct policy_look *look, const struct caller *caller, policy_look_fn *fn, void *ctx);

/* One node as one caller sees it. */
struct glance {
	struct node n;
	bool has;		/* is there for him */
	bool filters;		/* its text is cut to what he sees */
	bool sums;		/* its text is made of those of the queues that he sees */
	bool may_write;		/* something could be let through */
	bool has_store;
	bool modes_decide;	/* what he may, he may only as far as modes let him */
	unsigned hidden;	/* directories in it that are not there for him */
	char path[512];
};

struct glance policy_glance(const struct policy_look *look, uint64_t node, const struct caller *caller);

#endif
