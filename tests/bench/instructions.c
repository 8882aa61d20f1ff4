/* SPDX-License-Identifier: MIT */
/*
 * instructions WORKLOAD: work of one kind, done a known number of times, for callgrind to count (instructions.sh).
 * Nothing else is counted: neither starting nor what has to be there before. Prints how many times, and of what.
 * instructions: the names of all kinds.
 */
#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/memory_backend.h"

#define TEXTS 2000
#define MATRIX "devices/vfio_ap/matrix/"
#define CREATE MATRIX "mdev_supported_types/vfio_ap-passthrough/create"
#define FULL 65536
#define METS 65536

struct lab;
struct workload {
	const char *name, *unit;
	unsigned adapters, domains;	/* of the machine, from 0 on; no adapters: no machine is needed */
	void (*prepare)(struct lab *l);
	unsigned (*run)(struct lab *l);	/* returns how many units of work it was */
	unsigned mdevs;			/* that are there before */
};

struct lab {
	const struct workload *workload;
	struct machine machine;
	struct backend *backend;
	struct met *met;
	unsigned mets;
};

static void die(const char *what, int rc)
{
	fprintf(stderr, "instructions: %s: %s\n", what, strerror(-rc));
	exit(1);
}

/* --- the backend, by path ------------------------------------------------------------------------------ */

/* Each part is found and looked at, as a mount does after a change. */
static uint64_t find(struct lab *l, const char *path)
{
	uint64_t node = BACKEND_ROOT;
	struct node_stat st;

	for (const char *at = path; *at;) {
		size_t length = strcspn(at, "/");
		char name[64];
		int rc;

		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		rc = l->backend->ops->find(l->backend, node, name, NULL, &node);
		if (rc == 0)
			rc = l->backend->ops->stat(l->backend, node, NULL, &st);
		if (rc < 0)
			die(path, rc);
		at += length + (at[length] == '/');
	}
	return node;
}

static void store_node(struct lab *l, uint64_t node, const char *text)
{
	char copy[1024];
	struct backend_call call = { 0 };
	int rc;

	snprintf(copy, sizeof(copy), "%s", text);
	call.page = (struct page){ copy, strlen(copy), sizeof(copy), false };
	rc = l->backend->ops->store(l->backend, node, &call);
	if (rc)
		die(text, rc);
}

static void store(struct lab *l, const char *path, const char *text)
{
	store_node(l, find(l, path), text);
}

static void plug(struct lab *l)
{
	const struct workload *w = l->workload;

	machine_init(&l->machine);
	for (unsigned d = 0; d < w->domains; d++)
		ap_mask_set(&l->machine.usage_domains, d);
	l->machine.control_domains = l->machine.usage_domains;
	for (unsigned a = 0; a < w->adapters; a++)
		l->machine.adapter[a] = (struct machine_adapter){ .present = true, .type = 14, .depth = 7, .domain_limit = 255,
								  .functions = AP_FUNCTIONS_CCA };
}

static void boot(struct lab *l)
{
	struct memory_options o = { .kernel = KERNEL_7_2, .machine = &l->machine, .virtual_clock = true };
	int rc = memory_backend_new(&o, &l->backend);

	if (rc < 0)
		die("boot", rc);
}

/* --- texts ---------------------------------------------------------------------------------------------- */

static unsigned parse_texts(const char *const *text, size_t count)
{
	struct ap_mask old, mask, config[3];

	ap_mask_fill(&old, true);
	for (unsigned i = 0; i < TEXTS; i++) {
		const char *t = text[i % count];
		int rc = strchr(t, ',') && *t == '0' ? mask_parse_config(t, config)
						     : mask_parse(t, &old, MASK_OVERFLOW_SATURATES, &mask);

		if (rc < 0)
			die(t, rc);
	}
	return TEXTS;
}

static unsigned parse_masks(struct lab *l)
{
	static const char *const texts[] = { "0x0", "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n" };

	return parse_texts(texts, 2);
}

static unsigned parse_edits(struct lab *l)
{
	static const char *const texts[] = { "-5\n", "+0-255", "-0x10-0x1f,+18,-200-202\n" };

	return parse_texts(texts, 3);
}

static unsigned parse_configs(struct lab *l)
{
	static const char *const texts[] = { "0x06,0x8,0x8\n",
					     "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff,0x01,0x01" };

	return parse_texts(texts, 2);
}

/* --- the tree ------------------------------------------------------------------------------------------- */

static unsigned boot_machine(struct lab *l)
{
	boot(l);
	return l->workload->adapters * l->workload->domains;
}

/* What has been met on the way: no call is made from within a listing, which holds the backend's lock. */
struct met {
	uint64_t node;
	enum node_type type;
};

static void meet(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct lab *l = ctx;

	(void)name;
	if (l->mets == METS)
		die("a smaller machine will do", -ENOSPC);
	l->met[l->mets++] = (struct met){ node, type };
}

static int look_at(struct lab *l, const struct met *m)
{
	struct backend *b = l->backend;
	char text[SYSFS_PAGE];
	struct node_stat st;
	struct page out;
	int rc = 0;

	page_init_fixed(&out, text, sizeof(text));
	if (m->type == NODE_IS_LINK)
		rc = b->ops->readlink(b, m->node, NULL, &out);
	return rc < 0 ? rc : b->ops->stat(b, m->node, NULL, &st);
}

static void list_from(struct lab *l, const struct met *m)
{
	int rc = m->type == NODE_IS_DIRECTORY ? l->backend->ops->list(l->backend, m->node, NULL, meet, l) : 0;

	if (rc < 0)
		die("list", rc);
}

/* Every entry listed, looked at, links read. */
static unsigned walk(struct lab *l)
{
	meet(l, "", BACKEND_ROOT, NODE_IS_DIRECTORY);
	for (unsigned i = 0; i < l->mets; i++) {
		const struct met m = l->met[i];
		int rc = look_at(l, &m);

		if (rc < 0)
			die("stat", rc);
		list_from(l, &m);
	}
	return l->mets;
}

static void list_all(struct lab *l)
{
	meet(l, "", BACKEND_ROOT, NODE_IS_DIRECTORY);
	for (unsigned i = 0; i < l->mets; i++)
		list_from(l, &l->met[i]);
}

static unsigned show_all(struct lab *l)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l->mets; i++) {
		char text[SYSFS_PAGE];
		struct backend_call call = { 0 };

		if (l->met[i].type != NODE_IS_FILE)
			continue;
		page_init_fixed(&call.page, text, sizeof(text));
		/* some have no text, and say so */
		(void)l->backend->ops->show(l->backend, l->met[i].node, &call);
		n++;
	}
	return n;
}

static unsigned find_queues(struct lab *l)
{
	uint64_t dir = find(l, "bus/ap/devices"), node;
	unsigned n = l->workload->adapters * l->workload->domains;

	for (unsigned i = 0; i < n; i++) {
		char name[24];
		int rc;

		snprintf(name, sizeof(name), "%02x.%04x", i / l->workload->domains, i % l->workload->domains);
		rc = l->backend->ops->find(l->backend, dir, name, NULL, &node);
		if (rc < 0)
			die(name, rc);
	}
	return n;
}

/* --- what is shared out ----------------------------------------------------------------------------------- */

static unsigned move_all(struct lab *l)
{
	store(l, "bus/ap/apmask", "0x0");
	return l->workload->adapters * l->workload->domains;
}

static unsigned move_adapter(struct lab *l)
{
	for (int i = 0; i < 4; i++) {
		store(l, "bus/ap/apmask", "-1");
		store(l, "bus/ap/apmask", "+1");
	}
	return 8 * l->workload->domains;
}

static void mdev_name(unsigned i, char uuid[40])
{
	snprintf(uuid, 40, "%08x-1f1c-4d1a-8a3d-3d3d5b0f4c2e", i * UINT32_C(0x9e3779b1));
}

static void pass_all(struct lab *l)
{
	char uuid[40];

	store(l, "bus/ap/apmask", "0x0");
	for (unsigned i = 0; i < l->workload->mdevs; i++) {
		mdev_name(i, uuid);
		store(l, CREATE, uuid);
	}
}

/* Adapters and domains of one mdev come and go, all of both. */
static unsigned assign(struct lab *l)
{
	static const char *const verbs[] = { "assign_adapter", "assign_domain", "unassign_adapter", "unassign_domain" };
	unsigned n = 0;

	for (unsigned v = 0; v < 4; v++) {
		char path[128], text[16];
		uint64_t node;

		snprintf(path, sizeof(path), MATRIX "00000000-1f1c-4d1a-8a3d-3d3d5b0f4c2e/%s", verbs[v]);
		node = find(l, path);
		for (unsigned i = 0; i < (v % 2 ? l->workload->domains : l->workload->adapters); i++, n++) {
			snprintf(text, sizeof(text), "%u", i);
			store_node(l, node, text);
		}
	}
	return n;
}

/* Mdevs are created, given a queue each, and removed, beside those there are. */
static unsigned live(struct lab *l)
{
	enum { MORE = 64 };
	unsigned queues = l->workload->adapters * l->workload->domains;
	char uuid[40], path[128], text[16];

	for (unsigned i = 0; i < MORE; i++) {
		mdev_name(FULL - MORE + i, uuid);
		store(l, CREATE, uuid);
		snprintf(path, sizeof(path), MATRIX "%s/assign_adapter", uuid);
		snprintf(text, sizeof(text), "%u", i % queues / l->workload->domains);
		store(l, path, text);
		snprintf(path, sizeof(path), MATRIX "%s/assign_domain", uuid);
		snprintf(text, sizeof(text), "%u", i % queues % l->workload->domains);
		store(l, path, text);
	}
	for (unsigned i = 0; i < MORE; i++) {
		mdev_name(FULL - MORE + i, uuid);
		snprintf(path, sizeof(path), MATRIX "%s/remove", uuid);
		store(l, path, "1");
	}
	return MORE;
}

static const struct workload workloads[] = {
	{ .name = "parse-mask", .unit = "text", .run = parse_masks },
	{ .name = "parse-edit", .unit = "text", .run = parse_edits },
	{ .name = "parse-config", .unit = "text", .run = parse_configs },
	{ .name = "boot", .unit = "queue", .adapters = 16, .domains = 256, .run = boot_machine },
	{ .name = "find", .unit = "name", .adapters = 4, .domains = 256, .run = find_queues },
	{ .name = "walk", .unit = "entry", .adapters = 4, .domains = 64, .run = walk },
	{ .name = "walk-mdevs", .unit = "entry", .adapters = 2, .domains = 8, .prepare = pass_all, .run = walk, .mdevs = 128 },
	{ .name = "show", .unit = "text", .adapters = 4, .domains = 64, .prepare = list_all, .run = show_all },
	{ .name = "store-mask", .unit = "queue", .adapters = 16, .domains = 256, .run = move_all },
	{ .name = "store-adapter", .unit = "queue", .adapters = 16, .domains = 256, .run = move_adapter },
	{ .name = "assign", .unit = "store", .adapters = 16, .domains = 16, .prepare = pass_all, .run = assign, .mdevs = 1 },
	{ .name = "live-first", .unit = "mdev", .adapters = 8, .domains = 8, .prepare = pass_all, .run = live },
	{ .name = "live-last", .unit = "mdev", .adapters = 8, .domains = 8, .prepare = pass_all, .run = live,
	  .mdevs = FULL - 64 },
};

/* --- */

static int run(const struct workload *w)
{
	struct lab *l = calloc(1, sizeof(*l));
	unsigned n;

	if (!l)
		return 1;
	l->met = calloc(METS, sizeof(*l->met));
	if (!l->met)
		return 1;
	l->workload = w;
	plug(l);
	if (w->adapters && w->run != boot_machine)
		boot(l);
	if (w->prepare)
		w->prepare(l);
	CALLGRIND_START_INSTRUMENTATION;
	n = w->run(l);
	CALLGRIND_STOP_INSTRUMENTATION;
	printf("%u\t%s\n", n, w->unit);
	if (l->backend)
		l->backend->ops->destroy(l->backend);
	free(l->met);
	free(l);
	return 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(workloads) / sizeof(*workloads); i++) {
		if (argc < 2)
			printf("%s\n", workloads[i].name);
		else if (strcmp(argv[1], workloads[i].name) == 0)
			return run(&workloads[i]);
	}
	if (argc < 2)
		return 0;
	fprintf(stderr, "instructions: %s: no such workload; without one, all are named\n", argv[1]);
	return 2;
}
