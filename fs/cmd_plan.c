/* SPDX-License-Identifier: MIT */
/* apsysfs plan: from wanted guests to the writes that make them, tried on a virtual machine first. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/control.h"
#include "fs/plan_file.h"
#include "fs/plan_output.h"

static const char usage[] =
	"Usage: apsysfs plan [OPTIONS] FILE\n"
	"Print the writes that give the guests of FILE what they want, in an order the kernel accepts, and nothing that holds\n"
	"already. They are carried out on a virtual machine in the present state first; if it cannot be, the reason is said:\n"
	"who holds which queue, what is not there, what is too large.\n\n"
	"  --mdevctl            definitions and commands for mdevctl instead of writes\n"
	"  --json               the writes, or the reason, as JSON\n"
	"  --apply              carry them out at the mount, or at the --sys of a host\n"
	"  --keep-masks         leave apmask and aqmask as they are\n"
	"  --ap-config          one write of ap_config for each guest instead of assign_adapter and its like: all of a change\n"
	"                       at once, which a running guest may want (kernels 6.12 and 7.2 have it)\n"
	"  --sys DIR            the present state: that of a sysfs, such as /sys, or of a copy of one (default: the mount's)\n"
	"  --machine FILE       or that of this machine, as it is after boot\n"
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
	const char *machine, *kernel, *mount, *sys;
	bool keep_masks, ap_config;
	char dir[4096];		/* of the mount or sysfs, if it is one */
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

static int read_state(struct plan_command *c, struct engine *ret)
{
	if (c->machine || c->kernel)
		return plan_source_machine(c->machine, c->kernel, ret);
	if (c->sys) {
		snprintf(c->dir, sizeof(c->dir), "%s", c->sys);
		return plan_source_tree(c->dir, ret);
	}
	if (control_mount(c->mount, c->dir, sizeof(c->dir)) < 0)
		return -ENOENT;
	return plan_source_tree(c->dir, ret);
}

/* --- what comes of it ---------------------------------------------------------------------------- */

/* A copy of a sysfs would take the writes too, and show them as nothing ever does. */
static bool is_live(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && (fs.f_type == SYSFS_MAGIC || fs.f_type == FUSE_SUPER_MAGIC);
}

static int apply(const struct plan_result *r, const char *dir)
{
	if (!is_live(dir)) {
		fprintf(stderr, "apsysfs plan: --apply: %s is a copy: expected a sysfs, or a mount\n", dir);
		return STATUS_FAILED;
	}
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
		plan_print_json(r, why);
	else if (*why)
		fprintf(stderr, "apsysfs plan: %s\n", why);
	if (*why)
		return STATUS_FAILED;
	if (c->output == OUTPUT_SCRIPT)
		plan_print_script(r);
	else if (c->output == OUTPUT_MDEVCTL)
		plan_print_mdevctl(r);
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
				.by_config = c->ap_config, .write = take_write, .ctx = &r, .why = &why };
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

enum { OPTION_MDEVCTL = 1000, OPTION_JSON, OPTION_APPLY, OPTION_KEEP, OPTION_CONFIG, OPTION_SYS, OPTION_MACHINE,
       OPTION_KERNEL };

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
	case OPTION_CONFIG:
		c->ap_config = true;
		return STATUS_OK;
	case OPTION_SYS:
		c->sys = value;
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

static bool check_options(const struct plan_command *c)
{
	bool boots = c->machine || c->kernel;

	if (c->output == OUTPUT_APPLY && boots) {
		fprintf(stderr, "apsysfs plan: --apply: expected a mount; --machine and --kernel are for trying\n");
		return false;
	}
	if (boots + (c->sys != NULL) + (c->mount != NULL) > 1) {
		fprintf(stderr, "apsysfs plan: the present state: expected one of --mount, --sys, or --machine with --kernel\n");
		return false;
	}
	return true;
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = { { "mdevctl", no_argument, NULL, OPTION_MDEVCTL },
					       { "json", no_argument, NULL, OPTION_JSON },
					       { "apply", no_argument, NULL, OPTION_APPLY },
					       { "keep-masks", no_argument, NULL, OPTION_KEEP },
					       { "ap-config", no_argument, NULL, OPTION_CONFIG },
					       { "sys", required_argument, NULL, OPTION_SYS },
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
	return check_options(&c) ? plan(&c, argv[optind]) : STATUS_USAGE;
}

const struct command command_plan = { "plan", "the writes that give guests what they want", usage, run };
