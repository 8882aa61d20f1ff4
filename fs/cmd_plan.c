/* SPDX-License-Identifier: MIT */
/* apsysfs plan: from wanted guests to the writes that make them, tried on a virtual machine first. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mdev.h"
#include "core/parse.h"
#include "fs/command.h"
#include "fs/control.h"
#include "fs/machine_file.h"
#include "fs/plan_file.h"

static const char usage[] =
	"Usage: apsysfs plan [OPTIONS] FILE\n"
	"Print the writes that give the guests of FILE what they want, in an order the kernel accepts, and nothing that holds\n"
	"already. They are carried out on a virtual machine in the present state first; if it cannot be, the reason is said:\n"
	"who holds which queue, what is not there, what is too large.\n\n"
	"  --mdevctl            definitions and commands for mdevctl instead of writes\n"
	"  --json               the writes, or the reason, as JSON\n"
	"  --apply              carry them out at the mount\n"
	"  --keep-masks         leave apmask and aqmask as they are\n"
	"  --machine FILE       the state: this machine just booted, instead of the mount's\n"
	"  --kernel VERSION     its kernel: 4.20, 5.10, 6.1, 6.12 or 7.2\n"
	CONTROL_OPTION_HELP
	"  -h, --help           this text\n\n"
	"FILE is YAML (\"-\": standard input):\n"
	"  guests:\n"
	"    - { name: Guest1, uuid: 62177883-f1bb-47f0-914d-32a22e3a8804, adapters: [5, 6], domains: [4, 0xab], control: [4] }\n"
	"A guest without uuid gets a random one.\n"
	"Exit status: 0 it can be, 1 it cannot, 2 usage.\n";

enum output { OUTPUT_SCRIPT, OUTPUT_MDEVCTL, OUTPUT_JSON, OUTPUT_APPLY };

struct plan_command {
	enum output output;
	const char *machine, *kernel, *mount;
	bool keep_masks;
	char dir[4096];		/* of the mount, if it is one */
};

struct plan_result {
	struct plan plan;
	struct { char *path, *text; int wish; } *write;
	int writes;
};

static void take_write(void *ctx, const char *path, const char *text, int wish)
{
	struct plan_result *r = ctx;
	void *larger = realloc(r->write, (size_t)(r->writes + 1) * sizeof(*r->write));

	if (!larger)
		return;
	r->write = larger;
	r->write[r->writes].path = strdup(path);
	r->write[r->writes].text = strdup(text);
	r->write[r->writes++].wish = wish;
}

/* --- the state it begins with -------------------------------------------------------------------- */

static int boot_machine(const struct plan_command *c, struct engine *ret)
{
	struct machine_setup *setup = calloc(1, sizeof(*setup));
	char text[1024];
	struct page message;
	int rc = -ENOMEM;

	page_init_fixed(&message, text, sizeof(text));
	if (setup) {
		setup->kernel = KERNEL_NEWEST;
		machine_init_default(&setup->machine);
		rc = c->machine ? machine_file_load(c->machine, setup, &message) : 0;
	}
	if (rc < 0)
		fprintf(stderr, "apsysfs plan: %s\n", text);
	if (rc == 0 && c->kernel)
		kernel_from_name(c->kernel, &setup->kernel);
	if (rc == 0)
		rc = engine_boot(ret, setup->kernel, &setup->machine, setup->cmdline, NANOSECONDS);
	if (rc == 0)
		engine_load_default_modules(ret);
	if (setup)
		machine_file_free(setup);
	free(setup);
	return rc;
}

static int read_state(struct plan_command *c, struct engine *ret)
{
	if (c->machine || c->kernel)
		return boot_machine(c, ret);
	if (control_find(c->mount, c->dir, sizeof(c->dir)) < 0)
		return -ENOENT;
	*strrchr(c->dir, '/') = 0;
	return plan_source_mount(c->dir, ret);
}

/* --- what comes of it ---------------------------------------------------------------------------- */

static void print_script(const struct plan_result *r)
{
	int wish = -1;

	printf("#!/bin/sh\n# for kernel %s; by apsysfs plan\nset -e\n", r->plan.engine->rules->name);
	for (int i = 0; i < r->writes; i++) {
		if (r->write[i].wish != wish && !strstr(r->write[i].path, "/create"))
			printf("# %s\n", r->plan.wish[wish = r->write[i].wish].name);
		printf("echo %s > /sys/%s\n", r->write[i].text, r->write[i].path);
	}
	if (!r->writes)
		printf("# all of it holds already\n");
}

static void add_attributes(struct json_object *list, const char *name, const struct ap_mask *ids)
{
	for (int i = ap_mask_next(ids, 0); i >= 0; i = i < AP_IDS - 1 ? ap_mask_next(ids, (unsigned)i + 1) : -1) {
		struct json_object *o = json_object_new_object();
		char text[16];

		snprintf(text, sizeof(text), i < 10 ? "%d" : "0x%02x", (unsigned)i);
		json_object_object_add(o, name, json_object_new_string(text));
		json_object_array_add(list, o);
	}
}

static void print_definition(const struct plan_wish *wish)
{
	struct json_object *o = json_object_new_object(), *attrs = json_object_new_array();
	char uuid[UUID_TEXT];

	format_uuid(wish->uuid, uuid);
	json_object_object_add(o, "mdev_type", json_object_new_string("vfio_ap-passthrough"));
	json_object_object_add(o, "start", json_object_new_string("auto"));
	add_attributes(attrs, "assign_adapter", &wish->wanted.adapters);
	add_attributes(attrs, "assign_domain", &wish->wanted.domains);
	add_attributes(attrs, "assign_control_domain", &wish->wanted.controls);
	json_object_object_add(o, "attrs", attrs);
	printf("# %s\nmdevctl define --uuid %s --parent matrix --jsonfile /dev/stdin <<'EOF'\n%s\nEOF\n", wish->name, uuid,
	       json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
}

/* Which mdevs are new, before the plan was carried out, is told by its creates. */
static bool is_created(const struct plan_result *r, int wish)
{
	for (int i = 0; i < r->writes; i++)
		if (r->write[i].wish == wish && strstr(r->write[i].path, "/create"))
			return true;
	return false;
}

static bool is_changed(const struct plan_result *r, int wish)
{
	for (int i = 0; i < r->writes; i++)
		if (r->write[i].wish == wish)
			return true;
	return false;
}

static void print_mdevctl(const struct plan_result *r)
{
	printf("#!/bin/sh\n# for kernel %s and mdevctl; by apsysfs plan\nset -e\n", r->plan.engine->rules->name);
	for (int i = 0; i < r->writes; i++)
		if (r->write[i].wish < 0)
			printf("echo %s > /sys/%s\n", r->write[i].text, r->write[i].path);
	/* first those that are there and change: they give up what others may want */
	for (int w = 0; w < r->plan.wishes; w++) {
		char uuid[UUID_TEXT];

		format_uuid(r->plan.wish[w].uuid, uuid);
		if (is_changed(r, w) && !is_created(r, w))
			printf("mdevctl stop --uuid %s\n", uuid);
	}
	for (int w = 0; w < r->plan.wishes; w++) {
		char uuid[UUID_TEXT];

		format_uuid(r->plan.wish[w].uuid, uuid);
		print_definition(&r->plan.wish[w]);
		if (is_changed(r, w))
			printf("mdevctl start --uuid %s\n", uuid);
	}
}

static void print_json(const struct plan_result *r, const char *why)
{
	struct json_object *o = json_object_new_object(), *writes = json_object_new_array();

	json_object_object_add(o, "kernel", json_object_new_string(r->plan.engine->rules->name));
	json_object_object_add(o, "possible", json_object_new_boolean(!*why));
	if (*why)
		json_object_object_add(o, "reason", json_object_new_string(why));
	for (int i = 0; !*why && i < r->writes; i++) {
		struct json_object *write = json_object_new_object();
		char path[256];

		snprintf(path, sizeof(path), "/sys/%s", r->write[i].path);
		json_object_object_add(write, "path", json_object_new_string(path));
		json_object_object_add(write, "text", json_object_new_string(r->write[i].text));
		if (r->write[i].wish >= 0)
			json_object_object_add(write, "guest", json_object_new_string(r->plan.wish[r->write[i].wish].name));
		json_object_array_add(writes, write);
	}
	json_object_object_add(o, "writes", writes);
	printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static int apply(const struct plan_result *r, const char *dir)
{
	for (int i = 0; i < r->writes; i++) {
		char path[4300];
		int fd;

		snprintf(path, sizeof(path), "%s/%s", dir, r->write[i].path);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, r->write[i].text, strlen(r->write[i].text)) < 0) {
			fprintf(stderr, "apsysfs plan: echo %s > %s: %s; %d writes were made before it\n", r->write[i].text, path,
				strerror(errno), i);
			if (fd >= 0)
				close(fd);
			return STATUS_FAILED;
		}
		close(fd);
	}
	return STATUS_OK;
}

static int put_out(const struct plan_command *c, const struct plan_result *r, const char *why)
{
	if (c->output == OUTPUT_JSON)
		print_json(r, why);
	else if (*why)
		fprintf(stderr, "apsysfs plan: %s\n", why);
	if (*why)
		return STATUS_FAILED;
	if (c->output == OUTPUT_SCRIPT)
		print_script(r);
	else if (c->output == OUTPUT_MDEVCTL)
		print_mdevctl(r);
	return c->output == OUTPUT_APPLY ? apply(r, c->dir) : STATUS_OK;
}

static int plan(struct plan_command *c, const char *path)
{
	struct plan_wish *wish;
	struct plan_result r = { 0 };
	char text[1024];
	struct page why;
	struct engine engine;
	int wishes, status;

	page_init_fixed(&why, text, sizeof(text));
	if (plan_file_load(path, &wish, &wishes, &why) < 0) {
		fprintf(stderr, "apsysfs plan: %s\n", text);
		return STATUS_FAILED;
	}
	if (read_state(c, &engine) < 0) {
		free(wish);
		return STATUS_FAILED;
	}
	r.plan = (struct plan){ .engine = &engine, .wish = wish, .wishes = wishes, .keep_masks = c->keep_masks,
				.write = take_write, .ctx = &r, .why = &why };
	plan_make(&r.plan);
	status = put_out(c, &r, text);
	for (int i = 0; i < r.writes; i++) {
		free(r.write[i].path);
		free(r.write[i].text);
	}
	free(r.write);
	engine_free(&engine);
	free(wish);
	return status;
}

/* --- the command --------------------------------------------------------------------------------- */

enum { OPTION_MDEVCTL = 1000, OPTION_JSON, OPTION_APPLY, OPTION_KEEP, OPTION_MACHINE, OPTION_KERNEL };

static int take(struct plan_command *c, int option, const char *value)
{
	enum kernel_id kernel;

	switch (option) {
	case OPTION_MDEVCTL:
		c->output = OUTPUT_MDEVCTL;
		return STATUS_OK;
	case OPTION_JSON:
		c->output = OUTPUT_JSON;
		return STATUS_OK;
	case OPTION_APPLY:
		c->output = OUTPUT_APPLY;
		return STATUS_OK;
	case OPTION_KEEP:
		c->keep_masks = true;
		return STATUS_OK;
	case OPTION_MACHINE:
		c->machine = value;
		return STATUS_OK;
	case OPTION_KERNEL:
		c->kernel = value;
		if (kernel_from_name(value, &kernel) == 0)
			return STATUS_OK;
		fprintf(stderr, "apsysfs plan: --kernel %s: expected 4.20, 5.10, 6.1, 6.12 or 7.2\n", value);
		return STATUS_USAGE;
	case 'm':
		c->mount = value;
		return STATUS_OK;
	default:
		fprintf(stderr, "Try 'apsysfs plan --help'.\n");
		return STATUS_USAGE;
	}
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = { { "mdevctl", no_argument, NULL, OPTION_MDEVCTL },
					       { "json", no_argument, NULL, OPTION_JSON },
					       { "apply", no_argument, NULL, OPTION_APPLY },
					       { "keep-masks", no_argument, NULL, OPTION_KEEP },
					       { "machine", required_argument, NULL, OPTION_MACHINE },
					       { "kernel", required_argument, NULL, OPTION_KERNEL },
					       CONTROL_OPTION_LONG,
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	struct plan_command c = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		status = take(&c, option, optarg);
		if (status)
			return status;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "apsysfs plan: expected one file; try 'apsysfs plan --help'\n");
		return STATUS_USAGE;
	}
	if (c.output == OUTPUT_APPLY && (c.machine || c.kernel)) {
		fprintf(stderr, "apsysfs plan: --apply: expected a mount; --machine and --kernel are for trying\n");
		return STATUS_USAGE;
	}
	return plan(&c, argv[optind]);
}

const struct command command_plan = { "plan", "the writes that give guests what they want", usage, run };
