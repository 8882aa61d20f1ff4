/* SPDX-License-Identifier: MIT */
/* What somebody names in a write, and what the failure of one tells him: both only of what he may see. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/model/policy/policy.h"

static bool pool_of(const struct ids *apmask, const struct ids *aqmask, unsigned adapter, unsigned domain)
{
	return apmask->has[adapter] && aqmask->has[domain];
}

void masks_differ(struct attempt *a, const struct ids was[2], const struct ids is[2])
{
	for (int i = 0; i < AP_IDS; i++) {
		if (was[0].has[i] != is[0].has[i])
			need(a, may_pool(&a->p, i, -1), "adapter %d of the pool", i);
		if (was[1].has[i] != is[1].has[i])
			need(a, may_pool(&a->p, -1, i), "domain %d of the pool", i);
	}
	for (unsigned p = 0; p < AP_IDS; p++)
		for (unsigned q = 0; q < AP_IDS; q++)
			if (pool_of(&was[0], &was[1], p, q) != pool_of(&is[0], &is[1], p, q))
				need(a, may_pool(&a->p, (int)p, (int)q), "%02x.%04x of the pool", p, q);
}

void matrix_differs(struct attempt *a, unsigned uuid, const struct ids was[3], const struct ids is[3])
{
	for (int kind = 0; kind < 3; kind++)
		for (int i = 0; i < AP_IDS; i++) {
			int id[3] = { -1, -1, -1 };

			id[kind] = i;
			if (was[kind].has[i] != is[kind].has[i])
				need(a, may_assign(&a->p, uuid, id), "%d to assign, of kind %d", i, kind);
		}
	for (int p = 0; p < AP_IDS; p++)
		for (int q = 0; q < AP_IDS; q++)
			if ((was[0].has[p] && was[1].has[q]) != (is[0].has[p] && is[1].has[q]))
				need(a, may_assign(&a->p, uuid, (const int[]){ p, q, -1 }), "%02x.%04x to assign",
				     (unsigned)p, (unsigned)q);
}

void matrix_in(const struct texts *t, unsigned uuid, struct ids ret[3])
{
	read_matrix(text_of(t, MATRIX "%s/matrix", uuids[uuid]), text_of(t, MATRIX "%s/control_domains", uuids[uuid]), ret);
}

/* That one of these is taken is known only to who sees the mdev that has it. */
static void holders_are_seen(struct attempt *a, const struct ids *adapters, const struct ids *domains)
{
	for (unsigned uuid = 0; uuid < UUIDS; uuid++) {
		struct ids has[3];
		bool holds = false;

		matrix_in(a->before, uuid, has);
		for (unsigned p = 0; p < AP_IDS; p++)
			for (unsigned q = 0; q < AP_IDS && has[0].has[p]; q++)
				holds = holds || (has[1].has[q] && adapters->has[p] && domains->has[q]);
		if (holds)
			need(a, sees_mdev(&a->p, uuid), "the failure tells of %s", uuids[uuid]);
	}
}

static void overrides_are_seen(struct attempt *a)
{
	for (size_t i = 0; i < a->before->count; i++) {
		const char *path = text_path(a->before, i);
		unsigned adapter, domain;

		if (ends(path, "/driver_override") && strcmp(text_of(a->before, "%s", path), "\n") != 0 &&
		    sscanf(path, "devices/ap/card%2x/%*2x.%4x/", &adapter, &domain) == 2)
			need(a, sees_queue(&a->p, adapter, domain), "the failure tells of the override of %02x.%04x", adapter, domain);
	}
}

static void failed_mask(struct attempt *a)
{
	bool adapters = ends(a->x->path, "apmask");
	struct ids was[2], is[2], all, changed;

	read_mask(text_of(a->before, "bus/ap/apmask"), &was[0]);
	read_mask(text_of(a->before, "bus/ap/aqmask"), &was[1]);
	memcpy(is, was, sizeof(is));
	is[!adapters] = a->x->wanted[0];
	masks_differ(a, was, is);
	memset(&all, true, sizeof(all));
	for (unsigned i = 0; i < AP_IDS; i++)
		changed.has[i] = is[!adapters].has[i] && !was[!adapters].has[i];
	if (a->result == -EBUSY)
		holders_are_seen(a, adapters ? &changed : &all, adapters ? &all : &changed);
	else
		overrides_are_seen(a);
}

static void failed_matrix(struct attempt *a)
{
	unsigned uuid = mdev_of_path(a->x->path);
	struct ids was[3];

	matrix_in(a->before, uuid, was);
	matrix_differs(a, uuid, was, a->x->wanted);
	if (a->result == -EADDRINUSE)
		holders_are_seen(a, &a->x->wanted[0], &a->x->wanted[1]);
}

static void names_device(struct attempt *a)
{
	unsigned adapter, domain;
	char name[16], check[16] = "";

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(a->x->text, "\n"), a->x->text);
	if (sscanf(name, "%2x.%4x", &adapter, &domain) == 2)
		snprintf(check, sizeof(check), "%02x.%04x", adapter, domain);
	if (strcmp(name, check) == 0 && *name)
		need(a, sees_queue(&a->p, adapter, domain), "it names %s", name);
	if (sscanf(name, "card%2x", &adapter) == 1)
		need(a, sees_adapter(&a->p, adapter), "it names %s", name);
}

static void names_mdev_in_text(struct attempt *a)
{
	const char *text = a->x->text;
	unsigned uuid;

	if (begins(text, "start ") || begins(text, "stop "))
		text = strchr(text, ' ') + 1;
	uuid = uuid_of(text);
	if (uuid == UUIDS || sees_all_mdevs(&a->p))
		return;
	/* of one that is to be there is something to hide only if it is already */
	if (ends(a->x->path, "/create") && !is_there(a->before, uuid))
		return;
	need(a, is_there(a->before, uuid) && sees_mdev(&a->p, uuid), "it names %s", uuids[uuid]);
}

void judge_words_of(struct attempt *a)
{
	const char *path = a->x->path;

	if (a->result < 0 && a->x->meaning == MEANS_MASK)
		failed_mask(a);
	if (a->result < 0 && a->x->meaning == MEANS_MATRIX)
		failed_matrix(a);
	if (begins(path, "bus/ap/drivers"))
		names_device(a);
	if (begins(path, "bus/mdev/drivers") || ends(path, "vfio_ap-passthrough/create") || begins(path, ".apsysfs/guests/"))
		names_mdev_in_text(a);
}
