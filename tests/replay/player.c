/* SPDX-License-Identifier: MIT */
/*
 * player TRACE...: boots the machine a trace begins with (fs/trace_backend.h), asks it the same, in process,
 * and compares every answer. So a replay of the recordings that was seen to be right on one machine is seen to
 * be the same on another, where no file system of ours can be mounted: big-endian s390x under emulation.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_backend.h"

#define LINE_MAX_BYTES (1 << 20)

struct waiting {
	struct backend_call call;	/* first */
	struct waiting *next;
	unsigned long number;
	char *text;
	bool answered;
	int result;
};

struct player {
	const char *name;
	struct backend *backend;
	struct waiting *waiting;
	unsigned long line, differ;
	char got[LINE_MAX_BYTES];
	char text[LINE_MAX_BYTES];
};

static void write_text(struct page *out, const char *text, size_t length)
{
	if (!length)
		page_printf(out, "-");
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c > '~' || c == '\\' || (length == 1 && c == '-'))
			page_printf(out, "\\%02x", c);
		else
			page_append(out, text + i, 1);
	}
}

static size_t read_text(const char *from, char *to)
{
	char *start = to;

	if (strcmp(from, "-") == 0)
		return 0;
	for (; *from && *from != ' '; from++) {
		char hex[3] = { 0 };

		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		memcpy(hex, from + 1, 2);
		*to++ = (char)strtoul(hex, NULL, 16);
		from += 2;
	}
	*to = 0;
	return (size_t)(to - start);
}

struct listed {
	uint64_t sum;
	unsigned count;
};

static void count_entry(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct listed *l = ctx;

	l->sum += node + type;
	l->count++;
}

static void play_find(struct player *p, uint64_t dir, char *rest, struct page *out)
{
	uint64_t child = 0;
	int rc;

	read_text(rest, p->text);
	rc = p->backend->ops->find(p->backend, dir, p->text, NULL, &child);
	page_printf(out, " ");
	write_text(out, p->text, strlen(p->text));
	page_printf(out, " -> %d %" PRIx64, rc, rc < 0 ? 0 : child);
}

static void play_list(struct player *p, uint64_t dir, struct page *out)
{
	struct listed l = { 0 };
	int rc = p->backend->ops->list(p->backend, dir, NULL, count_entry, &l);

	page_printf(out, " -> %d %u %" PRIx64, rc, l.count, l.sum);
}

static void play_stat(struct player *p, uint64_t node, struct page *out)
{
	struct node_stat st;
	int rc = p->backend->ops->stat(p->backend, node, NULL, &st);

	page_printf(out, " -> %d", rc);
	if (rc == 0)
		page_printf(out, " %d %o %u %" PRIu64, (int)st.type, st.mode, st.nlink, st.size);
}

static void play_link(struct player *p, uint64_t node, struct page *out)
{
	char text[4096];
	struct page target;
	int rc;

	page_init_fixed(&target, text, sizeof(text));
	rc = p->backend->ops->readlink(p->backend, node, NULL, &target);
	page_printf(out, " -> %d ", rc);
	write_text(out, text, rc < 0 ? 0 : target.length);
}

static void answered(struct backend_call *call, int result)
{
	struct waiting *w = (struct waiting *)call;

	w->answered = true;
	w->result = result;
}

static void write_result(struct page *out, const struct backend_call *call, int rc)
{
	page_printf(out, " -> %d", rc);
	if (call->is_store || rc < 0 || rc == BACKEND_WAITS)
		return;
	page_printf(out, " ");
	write_text(out, call->page.data, call->page.length);
}

static void free_waiting(struct waiting *w)
{
	if (w->call.page.grows)
		page_free(&w->call.page);
	free(w->text);
	free(w);
}

static void play_call(struct player *p, uint64_t node, char *rest, bool is_store, struct page *out)
{
	struct waiting *w = calloc(1, sizeof(*w));
	struct node_stat st;
	int rc;

	w->number = strtoul(rest, &rest, 10);
	w->text = calloc(1, LINE_MAX_BYTES);
	w->call.answer = answered;
	w->call.is_store = is_store;
	page_printf(out, " %lu", w->number);
	if (is_store) {
		size_t length = read_text(rest + 1, w->text);

		w->call.page = (struct page){ .data = w->text, .length = length, .size = length + 1 };
		page_printf(out, " ");
		write_text(out, w->text, length);
	} else if (p->backend->ops->stat(p->backend, node, NULL, &st) == 0 && st.control) {
		page_init_growing(&w->call.page);
	} else {
		page_init_fixed(&w->call.page, w->text, SYSFS_PAGE);
	}
	rc = is_store ? p->backend->ops->store(p->backend, node, &w->call) : p->backend->ops->show(p->backend, node, &w->call);
	w->call.is_store = is_store;
	write_result(out, &w->call, rc);
	if (rc != BACKEND_WAITS) {
		free_waiting(w);
		return;
	}
	w->next = p->waiting;
	p->waiting = w;
}

/* An answer stands behind the line of the call that caused it, so it has come by now. */
static void play_answer(struct player *p, char *rest, struct page *out)
{
	unsigned long number = strtoul(rest, NULL, 10);
	struct waiting **w = &p->waiting, *done;

	while (*w && (*w)->number != number)
		w = &(*w)->next;
	page_printf(out, " %lu", number);
	if (!*w || !(*w)->answered) {
		page_printf(out, " -> not answered");
		return;
	}
	done = *w;
	write_result(out, &done->call, done->result);
	*w = done->next;
	free_waiting(done);
}

static void compare(struct player *p, const char *expected, const struct page *got)
{
	if (strcmp(expected, got->data) == 0)
		return;
	if (p->differ++ < 10)
		fprintf(stderr, "%s:%lu:\n  - %.300s\n  + %.300s\n", p->name, p->line, expected, got->data);
}

static void play_line(struct player *p, char *line)
{
	char verb[8], *rest;
	struct page out;
	uint64_t node;

	page_init_fixed(&out, p->got, sizeof(p->got));
	snprintf(p->text, sizeof(p->text), "%s", line);
	rest = p->text + strcspn(p->text, " ");
	snprintf(verb, sizeof(verb), "%.*s", (int)(rest - p->text), p->text);
	page_printf(&out, "%s", verb);
	if (strcmp(verb, "answer") == 0) {
		play_answer(p, rest, &out);
		compare(p, line, &out);
		return;
	}
	node = strtoull(rest, &rest, 16);
	page_printf(&out, " %" PRIx64, node);
	if (strcmp(verb, "find") == 0)
		play_find(p, node, rest + 1, &out);
	else if (strcmp(verb, "list") == 0)
		play_list(p, node, &out);
	else if (strcmp(verb, "stat") == 0)
		play_stat(p, node, &out);
	else if (strcmp(verb, "link") == 0)
		play_link(p, node, &out);
	else
		play_call(p, node, rest, strcmp(verb, "store") == 0, &out);
	compare(p, line, &out);
}

/* The head: which machine. false: not a trace. */
static bool boot(struct player *p, FILE *file, char *line)
{
	struct memory_options options = { .virtual_clock = true };
	struct machine *machine = malloc(sizeof(*machine));
	char kernel[16], cmdline[4096] = "", reason[256];
	struct page lines, why;
	int modules, number, rc = -1;

	page_init_growing(&lines);
	page_init_fixed(&why, reason, sizeof(reason));
	if (fscanf(file, "kernel %15s\nmodules %d\n", kernel, &modules) == 2 &&
	    fgets(cmdline, sizeof(cmdline), file) && kernel_from_name(kernel, &options.kernel) == 0) {
		while (fgets(line, LINE_MAX_BYTES, file) && strcmp(line, "end\n") != 0)
			page_append(&lines, line, strlen(line));
		cmdline[strcspn(cmdline, "\n")] = 0;
		options.machine = machine;
		options.cmdline = cmdline + strlen("cmdline ");
		options.no_modules = !modules;
		rc = machine_edit(machine, lines.data, &number, &why);
		if (rc == 0)
			rc = memory_backend_new(&options, &p->backend);
	}
	page_free(&lines);
	free(machine);
	return rc == 0;
}

static int play(struct player *p, const char *path)
{
	static char line[LINE_MAX_BYTES];
	FILE *file = fopen(path, "re");

	p->name = path;
	p->line = p->differ = 0;
	if (!file || !boot(p, file, line)) {
		fprintf(stderr, "player: %s: not a trace that can be played\n", path);
		return 1;
	}
	while (fgets(line, sizeof(line), file)) {
		p->line++;
		line[strcspn(line, "\n")] = 0;
		play_line(p, line);
	}
	fclose(file);
	p->backend->ops->destroy(p->backend);
	printf("%s: %lu operations, %lu differ\n", strrchr(path, '/') ? strrchr(path, '/') + 1 : path, p->line, p->differ);
	return p->differ != 0;
}

int main(int argc, char **argv)
{
	struct player *p = calloc(1, sizeof(*p));
	int bad = argc < 2;

	for (int i = 1; p && i < argc; i++)
		bad |= play(p, argv[i]);
	free(p);
	return bad;
}
