/* SPDX-License-Identifier: MIT */
/*
 * plan [SEED [WISHES]]: random wishes for mdevs on random machines in random states, all kernels. What is planned is carried
 * out on a copy, write by write, and must give the wanted matrices and leave other mdevs alone; a second plan has nothing to
 * do. What is refused must have a cause that is found here by looking at every APQN, and name it; and what has one must be.
 */
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mdev.h"
#include "core/override.h"
#include "core/parse.h"
#include "core/plan.h"
#include "core/tree.h"

#define HERE 6		/* adapters and domains that are plugged, most of them */
#define WISHES_MAX 4
#define WRITES_MAX 512
#define CAUSES_MAX 256

static const char *const uuids[] = {
	"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002",
	"00000000-0000-4000-8000-000000000003", "00000000-0000-4000-8000-000000000004",
	"00000000-0000-4000-8000-000000000005", "00000000-0000-4000-8000-000000000006",
};
#define UUIDS (sizeof(uuids) / sizeof(*uuids))

struct writes {
	char path[WRITES_MAX][128], text[WRITES_MAX][208];
	int count;
};

enum cause_kind { ABSENT, HELD, OVERRIDDEN, WANTED_TWICE, NO_CONTROL, GUEST_RUNS, CAUSE_KINDS };

struct game {
	unsigned random, number;
	struct engine engine;
	struct plan_wish wish[WISHES_MAX];
	int wishes;
	struct writes writes;
	struct mdev before[UUIDS];	/* by slot */
	char cause[CAUSES_MAX][UUID_TEXT];	/* words of which one must be said in a refusal */
	enum cause_kind kind[CAUSES_MAX];
	int causes;
	unsigned said[CAUSE_KINDS];
	unsigned planned, refused, failed;
};

static unsigned pick(struct game *g, unsigned below)
{
	g->random ^= g->random << 13;
	g->random ^= g->random >> 17;
	g->random ^= g->random << 5;
	return g->random % below;
}

static void wrong(struct game *g, const char *format, ...)
{
	va_list args;

	g->failed++;
	fprintf(stderr, "wish %u, kernel %s: ", g->number, g->engine.rules->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	for (int i = 0; i < g->writes.count; i++)
		fprintf(stderr, "  echo %s > /sys/%s\n", g->writes.text[i], g->writes.path[i]);
}

static int echo(struct engine *e, const char *path, const char *text)
{
	struct node n;
	int rc = tree_lookup(e, path, &n);

	e->ticket++;
	return rc < 0 ? rc : tree_store(e, n, text, strlen(text));
}

/* --- a machine in some state ----------------------------------------------------------------------- */

static const unsigned domains[HERE] = { 0, 4, 0x47, 0xab, 0xfe, 0xff };

static void boot(struct game *g)
{
	struct machine machine;
	char line[64];
	struct page why;
	int number;

	page_init_fixed(&why, line, sizeof(line));
	machine_init(&machine);
	for (unsigned i = 0; i < HERE; i++) {
		if (pick(g, 5)) {
			snprintf(line, sizeof(line), "adapter %u type=CEX5C", i);
			machine_edit(&machine, line, &number, &why);
		}
		if (pick(g, 5)) {
			snprintf(line, sizeof(line), "domain add %u", domains[i]);
			machine_edit(&machine, line, &number, &why);
		}
	}
	engine_boot(&g->engine, (enum kernel_id)pick(g, KERNELS), &machine, NULL, NANOSECONDS);
	engine_load_default_modules(&g->engine);
}

/* Refused or not: whatever state comes of it. */
static void mess_up(struct game *g)
{
	/* few mdevs, so that some get somewhere */
	for (unsigned i = pick(g, 100); i > 0; i--) {
		const char *uuid = uuids[pick(g, 3)];
		char path[128], text[80];

		snprintf(path, sizeof(path), "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create");
		snprintf(text, sizeof(text), "%s", uuid);
		switch (pick(g, 8)) {
		case 0:
			snprintf(path, sizeof(path), "bus/ap/apmask");
			snprintf(text, sizeof(text), "%c%u", pick(g, 3) ? '-' : '+', pick(g, HERE));
			break;
		case 1:
			snprintf(path, sizeof(path), "bus/ap/aqmask");
			snprintf(text, sizeof(text), "%c%u", pick(g, 3) ? '-' : '+', domains[pick(g, HERE)]);
			break;
		case 2:
			break;
		case 3:
			if (pick(g, 2))
				continue;
			snprintf(path, sizeof(path), ".apsysfs/guests/control");
			snprintf(text, sizeof(text), "start %s", uuid);
			break;
		case 4:
			if (pick(g, 20))
				continue;
			snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/driver_override", i % HERE, i % HERE, domains[pick(g, HERE)]);
			snprintf(text, sizeof(text), "cex4queue");
			break;
		case 5:
			snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/assign_domain", uuid);
			snprintf(text, sizeof(text), "%u", domains[pick(g, HERE)]);
			break;
		default:
			snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/assign_adapter", uuid);
			snprintf(text, sizeof(text), "%u", pick(g, HERE));
		}
		echo(&g->engine, path, text);
	}
}

static void make_wishes(struct game *g)
{
	unsigned first = pick(g, UUIDS);

	g->wishes = 1 + (int)pick(g, WISHES_MAX);
	for (int w = 0; w < g->wishes; w++) {
		struct plan_wish *wish = &g->wish[w];

		*wish = (struct plan_wish){ 0 };
		snprintf(wish->name, sizeof(wish->name), "Guest%d", w + 1);
		parse_uuid(uuids[(first + (unsigned)w) % UUIDS], wish->uuid);
		for (unsigned i = 1 + pick(g, 2); i > 0; i--)
			ap_mask_set(&wish->wanted.adapters, pick(g, HERE));
		for (unsigned i = 1 + pick(g, 2); i > 0; i--)
			ap_mask_set(&wish->wanted.domains, domains[pick(g, HERE)]);
		if (!pick(g, 4))
			ap_mask_set(&wish->wanted.controls, domains[pick(g, HERE)]);
	}
}

/* --- why it cannot be ------------------------------------------------------------------------------ */

static void cause(struct game *g, enum cause_kind kind, const char *word)
{
	if (g->causes == CAUSES_MAX)
		return;
	g->kind[g->causes] = kind;
	snprintf(g->cause[g->causes++], sizeof(g->cause[0]), "%s", word);
}

static bool is_named(struct game *g, const char *why)
{
	for (int i = 0; i < g->causes; i++)
		if (strstr(why, g->cause[i])) {
			g->said[g->kind[i]]++;
			return true;
		}
	return false;
}

static bool wished(const struct game *g, const uint8_t *uuid)
{
	for (int w = 0; w < g->wishes; w++)
		if (memcmp(g->wish[w].uuid, uuid, 16) == 0)
			return true;
	return false;
}

static void find_causes_of_queue(struct game *g, const struct engine *e, int w, unsigned queue)
{
	const struct state *s = e->state;
	const struct mdev *owner = s->owner[queue] ? &s->mdev[s->owner[queue] - 1] : NULL;
	bool hosts = ap_mask_has(&s->apmask, queue >> 8) && ap_mask_has(&s->aqmask, queue & 0xff);
	char uuid[UUID_TEXT];

	if (!s->queue[queue].life.born)
		cause(g, ABSENT, "is not there");
	if (owner && !wished(g, owner->uuid)) {
		format_uuid(owner->uuid, uuid);
		cause(g, HELD, uuid);
	}
	if (*override_get(e, queue) || (hosts && s->overrides))
		cause(g, OVERRIDDEN, "driver_override");
	for (int other = 0; other < w; other++)
		if (matrix_has(&g->wish[other].wanted, queue >> 8, queue & 0xff))
			cause(g, WANTED_TWICE, g->wish[other].name);
}

static bool same(const struct matrix *a, const struct matrix *b)
{
	return ap_mask_equal(&a->adapters, &b->adapters) && ap_mask_equal(&a->domains, &b->domains) &&
	       ap_mask_equal(&a->controls, &b->controls);
}

static void find_causes(struct game *g)
{
	const struct engine *e = &g->engine;

	g->causes = 0;
	for (int w = 0; w < g->wishes; w++) {
		const struct matrix *wanted = &g->wish[w].wanted;
		int slot = mdev_find(e, g->wish[w].uuid);
		struct ap_mask missing;

		for (unsigned queue = 0; queue < QUEUES; queue++)
			if (matrix_has(wanted, queue >> 8, queue & 0xff))
				find_causes_of_queue(g, e, w, queue);
		ap_mask_without(&wanted->controls, &e->state->host_controls, &missing);
		if (!ap_mask_empty(&missing))
			cause(g, NO_CONTROL, "control domain");
		if (slot >= 0 && e->state->mdev[slot].opened && !e->rules->assign_hot &&
		    !same(&e->state->mdev[slot].assigned, wanted))
			cause(g, GUEST_RUNS, "guest runs");
		for (unsigned a = 0; a < AP_IDS; a++)
			if (ap_mask_has(&wanted->adapters, a) && !e->state->card[a].life.born)
				cause(g, ABSENT, "is not there");
	}
}

/* --- one game -------------------------------------------------------------------------------------- */

static void take_write(void *ctx, const char *path, const char *text, int wish)
{
	struct writes *w = ctx;

	if (w->count == WRITES_MAX)
		abort();
	snprintf(w->path[w->count], sizeof(w->path[0]), "%s", path);
	snprintf(w->text[w->count++], sizeof(w->text[0]), "%s", text);
}

static int plan_on(struct game *g, struct engine *e, struct writes *writes, struct page *why)
{
	struct plan p = { .engine = e, .wish = g->wish, .wishes = g->wishes, .write = take_write, .ctx = writes, .why = why };

	/* every other game by ap_config, where there is one */
	p.by_config = g->number % 2 && e->state->kernel >= KERNEL_6_12;
	writes->count = 0;
	return plan_make(&p);
}

static void check_others(struct game *g)
{
	for (uint32_t slot = 0; slot < UUIDS; slot++) {
		const struct mdev *was = &g->before[slot], *is = &g->engine.state->mdev[slot];

		if (was->phase != MDEV_FREE && !wished(g, was->uuid) && !same(&was->assigned, &is->assigned))
			wrong(g, "the mdev in slot %u, which nobody spoke of, is another", slot);
	}
}

static void carry_out(struct game *g)
{
	struct engine *e = &g->engine;
	struct page why;
	char text[512];
	int count = g->writes.count;

	page_init_fixed(&why, text, sizeof(text));
	memcpy(g->before, e->state->mdev, sizeof(g->before));
	for (int i = 0; i < count; i++) {
		int rc = echo(e, g->writes.path[i], g->writes.text[i]);

		if (rc)
			wrong(g, "write %d of the plan is refused: %s", i + 1, strerror(-rc));
	}
	for (int w = 0; w < g->wishes; w++) {
		int slot = mdev_find(e, g->wish[w].uuid);

		if (slot < 0 || !same(&e->state->mdev[slot].assigned, &g->wish[w].wanted))
			wrong(g, "%s did not get what it wants", g->wish[w].name);
	}
	check_others(g);
	if (plan_on(g, e, &g->writes, &why) < 0 || g->writes.count)
		wrong(g, "planned again, %d writes: %s", g->writes.count, text);
}

/* The same machine in the same state each time it is called with the same number. */
static void set_up(struct game *g, unsigned random)
{
	g->random = random;
	boot(g);
	mess_up(g);
}

static void play(struct game *g)
{
	unsigned random = g->random, after;
	struct page why;
	char text[512];
	int rc;

	page_init_fixed(&why, text, sizeof(text));
	set_up(g, random);
	make_wishes(g);
	after = g->random;
	find_causes(g);
	rc = plan_on(g, &g->engine, &g->writes, &why);
	if (rc < 0 && !is_named(g, text))
		wrong(g, "refused, %d causes, and none of them is said: \"%s\"", g->causes, text);
	if (rc == 0 && g->causes)
		wrong(g, "planned in spite of \"%s\"", g->cause[0]);
	if (rc == 0) {
		engine_free(&g->engine);
		set_up(g, random);
		carry_out(g);
	}
	g->planned += rc == 0;
	g->refused += rc < 0;
	engine_free(&g->engine);
	g->random = after;
}

int main(int argc, char **argv)
{
	struct game *g = calloc(1, sizeof(*g));
	unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1, wishes = argc > 2 ? (unsigned)atoi(argv[2]) : 500;
	int bad;

	if (!g)
		return 1;
	/* large pieces come from the system, already zero */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	g->random = seed * 2654435761u | 1;
	for (g->number = 0; g->number < wishes && g->failed < 10; g->number++)
		play(g);
	printf("plan: seed %u, %u wishes: %u carried out, %u refused with the holder named, %u wrong\n", seed, g->number, g->planned,
	       g->refused, g->failed);
	printf("plan: of those refused: %u something is not there, %u held by an mdev, %u overridden, %u wanted twice, "
	       "%u no such control domain, %u guest runs\n",
	       g->said[ABSENT], g->said[HELD], g->said[OVERRIDDEN], g->said[WANTED_TWICE], g->said[NO_CONTROL],
	       g->said[GUEST_RUNS]);
	bad = g->failed != 0 || g->planned < wishes / 10 || g->refused < wishes / 10;
	/* a kind that never comes is not tested */
	for (int kind = 0; wishes >= 500 && kind < CAUSE_KINDS; kind++)
		bad |= !g->said[kind];
	free(g);
	return bad;
}
