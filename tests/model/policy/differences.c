/* SPDX-License-Identifier: MIT */
/* Each thing that reads differently after a write: whose it is to change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/policy/policy.h"

/* Beyond what may be changed there is what only follows from it. */
static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(name, *names) != 0)
		names++;
	return *names;
}

#define ONE_OF(name, ...) is_one_of(name, (const char *const[]){ __VA_ARGS__, NULL })

static bool same(const char *before, const char *after)
{
	return before && after ? strcmp(before, after) == 0 : before == after;
}

/* --- the pool --------------------------------------------------------------------------------------------------- */

static void pool_in(const struct texts *t, struct ids ret[2])
{
	read_mask(text_of(t, "bus/ap/apmask"), &ret[0]);
	read_mask(text_of(t, "bus/ap/aqmask"), &ret[1]);
}

bool in_pool(const struct texts *t, unsigned adapter, unsigned domain)
{
	struct ids masks[2];

	pool_in(t, masks);
	return masks[0].has[adapter] && masks[1].has[domain];
}

static void pool_differs(struct attempt *a)
{
	struct ids was[2], is[2];

	pool_in(a->before, was);
	pool_in(a->after, is);
	if (memcmp(was, is, sizeof(was)) != 0)
		masks_differ(a, was, is);
}

/* --- cards and queues --------------------------------------------------------------------------------------------- */

struct change {
	const char *path, *name;	/* the whole of it, and its last part */
	const char *before, *after;	/* NULL: not there */
};

static bool rebound(const struct attempt *a, const char *device)
{
	return !same(text_of(a->before, "%s/driver", device), text_of(a->after, "%s/driver", device));
}

static void card_differs(struct attempt *a, const struct change *x, unsigned adapter)
{
	char device[64];
	bool other, configured;

	snprintf(device, sizeof(device), "devices/ap/card%02x", adapter);
	other = rebound(a, device);
	/* one that is deconfigured is not online either, whatever it was told */
	configured = !same(text_of(a->before, "%s/config", device), text_of(a->after, "%s/config", device));
	if (strcmp(x->name, "driver") == 0)
		need(a, may_card(a, x->after ? BIND : UNBIND, adapter), "the driver of %s", device);
	else if (strcmp(x->name, "online") == 0 && !other && !configured)
		need(a, may_card(a, ONLINE, adapter), "%s online", device);
	else if (strcmp(x->name, "config") == 0)
		need(a, may_card(a, CONFIG, adapter), "%s config", device);
	else if (strcmp(x->name, "request_count") == 0)
		need(a, may_card(a, COUNTERS, adapter), "the counter of %s", device);
	else if (!ONE_OF(x->name, "load", "requestq_count", "pendingq_count", "uevent", "online") &&
		 !(other && ONE_OF(x->name, "type", "serialnr", "API_ordinalnr", "FW_version", "op_modes")))
		need(a, false, "%s, which nobody may change", x->path);
}

/* Whoever may do anything to the mdev that a queue is assigned to may have the queue reset. */
static bool may_reset_as_holder(const struct attempt *a, unsigned adapter, unsigned domain)
{
	for (unsigned i = 0; i < UUIDS; i++) {
		struct ids has[3];

		matrix_in(a->before, i, has);
		if (has[0].has[adapter] && has[1].has[domain] && may_mdev_anything(&a->p, i))
			return true;
	}
	return false;
}

static void queue_differs(struct attempt *a, const struct change *x, unsigned adapter, unsigned domain)
{
	bool moves = in_pool(a->before, adapter, domain) != in_pool(a->after, adapter, domain), other;
	char device[64];

	snprintf(device, sizeof(device), "devices/ap/card%02x/%02x.%04x", adapter, adapter, domain);
	other = rebound(a, device);
	/* one that follows its pool was judged with the masks */
	if (strcmp(x->name, "driver") == 0)
		need(a, moves || may_queue(&a->p, x->after ? BIND : UNBIND, adapter, domain), "the driver of %s", device);
	else if (strcmp(x->name, "online") == 0 && !other)
		need(a, may_queue(&a->p, ONLINE, adapter, domain), "%s online", device);
	else if (strcmp(x->name, "config") == 0)
		need(a, may_queue(&a->p, CONFIG, adapter, domain), "%s config", device);
	else if (strcmp(x->name, "driver_override") == 0)
		need(a, may_queue(&a->p, OVERRIDE, adapter, domain), "the override of %s", device);
	else if (strcmp(x->name, "request_count") == 0 && !other)
		need(a, may_queue(&a->p, COUNTERS, adapter, domain), "the counter of %s", device);
	else if (ONE_OF(x->name, "se_bind", "se_associate"))
		need(a, may_reset(&a->p, adapter, domain) || may_reset_as_holder(a, adapter, domain), "%s of %s", x->name, device);
	else if (ONE_OF(x->name, "reset", "interrupt", "ap_functions"))
		return; /* whoever resets it may do what makes it be reset, which is seen elsewhere */
	else if (!ONE_OF(x->name, "status", "load", "requestq_count", "pendingq_count", "uevent", "online") &&
		 !(other && ONE_OF(x->name, "request_count", "mkvps", "op_modes")))
		need(a, false, "%s, which nobody may change", x->path);
}

static void device_differs(struct attempt *a, const struct change *x)
{
	unsigned adapter, domain;

	if (sscanf(x->path, "devices/ap/card%2x/%*2x.%4x/", &adapter, &domain) == 2 && strlen(x->path) > 26)
		queue_differs(a, x, adapter, domain);
	else if (sscanf(x->path, "devices/ap/card%2x/", &adapter) == 1 && !strchr(x->name, '.'))
		card_differs(a, x, adapter);
	else
		need(a, false, "%s comes or goes", x->path);
}

/* --- mdevs --------------------------------------------------------------------------------------------------------- */

static void mdev_is_created(struct attempt *a, unsigned uuid)
{
	int limit = limit_of(&a->p), has = 0;

	for (unsigned i = 0; i < UUIDS; i++)
		if (is_there(a->before, i) && owner_of(a->p.w, i) == a->p.uid)
			has++;
	need(a, may_create(&a->p, uuid), "to create this one");
	need(a, limit < 0 || has < limit, "to have more than %d", has);
}

static void mdev_differs(struct attempt *a, unsigned uuid)
{
	bool was = is_there(a->before, uuid), is = is_there(a->after, uuid);
	const char *driver[2] = { text_of(a->before, MATRIX "%s/driver", uuids[uuid]), text_of(a->after, MATRIX "%s/driver", uuids[uuid]) };
	const char *guest[2] = { text_of(a->before, MATRIX "%s/guest_matrix", uuids[uuid]),
				 text_of(a->after, MATRIX "%s/guest_matrix", uuids[uuid]) };
	struct ids before[3], after[3];

	if (!was) {
		mdev_is_created(a, uuid);
		return;
	}
	if (!is || is_leaving(a->before, uuid) != is_leaving(a->after, uuid)) {
		need(a, may_mdev(&a->p, REMOVE, uuid), "to remove %s", uuids[uuid]);
		return;
	}
	if (!driver[0] != !driver[1])
		need(a, may_mdev(&a->p, driver[1] ? BIND : UNBIND, uuid), "the driver of %s", uuids[uuid]);
	matrix_in(a->before, uuid, before);
	matrix_in(a->after, uuid, after);
	matrix_differs(a, uuid, before, after);
	/* what its guest gets follows from much, but is nobody else's */
	if (!same(guest[0], guest[1]))
		need(a, may_mdev_anything(&a->p, uuid), "the guest's matrix of %s", uuids[uuid]);
}

const char *guest_of(const struct texts *t, unsigned uuid)
{
	const char *guests = text_of(t, ".apsysfs/guests/control");
	const char *line = guests ? strstr(guests, uuids[uuid]) : NULL;

	return !line ? NULL : strncmp(line + strlen(uuids[uuid]), " kvm", 4) == 0 ? "kvm" : "nokvm";
}

static void guests_differ(struct attempt *a)
{
	for (unsigned i = 0; i < UUIDS; i++)
		if (is_there(a->after, i) && !same(guest_of(a->before, i), guest_of(a->after, i)))
			need(a, may_mdev(&a->p, GUEST, i), "the guest of %s", uuids[i]);
}

/* --- zcrypt nodes ---------------------------------------------------------------------------------------------------- */

struct reach {
	struct ids adapters, domains, admin, ioctls;
};

static void read_node(const struct texts *t, const char *name, struct reach *ret)
{
	read_mask(text_of(t, "devices/virtual/zcrypt/%s/apmask", name), &ret->adapters);
	read_mask(text_of(t, "devices/virtual/zcrypt/%s/aqmask", name), &ret->domains);
	read_mask(text_of(t, "devices/virtual/zcrypt/%s/admask", name), &ret->admin);
	read_mask(text_of(t, "devices/virtual/zcrypt/%s/ioctlmask", name), &ret->ioctls);
}

static void pairs_differ(struct attempt *a, const struct reach *was, const struct reach *is, bool admin)
{
	const struct ids *before = admin ? &was->admin : &was->domains, *after = admin ? &is->admin : &is->domains;
	bool ioctls = memcmp(&was->ioctls, &is->ioctls, sizeof(was->ioctls)) != 0;

	for (int p = 0; p < AP_IDS; p++)
		for (int q = 0; q < AP_IDS && (was->adapters.has[p] || is->adapters.has[p]); q++) {
			bool reached = was->adapters.has[p] && before->has[q], reaches = is->adapters.has[p] && after->has[q];

			/* what may be asked there is another thing than before */
			if (reached != reaches || (ioctls && reaches))
				need(a, may_zcrypt(&a->p, p, q, admin), "%02x.%04x through a node", (unsigned)p, (unsigned)q);
		}
}

static void node_differs(struct attempt *a, const char *path)
{
	struct reach was, is;
	char name[64];

	sscanf(path, "devices/virtual/zcrypt/%63[^/]", name);
	read_node(a->before, name, &was);
	read_node(a->after, name, &is);
	need(a, may(&a->p, ZCRYPT), "zcrypt nodes");
	for (int i = 0; i < AP_IDS; i++) {
		if (was.adapters.has[i] != is.adapters.has[i])
			need(a, may_zcrypt(&a->p, i, -1, false), "adapter %d of a node", i);
		if (was.domains.has[i] != is.domains.has[i])
			need(a, may_zcrypt(&a->p, -1, i, false), "domain %d of a node", i);
		if (was.admin.has[i] != is.admin.has[i])
			need(a, may_zcrypt(&a->p, -1, i, true), "admin domain %d of a node", i);
	}
	pairs_differ(a, &was, &is, false);
	pairs_differ(a, &was, &is, true);
}

/* --- the hardware ------------------------------------------------------------------------------------------------------ */

/* Only whether an adapter is configured may differ: a line each, "adapter 6 ... state=deconfigured ..." */
static void hardware_differs(struct attempt *a, const char *before, const char *after)
{
	while (*before && *after) {
		size_t n = strcspn(before, "\n"), m = strcspn(after, "\n");
		int adapter = -1;

		if (n != m || strncmp(before, after, n) != 0) {
			sscanf(before, "adapter %i", &adapter);
			need(a, adapter >= 0 && may_card(a, CONFIG, (unsigned)adapter), "the hardware, at adapter %d", adapter);
		}
		before += n + (before[n] == '\n');
		after += m + (after[m] == '\n');
	}
	need(a, !*before && !*after, "the hardware");
}

/* --- all of it ---------------------------------------------------------------------------------------------------------- */

static void differs(struct attempt *a, const struct change *x)
{
	if (begins(x->path, "devices/ap/"))
		device_differs(a, x);
	else if (mdev_of_path(x->path) < UUIDS)
		mdev_differs(a, mdev_of_path(x->path));
	else if (begins(x->path, "devices/virtual/zcrypt/"))
		node_differs(a, x->path);
	else if (strcmp(x->path, ".apsysfs/guests/control") == 0)
		guests_differ(a);
	else if (strcmp(x->path, ".apsysfs/machine") == 0)
		hardware_differs(a, x->before, x->after);
	else if (begins(x->path, "module/kvm/parameters/") ||
		 ONE_OF(x->name, "drivers_autoprobe", "ap_domain", "config_time", "poll_thread", "poll_timeout"))
		need(a, may(&a->p, SETTINGS), "%s", x->path);
	else if (!ONE_OF(x->name, "apmask", "aqmask", "bindings", "bindings_complete_count", "available_instances"))
		need(a, false, "%s, which nobody may change", x->path);
}

void judge_differences(struct attempt *a)
{
	const struct texts *b = a->before, *c = a->after;
	size_t i = 0, j = 0;

	pool_differs(a);
	while ((i < b->count || j < c->count) && !a->why[0]) {
		int order = i == b->count ? 1 : j == c->count ? -1 : strcmp(text_path(b, i), text_path(c, j));
		struct change x = { .path = order <= 0 ? text_path(b, i) : text_path(c, j) };

		x.name = strrchr(x.path, '/') + 1;
		x.before = order <= 0 ? text_at(b, i++) : NULL;
		x.after = order >= 0 ? text_at(c, j++) : NULL;
		if (!same(x.before, x.after))
			differs(a, &x);
	}
}
