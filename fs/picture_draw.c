/* SPDX-License-Identifier: MIT */
/* The picture for people: adapters by domains. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/picture.h"

#define MARKS "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LABEL 20	/* columns of the adapter's name */

struct drawing {
	const struct picture *picture;
	FILE *out;
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
static void draw_mark(const struct drawing *d, const struct picture_queue *q, int width)
{
	char mark = mark_of(d->picture, q);
	bool runs = q->owner == OWNER_MDEV && d->picture->mdev[q->mdev].running;
	const char *colour = mark == 'h' ? "32" : mark == '.' ? "33" : strchr("odx-", mark) ? "31" : runs ? "1;36" : "36";

	if (d->colour && mark != ' ')
		fprintf(d->out, "\033[%sm%c\033[m%*s", colour, mark, width ? width - 1 : 0, "");
	else
		fprintf(d->out, "%c%*s", mark, width ? width - 1 : 0, "");
}

/* The columns that fit side by side, then the rest below. */
static void draw_block(const struct drawing *d, int from, int to, int width)
{
	static const char *const conditions[] = { "", " offline", " deconf", " chkstop" };
	const struct picture *p = d->picture;
	char text[16];

	fprintf(d->out, "%-*s", LABEL, "domain");
	for (int c = from; c < to; c++) {
		label(text, sizeof(text), d->column[c], d->column_last[c]);
		fprintf(d->out, "%-*s", c + 1 < to ? width : 0, text);
	}
	fprintf(d->out, "\n");
	for (int r = 0; r < d->rows; r++) {
		int adapter = d->row[r];
		char name[64];

		label(text, sizeof(text), adapter, d->row_last[r]);
		snprintf(name, sizeof(name), "%s %s%s", text, p->type[adapter], conditions[p->condition[adapter]]);
		fprintf(d->out, "%-*s", LABEL, name);
		for (int c = from; c < to; c++)
			draw_mark(d, &p->queue[adapter << 8 | d->column[c]], c + 1 < to ? width : 0);
		fprintf(d->out, "\n");
	}
}

static void draw_legend(const struct drawing *d)
{
	const struct picture *p = d->picture;

	fprintf(d->out, "\nh host  . vfio_ap, free  - no driver  o offline  d deconfigured  x checkstopped\n");
	for (size_t i = 0; i < p->mdevs && i < 16; i++)
		fprintf(d->out, "%c %s%s\n", MARKS[i % (sizeof(MARKS) - 1)], p->mdev[i].uuid, p->mdev[i].running ? " (guest runs)" : "");
	if (p->mdevs > 16)
		fprintf(d->out, "and %zu more mdevs, whose marks begin anew after %c\n", p->mdevs - 16, MARKS[sizeof(MARKS) - 2]);
}

void picture_draw(const struct picture *p, FILE *out, int columns, bool colour)
{
	struct drawing *d = calloc(1, sizeof(*d));
	int width = 3, most;

	if (!d)
		return;
	d->picture = p;
	d->out = out;
	d->colour = colour;
	d->rows = fold(p, &p->adapters, same_row, d->row, d->row_last);
	d->columns = fold(p, &p->domains, same_column, d->column, d->column_last);
	for (int c = 0; c < d->columns; c++)
		if (d->column[c] != d->column_last[c])
			width = 6;
	most = columns > LABEL + 8 ? (columns - LABEL) / width : 1;
	if (!d->columns)
		draw_block(d, 0, 0, width);
	for (int from = 0; from < d->columns; from += most) {
		if (from)
			fprintf(d->out, "\n");
		draw_block(d, from, from + most < d->columns ? from + most : d->columns, width);
	}
	draw_legend(d);
	free(d);
}
