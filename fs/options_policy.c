/* SPDX-License-Identifier: MIT */
#include "fs/options_policy.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs/command.h"

bool options_policy_take(struct policy_options *o, int option, const char *value)
{
	switch (option) {
	case OPTION_POLICY:
		o->policy = value;
		return true;
	case OPTION_OWNERS:
		o->owners = value;
		return true;
	case OPTION_AUDIT:
		o->audit = value;
		return true;
	case OPTION_DRY_RUN:
		o->dry_run = true;
		return true;
	default:
		return false;
	}
}

int options_policy_open(const struct policy_options *o, struct policy_guard **ret)
{
	struct policy_guard_options options = { .policy = o->policy, .owners = o->owners, .dry_run = o->dry_run };
	char text[1024];
	struct page message;
	int rc;

	*ret = NULL;
	if (!o->policy) {
		if (!o->owners && !o->audit && !o->dry_run)
			return STATUS_OK;
		fprintf(stderr, "apsysfs: --owners, --audit and --dry-run are about a policy: expected --policy FILE too\n");
		return STATUS_USAGE;
	}
	rc = o->audit ? audit_open_file(o->audit, &options.audit) : 0;
	if (rc < 0) {
		fprintf(stderr, "apsysfs: --audit %s: %s\n", o->audit, strerror(-rc));
		return STATUS_FAILED;
	}
	page_init_fixed(&message, text, sizeof(text));
	rc = policy_guard_new(&options, ret, &message);
	if (rc < 0) {
		fprintf(stderr, "apsysfs: %s\n", message.length ? text : strerror(-rc));
		audit_close(options.audit);
	}
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

int options_policy_wrap(struct policy_guard *g, struct backend **backend)
{
	/* uevents go to one namespace, and in it to everyone: they are cut to what its maker sees */
	struct caller audience = { getuid(), getgid(), getpid() };
	int rc = g ? policy_backend_new(*backend, g, &audience, backend) : 0;

	if (rc < 0)
		fprintf(stderr, "apsysfs: out of memory\n");
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}
