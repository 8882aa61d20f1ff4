/* SPDX-License-Identifier: MIT */
/* apsysfs scenario: what happens to the machine by itself, shown and added to while it runs. */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/command.h"
#include "fs/control.h"
#include "fs/machine_file.h"

static const char usage[] =
	"Usage: apsysfs scenario [OPTIONS] show\n"
	"       apsysfs scenario [OPTIONS] load FILE\n"
	"       apsysfs scenario [OPTIONS] add 'WHEN: ACTION; ACTION...'\n"
	"       apsysfs scenario [OPTIONS] remove NUMBER\n"
	"       apsysfs scenario [OPTIONS] clear\n"
	"Events that change the virtual machine of a mount by themselves.\n\n"
	"  --json               show: as JSON\n"
	CONTROL_OPTION_HELP
	"  -h, --help           this text\n\n"
	"WHEN: after SECONDS, every SECONDS, write PATH [\"TEXT\"], mdev [UUID] (one appears), guest [UUID] (one\n"
	"starts); 'always' before it lets it happen each time. SECONDS count from now, in a machine file from boot.\n"
	"ACTION: unplug ID; plug ID TYPE [KEY=VALUE]...; set ID|APQN KEY=VALUE...; checkstop, deconfigure or\n"
	"restore ID|APQN; scan; wait SECONDS; start guest [UUID] [nokvm]; stop guest [UUID|all]; load or\n"
	"unload MODULE; write PATH TEXT; or a line of .apsysfs/machine, which needs a scan to be seen. $uuid is the\n"
	"mdev of the event. See apsysfs-machine(5).\n"
	"Exit status: 0 done, 1 refused, 2 usage.\n";

static int complain(const char *what, const char *expected)
{
	fprintf(stderr, "apsysfs scenario: %s: expected %s; try 'apsysfs scenario --help'\n", what, expected);
	return STATUS_USAGE;
}

/* "0 pending fired=0 failed=0 error=0 after 5: unplug 5": what the control file says of an event. */
struct shown {
	unsigned number, fired, failed;
	int error;
	char phase[16];
	const char *event;
	int length;
};

/* Reads a line; false: it is none. */
static bool read_line(const char *line, struct shown *ret)
{
	int begin = 0;

	if (sscanf(line, "%u %15s fired=%u failed=%u error=%d %n", &ret->number, ret->phase, &ret->fired, &ret->failed,
		   &ret->error, &begin) < 5 ||
	    !begin)
		return false;
	ret->event = line + begin;
	ret->length = (int)strcspn(ret->event, "\n");
	return true;
}

static void print_event(const struct shown *s)
{
	printf("%2u  %-8s fired %-4u %.*s\n", s->number, s->phase, s->fired, s->length, s->event);
	if (s->failed)
		printf("    action %u failed: %s\n", s->failed, strerror(s->error));
}

static struct json_object *event_json(const struct shown *s)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "number", json_object_new_int((int)s->number));
	json_object_object_add(o, "phase", json_object_new_string(s->phase));
	json_object_object_add(o, "fired", json_object_new_int64(s->fired));
	json_object_object_add(o, "event", json_object_new_string_len(s->event, s->length));
	if (s->failed) {
		json_object_object_add(o, "failed_action", json_object_new_int((int)s->failed));
		json_object_object_add(o, "error", json_object_new_string(strerror(s->error)));
	}
	return o;
}

static int show(const char *control, bool json)
{
	struct json_object *list = json ? json_object_new_array() : NULL;
	struct page text;
	struct shown s;

	if (page_init_growing(&text) < 0)
		return STATUS_FAILED;
	if (control_read(control, "scenario", &text) < 0) {
		page_free(&text);
		return STATUS_FAILED;
	}
	for (const char *line = text.data; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (!read_line(line, &s))
			continue;
		if (json)
			json_object_array_add(list, event_json(&s));
		else
			print_event(&s);
	}
	if (json)
		printf("%s\n", json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
	page_free(&text);
	return STATUS_OK;
}

static int load(const char *control, const char *path)
{
	struct machine_setup *setup = calloc(1, sizeof(*setup));
	char text[1024];
	struct page message;
	int status = STATUS_FAILED;

	if (!setup)
		return STATUS_FAILED;
	page_init_fixed(&message, text, sizeof(text));
	if (machine_file_load_events(path, setup, &message) < 0)
		fprintf(stderr, "apsysfs: %s\n", text);
	else
		status = control_write(control, "scenario", setup->events ? setup->events : "") < 0 ? STATUS_FAILED : STATUS_OK;
	machine_file_free(setup);
	free(setup);
	return status;
}

/* One line from words, so that the shell's quotes may be around all or around none. */
static int add(const char *control, const char *before, char **word, int count)
{
	struct page line;
	int status;

	if (page_init_growing(&line) < 0)
		return STATUS_FAILED;
	page_printf(&line, "%s", before);
	for (int i = 0; i < count; i++)
		page_printf(&line, "%s%s", i ? " " : "", word[i]);
	status = strchr(line.data, '\n')			     ? complain("a line break", "one event on one line")
		 : control_write(control, "scenario", line.data) < 0 ? STATUS_FAILED
								     : STATUS_OK;
	page_free(&line);
	return status;
}

static int act(const char *control, bool json, char **word, int count)
{
	if (strcmp(word[0], "show") == 0 && count == 1)
		return show(control, json);
	if (strcmp(word[0], "clear") == 0 && count == 1)
		return control_write(control, "scenario", "clear") < 0 ? STATUS_FAILED : STATUS_OK;
	if (strcmp(word[0], "load") == 0)
		return count == 2 ? load(control, word[1]) : complain("load", "one file with events");
	if (strcmp(word[0], "add") == 0)
		return count > 1 ? add(control, "", word + 1, count - 1) : complain("add", "an event");
	if (strcmp(word[0], "remove") == 0)
		return count == 2 ? add(control, "remove ", word + 1, 1) : complain("remove", "the number of an event");
	return complain(word[0], "show, load, add, remove or clear");
}

static int run(int argc, char **argv)
{
	enum { OPTION_JSON = 1000 };
	static const struct option longs[] = { { "json", no_argument, NULL, OPTION_JSON },
					       CONTROL_OPTION_LONG,
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	const char *mount = NULL;
	char control[4096];
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == OPTION_JSON) {
			json = true;
		} else if (option == 'm') {
			mount = optarg;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		} else {
			fprintf(stderr, "Try 'apsysfs scenario --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind == argc)
		return complain("scenario", "show, load, add, remove or clear");
	if (control_find(mount, control, sizeof(control)) < 0)
		return STATUS_FAILED;
	return act(control, json, argv + optind, argc - optind);
}

const struct command command_scenario = { "scenario", "show and add events that change the machine by themselves", usage,
					  run };
