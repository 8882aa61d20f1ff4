/* SPDX-License-Identifier: MIT */
/* A tree as a user reads it: every file's text, every link's target. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"
#include "tests/model/policy/policy.h"

void texts_new(struct texts *t)
{
	*t = (struct texts){ .size = 64 };
	t->entry = malloc(t->size * sizeof(*t->entry));
	if (!t->entry || page_init_growing(&t->data) < 0)
		abort();
}

void texts_free(struct texts *t)
{
	free(t->entry);
	page_free(&t->data);
}

void texts_keep(struct texts *t, const char *path, const char *text)
{
	if (t->count == t->size) {
		t->size *= 2;
		t->entry = realloc(t->entry, t->size * sizeof(*t->entry));
		if (!t->entry)
			abort();
	}
	t->entry[t->count++] = (struct text){ t->data.length, t->data.length + strlen(path) + 1 };
	page_append(&t->data, path, strlen(path) + 1);
	page_append(&t->data, text, strlen(text) + 1);
}

const char *text_path(const struct texts *t, size_t i)
{
	return t->data.data + t->entry[i].path;
}

const char *text_at(const struct texts *t, size_t i)
{
	return t->data.data + t->entry[i].text;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

struct walk {
	struct engine *e;
	struct texts *t;
	const char *path;
};

/* What is read only by asking the card is left alone: that changes what the next reader sees. */
static void read_node(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	if (row->type == ROW_LINK)
		(void)tree_readlink(e, n, out);
	else if (!row->show || row->show_mutates)
		page_printf(out, "(not read)");
	else if (tree_show(e, n, out) != 0)
		page_printf(out, "(error)");
}

static void add(struct walk *x, const char *path, struct node n)
{
	const struct row *row = tree_row(n);
	char text[SYSFS_PAGE];
	struct page out;

	page_init_fixed(&out, text, sizeof(text));
	text[0] = 0;
	if (row)
		read_node(x->e, n, row, &out);
	texts_keep(x->t, path, text);
}

static void walk(void *ctx, const char *name, uint64_t id, enum node_type type)
{
	struct walk *x = ctx;
	struct node n = node_decode(id);
	char path[256];
	struct walk below = { x->e, x->t, path };

	snprintf(path, sizeof(path), "%s/%s", x->path, name);
	if (type == NODE_IS_LINK && strcmp(name, "driver") != 0 && strcmp(name, "iommu_group") != 0)
		return;
	add(x, path, n);
	if (type == NODE_IS_DIRECTORY)
		tree_list(x->e, n, walk, &below);
}

static void walk_files(void *ctx, const char *name, uint64_t id, enum node_type type)
{
	struct walk *x = ctx;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", x->path, name);
	if (type == NODE_IS_FILE)
		add(x, path, node_decode(id));
}

static int by_path(const void *a, const void *b, void *ctx)
{
	const struct texts *t = ctx;
	const struct text *x = a, *y = b;

	return strcmp(t->data.data + x->path, t->data.data + y->path);
}

void texts_sort(struct texts *t)
{
	qsort_r(t->entry, t->count, sizeof(*t->entry), by_path, t);
}

void read_texts(struct engine *e, bool hardware, struct texts *t)
{
	static const struct { const char *path; backend_emit_fn *walk; } parts[] = {
		{ "bus/ap", walk_files }, { "bus/mdev", walk_files }, { "bus/matrix", walk_files }, { "devices/ap", walk },
		{ "devices/vfio_ap/matrix", walk }, { "devices/virtual/zcrypt", walk }, { "module/kvm/parameters", walk_files },
		{ ".apsysfs/guests", walk_files },
	};
	uint32_t ticket = e->ticket;
	struct node n;

	t->count = 0;
	t->data.length = 0;
	/* as whoever has vfio_ap's locks: everybody else would have to wait for some of the texts */
	e->ticket = e->state->lock_ticket;
	for (size_t i = 0; i < LENGTH(parts); i++) {
		struct walk x = { e, t, parts[i].path };

		if (tree_lookup(e, parts[i].path, &n) == 0)
			tree_list(e, n, parts[i].walk, &x);
	}
	if (hardware && tree_lookup(e, ".apsysfs/machine", &n) == 0)
		add(&(struct walk){ e, t, NULL }, ".apsysfs/machine", n);
	e->ticket = ticket;
	texts_sort(t);
}

void read_now(struct engine *e, const char *path, char text[SYSFS_PAGE])
{
	struct page out;
	struct node n;

	page_init_fixed(&out, text, SYSFS_PAGE);
	text[0] = 0;
	if (tree_lookup(e, path, &n) == 0 && tree_row(n))
		read_node(e, n, tree_row(n), &out);
}

/* --- understanding ------------------------------------------------------------------------------------------ */

const char *text_of(const struct texts *t, const char *format, ...)
{
	size_t low = 0, high = t->count;
	char path[256];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(text_path(t, middle), path);

		if (order == 0)
			return text_at(t, middle);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* "0x" and 64 digits; anything else: none */
void read_mask(const char *text, struct ids *ret)
{
	*ret = (struct ids){ 0 };
	if (!text || strlen(text) < 66)
		return;
	for (unsigned i = 0; i < AP_IDS; i++) {
		char digit[2] = { text[2 + i / 4], 0 };

		ret->has[i] = strtol(digit, NULL, 16) >> (3 - i % 4) & 1;
	}
}

static void read_line(const char *text, struct ids ret[3])
{
	unsigned adapter, domain;
	char line[16];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
	if (sscanf(line, "%2x.%4x", &adapter, &domain) == 2) {
		ret[0].has[adapter] = true;
		ret[1].has[domain] = true;
	} else if (sscanf(line, ".%4x", &domain) == 1) {
		ret[1].has[domain] = true;
	} else if (sscanf(line, "%2x.", &adapter) == 1) {
		ret[0].has[adapter] = true;
	}
}

/* NULL: not there, so none */
void read_matrix(const char *matrix, const char *controls, struct ids ret[3])
{
	unsigned domain;

	memset(ret, 0, 3 * sizeof(*ret));
	for (const char *line = matrix; line && *line; line = strchr(line, '\n'), line += line != NULL)
		read_line(line, ret);
	for (const char *line = controls; line && sscanf(line, "%4x", &domain) == 1; line = strchr(line, '\n'), line += line != NULL)
		ret[2].has[domain] = true;
}
