/* SPDX-License-Identifier: MIT */
/* apsysfs stats: which requests the programs that use a mount make, and how long each takes. */
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/control.h"
#include "fs/stats.h"

struct line {
	char name[32];
	uint64_t count, time;
	uint64_t bucket[STATS_BUCKETS];
};

/* What .apsysfs/stats says, or what came between two readings of it. */
struct reading {
	double seconds;
	uint64_t epochs, count;
	int caching, passthrough, io_uring;
	struct line line[STATS_OPCODES];
	unsigned lines;
};

static const char usage[] =
	"Usage: apsysfs stats [--mount DIR] [--json] [--watch [SECONDS]]\n"
	"What the programs that use a mount ask of it: requests by type, how many a second, and how long\n"
	"they take in the daemon (half of them, and 99 of 100, take less than what is printed; what waits\n"
	"for something else to happen is not in it). An epoch is a change upon which the kernel forgets\n"
	"all names.\n\n"
	CONTROL_OPTION_HELP
	"  --json               as JSON\n"
	"  --watch [SECONDS]    what came meanwhile, every 1 (or SECONDS) seconds, until interrupted\n"
	"  -h, --help           this text\n\n"
	"Exit status: 0 done, 1 failed, 2 usage.\n";

static bool parse_line(struct reading *r, const char *text)
{
	struct line *l = &r->line[r->lines];
	int at = 0;

	if (sscanf(text, "seconds %lf", &r->seconds) == 1 || sscanf(text, "epochs %" SCNu64, &r->epochs) == 1 ||
	    sscanf(text, "caching %d", &r->caching) == 1 || sscanf(text, "passthrough %d", &r->passthrough) == 1 ||
	    sscanf(text, "io_uring %d", &r->io_uring) == 1)
		return true;
	if (r->lines == STATS_OPCODES ||
	    sscanf(text, "request %31s %" SCNu64 " %" SCNu64 "%n", l->name, &l->count, &l->time, &at) < 3)
		return false;
	for (unsigned b = 0; b < STATS_BUCKETS; b++) {
		char *end;

		l->bucket[b] = strtoull(text + at, &end, 10);
		at = (int)(end - text);
	}
	r->count += l->count;
	r->lines++;
	return true;
}

static int read_stats(const char *control, struct reading *ret)
{
	struct page text;
	int rc;

	*ret = (struct reading){ 0 };
	if (page_init_growing(&text) < 0)
		return -1;
	rc = control_read(control, "stats", &text);
	for (char *rest = text.data, *one; rc == 0 && (one = strsep(&rest, "\n"));) {
		if (*one && !parse_line(ret, one)) {
			fprintf(stderr, "apsysfs stats: \"%s\": the mount is of another version\n", one);
			rc = -1;
		}
	}
	page_free(&text);
	return rc;
}

static const struct line *find(const struct reading *r, const char *name)
{
	for (unsigned i = 0; i < r->lines; i++)
		if (strcmp(r->line[i].name, name) == 0)
			return &r->line[i];
	return NULL;
}

/* What came since before: before's numbers taken off. */
static void subtract(struct reading *r, const struct reading *before)
{
	r->seconds -= before->seconds;
	r->epochs -= before->epochs;
	r->count -= before->count;
	for (unsigned i = 0; i < r->lines; i++) {
		const struct line *old = find(before, r->line[i].name);

		if (!old)
			continue;
		r->line[i].count -= old->count;
		r->line[i].time -= old->time;
		for (unsigned b = 0; b < STATS_BUCKETS; b++)
			r->line[i].bucket[b] -= old->bucket[b];
	}
}

/* Microseconds that the share of all took less than. */
static double below(const struct line *l, double share)
{
	uint64_t all = 0, seen = 0;

	for (unsigned b = 0; b < STATS_BUCKETS; b++)
		all += l->bucket[b];
	for (unsigned b = 0; b < STATS_BUCKETS; b++) {
		seen += l->bucket[b];
		if (all && (double)seen >= share * (double)all)
			return (double)(UINT64_C(1) << (b + STATS_FIRST)) / 1000;
	}
	return 0;
}

static double rate(uint64_t count, double seconds)
{
	return seconds > 0 ? (double)count / seconds : 0;
}

static void print(const struct reading *r)
{
	printf("%-14s %12s %10s %10s %10s %10s\n", "request", "count", "per s", "mean us", "half <", "99 % <");
	for (unsigned i = 0; i < r->lines; i++) {
		const struct line *l = &r->line[i];

		if (l->count)
			printf("%-14s %12" PRIu64 " %10.1f %10.1f %10.1f %10.1f\n", l->name, l->count,
			       rate(l->count, r->seconds), (double)l->time / 1000 / (double)l->count,
			       below(l, 0.5), below(l, 0.99));
	}
	printf("%-14s %12" PRIu64 " %10.1f   in %.1f s, epochs: %" PRIu64 "\n", "all", r->count,
	       rate(r->count, r->seconds), r->seconds, r->epochs);
	if (!r->caching)
		printf("This kernel cannot be told that names have changed (Linux 6.16 can), so it asks every time.\n");
}

static struct json_object *line_json(const struct line *l, double seconds)
{
	struct json_object *o = json_object_new_object(), *buckets = json_object_new_array();

	json_object_object_add(o, "count", json_object_new_int64((int64_t)l->count));
	json_object_object_add(o, "per_second", json_object_new_double(rate(l->count, seconds)));
	json_object_object_add(o, "nanoseconds", json_object_new_int64((int64_t)l->time));
	for (unsigned b = 0; b < STATS_BUCKETS; b++) {
		struct json_object *bucket = json_object_new_object();

		if (l->bucket[b]) {
			json_object_object_add(bucket, "below_ns", json_object_new_int64(INT64_C(1) << (b + STATS_FIRST)));
			json_object_object_add(bucket, "count", json_object_new_int64((int64_t)l->bucket[b]));
			json_object_array_add(buckets, bucket);
		} else {
			json_object_put(bucket);
		}
	}
	json_object_object_add(o, "histogram", buckets);
	return o;
}

static void print_json(const struct reading *r)
{
	struct json_object *o = json_object_new_object(), *requests = json_object_new_object();

	json_object_object_add(o, "seconds", json_object_new_double(r->seconds));
	json_object_object_add(o, "epochs", json_object_new_int64((int64_t)r->epochs));
	json_object_object_add(o, "caching", json_object_new_boolean(r->caching));
	json_object_object_add(o, "passthrough", json_object_new_boolean(r->passthrough));
	json_object_object_add(o, "io_uring", json_object_new_boolean(r->io_uring));
	for (unsigned i = 0; i < r->lines; i++)
		json_object_object_add(requests, r->line[i].name, line_json(&r->line[i], r->seconds));
	json_object_object_add(o, "requests", requests);
	printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static int watch(const char *control, unsigned interval, bool json)
{
	struct reading *r = calloc(3, sizeof(*r));
	int rc = r ? read_stats(control, &r[0]) : -1;

	while (rc == 0) {
		sleep(interval);
		rc = read_stats(control, &r[1]);
		if (rc < 0)
			break;
		r[2] = r[1];
		subtract(&r[2], &r[0]);
		r[0] = r[1];
		(json ? print_json : print)(&r[2]);
		fflush(stdout);
	}
	free(r);
	return STATUS_FAILED;
}

static int show(const char *control, bool json)
{
	struct reading *r = calloc(1, sizeof(*r));
	int rc = r ? read_stats(control, r) : -1;

	if (rc == 0)
		(json ? print_json : print)(r);
	free(r);
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

/* 0: the word is no number of seconds */
static unsigned parse_interval(const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	return *text == '-' || *end || seconds > 86400 ? 0 : (unsigned)seconds;
}

static int run(int argc, char **argv)
{
	enum { OPTION_JSON = 1000, OPTION_WATCH };
	static const struct option longs[] = { CONTROL_OPTION_LONG, { "json", no_argument, NULL, OPTION_JSON },
					       { "watch", no_argument, NULL, OPTION_WATCH },
					       { "help", no_argument, NULL, 'h' }, { 0 } };
	const char *mount = NULL;
	char control[4096];
	unsigned interval = 0;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "+h", longs, NULL)) != -1) {
		if (option == 'm') {
			mount = optarg;
		} else if (option == OPTION_JSON) {
			json = true;
		} else if (option == OPTION_WATCH) {
			interval = 1;
			if (optind < argc && argv[optind][0] != '-')
				interval = parse_interval(argv[optind++]);
			if (!interval) {
				fprintf(stderr, "apsysfs stats: --watch %s: expected 1 to 86400 seconds\n", argv[optind - 1]);
				return STATUS_USAGE;
			}
		} else if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		} else {
			fprintf(stderr, "Try 'apsysfs stats --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind != argc) {
		fprintf(stderr, "apsysfs stats: %s: expected options only; try 'apsysfs stats --help'\n", argv[optind]);
		return STATUS_USAGE;
	}
	if (control_find(mount, control, sizeof(control)) < 0)
		return STATUS_FAILED;
	return interval ? watch(control, interval, json) : show(control, json);
}

const struct command command_stats = { "stats", "what clients ask of a mount, and what it costs", usage, run };
