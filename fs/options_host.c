/* SPDX-License-Identifier: MIT */
#include "fs/options_host.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/helper.h"
#include "hostbackend/host_backend.h"
#include "hostbackend/host_sysfs.h"
#include "hostbackend/policy_backend.h"

static void say_difference(const char *path, int expected, int result)
{
	fprintf(stderr, "apsysfs: %s: the host answered %s, where %s was expected\n", path,
		result < 0 ? strerror(-result) : "success", expected < 0 ? strerror(-expected) : "success");
}

/* --- what comes later ---------------------------------------------------------------------------------------- */

/* Lives as long as the daemon. */
struct opener {
	int helper;
	pthread_mutex_t lock;	/* one question at a time */
};

/* In the helper: "FLAGS PATH". The answer: 0 with a descriptor, or -errno. */
static size_t open_place(void *ctx, const char *question, void *answer, size_t size, int *ret_fd)
{
	const struct host_sysfs *host = ctx;
	char *path;
	int flags = (int)strtol(question, &path, 10), rc = -EACCES;

	if (*path == ' ' && host_backend_has_place(path + 1))
		rc = host_open(host, path + 1, flags);
	if (rc >= 0) {
		*ret_fd = rc;
		rc = 0;
	}
	memcpy(answer, &rc, sizeof(rc));
	return sizeof(rc);
}

static int ask(void *ctx, const char *path, int flags)
{
	struct opener *o = ctx;
	char question[HELPER_QUESTION];
	int rc = -EACCES, fd = -1;
	ssize_t n;

	if (snprintf(question, sizeof(question), "%d %s", flags, path) >= (int)sizeof(question))
		return -ENAMETOOLONG;
	pthread_mutex_lock(&o->lock);
	n = helper_ask(o->helper, question, &rc, sizeof(rc), &fd);
	pthread_mutex_unlock(&o->lock);
	if (fd >= 0)
		return fd;
	return n < 0 ? (int)n : rc < 0 ? rc : -EIO;
}

/*
 * Landlock knows files, not names: what a module brings when it is loaded later, the daemon may not open. Somebody else
 * may open anything of the host's sysfs, and opens only what rows are of.
 */
static void start_opener(const char *root, struct host_options *options)
{
	struct host_sysfs in_helper = { .root = HELPER_KEPT };
	int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), helper;
	struct privileges needs = { 0 };
	struct opener *o;

	if (folder < 0)
		return;
	privileges_write(&needs, root);
	helper = helper_start(&needs, open_place, &in_helper, folder);
	close(folder);
	o = helper < 0 ? NULL : malloc(sizeof(*o));
	if (!o) {
		/* without its socket it ends */
		if (helper >= 0)
			close(helper);
		return;
	}
	o->helper = helper;
	pthread_mutex_init(&o->lock, NULL);
	options->opener = ask;
	options->opener_ctx = o;
}

/* --- the host's own bus, with the policy before it if there is one --------------------------------------------- */

int options_host_open(const struct machine_options *o, struct backend **ret)
{
	struct host_options options = { .dir = o->host, .differs = say_difference };
	struct policy_guard *guard = NULL;
	int rc;

	if (o->machine || o->kernel || o->cmdline || o->guest || o->trace || o->virtual_clock || o->no_modules ||
	    o->state.path || o->io_uring) {
		fprintf(stderr, "apsysfs: --host %s: expected no option of a virtual machine beside it\n", o->host);
		return STATUS_USAGE;
	}
	rc = options_policy_open(&o->policy, &guard);
	if (rc)
		return rc;
	options.guard = guard ? policy_guard_store(guard) : NULL;
	start_opener(o->host, &options);
	rc = host_backend_new(&options, ret);
	if (rc == 0) {
		if (o->hearing)
			o->hearing->host = *ret;
		return options_policy_wrap(guard, ret);
	}
	policy_guard_free(guard);
	if (rc == -ENOENT)
		fprintf(stderr, "apsysfs: --host %s: has no bus/ap\n", o->host);
	else
		fprintf(stderr, "apsysfs: --host %s: %s\n", o->host, strerror(-rc));
	return STATUS_FAILED;
}

/* A place below root; where it is not yet there and comes with its first device, the folder above. */
static void reach_place(const char *root, const char *place, struct privileges *p)
{
	char *path;

	if (asprintf(&path, "%s/%s", root, place) < 0)
		return;
	if (access(path, F_OK) < 0 && host_backend_comes_later(place))
		*strrchr(path, '/') = 0;
	privileges_write(p, path);
	free(path);
}

void options_host_serve(const char *root, struct privileges *p)
{
	privileges_list(p, root);
	for (const char *const *place = host_backend_places(); *place; place++)
		reach_place(root, *place, p);
}
