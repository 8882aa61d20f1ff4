/* SPDX-License-Identifier: MIT */
#include "hostbackend/event_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/mdev.h"
#include "core/parse.h"

#define PAYLOAD 8192	/* a kernel's is at most 2 KiB, and a path */

struct event_view {
	struct caller audience;
	/* an object that is removed is gone when its event comes: those whose coming was heard are remembered */
	bool mdev[MDEVS], group[MDEVS];	/* by slot, and by number */
	uint8_t uuid[MDEVS][16];
	char text[PAYLOAD];	/* the event under way, as it is heard */
	size_t length;
};

struct event {
	struct event_view *v;
	const char *path;
	bool has;
	const struct engine *e;
};

struct event_view *event_view_new(const struct caller *audience)
{
	struct event_view *v = calloc(1, sizeof(*v));

	if (v)
		v->audience = *audience;
	return v;
}

void event_view_free(struct event_view *v)
{
	free(v);
}

static bool was_heard(const struct event_view *v, const uint8_t uuid[16])
{
	for (uint32_t slot = 0; slot < MDEVS; slot++)
		if (v->mdev[slot] && memcmp(v->uuid[slot], uuid, 16) == 0)
			return true;
	return false;
}

static bool has_mdev(const struct event *x, const struct rights *r, const uint8_t uuid[16])
{
	int slot = mdev_find(x->e, uuid);

	if (slot < 0)
		return was_heard(x->v, uuid);
	x->v->mdev[slot] = rights_see_mdev(r, x->e, (uint32_t)slot);
	memcpy(x->v->uuid[slot], uuid, 16);
	return x->v->mdev[slot];
}

static bool has_group(const struct event *x, const struct rights *r, unsigned group)
{
	const struct state *s = x->e->state;
	bool there = group < MDEVS && (s->groups_used[group / 64] >> (group % 64) & 1);

	if (there)
		x->v->group[group] = rights_see_mdev(r, x->e, s->group_slot[group]);
	return group < MDEVS && x->v->group[group];
}

/* One part of the path. */
static bool has_part(const struct event *x, const struct rights *r, const char *part)
{
	unsigned adapter, domain;
	uint8_t uuid[16];

	if (strlen(part) == 6 && sscanf(part, "card%2x", &adapter) == 1)
		return ap_mask_has(&r->adapters, adapter);
	if (parse_apqn(part, &adapter, &domain) == 0)
		return rights_see_queue(r, adapter << 8 | domain);
	if (strlen(part) == UUID_TEXT - 1 && parse_uuid(part, uuid) == 0)
		return has_mdev(x, r, uuid);
	return true;
}

static void cut_mask(char *text, const struct ap_mask *seen)
{
	char hex[AP_MASK_TEXT];
	struct ap_mask mask;

	if (mask_parse_absolute(text, &mask) < 0)
		return;
	ap_mask_and(&mask, seen, &mask);
	ap_mask_format(&mask, hex);
	/* both are as the kernel prints them: all digits, and the text has a newline behind */
	if (strlen(hex) == strcspn(text, "\n"))
		memcpy(text, hex, strlen(hex));
}

/* What the event of a new mask says, without the bits that are hidden. */
static void cut_masks(struct event_view *v, const struct rights *r)
{
	for (char *part = v->text; part < v->text + v->length; part += strlen(part) + 1) {
		if (strncmp(part, "APMASK=", 7) == 0)
			cut_mask(part + 7, &r->adapters);
		else if (strncmp(part, "AQMASK=", 7) == 0)
			cut_mask(part + 7, &r->domains);
	}
}

/* Those that are there now: of one that goes without a sound before, the event comes when it is gone. */
static void remember(const struct event *x, const struct rights *r)
{
	const struct state *s = x->e->state;
	struct event_view *v = x->v;

	for (uint32_t slot = 0; slot < s->mdev_high; slot++) {
		const struct mdev *m = &s->mdev[slot];

		if (m->phase == MDEV_FREE)
			continue;
		v->mdev[slot] = rights_see_mdev(r, x->e, slot);
		memcpy(v->uuid[slot], m->uuid, sizeof(m->uuid));
		if (m->has_group)
			v->group[m->group] = v->mdev[slot];
	}
}

/* Is it that all queues have drivers now, the hidden ones too? */
static bool tells_of_all_queues(const struct event_view *v)
{
	return memmem(v->text, v->length, "BINDINGS=complete", strlen("BINDINGS=complete"));
}

static void look(void *ctx, const struct rights *r)
{
	struct event *x = ctx;
	char path[512], *rest = path;
	unsigned group;

	x->has = true;
	if (r->sees_all)
		return;
	remember(x, r);
	if (!x->path)
		return;
	/* kvm's tell of every guest of the host */
	if (strncmp(x->path, "/devices/virtual/misc/kvm", 25) == 0 || (!r->sees_all_queues && tells_of_all_queues(x->v))) {
		x->has = false;
		return;
	}
	if (sscanf(x->path, "/devices/virtual/vfio/%u", &group) == 1)
		x->has = has_group(x, r, group);
	snprintf(path, sizeof(path), "%s", x->path);
	for (char *part; x->has && (part = strsep(&rest, "/"));)
		x->has = has_part(x, r, part);
	cut_masks(x->v, r);
}

struct question {
	struct event *x;
	struct policy_guard *g;
};

static void look_with_engine(void *ctx, const struct engine *e)
{
	struct question *q = ctx;

	q->x->e = e;
	policy_guard_with(q->g, &q->x->v->audience, look, q->x);
}

void event_view_begin(struct event_view *v, const struct policy_look *l)
{
	struct event x = { .v = v };
	struct question q = { &x, l->guard };

	l->inner->ops->inspect(l->inner, look_with_engine, &q);
}

const char *event_view_take(struct event_view *v, const struct policy_look *l, const char *payload, size_t length)
{
	const char *at = strchr(payload, '@');
	struct event x = { .v = v, .path = at ? at + 1 : payload };
	struct question q = { &x, l->guard };

	if (!length || length > sizeof(v->text) || payload[length - 1])
		return NULL;
	memcpy(v->text, payload, length);
	v->length = length;
	l->inner->ops->inspect(l->inner, look_with_engine, &q);
	return x.has ? v->text : NULL;
}
