/* SPDX-License-Identifier: MIT */
/* apsysfs doctor: what this host lacks for apsysfs, dead mounts, stale daemons, and how to mend each. */
#include <getopt.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "fs/command.h"
#include "fs/doctor.h"

static const char usage[] =
	"Usage: apsysfs doctor [--json]\n"
	"Look for what apsysfs needs, for mounts whose daemon is gone or does not answer and for daemons whose mount is\n"
	"gone, and say how to mend what is wrong. A note is about what works, but with less.\n\n"
	"      --json           the findings as JSON\n"
	"  -h, --help           this text\n\n"
	"Exit status: 0 all is well (there may be notes), 1 something is wrong, 2 usage.\n";

struct doctor {
	int wrong;
	json_object *findings;	/* NULL: print lines */
};

static const char *const level_names[] = { [FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_WRONG] = "WRONG" };

static void print_json(struct doctor *d, const struct finding *f)
{
	static const char *const levels[] = { [FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_WRONG] = "wrong" };
	json_object *o = json_object_new_object();

	json_object_object_add(o, "what", json_object_new_string(f->what));
	json_object_object_add(o, "level", json_object_new_string(levels[f->level]));
	json_object_object_add(o, "state", json_object_new_string(f->state));
	if (f->advice)
		json_object_object_add(o, "advice", json_object_new_string(f->advice));
	json_object_array_add(d->findings, o);
}

static void take(void *ctx, const struct finding *f)
{
	struct doctor *d = ctx;

	d->wrong += f->level == FINDING_WRONG;
	if (d->findings) {
		print_json(d, f);
		return;
	}
	printf("%-6s %s: %s\n", level_names[f->level], f->what, f->state);
	if (f->level != FINDING_OK && f->advice)
		printf("       %s\n", f->advice);
}

static void examine(struct doctor *d)
{
	doctor_check_fuse(take, d);
	doctor_check_namespaces(take, d);
	doctor_check_comfort(take, d);
	doctor_check_mounts(take, d);
	doctor_check_daemons(take, d);
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	struct doctor d = { 0 };
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) == 'j')
		json = true;
	if (option == 'h') {
		fputs(usage, stdout);
		return STATUS_OK;
	}
	if (option != -1 || optind != argc) {
		fprintf(stderr, "apsysfs doctor: it takes no arguments; try 'apsysfs doctor --help'\n");
		return STATUS_USAGE;
	}
	if (json)
		d.findings = json_object_new_array();
	examine(&d);
	if (json) {
		json_object *all = json_object_new_object();

		json_object_object_add(all, "wrong", json_object_new_int(d.wrong));
		json_object_object_add(all, "findings", d.findings);
		puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(all);
	}
	return d.wrong ? STATUS_FAILED : STATUS_OK;
}

const struct command command_doctor = { "doctor", "say what this host lacks, and which mounts are dead", usage, run };
