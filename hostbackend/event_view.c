/* SPDX-License-Identifier: MIT */
#include "hostbackend/event_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mdev.h"
#include "core/parse.h"

struct event_view {
	struct caller audience;
	/* an object that is removed is gone when its event comes: those whose coming was heard are remembered */
	bool mdev[MDEVS], group[MDEVS];	/* by slot, and by number */
	uint8_t uuid[MDEVS][16];
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

static void look(void *ctx, const struct rights *r)
{
	struct event *x = ctx;
	char path[512], *rest = path;
	unsigned group;

	x->has = true;
	if (r->sees_all)
		return;
	if (sscanf(x->path, "/devices/virtual/vfio/%u", &group) == 1)
		x->has = has_group(x, r, group);
	snprintf(path, sizeof(path), "%s", x->path);
	for (char *part; x->has && (part = strsep(&rest, "/"));)
		x->has = has_part(x, r, part);
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

bool event_view_has(struct event_view *v, struct backend *b, struct policy_guard *g, const char *payload)
{
	const char *at = strchr(payload, '@');
	struct event x = { .v = v, .path = at ? at + 1 : payload };
	struct question q = { &x, g };

	b->ops->inspect(b, look_with_engine, &q);
	return x.has;
}
