/* SPDX-License-Identifier: MIT */
/* apsysfs guest and apsysfs module: the two other things a mount lets be started and stopped. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "fs/command.h"
#include "fs/control.h"

static const char guest_usage[] =
	"Usage: apsysfs guest [--mount DIR] list\n"
	"       apsysfs guest [--mount DIR] start UUID [nokvm]\n"
	"       apsysfs guest [--mount DIR] stop UUID|all\n"
	"Virtual guests that hold a mediated device, as QEMU does. nokvm: opened without a VM.\n\n"
	CONTROL_OPTION_HELP
	"  -h, --help           this text\n\n"
	"Exit status: 0 done, 1 refused, 2 usage.\n";

static const char module_usage[] =
	"Usage: apsysfs module [--mount DIR] list\n"
	"       apsysfs module [--mount DIR] load NAME [PARAMETER=VALUE...]\n"
	"       apsysfs module [--mount DIR] unload NAME\n"
	"The modules of the virtual kernel: ap's and vfio_ap's. Inside 'apsysfs run' modprobe and its like do this too.\n\n"
	CONTROL_OPTION_HELP
	"  -h, --help           this text\n\n"
	"Exit status: 0 done, 1 refused, 2 usage.\n";

/* A noun with a control file that lists when read and takes "VERB NAME" when written. */
struct noun {
	const char *name, *file, *usage, *verb[2];
	int words_most;
};

static const struct noun guest = { "guest", "guests/control", guest_usage, { "start", "stop" }, 3 };
static const struct noun module = { "module", "modules", module_usage, { "load", "unload" }, 32 };

static int complain(const struct noun *n, const char *what)
{
	fprintf(stderr, "apsysfs %s: %s: expected list, or %s or %s and a name; try 'apsysfs %s --help'\n", n->name,
		what, n->verb[0], n->verb[1], n->name);
	return STATUS_USAGE;
}

static int list(const struct noun *n, const char *control)
{
	struct page out;
	int rc;

	if (page_init_growing(&out) < 0)
		return STATUS_FAILED;
	rc = control_read(control, n->file, &out);
	if (rc == 0)
		fwrite(out.data, 1, out.length, stdout);
	page_free(&out);
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

/* What an errno alone does not say. */
static void hint(const struct noun *n, const char *word, int error)
{
	static const struct { const struct noun *noun; int error; const char *text; } hints[] = {
		{ &guest, EINVAL, "expected the UUID of a mediated device, as 62177883-f1bb-47f0-914d-32a22e3a8804" },
		{ &guest, ENOENT, "there is no such mediated device; it is created first, see 'apsysfs plan --help'" },
		{ &guest, EBUSY, "a guest holds it already" },
		{ &module, ENOENT, "this kernel has no such module, or what it needs is not loaded" },
		{ &module, EEXIST, "is loaded already" },
		{ &module, EBUSY, "is in use" },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (hints[i].noun == n && hints[i].error == -error)
			fprintf(stderr, "apsysfs %s: %s: %s\n", n->name, word, hints[i].text);
}

static int act(const struct noun *n, const char *control, char **word, int count)
{
	char text[4096];
	struct page line;
	int rc;

	if (count == 1 && strcmp(word[0], "list") == 0)
		return list(n, control);
	if (count < 2 || count > n->words_most ||
	    (strcmp(word[0], n->verb[0]) != 0 && strcmp(word[0], n->verb[1]) != 0))
		return complain(n, word[0]);
	page_init_fixed(&line, text, sizeof(text));
	for (int i = 0; i < count; i++)
		page_printf(&line, "%s%s", i ? " " : "", word[i]);
	rc = control_write(control, n->file, text);
	if (rc < 0 && strcmp(word[0], n->verb[0]) == 0)
		hint(n, word[1], rc);
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

static int run_noun(const struct noun *n, int argc, char **argv)
{
	static const struct option longs[] = { CONTROL_OPTION_LONG, { "help", no_argument, NULL, 'h' }, { 0 } };
	const char *mount = NULL;
	char control[4096];
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == 'm') {
			mount = optarg;
		} else if (option == 'h') {
			fputs(n->usage, stdout);
			return STATUS_OK;
		} else {
			fprintf(stderr, "Try 'apsysfs %s --help'.\n", n->name);
			return STATUS_USAGE;
		}
	}
	if (optind == argc)
		return complain(n, n->name);
	if (control_find(mount, control, sizeof(control)) < 0)
		return STATUS_FAILED;
	return act(n, control, argv + optind, argc - optind);
}

static int run_guest(int argc, char **argv)
{
	return run_noun(&guest, argc, argv);
}

static int run_module(int argc, char **argv)
{
	return run_noun(&module, argc, argv);
}

const struct command command_guest = { "guest", "start and stop virtual guests", guest_usage, run_guest };
const struct command command_module = { "module", "load and unload the virtual kernel's modules", module_usage,
					run_module };
