/* SPDX-License-Identifier: MIT */
#include "fs/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/guest_view.h"
#include "fs/kept_options.h"
#include "fs/machine_file.h"
#include "fs/options_host.h"
#include "fs/trace_backend.h"

/* Not below what a handful of operations need, nor beyond what a start could do again. */
static int take_limit(struct machine_options *o, const char *value)
{
	char *end;
	unsigned long kib = strtoul(value, &end, 10);

	if (*end || kib < 1 || kib > 1048576) {
		fprintf(stderr, "apsysfs: --state-limit %s: expected KiB from 1 to 1048576\n", value);
		return STATUS_USAGE;
	}
	o->state.limit = kib * 1024;
	return STATUS_OK;
}

bool options_take(struct machine_options *o, int option, const char *value, int *ret_status)
{
	enum kernel_id kernel;

	*ret_status = STATUS_OK;
	if (options_policy_take(&o->policy, option, value))
		return true;
	switch (option) {
	case OPTION_KERNEL:
		if (kernel_from_name(value, &kernel) < 0) {
			fprintf(stderr, "apsysfs: --kernel %s: not a kernel it can be; choose 4.20, 5.10, 6.1, 6.12 or 7.2\n",
				value);
			*ret_status = STATUS_USAGE;
		}
		o->kernel = value;
		return true;
	case OPTION_MACHINE:
		o->machine = value;
		return true;
	case OPTION_SCENARIO:
		o->scenario = value;
		return true;
	case OPTION_CMDLINE:
		o->cmdline = value;
		return true;
	case OPTION_CLOCK:
		o->virtual_clock = strcmp(value, "virtual") == 0;
		o->clock_given = true;
		if (!o->virtual_clock && strcmp(value, "real") != 0) {
			fprintf(stderr, "apsysfs: --clock %s: expected real or virtual\n", value);
			*ret_status = STATUS_USAGE;
		}
		return true;
	case OPTION_NO_MODULES:
		o->no_modules = true;
		return true;
	case OPTION_PASSTHROUGH:
		o->passthrough = true;
		return true;
	case OPTION_IO_URING:
		o->io_uring = true;
		return true;
	case OPTION_NO_EPOCH:
		o->no_epoch = true;
		return true;
	case OPTION_TRACE:
		o->trace = value;
		return true;
	case OPTION_STATE:
		o->state.path = value;
		return true;
	case OPTION_STATE_SYNC:
		o->state.sync = true;
		return true;
	case OPTION_STATE_LIMIT:
		*ret_status = take_limit(o, value);
		return true;
	case OPTION_HOST:
		o->host = value;
		return true;
	default:
		return false;
	}
}

static int load_machine(const struct machine_options *o, struct machine_setup *setup)
{
	char text[1024];
	struct page message;

	*setup = (struct machine_setup){ .kernel = KERNEL_NEWEST };
	machine_init_default(&setup->machine);
	if (o->guest)
		return guest_view_machine(o->guest, &setup->machine);
	page_init_fixed(&message, text, sizeof(text));
	if ((!o->machine || machine_file_load(o->machine, setup, &message) == 0) &&
	    (!o->scenario || machine_file_load_events(o->scenario, setup, &message) == 0))
		return 0;
	fprintf(stderr, "apsysfs: %s\n", text);
	return -EINVAL;
}

/* Could a player begin where the trace does? It boots the machine and knows nothing more. */
static bool can_trace(const struct machine_options *o, const struct memory_options *options)
{
	if (options->state)
		fprintf(stderr, "apsysfs: --trace begins with a boot, and %s has a recorded state: take its state away, or trace without it\n",
			o->machine);
	else if (options->scenario)
		fprintf(stderr, "apsysfs: --trace writes down what is asked, and %s has events, which nobody asks: trace without them\n",
			o->scenario ? o->scenario : o->machine);
	return !options->state && !options->scenario;
}

/* Puts a trace before the backend. What it begins with is all that a player needs to boot the same machine. */
static int trace(const struct machine_options *o, const struct memory_options *options, struct backend **backend)
{
	FILE *out = fopen(o->trace, "we");
	struct page machine;
	int rc;

	if (!out) {
		fprintf(stderr, "apsysfs: --trace %s: %s\n", o->trace, strerror(errno));
		return -errno;
	}
	rc = page_init_growing(&machine);
	if (rc == 0) {
		machine_print(options->machine, &machine);
		fprintf(out, "kernel %s\nmodules %d\ncmdline %s\n%send\n", kernel_rules(options->kernel)->name,
			!options->no_modules, options->cmdline ? options->cmdline : "", machine.data);
		rc = trace_backend_new(*backend, out, backend);
	}
	page_free(&machine);
	return rc;
}

static void complain_state(const struct machine_options *o, const char *why)
{
	char text[1024];
	struct page message;

	page_init_fixed(&message, text, sizeof(text));
	machine_file_explain(o->machine, why, &message);
	fprintf(stderr, "apsysfs: %s\n", text);
}

static int boot_plain(const struct machine_options *o, const struct memory_options *options, struct backend **ret)
{
	int rc;

	if (o->trace && !can_trace(o, options))
		return -EINVAL;
	rc = memory_backend_new(options, ret);
	if (rc == -EINVAL && options->message->length)
		complain_state(o, options->message->data);
	else if (rc == -EINVAL)
		fprintf(stderr, "apsysfs: --cmdline: ap.apmask and ap.aqmask take at most 1024 characters\n");
	else if (rc == -ENOSPC)
		fprintf(stderr, "apsysfs: the scenario: expected at most 64 events\n");
	else if (rc < 0)
		fprintf(stderr, "apsysfs: cannot boot the machine: %s\n", strerror(-rc));
	else if (o->trace)
		rc = trace(o, options, ret);
	return rc;
}

/* A machine that is kept: as it was left, or booted now and kept from now on. */
static int boot_kept(const struct machine_options *o, const struct machine_setup *setup, struct memory_options *options,
		     struct backend **ret)
{
	struct state_file *file;
	struct image_source image;
	struct page began;
	int rc = -EINVAL;

	if (o->trace) {
		fprintf(stderr, "apsysfs: --trace begins with a boot: use it without --state\n");
		return rc;
	}
	if (state_file_open(&o->state, &file) < 0 || page_init_growing(&began) < 0)
		return rc;
	kept_options_print(options, &began);
	if (!state_file_options(file) || kept_options_agree(o, setup, state_file_options(file), began.data)) {
		image = state_file_image(file);
		options->image = state_file_options(file) ? &image : NULL;
		rc = boot_plain(o, options, ret);
		if (rc == 0)
			rc = state_file_begin(file, *ret, began.data);
		options->image = NULL;
	}
	page_free(&began);
	return rc;
}

int options_boot_guarded(const struct machine_options *o, struct store_guard *guard, struct backend **ret)
{
	struct machine_setup *setup = malloc(sizeof(*setup));
	struct memory_options options = { .virtual_clock = o->virtual_clock, .no_modules = o->no_modules };
	struct page message;
	char why[512];
	int rc;

	if (!setup || load_machine(o, setup) < 0) {
		free(setup);
		return STATUS_FAILED;
	}
	options.kernel = setup->kernel;
	if (o->kernel)
		kernel_from_name(o->kernel, &options.kernel);
	options.no_modules |= setup->has_modules;
	options.state = setup->state;
	options.message = &message;
	page_init_fixed(&message, why, sizeof(why));
	options.machine = &setup->machine;
	options.cmdline = o->cmdline ? o->cmdline : setup->cmdline;
	options.guard = guard;
	options.scenario = setup->events;
	rc = o->state.path ? boot_kept(o, setup, &options, ret) : boot_plain(o, &options, ret);
	machine_file_free(setup);
	free(setup);
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

static int boot_machine(const struct machine_options *o, struct backend **ret)
{
	struct policy_guard *guard = NULL;
	int status = options_policy_open(&o->policy, &guard);

	if (!status)
		status = options_boot_guarded(o, guard ? policy_guard_store(guard) : NULL, ret);
	if (status) {
		policy_guard_free(guard);
		return status;
	}
	return options_policy_wrap(guard, ret);
}

int options_boot(const struct machine_options *o, struct backend **ret)
{
	return o->host ? options_host_open(o, ret) : boot_machine(o, ret);
}

void options_serve(const struct machine_options *o, struct backend *backend, struct mount_request *r)
{
	if (o->host)
		options_host_serve(o->host, &r->needs);
	r->needs.admin |= o->passthrough;
	r->needs.io_uring = o->io_uring;
	if (o->state.path)
		privileges_write_beside(&r->needs, o->state.path);
	options_policy_serve(&o->policy, backend, r);
}
