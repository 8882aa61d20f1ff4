/* SPDX-License-Identifier: MIT */
/* Machines of all kernels, and what root, guests, hardware and time do to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mdev.h"
#include "core/parse.h"
#include "core/tree.h"
#include "tests/model/policy/policy.h"

#define NOW INT64_C(1700000000000000000)
#define SECOND INT64_C(1000000000)

static void random_machine(struct world *w, struct machine *m)
{
	static const char *const extras[] = { "sclp_reconfig 1\n", "secure_guest 1\napsb 1\n", "reset_delay 3\n", "associate_delay 2\n",
					      "adapter 6 func=ep11\n", "adapter 5 rate=7 pending=3\n",
					      "adapter 6 rate=100 pending=40 wave=9\n", "qci 0\n", "usage 4 0x47 0xab\n" };
	char lines[320] = "", why[256];
	struct page message;
	int line;

	machine_init_default(m);
	for (size_t i = 0; i < LENGTH(extras); i++)
		if (pick(w, i == 0 || i == 2 ? 2 : 4) == 0)
			snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s", extras[i]);
	page_init_fixed(&message, why, sizeof(why));
	if (machine_edit(m, lines, &line, &message) < 0) {
		printf("%s: %s\n", lines, why);
		abort();
	}
}

void free_world(struct world *w)
{
	if (w->engine.state)
		engine_free(&w->engine);
	memset(w->waiting, 0, sizeof(w->waiting));
	w->engine.state = NULL;
}

/* --- writes --------------------------------------------------------------------------------------------------- */

/* Whose it is from now on; and what was made again is nobody's. */
static void take_ownership(struct world *w, const struct wish *x, int64_t owner)
{
	uint8_t wanted[16], uuid[16];

	if (!strstr(x->path, "/create") || !strstr(x->path, "vfio_ap-passthrough") || parse_uuid(x->text, wanted) < 0)
		return;
	for (unsigned i = 0; i < UUIDS; i++)
		if (parse_uuid(uuids[i], uuid) == 0 && memcmp(uuid, wanted, sizeof(uuid)) == 0)
			w->owner[i] = owner;
}

/* Does the call that has just waited keep others from something? Then it must come to its end. */
static bool has_begun(const struct engine *e, struct node n)
{
	const struct mdev *m = &e->state->mdev[n.index];

	return e->state->lock_ticket == e->ticket ||
	       (n.kind == DIR_MDEV && m->phase == MDEV_LEAVING && m->leaving_ticket == e->ticket);
}

static bool carry_on(struct world *w, struct waiting *p)
{
	w->engine.ticket = p->ticket;
	if (tree_store(&w->engine, p->node, p->wish.text, p->wish.length) == ENGINE_WAITS)
		return false;
	p->ticket = 0;
	return true;
}

/* What it waits for happens. */
static void bring_to_end(struct world *w, struct waiting *p)
{
	for (int i = 0; p->ticket && i < 1000; i++) {
		if (carry_on(w, p))
			return;
		if (p->node.kind == DIR_MDEV && w->engine.state->mdev[p->node.index].opened)
			guest_stop(&w->engine, p->node.index);
		engine_advance(&w->engine, w->engine.state->now + SECOND);
	}
	if (p->ticket)
		abort();
}

bool has_place(const struct world *w)
{
	for (unsigned i = 0; i < WAITING; i++)
		if (!w->waiting[i].ticket)
			return true;
	return false;
}

static struct waiting *free_place(struct world *w)
{
	for (unsigned i = 0; i < WAITING; i++)
		if (!w->waiting[i].ticket)
			return &w->waiting[i];
	bring_to_end(w, &w->waiting[0]);
	return &w->waiting[0];
}

int make_wish(struct world *w, const struct wish *x, struct node n, int64_t owner)
{
	struct waiting *place = free_place(w);
	uint32_t ticket = w->engine.ticket = ++w->tickets;
	int rc = tree_store(&w->engine, n, x->text, x->length);

	if (rc == ENGINE_WAITS && has_begun(&w->engine, n))
		*place = (struct waiting){ n, ticket, *x };
	if (rc == 0)
		take_ownership(w, x, owner);
	return rc;
}

void root_writes(struct world *w, const char *path, const char *text)
{
	struct wish x = { .length = strlen(text) };
	struct node n;

	snprintf(x.path, sizeof(x.path), "%s", path);
	snprintf(x.text, sizeof(x.text), "%s", text);
	if (tree_lookup(&w->engine, path, &n) == 0)
		make_wish(w, &x, n, -1);
}

/* As typed at boot: adapters 0 to 5 and 8 to 255, domains 0 to 127. */
#define CMDLINE "ap.apmask=0xfcffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff " \
	"ap.aqmask=0xffffffffffffffffffffffffffffffff00000000000000000000000000000000"

void new_world(struct world *w)
{
	struct machine *m = malloc(sizeof(*m));

	free_world(w);
	if (!m)
		abort();
	random_machine(w, m);
	if (engine_boot(&w->engine, pick(w, KERNELS), m, pick(w, 4) ? NULL : CMDLINE, NOW) < 0)
		abort();
	engine_load_default_modules(&w->engine);
	free(m);
	for (unsigned i = 0; i < UUIDS; i++)
		w->owner[i] = -1;
	w->stale = (struct node){ 0 };
	/* with few bits in the other mask a bit moves few APQNs, and more often all of them are granted */
	w->few = pick(w, 2);
	if (w->few)
		root_writes(w, "bus/ap/aqmask", "-0-255,+4,+0x47,+0xab");
	if (w->few)
		root_writes(w, "bus/ap/apmask", "-0-255,+5,+6");
}

static void random_write(struct world *w)
{
	struct wish x;
	struct node n;

	random_wish(w, &x);
	if (tree_lookup(&w->engine, x.path, &n) < 0)
		return;
	make_wish(w, &x, n, -1);
	if (pick(w, 16) == 0)
		w->stale = n;
}

/* Writes towards mdevs with a matrix and guests, which chance alone seldom gets at. */
static void towards_guests(struct world *w)
{
	static const char *const files[] = { "assign_adapter", "assign_domain", "assign_control_domain" };
	const char *uuid = uuids[pick(w, UUIDS - 1)];
	char path[160], text[64];
	unsigned kind = pick(w, 3);

	switch (pick(w, 5)) {
	case 0:
		root_writes(w, "bus/ap/apmask", pick(w, 2) ? "-5" : "-6");
		break;
	case 1:
		root_writes(w, MATRIX "mdev_supported_types/vfio_ap-passthrough/create", uuid);
		break;
	case 2:
		snprintf(text, sizeof(text), "start %s", uuid);
		root_writes(w, ".apsysfs/guests/control", text);
		break;
	default:
		snprintf(path, sizeof(path), MATRIX "%s/%s", uuid, files[kind]);
		snprintf(text, sizeof(text), "%u", kind ? random_domain(w) : random_adapter(w));
		root_writes(w, path, text);
		break;
	}
}

/* And back, so that it does not end with everything taken away. */
static void towards_order(struct world *w)
{
	switch (pick(w, 6)) {
	case 0:
		root_writes(w, "bus/ap/apmask", w->few ? "-0-255,+5,+6" : "+0-255");
		break;
	case 1:
		root_writes(w, "bus/ap/aqmask", w->few ? "-0-255,+4,+0x47,+0xab" : "+0-255");
		break;
	case 2:
		for (unsigned i = 0; i < WAITING; i++)
			bring_to_end(w, &w->waiting[i]);
		break;
	case 3:
		root_writes(w, ".apsysfs/machine", "adapter 6 state=online\nadapter 9 remove\nscan");
		break;
	case 4:
		for (unsigned d = 0; d < 4; d++) {
			static const unsigned domains[] = { 4, 0x47, 0xab, 0xff };
			char path[160];

			snprintf(path, sizeof(path), "devices/ap/card05/05.%04x/driver_override", domains[d]);
			root_writes(w, path, "\n");
		}
		break;
	default:
		root_writes(w, "bus/ap/drivers_probe", "card05");
		root_writes(w, "bus/ap/drivers_probe", "05.0004");
		break;
	}
}

static void hardware_moves(struct world *w)
{
	static const char *const edits[] = {
		"adapter 9 type=11", "adapter 9 type=12 func=ep11\nscan", "adapter 9 remove", "adapter 6 state=deconfigured\nscan",
		"adapter 6 state=checkstopped\nscan", "adapter 6 state=online\nscan", "scan", "domain add 5 usage\nscan",
		"domain remove 5 usage",
	};

	root_writes(w, ".apsysfs/machine", edits[pick(w, LENGTH(edits))]);
}

void world_moves(struct world *w)
{
	switch (pick(w, 8)) {
	case 0:
		hardware_moves(w);
		break;
	case 1:
		engine_advance(&w->engine, w->engine.state->now + (1 + pick(w, 40)) * SECOND / 4);
		break;
	case 2:
		towards_order(w);
		break;
	case 3:
	case 4:
		towards_guests(w);
		break;
	default:
		random_write(w);
		break;
	}
	for (unsigned i = 0; i < WAITING; i++)
		if (w->waiting[i].ticket && pick(w, 3) == 0)
			carry_on(w, &w->waiting[i]);
}
