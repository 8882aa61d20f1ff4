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

static bool is_journal(const struct policy_options *o)
{
	return o->audit && strcmp(o->audit, "journal") == 0;
}

static int open_audit(const struct policy_options *o, struct audit **ret)
{
	if (!o->audit)
		return 0;
	return is_journal(o) ? audit_open_journal(NULL, ret) : audit_open_file(o->audit, ret);
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
	rc = open_audit(o, &options.audit);
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

static void reload(void *ctx)
{
	char text[1024];
	struct page message;

	page_init_fixed(&message, text, sizeof(text));
	if (policy_reload(ctx, &message) < 0)
		fprintf(stderr, "apsysfs: %s; the policy stays as it was\n", text);
}

/* What the C library reads to know users and groups, also where others than files know them. */
static const char *const user_database[] = {
	"/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib", "/usr/lib64",
	"/run/systemd/userdb", "/var/lib/sss", "/run/nscd",
};

void options_policy_serve(const struct policy_options *o, struct backend *backend, struct mount_request *r)
{
	if (!o->policy)
		return;
	r->reload = reload;
	r->reload_ctx = policy_backend_guard(backend);
	privileges_read_beside(&r->needs, o->policy);
	for (size_t i = 0; i < sizeof(user_database) / sizeof(*user_database); i++)
		privileges_read(&r->needs, user_database[i]);
	/* the names of commands */
	privileges_read(&r->needs, "/proc");
	if (o->owners)
		privileges_write_beside(&r->needs, o->owners);
	if (is_journal(o))
		privileges_read(&r->needs, "/run/systemd/journal");
	else if (o->audit)
		privileges_write_beside(&r->needs, o->audit);
}
