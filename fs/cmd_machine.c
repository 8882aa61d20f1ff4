/* SPDX-License-Identifier: MIT */
/* apsysfs machine: the virtual hardware behind a mount, shown and changed while it runs. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/command.h"
#include "fs/control.h"
#include "fs/machine_file.h"
#include "fs/machine_json.h"

static const char usage[] =
	"Usage: apsysfs machine [OPTIONS] show\n"
	"       apsysfs machine [OPTIONS] apply FILE\n"
	"       apsysfs machine [OPTIONS] scan\n"
	"       apsysfs machine [OPTIONS] adapter add|set ID KEY=VALUE...\n"
	"       apsysfs machine [OPTIONS] adapter remove ID\n"
	"       apsysfs machine [OPTIONS] domain add|remove ID [usage|control]\n"
	"       apsysfs machine [OPTIONS] queue set ADAPTER.DOMAIN[-DOMAIN] KEY=VALUE...\n"
	"       apsysfs machine [OPTIONS] queue clear\n"
	"Show or change the virtual hardware of a mount. The AP bus sees a change with its next scan,\n"
	"which is made at once unless --no-scan is given.\n\n"
	"  --no-scan            leave the scan to the clock, or to 'apsysfs machine scan'\n"
	"  --lines              show: the form that .apsysfs/machine takes instead of YAML\n"
	"  --json               show: as JSON, all values\n"
	CONTROL_OPTION_HELP
	"  -h, --help           this text\n\n"
	"Keys of an adapter: type (CEX4 to CEX8, with A, C or P for the mode; CEX2A, CEX2C, CEX3A, CEX3C),\n"
	"mode (cca, accel, ep11), state (online, deconfigured, checkstopped), depth, serial, ml, bs, nd.\n"
	"Of a queue: rc (0 as the adapter, 1 not there, 2 in reset, 3 deconfigured, 4 checkstopped, 5 busy).\n"
	"Of both, their load: rate (requests a second), pending (in the queue), wave (seconds of rise and fall);\n"
	"load=adapter makes a queue follow its adapter again.\n"
	"Exit status: 0 done, 1 refused, 2 usage.\n";

struct machine_command {
	const char *mount;
	bool no_scan, lines, json;
	char control[4096];
};

static int complain(const char *what, const char *expected)
{
	fprintf(stderr, "apsysfs machine: %s: expected %s; try 'apsysfs machine --help'\n", what, expected);
	return STATUS_USAGE;
}

/* The hardware as it is. NULL after a message. */
static struct machine_setup *read_machine(const struct machine_command *c)
{
	struct machine_setup *setup = calloc(1, sizeof(*setup));
	char reason[256];
	struct page text, why;
	int line, rc = -1;

	if (setup && page_init_growing(&text) == 0) {
		page_init_fixed(&why, reason, sizeof(reason));
		rc = control_read(c->control, "machine", &text);
		if (rc == 0)
			rc = machine_edit(&setup->machine, text.data, &line, &why);
		page_free(&text);
	}
	if (rc == 0)
		return setup;
	free(setup);
	return NULL;
}

static int show(const struct machine_command *c)
{
	struct machine_setup *setup = read_machine(c);
	struct page out;

	if (!setup || page_init_growing(&out) < 0) {
		free(setup);
		return STATUS_FAILED;
	}
	if (c->json)
		machine_json_print(&setup->machine, &out);
	else if (c->lines)
		machine_print(&setup->machine, &out);
	else
		machine_file_print(setup, &out);
	fwrite(out.data, 1, out.length, stdout);
	page_free(&out);
	free(setup);
	return STATUS_OK;
}

/* Sends lines; with the scan in the same write nobody sees the one without the other. */
static int send(const struct machine_command *c, struct page *lines)
{
	if (!c->no_scan)
		page_printf(lines, "\nscan\n");
	return control_write(c->control, "machine", lines->data) < 0 ? STATUS_FAILED : STATUS_OK;
}

static int apply(const struct machine_command *c, const char *path)
{
	struct machine_setup *setup = calloc(1, sizeof(*setup));
	char text[1024];
	struct page message, lines;
	int status = STATUS_FAILED;

	if (!setup || page_init_growing(&lines) < 0) {
		free(setup);
		return STATUS_FAILED;
	}
	page_init_fixed(&message, text, sizeof(text));
	if (machine_file_load(path, setup, &message) < 0) {
		fprintf(stderr, "apsysfs: %s\n", text);
	} else {
		if (setup->has_kernel || setup->cmdline)
			fprintf(stderr, "apsysfs machine: %s: kernel and cmdline are those of the mount, which runs already\n",
				path);
		machine_print(&setup->machine, &lines);
		status = send(c, &lines);
	}
	machine_file_free(setup);
	page_free(&lines);
	free(setup);
	return status;
}

static int adapter_must(const struct machine_command *c, const char *id, bool present)
{
	struct machine_setup *setup = read_machine(c);
	unsigned long number = strtoul(id, NULL, 0);
	bool is_there;

	if (!setup)
		return STATUS_FAILED;
	is_there = number < AP_IDS && setup->machine.adapter[number].present;
	free(setup);
	if (is_there == present)
		return STATUS_OK;
	fprintf(stderr, "apsysfs machine: adapter %s is %s; use 'adapter %s'\n", id,
		is_there ? "there already" : "not there", is_there ? "set" : "add");
	return STATUS_FAILED;
}

/* One line of the control file from a verb's words; mode is what users say for func. */
static int edit(const struct machine_command *c, const char *noun, char **word, int count)
{
	struct page line;
	int status;

	if (page_init_growing(&line) < 0)
		return STATUS_FAILED;
	page_printf(&line, "%s", noun);
	for (int i = 0; i < count; i++)
		page_printf(&line, " %s%s", strncmp(word[i], "mode=", 5) == 0 ? "func" : "",
			    word[i] + (strncmp(word[i], "mode=", 5) == 0 ? 4 : 0));
	status = strchr(line.data, '\n') ? complain("a line break", "words on one line") : send(c, &line);
	page_free(&line);
	return status;
}

static int edit_adapter(const struct machine_command *c, char **word, int count)
{
	bool add = count > 0 && strcmp(word[0], "add") == 0;
	int status;

	if (count < 2)
		return complain("adapter", "add, set or remove, and the adapter's number");
	if (strcmp(word[0], "remove") == 0) {
		char *line[] = { word[1], "remove" };

		status = adapter_must(c, word[1], true);
		return status ? status : count > 2 ? complain(word[2], "nothing more") : edit(c, "adapter", line, 2);
	}
	if (!add && strcmp(word[0], "set") != 0)
		return complain(word[0], "add, set or remove");
	status = adapter_must(c, word[1], !add);
	return status ? status : edit(c, "adapter", word + 1, count - 1);
}

static int edit_queue(const struct machine_command *c, char **word, int count)
{
	char *clear[] = { "remove" };

	if (count == 1 && strcmp(word[0], "clear") == 0)
		return edit(c, "queue", clear, 1);
	if (count < 3 || strcmp(word[0], "set") != 0)
		return complain(count ? word[0] : "queue", "set ADAPTER.DOMAIN KEY=VALUE, or clear");
	return edit(c, "queue", word + 1, count - 1);
}

static int act(const struct machine_command *c, char **word, int count)
{
	if (strcmp(word[0], "show") == 0 && count == 1)
		return show(c);
	if (strcmp(word[0], "scan") == 0 && count == 1)
		return control_write(c->control, "scan", "1") < 0 ? STATUS_FAILED : STATUS_OK;
	if (strcmp(word[0], "apply") == 0)
		return count == 2 ? apply(c, word[1]) : complain("apply", "one machine file");
	if (strcmp(word[0], "adapter") == 0)
		return edit_adapter(c, word + 1, count - 1);
	if (strcmp(word[0], "domain") == 0)
		return edit(c, "domain", word + 1, count - 1);
	if (strcmp(word[0], "queue") == 0)
		return edit_queue(c, word + 1, count - 1);
	return complain(word[0], "show, apply, scan, adapter, domain or queue");
}

static int run(int argc, char **argv)
{
	enum { OPTION_NO_SCAN = 1000, OPTION_LINES, OPTION_JSON };
	static const struct option longs[] = { { "no-scan", no_argument, NULL, OPTION_NO_SCAN },
					       { "lines", no_argument, NULL, OPTION_LINES },
					       { "json", no_argument, NULL, OPTION_JSON },
					       CONTROL_OPTION_LONG,
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	struct machine_command c = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (option) {
		case OPTION_NO_SCAN:
			c.no_scan = true;
			break;
		case OPTION_LINES:
			c.lines = true;
			break;
		case OPTION_JSON:
			c.json = true;
			break;
		case 'm':
			c.mount = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return STATUS_OK;
		default:
			fprintf(stderr, "Try 'apsysfs machine --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind == argc)
		return complain("machine", "show, apply, scan, adapter, domain or queue");
	if ((c.json || c.lines) && strcmp(argv[optind], "show") != 0)
		return complain(c.json ? "--json" : "--lines", "show");
	if (control_find(c.mount, c.control, sizeof(c.control)) < 0)
		return STATUS_FAILED;
	return act(&c, argv + optind, argc - optind);
}

const struct command command_machine = { "machine", "show and change the virtual hardware", usage, run };
