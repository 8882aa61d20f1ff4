/* SPDX-License-Identifier: MIT */
#include "core/machine.h"

#include <errno.h>
#include <string.h>

#define DEFAULT_DEPTH 7		/* TAPQ's field: 8 entries */

static void plug(struct machine *m, unsigned id, uint8_t type, uint32_t functions)
{
	m->adapter[id] = (struct machine_adapter){
		.present = true,
		.type = type,
		.depth = DEFAULT_DEPTH,
		.domain_limit = 255,
		.functions = functions,
	};
}

void machine_init(struct machine *m)
{
	memset(m, 0, sizeof(*m));
	m->max_adapter = m->max_domain = AP_IDS - 1;
	m->qci = m->apsc = m->apxa = true;
	m->sclp_reconfig = true;
}

void machine_init_default(struct machine *m)
{
	static const uint8_t domains[] = { 4, 0x47, 0xab, 0xff };

	machine_init(m);
	for (size_t i = 0; i < sizeof(domains); i++) {
		ap_mask_set(&m->usage_domains, domains[i]);
		ap_mask_set(&m->control_domains, domains[i]);
	}
	plug(m, 5, 11, AP_FUNCTIONS_CCA);
	plug(m, 6, 11, AP_FUNCTIONS_ACCEL);
}

static bool adapters_equal(const struct machine_adapter *a, const struct machine_adapter *b)
{
	if (!a->present || !b->present)
		return a->present == b->present;
	return a->type == b->type && a->state == b->state && a->depth == b->depth &&
	       a->message_limit == b->message_limit && a->bind_state == b->bind_state &&
	       a->domain_limit == b->domain_limit && a->functions == b->functions &&
	       strcmp(a->serial, b->serial) == 0 && a->request_rate == b->request_rate && a->pending == b->pending;
}

static bool settings_equal(const struct machine *a, const struct machine *b)
{
	return a->max_adapter == b->max_adapter && a->max_domain == b->max_domain && a->qci == b->qci &&
	       a->apsc == b->apsc && a->apxa == b->apxa && a->qact == b->qact && a->rc8a == b->rc8a &&
	       a->apsb == b->apsb && a->sclp_reconfig == b->sclp_reconfig && a->no_reply == b->no_reply &&
	       a->secure_guest == b->secure_guest && a->reset_delay == b->reset_delay;
}

bool machine_equal(const struct machine *a, const struct machine *b)
{
	for (unsigned i = 0; i < AP_IDS; i++)
		if (!adapters_equal(&a->adapter[i], &b->adapter[i]))
			return false;
	return settings_equal(a, b) && ap_mask_equal(&a->usage_domains, &b->usage_domains) &&
	       ap_mask_equal(&a->control_domains, &b->control_domains) &&
	       memcmp(a->queue_rc, b->queue_rc, sizeof(a->queue_rc)) == 0;
}

static void print_ids(const char *word, const struct ap_mask *ids, struct page *out)
{
	page_printf(out, "%s", word);
	for (int i = ap_mask_next(ids, 0); i >= 0; i = ap_mask_next(ids, (unsigned)i + 1)) {
		int last = i;

		while (last + 1 < AP_IDS && ap_mask_has(ids, (unsigned)last + 1))
			last++;
		if (last > i)
			page_printf(out, " 0x%02x-0x%02x", (unsigned)i, (unsigned)last);
		else
			page_printf(out, " 0x%02x", (unsigned)i);
		i = last;
	}
	page_printf(out, "\n");
}

static void print_adapter(unsigned id, const struct machine_adapter *a, struct page *out)
{
	static const char *const states[] = { "online", "deconfigured", "checkstopped" };

	page_printf(out, "adapter 0x%02x type=%u func=0x%08x depth=%u state=%s ml=%u bs=%u nd=%u rate=%u pending=%u",
		    id, a->type, a->functions, a->depth + 1u, states[a->state], a->message_limit, a->bind_state,
		    a->domain_limit, a->request_rate, a->pending);
	if (*a->serial)
		page_printf(out, " serial=%s", a->serial);
	page_printf(out, "\n");
}

/* Queues of one adapter with the same exception, in one line each run. */
static void print_queues(unsigned adapter, const uint8_t *rc, struct page *out)
{
	for (unsigned first = 0, last; first < AP_IDS; first = last + 1) {
		last = first;
		while (last + 1 < AP_IDS && rc[last + 1] == rc[first])
			last++;
		if (!rc[first])
			continue;
		page_printf(out, "queue 0x%02x.0x%02x", adapter, first);
		if (last > first)
			page_printf(out, "-0x%02x", last);
		page_printf(out, " rc=%u\n", rc[first]);
	}
}

void machine_print(const struct machine *m, struct page *out)
{
	page_printf(out, "new\nmax_adapter %u\nmax_domain %u\n", m->max_adapter, m->max_domain);
	page_printf(out, "qci %d\napsc %d\napxa %d\nqact %d\nrc8a %d\napsb %d\n", m->qci, m->apsc, m->apxa, m->qact,
		    m->rc8a, m->apsb);
	page_printf(out, "sclp_reconfig %d\nreset_delay %u\nno_reply %d\nsecure_guest %d\n", m->sclp_reconfig,
		    m->reset_delay, m->no_reply, m->secure_guest);
	print_ids("usage", &m->usage_domains, out);
	print_ids("control", &m->control_domains, out);
	for (unsigned a = 0; a < AP_IDS; a++)
		if (m->adapter[a].present)
			print_adapter(a, &m->adapter[a], out);
	for (unsigned a = 0; a < AP_IDS; a++)
		print_queues(a, &m->queue_rc[a << 8], out);
}
