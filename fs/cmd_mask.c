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
#include "fs/mask_words.h"

static const char usage[] =
	"Usage: apsysfs mask [OPTIONS] TEXT\n"
	"Explain a mask (0xf8..), a list of numbers to set and clear (+5,-0x10-0x1f) or a line for ap_config\n"
	"(three masks with commas), as the kernel would take it: what it does, and how it is written in the other forms.\n\n"
	"  --for FILE           where it is to be written: apmask (the default) or aqmask; says adapter or domain\n"
	"  --base TEXT          the mask that a list changes (default: not known, taken for all zeros)\n"
	"  --kernel VERSION     whose reading: 4.20, 5.10, 6.1, 6.12 or 7.2 (the newest)\n"
	"  --json               the answer as JSON\n"
	"  -h, --help           this text\n\n"
	"Example: apsysfs mask --base 0xffff -- -5,-6\n"
	"Exit status: 0 valid, 1 the kernel would refuse it, 2 usage.\n";

struct answer {
	const char *name[3];
	struct ap_mask mask[3];
	int count;
	char meaning[8192];	/* sentences, a line each */
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
	printf("\n%s", a->meaning);
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

static struct json_object *sentences_json(const char *text)
{
	struct json_object *list = json_object_new_array();

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		json_object_array_add(list, json_object_new_string_len(text, (int)strcspn(text, "\n")));
	return list;
}

static void print_json(const struct answer *a, const struct ap_mask *base)
{
	struct json_object *o = a->count == 1 ? mask_json(&a->mask[0], base) : json_object_new_object();

	json_object_object_add(o, "meaning", sentences_json(a->meaning));
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

struct question {
	const char *text, *noun;
	enum kernel_id kernel;
	struct ap_mask base;
	bool has_base;
};

/* A list says which numbers it sets and clears, whatever there is: by what it makes of nothing and of all. */
static void say_edit(const struct question *q, enum mask_overflow overflow, struct page *out)
{
	struct ap_mask none = { 0 }, all, set, left, cleared;

	ap_mask_fill(&all, true);
	if (mask_parse(q->text, &none, overflow, &set) < 0 || mask_parse(q->text, &all, overflow, &left) < 0)
		return;
	ap_mask_without(&all, &left, &cleared);
	mask_words_edit(&set, &cleared, q->has_base ? &q->base : NULL, q->noun, out);
}

static int parse(const struct question *q, struct answer *ret)
{
	enum mask_overflow overflow = kernel_rules(q->kernel)->overflow;
	struct page out;
	int rc;

	*ret = (struct answer){ .name = { "adapters", "domains", "control_domains" }, .count = 1 };
	page_init_fixed(&out, ret->meaning, sizeof(ret->meaning));
	if (is_config(q->text)) {
		ret->count = 3;
		rc = mask_parse_config(q->text, ret->mask);
		if (rc == 0)
			mask_words_config(ret->mask, &out);
		return rc;
	}
	rc = mask_parse(q->text, &q->base, overflow, &ret->mask[0]);
	if (rc == 0 && (*q->text == '+' || *q->text == '-'))
		say_edit(q, overflow, &out);
	else if (rc == 0)
		mask_words_absolute(&ret->mask[0], q->noun, &out);
	return rc;
}

static int refuse(const char *option, const char *text, const char *expected)
{
	fprintf(stderr, "apsysfs mask: %s%s: expected %s\n", option, text, expected);
	return STATUS_USAGE;
}

enum { OPTION_BASE = 1000, OPTION_KERNEL, OPTION_JSON, OPTION_FOR };

static int take(struct question *q, bool *json, int option, const char *value)
{
	switch (option) {
	case OPTION_BASE:
		q->has_base = true;
		return mask_parse_absolute(value, &q->base) < 0 ? refuse("--base ", value, "a mask, such as 0xffff") : STATUS_OK;
	case OPTION_KERNEL:
		return kernel_from_name(value, &q->kernel) < 0 ? refuse("--kernel ", value, "4.20, 5.10, 6.1, 6.12 or 7.2")
							       : STATUS_OK;
	case OPTION_FOR:
		q->noun = strcmp(value, "aqmask") == 0 ? "domain" : "adapter";
		return strcmp(value, "apmask") != 0 && strcmp(value, "aqmask") != 0 ? refuse("--for ", value, "apmask or aqmask")
										    : STATUS_OK;
	case OPTION_JSON:
		*json = true;
		return STATUS_OK;
	default:
		fprintf(stderr, "Try 'apsysfs mask --help'.\n");
		return STATUS_USAGE;
	}
}

static int answer(const struct question *q, bool json)
{
	struct answer a;

	if (parse(q, &a) < 0) {
		fprintf(stderr, "apsysfs mask: \"%s\": the kernel would refuse it with EINVAL; expected 0x and up to 64 hex "
				"digits, numbers from 0 to 255 with + or - before each, such as +5,-0x10-0x1f, or three masks for ap_config\n",
			q->text);
		return STATUS_FAILED;
	}
	if (json)
		print_json(&a, &q->base);
	else
		explain(&a, &q->base);
	return STATUS_OK;
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = { { "base", required_argument, NULL, OPTION_BASE },
					       { "kernel", required_argument, NULL, OPTION_KERNEL },
					       { "json", no_argument, NULL, OPTION_JSON },
					       { "for", required_argument, NULL, OPTION_FOR },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	struct question q = { .noun = "adapter", .kernel = KERNEL_NEWEST };
	bool json = false;
	int option, status;

	while ((option = getopt_long(argc, argv, "+h0123456789,", longs, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (option == ',' || (option >= '0' && option <= '9')) {
			/* a list that begins with a number to clear looks like an option: it is the text */
			optind = argc - 1;
			break;
		}
		status = take(&q, &json, option, optarg);
		if (status)
			return status;
	}
	if (optind != argc - 1)
		return refuse("", "", "one mask, list or ap_config line; try 'apsysfs mask --help'");
	q.text = argv[optind];
	return answer(&q, json);
}

const struct command command_mask = { "mask", "explain a mask, an edit of one, or a line for ap_config", usage, run };
