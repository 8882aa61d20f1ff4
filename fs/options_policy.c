/* SPDX-License-Identifier: MIT */
#include "fs/options_policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/helper.h"
#include "hostbackend/subject.h"

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

/* Lives as long as the daemon. */
struct user_lookup {
	struct subject_lookup lookup;
	int helper;
};

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
	"/etc", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/run/systemd/userdb", "/var/lib/sss", "/run/nscd",
};

static size_t look_up(void *ctx, const char *question, void *answer, size_t size, int *ret_fd)
{
	struct subject s = { 0 };
	size_t length = subject_pack(subject_parse(question, &s), &s, answer, size);

	free(s.member);
	return length;
}

static int ask(void *ctx, const char *text, struct subject *ret)
{
	const struct user_lookup *l = ctx;
	void *answer = malloc(HELPER_ANSWER);
	ssize_t n = answer ? helper_ask(l->helper, text, answer, HELPER_ANSWER, NULL) : -ENOMEM;
	int rc = n < 0 ? (int)n : subject_unpack(answer, (size_t)n, ret);

	free(answer);
	return rc;
}

/*
 * Users and groups are looked up by somebody else: programs that change the database replace its files, so that nothing
 * less than the whole of /etc would do, and there is more in it than the daemon should ever read.
 */
static void start_lookup(struct policy_guard *g)
{
	struct privileges needs = { 0 };
	struct user_lookup *l = calloc(1, sizeof(*l));

	for (size_t i = 0; i < sizeof(user_database) / sizeof(*user_database); i++)
		privileges_read(&needs, user_database[i]);
	if (!l)
		return;
	*l = (struct user_lookup){ { ask, l }, helper_start(&needs, look_up, NULL, -1) };
	policy_guard_look_up_by(g, &l->lookup);
}

void options_policy_serve(const struct policy_options *o, struct backend *backend, struct mount_request *r)
{
	if (!o->policy)
		return;
	r->reload = reload;
	r->reload_ctx = policy_backend_guard(backend);
	privileges_read_beside(&r->needs, o->policy);
	start_lookup(r->reload_ctx);
	/* the names of commands */
	privileges_read(&r->needs, "/proc");
	if (o->owners)
		privileges_write_beside(&r->needs, o->owners);
	if (is_journal(o))
		privileges_read(&r->needs, "/run/systemd/journal");
	else if (o->audit)
		privileges_write_beside(&r->needs, o->audit);
}
