/* SPDX-License-Identifier: MIT */
/* A policy in words. */
#ifndef HOSTBACKEND_EXPLAIN_H
#define HOSTBACKEND_EXPLAIN_H

#include "core/backend.h"
#include "hostbackend/policy.h"

/* A paragraph for each grant, or, with a caller, for each that is to him. */
void explain_policy(const struct policy *p, const struct caller *caller, struct page *out);

#endif
