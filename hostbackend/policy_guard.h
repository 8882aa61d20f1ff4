/* SPDX-License-Identifier: MIT */
/* A policy at work: judges stores for a backend, has each decision recorded, and can be read anew. */
#ifndef HOSTBACKEND_POLICY_GUARD_H
#define HOSTBACKEND_POLICY_GUARD_H

#include "core/guard.h"
#include "hostbackend/audit.h"
#include "hostbackend/rights.h"

struct policy_guard;

struct policy_guard_options {
	const char *policy;	/* the file; read again by policy_reload */
	const char *owners;	/* the file that remembers who created which mdev; NULL: memory only */
	struct audit *audit;	/* NULL: nothing is recorded. The guard does not own it. */
	bool dry_run;		/* decides and records, and lets nothing happen */
};

/* 0; -ENOMEM; or -errno and message says what is wrong with which file. */
int policy_guard_new(const struct policy_guard_options *o, struct policy_guard **ret, struct page *message);
void policy_guard_free(struct policy_guard *g);

/* What a backend asks before each store. */
struct store_guard *policy_guard_store(struct policy_guard *g);

/* From now on users and groups are looked up so, for as long as it lives. Before any reload. */
void policy_guard_look_up_by(struct policy_guard *g, const struct subject_lookup *lookup);

/*
 * Reads the policy's file anew. 0; or -errno and message says why: then the old one stays in force. The audit
 * is opened anew, and told of either. From any thread, but not with a backend's lock held.
 */
int policy_reload(struct policy_guard *g, struct page *message);

/* Calls fn with the rights of a caller (NULL: none are needed), which hold until it returns. */
typedef void policy_rights_fn(void *ctx, const struct rights *r);
void policy_guard_with(struct policy_guard *g, const struct caller *caller, policy_rights_fn *fn, void *ctx);

/* Somebody opens a file for writing that he could not write anything to: recorded. -EACCES; -EIO: could not be. */
int policy_guard_refuse_open(struct policy_guard *g, const struct caller *caller, const char *path);

#endif
