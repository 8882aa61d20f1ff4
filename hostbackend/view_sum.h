/* SPDX-License-Identifier: MIT */
/* A card's counts of requests, for who does not see all of its queues: those of the others would tell of what they do. */
#ifndef HOSTBACKEND_VIEW_SUM_H
#define HOSTBACKEND_VIEW_SUM_H

#include "hostbackend/policy_look.h"

/* Is the file such a count, and must be made of the queues' own? */
bool view_sums(const struct rights *r, struct node n);
/* Is there anybody for whom it must? */
bool view_may_sum(struct node n);
/* What the queues that he sees say, added up; the card's own errno, if its file has one. As backend_ops.show. */
int view_sum_show(const struct policy_look *l, uint64_t node, struct backend_call *call);

#endif
