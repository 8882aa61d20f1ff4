/* SPDX-License-Identifier: MIT */
/* The options that put a policy in front of a machine: shared by mount and run. */
#ifndef FS_OPTIONS_POLICY_H
#define FS_OPTIONS_POLICY_H

#include "fs/mount.h"
#include "hostbackend/policy_backend.h"

struct policy_options {
	const char *policy;	/* --policy FILE; NULL: none, everyone may what modes let him */
	const char *owners;	/* --owners FILE */
	const char *audit;	/* --audit FILE or journal */
	bool dry_run;		/* --dry-run */
};

#define OPTIONS_POLICY_HELP \
	"  --policy FILE        let each user see and change only what the policy grants, apsysfs-policy(5)\n" \
	"  --owners FILE        remember there who created which mdev\n" \
	"  --audit FILE|journal append a line of JSON for each decision; what cannot be recorded is refused\n" \
	"  --dry-run            decide and record, and change nothing\n"

enum { OPTION_POLICY = 512, OPTION_OWNERS, OPTION_AUDIT, OPTION_DRY_RUN };
#define OPTIONS_POLICY_LONG \
	{ "policy", required_argument, NULL, OPTION_POLICY }, \
	{ "owners", required_argument, NULL, OPTION_OWNERS }, \
	{ "audit", required_argument, NULL, OPTION_AUDIT }, \
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN }

/* Takes one of them; false: another option. */
bool options_policy_take(struct policy_options *o, int option, const char *value);

/* Reads what they name. *ret: the guard, NULL without --policy. 0, or 1 after saying what is wrong. */
int options_policy_open(const struct policy_options *o, struct policy_guard **ret);
/* Puts the guard, which the backend must have been made with, in front of it. 0, or 1 after a message. */
int options_policy_wrap(struct policy_guard *g, struct backend **backend);

/*
 * What serving needs, and that a SIGHUP reads the policy anew. backend: as options_policy_wrap left it. To be called
 * before the daemon leaves its folder.
 */
void options_policy_serve(const struct policy_options *o, struct backend *backend, struct mount_request *r);

#endif
