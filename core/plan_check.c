/* SPDX-License-Identifier: MIT */
/* Whether a plan can be, before anything is written. */
#include "core/plan_parts.h"

#include <errno.h>
#include <string.h>

#include "core/driver.h"
#include "core/mdev.h"
#include "core/override.h"
#include "core/parse.h"

/* --- words ----------------------------------------------------------------------------------------- */

void plan_print_holder(const struct engine *e, unsigned queue, struct page *out)
{
	const struct state *s = e->state;
	uint32_t owner = s->owner[queue];
	const char *override = override_get(e, queue);
	char uuid[UUID_TEXT];

	page_printf(out, "%02x.%04x ", queue >> 8, queue & 0xff);
	if (!s->queue[queue].life.born) {
		page_printf(out, "is not there");
	} else if (owner) {
		format_uuid(s->mdev[owner - 1].uuid, uuid);
		page_printf(out, "is held by the mdev %s%s", uuid, s->mdev[owner - 1].opened ? ", whose guest runs" : "");
	} else if (*override) {
		page_printf(out, "is held by its driver_override \"%s\"", override);
	} else if (ap_mask_has(&s->apmask, queue >> 8) && ap_mask_has(&s->aqmask, queue & 0xff)) {
		page_printf(out, "is held by the host, driver %s, by apmask and aqmask",
			    s->queue[queue].driver ? driver_get(s->queue[queue].driver)->name : "none yet");
	} else {
		page_printf(out, "is free for vfio_ap");
	}
}

int plan_refuse(const struct plan *p, int wish, const char *what)
{
	page_printf(p->why, "%s: %s", p->wish[wish].name, what);
	return -EINVAL;
}

static int refuse_holder(const struct plan *p, int wish, unsigned queue)
{
	page_printf(p->why, "%s: ", p->wish[wish].name);
	plan_print_holder(p->engine, queue, p->why);
	return -EINVAL;
}

/* --- walking APQNs --------------------------------------------------------------------------------- */

/* The first APQN of a matrix from queue on, or -1. */
int plan_next_queue(const struct matrix *m, unsigned queue)
{
	for (int a = ap_mask_next(&m->adapters, queue >> 8); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1)) {
		int d = ap_mask_next(&m->domains, (unsigned)a == queue >> 8 ? queue & 0xff : 0);

		if (d >= 0)
			return a << 8 | d;
		if (a == 255)
			break;
	}
	return -1;
}

int plan_queue_after(const struct matrix *m, int queue)
{
	return queue == QUEUES - 1 ? -1 : plan_next_queue(m, (unsigned)queue + 1);
}


static bool is_wished(const struct plan *p, uint32_t slot)
{
	for (int w = 0; w < p->wishes; w++)
		if (mdev_find(p->engine, p->wish[w].uuid) == (int)slot)
			return true;
	return false;
}

/* --- can it be? ------------------------------------------------------------------------------------ */

static int check_limits(const struct plan *p, int w)
{
	const struct state *s = p->engine->state;
	const struct matrix *m = &p->wish[w].wanted;
	const struct { const char *what; const struct ap_mask *ids; unsigned most; } limit[] = {
		{ "adapter", &m->adapters, s->max_adapter },
		{ "domain", &m->domains, s->max_domain },
		{ "control domain", &m->controls, s->max_domain },
	};

	for (size_t i = 0; s->qci && i < sizeof(limit) / sizeof(*limit); i++) {
		int last = ap_mask_last(limit[i].ids);

		if (last <= (int)limit[i].most)
			continue;
		page_printf(p->why, "%s: %s %d (0x%02x) is too large: this machine has them up to %u", p->wish[w].name,
			    limit[i].what, last, (unsigned)last, limit[i].most);
		return -EINVAL;
	}
	return 0;
}

static int check_controls(const struct plan *p, int w)
{
	const struct state *s = p->engine->state;
	struct ap_mask missing;
	int id;

	ap_mask_without(&p->wish[w].wanted.controls, &s->host_controls, &missing);
	id = ap_mask_next(&missing, 0);
	if (!s->qci || id < 0)
		return 0;
	page_printf(p->why, "%s: control domain %d (0x%02x) is not one of this machine's", p->wish[w].name, id, (unsigned)id);
	return -EINVAL;
}

static int check_queue(const struct plan *p, int w, unsigned queue)
{
	const struct state *s = p->engine->state;
	const char *override = override_get(p->engine, queue);
	uint32_t owner = s->owner[queue];

	if (!s->card[queue >> 8].life.born) {
		page_printf(p->why, "%s: adapter %u (0x%02x) is not there", p->wish[w].name, queue >> 8, queue >> 8);
		return -EINVAL;
	}
	if (!s->queue[queue].life.born || (owner && !is_wished(p, owner - 1)) || (*override && strcmp(override, "vfio_ap") != 0))
		return refuse_holder(p, w, queue);
	return 0;
}

int plan_check_wish(const struct plan *p, int w)
{
	const struct matrix *m = &p->wish[w].wanted;
	int rc = check_limits(p, w);

	if (rc == 0)
		rc = check_controls(p, w);
	for (int q = plan_next_queue(m, 0); q >= 0; q = plan_queue_after(m, q)) {
		if (rc < 0)
			break;
		rc = check_queue(p, w, (unsigned)q);
	}
	/* what no queue shows */
	for (int a = ap_mask_next(&m->adapters, 0); rc == 0 && a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1))
		if (!p->engine->state->card[a].life.born) {
			page_printf(p->why, "%s: adapter %d (0x%02x) is not there", p->wish[w].name, a, (unsigned)a);
			rc = -EINVAL;
		}
	return rc;
}

int plan_check_pairs(const struct plan *p)
{
	for (int a = 0; a < p->wishes; a++) {
		for (int b = a + 1; b < p->wishes; b++) {
			const struct plan_wish *one = &p->wish[a], *other = &p->wish[b];

			if (memcmp(one->uuid, other->uuid, sizeof(one->uuid)) == 0) {
				page_printf(p->why, "%s and %s have the same UUID", one->name, other->name);
				return -EINVAL;
			}
			for (int q = plan_next_queue(&one->wanted, 0); q >= 0; q = plan_queue_after(&one->wanted, q)) {
				if (!matrix_has(&other->wanted, (unsigned)q >> 8, (unsigned)q & 0xff))
					continue;
				page_printf(p->why, "%s: %02x.%04x is wanted by %s too", other->name, (unsigned)q >> 8,
					    (unsigned)q & 0xff, one->name);
				return -EINVAL;
			}
		}
	}
	return 0;
}

/* --- the masks ------------------------------------------------------------------------------------- */

/* 6.1 and older look whose an unbound queue is by the masks too, so only these are asked. */
int plan_check_masks(const struct plan *p)
{
	for (int w = 0; w < p->wishes; w++)
		for (int q = plan_next_queue(&p->wish[w].wanted, 0); q >= 0; q = plan_queue_after(&p->wish[w].wanted, q)) {
			const struct state *s = p->engine->state;

			if (ap_mask_has(&s->apmask, (unsigned)q >> 8) && ap_mask_has(&s->aqmask, (unsigned)q & 0xff) &&
			    !*override_get(p->engine, (unsigned)q))
				return refuse_holder(p, w, (unsigned)q);
		}
	return 0;
}
