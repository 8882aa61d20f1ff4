/* SPDX-License-Identifier: MIT */
#include "core/plan_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/driver.h"
#include "core/mdev.h"
#include "core/override.h"
#include "core/parse.h"
#include "core/tree.h"

#define MATRIX "devices/vfio_ap/matrix"
#define WAITS 1000	/* looks at resets before a write that waits for them is given up */

static void print_number(struct page *out, unsigned id)
{
	page_printf(out, id < 10 ? "%u" : "0x%02x", id);
}

/* --- writing --------------------------------------------------------------------------------------- */

/* Time passes until a write that waits for resets gets further. */
static int store(struct engine *e, struct node n, const char *text)
{
	int rc;

	e->ticket++;
	rc = tree_store(e, n, text, strlen(text));
	for (int i = 0; rc == ENGINE_WAITS && i < WAITS; i++) {
		engine_advance(e, engine_next_due(e));
		rc = tree_store(e, n, text, strlen(text));
	}
	return rc;
}

/* What an errno alone does not say. */
static void print_hint(const struct plan *p, int wish, const char *path, int error)
{
	const struct state *s = p->engine->state;
	int slot = wish < 0 ? -1 : mdev_find(p->engine, p->wish[wish].uuid);

	if (error == -ENOENT && strncmp(path, MATRIX, sizeof(MATRIX) - 1) == 0)
		page_printf(p->why, " (is vfio_ap loaded?)");
	else if (slot >= 0 && s->mdev[slot].opened && error == -EBUSY)
		page_printf(p->why, " (its guest runs)");
	else if (wish < 0 && s->overrides)
		page_printf(p->why, " (%u queues have a driver_override, which locks the masks)", s->overrides);
}

static int put(const struct plan *p, int wish, const char *path, const char *text)
{
	struct node n;
	int rc = tree_lookup(p->engine, path, &n);

	if (rc == 0)
		rc = store(p->engine, n, text);
	if (rc == 0) {
		p->write(p->ctx, path, text, wish);
		return 0;
	}
	if (wish >= 0)
		page_printf(p->why, "%s: ", p->wish[wish].name);
	page_printf(p->why, "echo %s > /sys/%s: kernel %s would answer: %s", text, path, p->engine->rules->name,
		    rc == ENGINE_WAITS ? "nothing, the write waits for a guest or a reset" : strerror(-rc));
	print_hint(p, wish, path, rc);
	return -EINVAL;
}

/* --- masks ----------------------------------------------------------------------------------------- */

static unsigned hosts_queues(const struct engine *e, const struct ap_mask *apmask, const struct ap_mask *aqmask)
{
	unsigned count = 0;

	for (unsigned q = 0; q < QUEUES; q++)
		count += e->state->queue[q].life.born && ap_mask_has(apmask, q >> 8) && ap_mask_has(aqmask, q & 0xff);
	return count;
}

/* "-5,-6,-0x10-0x1f" */
static void print_clears(const struct ap_mask *m, struct page *out)
{
	for (int i = ap_mask_next(m, 0); i >= 0; i = i < AP_IDS - 1 ? ap_mask_next(m, (unsigned)i + 1) : -1) {
		int last = i;

		page_printf(out, "%s-", out->length ? "," : "");
		print_number(out, (unsigned)i);
		while (last + 1 < AP_IDS && ap_mask_has(m, (unsigned)last + 1))
			last++;
		if (last < i + 2)
			continue;
		page_printf(out, "-");
		print_number(out, (unsigned)last);
		i = last;
	}
}

static int clear(const struct plan *p, const char *path, const struct ap_mask *ids)
{
	char text[SYSFS_PAGE];
	struct page out;

	page_init_fixed(&out, text, sizeof(text));
	print_clears(ids, &out);
	return ap_mask_empty(ids) ? 0 : put(p, -1, path, text);
}

/* What of the wishes the masks give to the host. */
static void needed(const struct plan *p, struct matrix *ret)
{
	const struct state *s = p->engine->state;

	*ret = (struct matrix){ 0 };
	for (int w = 0; w < p->wishes; w++)
		for (int q = plan_next_queue(&p->wish[w].wanted, 0); q >= 0; q = plan_queue_after(&p->wish[w].wanted, q)) {
			unsigned a = (unsigned)q >> 8, d = (unsigned)q & 0xff;

			if (!ap_mask_has(&s->apmask, a) || !ap_mask_has(&s->aqmask, d))
				continue;
			/* 7.2: one with an override is vfio_ap's whatever the masks say */
			if (*override_get(p->engine, (unsigned)q))
				continue;
			ap_mask_set(&ret->adapters, a);
			ap_mask_set(&ret->domains, d);
		}
}

static int write_masks(const struct plan *p)
{
	const struct state *s = p->engine->state;
	struct ap_mask apmask, aqmask;
	unsigned by_adapter, by_domain, by_both;
	struct matrix take;
	bool both;
	int rc = 0;

	needed(p, &take);
	if (ap_mask_empty(&take.adapters))
		return 0;
	ap_mask_without(&s->apmask, &take.adapters, &apmask);
	ap_mask_without(&s->aqmask, &take.domains, &aqmask);
	by_adapter = hosts_queues(p->engine, &apmask, &s->aqmask);
	by_domain = hosts_queues(p->engine, &s->apmask, &aqmask);
	by_both = hosts_queues(p->engine, &apmask, &aqmask);
	both = by_both >= by_adapter && by_both >= by_domain;
	if (both || by_adapter >= by_domain)
		rc = clear(p, "bus/ap/apmask", &take.adapters);
	if (rc == 0 && (both || by_domain > by_adapter))
		rc = clear(p, "bus/ap/aqmask", &take.domains);
	return rc;
}

/* --- mdevs ----------------------------------------------------------------------------------------- */

static int put_each(const struct plan *p, int w, const char *file, const struct ap_mask *ids)
{
	char path[128], uuid[UUID_TEXT], text[8];
	struct page out;
	int rc = 0;

	format_uuid(p->wish[w].uuid, uuid);
	snprintf(path, sizeof(path), MATRIX "/%s/%s", uuid, file);
	for (int i = ap_mask_next(ids, 0); rc == 0 && i >= 0; i = i < AP_IDS - 1 ? ap_mask_next(ids, (unsigned)i + 1) : -1) {
		page_init_fixed(&out, text, sizeof(text));
		print_number(&out, (unsigned)i);
		rc = put(p, w, path, text);
	}
	return rc;
}

static int create(const struct plan *p, int w)
{
	int slot = mdev_find(p->engine, p->wish[w].uuid);
	char uuid[UUID_TEXT];

	if (slot >= 0)
		return mdev_listed(p->engine, (uint32_t)slot) ? 0 : plan_refuse(p, w, "its mdev is being removed, and a guest holds it");
	format_uuid(p->wish[w].uuid, uuid);
	return put(p, w, MATRIX "/mdev_supported_types/vfio_ap-passthrough/create", uuid);
}

/* What the mdev has and should not (surplus), or should have and has not. */
static struct matrix difference(const struct plan *p, int w, bool surplus)
{
	int slot = mdev_find(p->engine, p->wish[w].uuid);
	const struct matrix none = { 0 }, *wanted = &p->wish[w].wanted;
	const struct matrix *has = slot < 0 ? &none : &p->engine->state->mdev[slot].assigned;
	const struct matrix *from = surplus ? has : wanted, *to = surplus ? wanted : has;
	struct matrix d;

	ap_mask_without(&from->adapters, &to->adapters, &d.adapters);
	ap_mask_without(&from->domains, &to->domains, &d.domains);
	ap_mask_without(&from->controls, &to->controls, &d.controls);
	return d;
}

static int change(const struct plan *p, int w, bool assign)
{
	struct matrix d = difference(p, w, !assign);
	int rc = put_each(p, w, assign ? "assign_adapter" : "unassign_adapter", &d.adapters);

	if (rc == 0)
		rc = put_each(p, w, assign ? "assign_domain" : "unassign_domain", &d.domains);
	if (rc == 0)
		rc = put_each(p, w, assign ? "assign_control_domain" : "unassign_control_domain", &d.controls);
	return rc;
}

/* Each step for all wishes, since what one gives up another may want. */
static int each(const struct plan *p, int (*step)(const struct plan *p, int w))
{
	int rc = 0;

	for (int w = 0; rc == 0 && w < p->wishes; w++)
		rc = step(p, w);
	return rc;
}

static int put_config(const struct plan *p, int w, const struct matrix *m)
{
	char path[128], uuid[UUID_TEXT], text[3 * AP_MASK_TEXT + 3];
	struct page out;
	struct node n;

	format_uuid(p->wish[w].uuid, uuid);
	snprintf(path, sizeof(path), MATRIX "/%s/ap_config", uuid);
	if (tree_lookup(p->engine, path, &n) < 0) {
		page_printf(p->why, "%s: kernel %s has no ap_config", p->wish[w].name, p->engine->rules->name);
		return -EINVAL;
	}
	page_init_fixed(&out, text, sizeof(text));
	matrix_print_config(m, &out);
	text[strcspn(text, "\n")] = 0;
	return put(p, w, path, text);
}

static bool empty(const struct matrix *m)
{
	return ap_mask_empty(&m->adapters) && ap_mask_empty(&m->domains) && ap_mask_empty(&m->controls);
}

/* Has it an APQN that another wish wants? */
static bool is_in_the_way(const struct plan *p, int w)
{
	int slot = mdev_find(p->engine, p->wish[w].uuid);

	for (int other = 0; slot >= 0 && other < p->wishes; other++)
		if (other != w && matrix_overlaps(&p->engine->state->mdev[slot].assigned, &p->wish[other].wanted))
			return true;
	return false;
}

static int give_up(const struct plan *p, int w)
{
	struct matrix more = difference(p, w, true), keeps;
	int slot = mdev_find(p->engine, p->wish[w].uuid);

	if (!p->by_config)
		return change(p, w, false);
	if (empty(&more) || !is_in_the_way(p, w))
		return 0;
	keeps = p->engine->state->mdev[slot].assigned;
	ap_mask_and(&keeps.adapters, &p->wish[w].wanted.adapters, &keeps.adapters);
	ap_mask_and(&keeps.domains, &p->wish[w].wanted.domains, &keeps.domains);
	ap_mask_and(&keeps.controls, &p->wish[w].wanted.controls, &keeps.controls);
	return put_config(p, w, &keeps);
}

static int take_over(const struct plan *p, int w)
{
	struct matrix more = difference(p, w, true), less = difference(p, w, false);

	if (!p->by_config)
		return change(p, w, true);
	return empty(&more) && empty(&less) ? 0 : put_config(p, w, &p->wish[w].wanted);
}

static int verify(const struct plan *p, int w)
{
	struct matrix more = difference(p, w, true), less = difference(p, w, false);

	if (!empty(&more) || !empty(&less))
		return plan_refuse(p, w, "the writes were accepted but its matrix is another");
	for (int q = plan_next_queue(&p->wish[w].wanted, 0); q >= 0; q = plan_queue_after(&p->wish[w].wanted, q))
		if (p->engine->state->queue[q].driver != DRIVER_VFIO_AP) {
			page_printf(p->why, "%s: %02x.%04x would be assigned but has no driver vfio_ap: its guest would not see it",
				    p->wish[w].name, (unsigned)q >> 8, (unsigned)q & 0xff);
			return -EINVAL;
		}
	return 0;
}

int plan_make(struct plan *p)
{
	int rc = plan_check_pairs(p);

	if (rc == 0)
		rc = each(p, plan_check_wish);
	if (rc == 0)
		rc = p->keep_masks ? plan_check_masks(p) : 0;
	if (rc == 0)
		rc = each(p, give_up);
	if (rc == 0)
		rc = write_masks(p);
	if (rc == 0)
		rc = each(p, create);
	if (rc == 0)
		rc = each(p, take_over);
	return rc ? rc : each(p, verify);
}
