/* SPDX-License-Identifier: MIT */
/* apsysfs record: a host's AP bus, or a mount's, or a copy of one, as a machine file. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/command.h"
#include "fs/machine_file.h"
#include "hostbackend/host_record.h"

static const char usage[] =
	"Usage: apsysfs record [--sys DIR]\n"
	"Print the machine file that reproduces an AP bus: hardware, masks, bindings, mdevs, guests, modules.\n"
	"'apsysfs mount --machine FILE' of it gives the same tree.\n\n"
	"  --sys DIR            a sysfs, a mount, or a directory it was copied to (default /sys)\n"
	"  -h, --help           this text\n\n"
	"What could not be read stands as a comment in the file. Reading asks the cards for their serial\n"
	"numbers and master key patterns, which counts as requests to them.\n"
	"Exit status: 0 done, 1 failed, 2 usage.\n";

static void print_notes(const char *notes, struct page *out)
{
	for (; *notes; notes += strcspn(notes, "\n"), notes += *notes == '\n')
		page_printf(out, "# %.*s\n", (int)strcspn(notes, "\n"), notes);
}

static int print(const char *dir, struct host_record *r)
{
	struct machine_setup *setup = calloc(1, sizeof(*setup));
	struct page out;
	int rc = -ENOMEM;

	if (setup && page_init_growing(&out) == 0) {
		setup->machine = r->machine;
		setup->kernel = r->kernel;
		setup->has_kernel = true;
		setup->cmdline = r->cmdline.data;
		setup->state = r->state.data;
		page_printf(&out, "# recorded from %s\n", dir);
		print_notes(r->notes.data, &out);
		machine_file_print(setup, &out);
		rc = fwrite(out.data, 1, out.length, stdout) == out.length && fflush(stdout) == 0 ? 0 : -errno;
		page_free(&out);
	}
	free(setup);
	return rc;
}

static int record(const char *dir)
{
	struct host_record *r = malloc(sizeof(*r));
	int rc = r ? host_record(dir, r) : -ENOMEM;

	if (rc == 0) {
		rc = print(dir, r);
		host_record_free(r);
	}
	free(r);
	if (rc == -ENOENT)
		fprintf(stderr, "apsysfs record: %s: has no bus/ap; name a directory that has with --sys\n", dir);
	else if (rc < 0)
		fprintf(stderr, "apsysfs record: %s: %s\n", dir, strerror(-rc));
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

static int run(int argc, char **argv)
{
	enum { OPTION_SYS = 1000 };
	static const struct option longs[] = { { "sys", required_argument, NULL, OPTION_SYS },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	const char *dir = "/sys";
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == OPTION_SYS) {
			dir = optarg;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		} else {
			fprintf(stderr, "Try 'apsysfs record --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind != argc) {
		fprintf(stderr, "apsysfs record: %s: expected options only; try 'apsysfs record --help'\n", argv[optind]);
		return STATUS_USAGE;
	}
	return record(dir);
}

const struct command command_record = { "record", "write the machine file of a host or a mount", usage, run };
