/* SPDX-License-Identifier: MIT */
#include "core/bus.h"

#include <errno.h>
#include <stdio.h>

#include "core/binding.h"
#include "core/hardware.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/queue_state.h"
#include "core/uevent.h"

#define ADAPTERS_WITHOUT_APXA 63
#define DOMAINS_WITHOUT_APXA 15

int bus_max_adapter(const struct engine *e)
{
	const struct state *s = e->state;

	return s->qci && s->apxa && s->max_adapter ? s->max_adapter : ADAPTERS_WITHOUT_APXA;
}

int bus_max_domain_id(const struct engine *e)
{
	const struct state *s = e->state;

	return s->qci && s->apxa && s->max_domain ? s->max_domain : DOMAINS_WITHOUT_APXA;
}

int bus_max_domain(const struct engine *e)
{
	const struct state *s = e->state;

	if (!e->rules->limits_by_tapq || !s->qci)
		return bus_max_domain_id(e);
	return s->tapq_domain_limit ? s->tapq_domain_limit : -1;
}

int bus_set_default_domain(struct engine *e, int domain)
{
	int max = e->rules->limits_by_tapq ? e->state->tapq_domain_limit : bus_max_domain_id(e);

	if (domain < 0 || domain > max || !ap_mask_has(&e->state->aqmask, (unsigned)domain))
		return -EINVAL;
	e->state->default_domain = domain;
	return 0;
}

/* How many queues of this domain answer; only_host: of adapters that apmask keeps. */
static unsigned count_answering(const struct engine *e, unsigned domain, bool only_host)
{
	const struct state *s = e->state;
	struct tapq info;
	unsigned n = 0;

	for (int a = ap_mask_next(&s->host_adapters, 0); a >= 0; a = ap_mask_next(&s->host_adapters, (unsigned)a + 1))
		if ((!only_host || ap_mask_has(&s->apmask, (unsigned)a)) &&
		    hardware_tapq(e, (unsigned)a << 8 | domain, &info) == AP_RC_NORMAL)
			n++;
	return n;
}

void bus_choose_domain(struct engine *e)
{
	struct state *s = e->state;
	bool by_count = e->rules->limits_by_tapq;
	unsigned best = 0;

	if (s->default_domain >= 0)
		return;
	for (int d = ap_mask_next(&s->host_domains, 0); d >= 0; d = ap_mask_next(&s->host_domains, (unsigned)d + 1)) {
		unsigned n;

		if (!ap_mask_has(&s->aqmask, (unsigned)d))
			continue;
		n = count_answering(e, (unsigned)d, !by_count);
		if (n > best) {
			best = n;
			s->default_domain = d;
			if (!by_count)
				return;
		}
	}
}

static void log_in_use(struct engine *e, unsigned queue)
{
	char uuid[UUID_TEXT];

	format_uuid(e->state->mdev[e->state->owner[queue] - 1].uuid, uuid);
	journal_log(e->journal, "vfio_ap_mdev %s: Can not reserve queue %02x.%04x for host driver: in use by mdev",
		    uuid, queue >> 8, queue & 255);
}

/* Is any of these APQNs assigned to an mdev? Each that is, is logged. */
static bool in_use(struct engine *e, const struct ap_mask *adapters, const struct ap_mask *domains)
{
	bool found = false;

	for (int a = ap_mask_next(adapters, 0); a >= 0; a = ap_mask_next(adapters, (unsigned)a + 1)) {
		for (int d = ap_mask_next(domains, 0); d >= 0; d = ap_mask_next(domains, (unsigned)d + 1)) {
			unsigned queue = (unsigned)a << 8 | (unsigned)d;

			if (e->state->owner[queue]) {
				found = true;
				log_in_use(e, queue);
			}
		}
	}
	return found;
}

static int check_in_use(struct engine *e, enum bus_mask which, const struct ap_mask *next)
{
	const struct state *s = e->state;
	const struct ap_mask *now = which == BUS_APMASK ? &s->apmask : &s->aqmask;
	struct ap_mask added, other;

	if (e->rules->in_use == IN_USE_NEVER || !module_loaded(e, MODULE_VFIO_AP))
		return 0;
	ap_mask_without(next, now, &added);
	if (e->rules->in_use == IN_USE_ANY)
		ap_mask_fill(&other, true);
	else
		other = which == BUS_APMASK ? s->aqmask : s->apmask;
	if (ap_mask_empty(&added))
		return 0;
	if (assign_locked(e))
		return ENGINE_WAITS;
	return (which == BUS_APMASK ? in_use(e, &added, &other) : in_use(e, &other, &added)) ? -EBUSY : 0;
}

static void send_mask(struct engine *e, enum bus_mask which, const struct ap_mask *mask)
{
	char text[AP_MASK_TEXT], extra[AP_MASK_TEXT + 16];

	if (!e->rules->change_events)
		return;
	ap_mask_format(mask, text);
	/* the newline belongs to the value: the kernel prints it with the attribute's own format */
	snprintf(extra, sizeof(extra), "%s=%s\n", which == BUS_APMASK ? "APMASK" : "AQMASK", text);
	uevent_send(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_AP_ROOT, 0, NULL }, extra);
}

int bus_store_mask(struct engine *e, enum bus_mask which, const char *text)
{
	struct state *s = e->state;
	struct ap_mask *mask = which == BUS_APMASK ? &s->apmask : &s->aqmask;
	struct ap_mask next;
	int rc;

	if (s->overrides)
		return -EINVAL;
	rc = mask_parse(text, mask, e->rules->overflow, &next);
	if (rc < 0)
		return rc;
	if (e->rules->same_mask_is_noop && ap_mask_equal(mask, &next))
		return 0;
	rc = check_in_use(e, which, &next);
	if (rc)
		return rc;
	*mask = next;
	s->masks_in_use = !ap_mask_full(&s->apmask) || !ap_mask_full(&s->aqmask);
	binding_revise(e);
	send_mask(e, which, mask);
	return 0;
}
