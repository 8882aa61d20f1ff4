/* SPDX-License-Identifier: MIT */
/* apsysfs mask: what a mask, an edit of one, or a line for ap_config means. */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernel.h"
#include "core/mask_parse.h"
#include "fs/command.h"

static const char usage[] =
	"Usage: apsysfs mask [OPTIONS] TEXT\n"
	"Explain a mask (0xf8..), a list of numbers to set and clear (+5,-0x10-0x1f) or a line for ap_config\n"
	"(three masks with commas), as the kernel would take it, and write it in the other forms.\n\n"
	"  --base TEXT          the mask that a list changes (default: all zeros)\n"
	"  --kernel VERSION     whose reading: 4.20, 5.10, 6.1, 6.12 or 7.2 (the newest)\n"
	"  --json               the answer as JSON\n"
	"  -h, --help           this text\n\n"
	"Example: apsysfs mask --base 0xffff -- -5,-6\n"
	"Exit status: 0 valid, 1 the kernel would refuse it, 2 usage.\n";

struct answer {
	const char *name[3];
	struct ap_mask mask[3];
	int count;
};

static void print_ranges(const struct ap_mask *m, char prefix, const char *comma, FILE *out)
{
	bool any = false;

	for (int i = ap_mask_next(m, 0); i >= 0; i = ap_mask_next(m, (unsigned)i + 1)) {
		int last = i;

		while (last + 1 < AP_IDS && ap_mask_has(m, (unsigned)last + 1))
			last++;
		fprintf(out, "%s", any ? comma : "");
		if (prefix)
			fputc(prefix, out);
		fprintf(out, last > i ? "%d-%d" : "%d", i, last);
		any = true;
		i = last;
	}
}

static void print_edit(const struct ap_mask *from, const struct ap_mask *to, FILE *out)
{
	struct ap_mask set, cleared;

	ap_mask_without(to, from, &set);
	ap_mask_without(from, to, &cleared);
	print_ranges(&set, '+', ",", out);
	if (!ap_mask_empty(&set) && !ap_mask_empty(&cleared))
		fputc(',', out);
	print_ranges(&cleared, '-', ",", out);
}

static void explain(const struct answer *a, const struct ap_mask *base)
{
	char text[AP_MASK_TEXT];

	for (int i = 0; i < a->count; i++) {
		const struct ap_mask *m = &a->mask[i];

		ap_mask_format(m, text);
		if (a->count > 1)
			printf("%s\n", a->name[i]);
		printf("mask     %s\nnumbers  ", text);
		if (ap_mask_empty(m))
			printf("none");
		print_ranges(m, 0, ", ", stdout);
		printf(" (%u of 256)\nedit     ", ap_mask_count(m));
		if (ap_mask_equal(base, m))
			printf("nothing to change");
		print_edit(base, m, stdout);
		printf("\n");
	}
}

static void add_edit(struct json_object *o, const struct ap_mask *base, const struct ap_mask *m)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return;
	print_edit(base, m, out);
	fclose(out);
	json_object_object_add(o, "edit", json_object_new_string(text));
	free(text);
}

static struct json_object *mask_json(const struct ap_mask *m, const struct ap_mask *base)
{
	struct json_object *o = json_object_new_object(), *numbers = json_object_new_array();
	char text[AP_MASK_TEXT];

	ap_mask_format(m, text);
	json_object_object_add(o, "mask", json_object_new_string(text));
	for (int i = ap_mask_next(m, 0); i >= 0; i = ap_mask_next(m, (unsigned)i + 1))
		json_object_array_add(numbers, json_object_new_int(i));
	json_object_object_add(o, "numbers", numbers);
	json_object_object_add(o, "count", json_object_new_int((int)ap_mask_count(m)));
	add_edit(o, base, m);
	return o;
}

static void print_json(const struct answer *a, const struct ap_mask *base)
{
	struct json_object *o = a->count == 1 ? mask_json(&a->mask[0], base) : json_object_new_object();

	for (int i = 0; a->count > 1 && i < a->count; i++)
		json_object_object_add(o, a->name[i], mask_json(&a->mask[i], base));
	printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
}

/* Three masks have two commas and begin with no sign. */
static bool is_config(const char *text)
{
	const char *comma = strchr(text, ',');

	return *text != '+' && *text != '-' && comma && strchr(comma + 1, ',');
}

static int parse(const char *text, const struct ap_mask *base, enum kernel_id kernel, struct answer *ret)
{
	*ret = (struct answer){ .name = { "adapters", "domains", "control_domains" }, .count = 1 };
	if (!is_config(text))
		return mask_parse(text, base, kernel_rules(kernel)->overflow, &ret->mask[0]);
	ret->count = 3;
	return mask_parse_config(text, ret->mask);
}

static int refuse(const char *option, const char *text, const char *expected)
{
	fprintf(stderr, "apsysfs mask: %s%s: expected %s\n", option, text, expected);
	return STATUS_USAGE;
}

static int run(int argc, char **argv)
{
	enum { OPTION_BASE = 1000, OPTION_KERNEL, OPTION_JSON };
	static const struct option longs[] = { { "base", required_argument, NULL, OPTION_BASE },
					       { "kernel", required_argument, NULL, OPTION_KERNEL },
					       { "json", no_argument, NULL, OPTION_JSON },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	enum kernel_id kernel = KERNEL_NEWEST;
	struct ap_mask base = { 0 };
	struct answer answer;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "+h0123456789,", longs, NULL)) != -1) {
		if (option == OPTION_BASE) {
			if (mask_parse_absolute(optarg, &base) < 0)
				return refuse("--base ", optarg, "a mask, such as 0xffff");
		} else if (option == OPTION_KERNEL) {
			if (kernel_from_name(optarg, &kernel) < 0)
				return refuse("--kernel ", optarg, "4.20, 5.10, 6.1, 6.12 or 7.2");
		} else if (option == OPTION_JSON) {
			json = true;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		} else if (option != '?') {
			/* a list that begins with a number to clear looks like an option: it is the text */
			optind = argc - 1;
			break;
		} else {
			fprintf(stderr, "Try 'apsysfs mask --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind != argc - 1)
		return refuse("", "", "one mask, list or ap_config line; try 'apsysfs mask --help'");
	if (parse(argv[optind], &base, kernel, &answer) < 0) {
		fprintf(stderr, "apsysfs mask: \"%s\": the kernel would refuse it with EINVAL; expected 0x and up to 64 hex "
				"digits, or numbers from 0 to 255 with + or - before each, such as +5,-0x10-0x1f\n",
			argv[optind]);
		return STATUS_FAILED;
	}
	if (json)
		print_json(&answer, &base);
	else
		explain(&answer, &base);
	return STATUS_OK;
}

const struct command command_mask = { "mask", "explain a mask, an edit of one, or a line for ap_config", usage, run };
