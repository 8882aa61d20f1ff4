/* SPDX-License-Identifier: MIT */
/* apsysfs show: adapters by domains, as a picture or as JSON. */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/control.h"
#include "fs/picture.h"

#define MARKS "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define WIDTH 80
#define LABEL 20	/* columns of the adapter's name */

static const char usage[] =
	"Usage: apsysfs show [OPTIONS]\n"
	"Draw adapters by domains: who owns each queue, and in what condition it is. Adapters and domains next to\n"
	"each other that look the same are drawn once.\n\n"
	"  --sys DIR            a sysfs, such as /sys, or a copy of one (default: the mount)\n"
	CONTROL_OPTION_HELP
	"  --json               as JSON\n"
	"  -h, --help           this text\n\n"
	"Exit status: 0 drawn, 1 there is no AP bus, 2 usage.\n";

/* --- the picture ----------------------------------------------------------------------------------- */

struct drawing {
	const struct picture *picture;
	bool colour;
	int row[AP_IDS], row_last[AP_IDS], rows;	/* the first and last adapter of a row */
	int column[AP_IDS], column_last[AP_IDS], columns;
};

static char mark_of(const struct picture *p, const struct picture_queue *q)
{
	static const char conditions[] = { [CONDITION_OFFLINE] = 'o', [CONDITION_DECONFIGURED] = 'd',
					   [CONDITION_CHECKSTOPPED] = 'x' };

	if (q->owner == OWNER_ABSENT)
		return ' ';
	if (q->condition != CONDITION_GOOD)
		return conditions[q->condition];
	if (q->owner == OWNER_MDEV)
		return MARKS[q->mdev % (sizeof(MARKS) - 1)];
	return q->owner == OWNER_HOST ? 'h' : q->owner == OWNER_POOL ? '.' : '-';
}

static bool same_column(const struct picture *p, int x, int y)
{
	for (int a = ap_mask_next(&p->adapters, 0); a >= 0; a = ap_mask_next(&p->adapters, (unsigned)a + 1))
		if (mark_of(p, &p->queue[a << 8 | x]) != mark_of(p, &p->queue[a << 8 | y]))
			return false;
	return true;
}

static bool same_row(const struct picture *p, int a, int b)
{
	for (int d = ap_mask_next(&p->domains, 0); d >= 0; d = ap_mask_next(&p->domains, (unsigned)d + 1))
		if (mark_of(p, &p->queue[a << 8 | d]) != mark_of(p, &p->queue[b << 8 | d]))
			return false;
	return strcmp(p->type[a], p->type[b]) == 0 && p->condition[a] == p->condition[b];
}

/* Runs of members next to each other that look the same; few stand each for itself. */
static int fold(const struct picture *p, const struct ap_mask *ids, bool (*same)(const struct picture *, int, int),
		int *first, int *last)
{
	bool folds = ap_mask_count(ids) > 12;
	int count = 0;

	for (int id = ap_mask_next(ids, 0); id >= 0; id = ap_mask_next(ids, (unsigned)id + 1)) {
		if (folds && count && last[count - 1] == id - 1 && same(p, last[count - 1], id)) {
			last[count - 1] = id;
			continue;
		}
		first[count] = last[count] = id;
		count++;
	}
	return count;
}

static void label(char *text, size_t size, int first, int last)
{
	if (first == last)
		snprintf(text, size, "%02x", (unsigned)first);
	else
		snprintf(text, size, "%02x-%02x", (unsigned)first, (unsigned)last);
}

/* width 0: the last of its line */
static void draw_mark(const struct drawing *d, char mark, int width)
{
	const char *colour = mark == 'h' ? "32" : mark == '.' ? "33" : strchr("odx-", mark) ? "31" : "36";

	if (d->colour && mark != ' ')
		printf("\033[%sm%c\033[m%*s", colour, mark, width ? width - 1 : 0, "");
	else
		printf("%c%*s", mark, width ? width - 1 : 0, "");
}

/* The columns that fit side by side, then the rest below. */
static void draw_block(const struct drawing *d, int from, int to, int width)
{
	static const char *const conditions[] = { "", " offline", " deconf", " chkstop" };
	const struct picture *p = d->picture;
	char text[16];

	printf("%-*s", LABEL, "domain");
	for (int c = from; c < to; c++) {
		label(text, sizeof(text), d->column[c], d->column_last[c]);
		printf("%-*s", c + 1 < to ? width : 0, text);
	}
	printf("\n");
	for (int r = 0; r < d->rows; r++) {
		int adapter = d->row[r];
		char name[64];

		label(text, sizeof(text), adapter, d->row_last[r]);
		snprintf(name, sizeof(name), "%s %s%s", text, p->type[adapter], conditions[p->condition[adapter]]);
		printf("%-*s", LABEL, name);
		for (int c = from; c < to; c++)
			draw_mark(d, mark_of(p, &p->queue[adapter << 8 | d->column[c]]), c + 1 < to ? width : 0);
		printf("\n");
	}
}

static int screen_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > LABEL + 8)
		return size.ws_col;
	return WIDTH;
}

static void draw_legend(const struct picture *p)
{
	printf("\nh host driver   . vfio_ap, free   - no driver   o offline   d deconfigured   x checkstopped\n");
	for (size_t i = 0; i < p->mdevs && i < 16; i++)
		printf("%c %s%s\n", MARKS[i % (sizeof(MARKS) - 1)], p->mdev[i].uuid, p->mdev[i].running ? " (guest runs)" : "");
	if (p->mdevs > 16)
		printf("and %zu more mdevs, whose marks begin anew after %c\n", p->mdevs - 16, MARKS[sizeof(MARKS) - 2]);
}

static void draw(const struct picture *p)
{
	struct drawing *d = calloc(1, sizeof(*d));
	int width = 3, most;

	if (!d)
		return;
	d->picture = p;
	d->colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	d->rows = fold(p, &p->adapters, same_row, d->row, d->row_last);
	d->columns = fold(p, &p->domains, same_column, d->column, d->column_last);
	for (int c = 0; c < d->columns; c++)
		if (d->column[c] != d->column_last[c])
			width = 6;
	most = (screen_width() - LABEL) / width;
	if (!d->columns)
		draw_block(d, 0, 0, width);
	for (int from = 0; from < d->columns; from += most) {
		if (from)
			printf("\n");
		draw_block(d, from, from + most < d->columns ? from + most : d->columns, width);
	}
	draw_legend(p);
	free(d);
}

/* --- JSON -------------------------------------------------------------------------------------------- */

static const char *const owner_names[] = { NULL, "none", "host", "vfio_ap", "mdev" };
static const char *const condition_names[] = { "good", "offline", "deconfigured", "checkstopped" };

static struct json_object *ids_json(const struct ap_mask *m)
{
	struct json_object *list = json_object_new_array();

	for (int i = ap_mask_next(m, 0); i >= 0; i = ap_mask_next(m, (unsigned)i + 1))
		json_object_array_add(list, json_object_new_int(i));
	return list;
}

static struct json_object *queue_json(const struct picture *p, int adapter, int domain)
{
	const struct picture_queue *q = &p->queue[adapter << 8 | domain];
	struct json_object *o = json_object_new_object();
	char apqn[24];

	snprintf(apqn, sizeof(apqn), "%02x.%04x", (unsigned)adapter, (unsigned)domain);
	json_object_object_add(o, "apqn", json_object_new_string(apqn));
	json_object_object_add(o, "owner", json_object_new_string(owner_names[q->owner]));
	if (q->owner == OWNER_MDEV)
		json_object_object_add(o, "mdev", json_object_new_string(p->mdev[q->mdev].uuid));
	json_object_object_add(o, "condition", json_object_new_string(condition_names[q->condition]));
	return o;
}

static struct json_object *adapter_json(const struct picture *p, int adapter)
{
	struct json_object *o = json_object_new_object(), *queues = json_object_new_array();

	json_object_object_add(o, "id", json_object_new_int(adapter));
	json_object_object_add(o, "type", json_object_new_string(p->type[adapter]));
	json_object_object_add(o, "condition", json_object_new_string(condition_names[p->condition[adapter]]));
	for (int d = ap_mask_next(&p->domains, 0); d >= 0; d = ap_mask_next(&p->domains, (unsigned)d + 1))
		if (p->queue[adapter << 8 | d].owner != OWNER_ABSENT)
			json_object_array_add(queues, queue_json(p, adapter, d));
	json_object_object_add(o, "queues", queues);
	return o;
}

static struct json_object *mdev_json(const struct picture_mdev *m)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "uuid", json_object_new_string(m->uuid));
	json_object_object_add(o, "running", json_object_new_boolean(m->running));
	json_object_object_add(o, "adapters", ids_json(&m->adapters));
	json_object_object_add(o, "domains", ids_json(&m->domains));
	return o;
}

static void print_json(const struct picture *p)
{
	struct json_object *o = json_object_new_object(), *adapters = json_object_new_array(), *mdevs = json_object_new_array();

	for (int a = ap_mask_next(&p->adapters, 0); a >= 0; a = ap_mask_next(&p->adapters, (unsigned)a + 1))
		json_object_array_add(adapters, adapter_json(p, a));
	for (size_t i = 0; i < p->mdevs; i++)
		json_object_array_add(mdevs, mdev_json(&p->mdev[i]));
	json_object_object_add(o, "adapters", adapters);
	json_object_object_add(o, "mdevs", mdevs);
	printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

/* --- the command --------------------------------------------------------------------------------------- */

static int show(const char *sys, bool json)
{
	struct picture *p = malloc(sizeof(*p));
	int rc = p ? picture_read(p, sys) : -ENOMEM;

	if (rc < 0) {
		fprintf(stderr, "apsysfs show: %s: %s\n", sys,
			rc == -ENOENT ? "has no devices/ap; name a sysfs with an AP bus with --sys, or mount one" : strerror(-rc));
		free(p);
		return STATUS_FAILED;
	}
	if (json)
		print_json(p);
	else
		draw(p);
	picture_free(p);
	free(p);
	return STATUS_OK;
}

static int run(int argc, char **argv)
{
	enum { OPTION_SYS = 1000, OPTION_JSON };
	static const struct option longs[] = { { "sys", required_argument, NULL, OPTION_SYS },
					       { "json", no_argument, NULL, OPTION_JSON },
					       CONTROL_OPTION_LONG,
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	const char *mount = NULL, *sys = NULL;
	char control[4096];
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == OPTION_SYS) {
			sys = optarg;
		} else if (option == OPTION_JSON) {
			json = true;
		} else if (option == 'm') {
			mount = optarg;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		} else {
			fprintf(stderr, "Try 'apsysfs show --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind != argc) {
		fprintf(stderr, "apsysfs show: %s: expected options only; try 'apsysfs show --help'\n", argv[optind]);
		return STATUS_USAGE;
	}
	if (!sys) {
		if (control_find(mount, control, sizeof(control)) < 0)
			return STATUS_FAILED;
		*strrchr(control, '/') = 0;
		sys = control;
	}
	return show(sys, json);
}

const struct command command_show = { "show", "draw who owns which queue", usage, run };
