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

const struct machine_load *machine_load_of(const struct machine *m, unsigned queue)
{
	unsigned slot = m->load_slot[queue];

	return slot ? &m->queue_load[slot] : &m->adapter[queue >> 8].load;
}

static bool loads_equal(const struct machine_load *a, const struct machine_load *b)
{
	return a->rate == b->rate && a->pending == b->pending && a->wave == b->wave;
}

/* A slot that has this load, else a free one, else 0. */
static unsigned find_slot(const struct machine *m, const struct machine_load *load)
{
	unsigned slot = 0;

	for (unsigned i = 1; i < LOADS; i++) {
		if (m->load_users[i] && loads_equal(&m->queue_load[i], load))
			return i;
		if (!m->load_users[i] && !slot)
			slot = i;
	}
	return slot;
}

int machine_set_load(struct machine *m, unsigned queue, const struct machine_load *load)
{
	unsigned old = m->load_slot[queue], slot;

	if (old)
		m->load_users[old]--;
	slot = load ? find_slot(m, load) : 0;
	if (load && !slot) {
		m->load_users[old]++;
		return -ENOSPC;
	}
	if (slot) {
		m->queue_load[slot] = *load;
		m->load_users[slot]++;
	}
	m->load_slot[queue] = (uint8_t)slot;
	return 0;
}

void machine_clear_loads(struct machine *m)
{
	memset(m->load_slot, 0, sizeof(m->load_slot));
	memset(m->load_users, 0, sizeof(m->load_users));
}

bool machine_has_load(const struct machine *m)
{
	for (unsigned i = 0; i < AP_IDS; i++)
		if (m->adapter[i].load.rate || m->adapter[i].load.pending)
			return true;
	for (unsigned i = 1; i < LOADS; i++)
		if (m->load_users[i] && (m->queue_load[i].rate || m->queue_load[i].pending))
			return true;
	return false;
}

static bool queue_loads_equal(const struct machine *a, const struct machine *b)
{
	for (unsigned queue = 0; queue < AP_IDS * AP_IDS; queue++) {
		unsigned x = a->load_slot[queue], y = b->load_slot[queue];

		if (!x != !y || (x && !loads_equal(&a->queue_load[x], &b->queue_load[y])))
			return false;
	}
	return true;
}

static bool adapters_equal(const struct machine_adapter *a, const struct machine_adapter *b)
{
	if (!a->present || !b->present)
		return a->present == b->present;
	return a->type == b->type && a->state == b->state && a->depth == b->depth &&
	       a->message_limit == b->message_limit && a->bind_state == b->bind_state &&
	       a->domain_limit == b->domain_limit && a->functions == b->functions &&
	       strcmp(a->serial, b->serial) == 0 && loads_equal(&a->load, &b->load);
}

static bool settings_equal(const struct machine *a, const struct machine *b)
{
	return a->max_adapter == b->max_adapter && a->max_domain == b->max_domain && a->qci == b->qci &&
	       a->apsc == b->apsc && a->apxa == b->apxa && a->qact == b->qact && a->rc8a == b->rc8a &&
	       a->apsb == b->apsb && a->sclp_reconfig == b->sclp_reconfig && a->no_reply == b->no_reply &&
	       a->secure_guest == b->secure_guest && a->reset_delay == b->reset_delay &&
	       a->associate_delay == b->associate_delay;
}

bool machine_equal(const struct machine *a, const struct machine *b)
{
	for (unsigned i = 0; i < AP_IDS; i++)
		if (!adapters_equal(&a->adapter[i], &b->adapter[i]))
			return false;
	return settings_equal(a, b) && ap_mask_equal(&a->usage_domains, &b->usage_domains) &&
	       ap_mask_equal(&a->control_domains, &b->control_domains) &&
	       memcmp(a->queue_rc, b->queue_rc, sizeof(a->queue_rc)) == 0 && queue_loads_equal(a, b);
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
		    a->domain_limit, a->load.rate, a->load.pending);
	if (a->load.wave)
		page_printf(out, " wave=%u", a->load.wave);
	if (*a->serial)
		page_printf(out, " serial=%s", a->serial);
	page_printf(out, "\n");
}

/* Queues of one adapter with the same exceptions, in one line each run. */
static void print_queues(const struct machine *m, unsigned adapter, struct page *out)
{
	const uint8_t *rc = &m->queue_rc[adapter << 8], *slot = &m->load_slot[adapter << 8];

	for (unsigned first = 0, last; first < AP_IDS; first = last + 1) {
		last = first;
		while (last + 1 < AP_IDS && rc[last + 1] == rc[first] && slot[last + 1] == slot[first])
			last++;
		if (!rc[first] && !slot[first])
			continue;
		page_printf(out, "queue 0x%02x.0x%02x", adapter, first);
		if (last > first)
			page_printf(out, "-0x%02x", last);
		if (rc[first])
			page_printf(out, " rc=%u", rc[first]);
		if (slot[first]) {
			const struct machine_load *load = &m->queue_load[slot[first]];

			page_printf(out, " rate=%u pending=%u wave=%u", load->rate, load->pending, load->wave);
		}
		page_printf(out, "\n");
	}
}

void machine_print(const struct machine *m, struct page *out)
{
	page_printf(out, "new\nmax_adapter %u\nmax_domain %u\n", m->max_adapter, m->max_domain);
	page_printf(out, "qci %d\napsc %d\napxa %d\nqact %d\nrc8a %d\napsb %d\n", m->qci, m->apsc, m->apxa, m->qact,
		    m->rc8a, m->apsb);
	page_printf(out, "sclp_reconfig %d\nreset_delay %u\nno_reply %d\nsecure_guest %d\n", m->sclp_reconfig,
		    m->reset_delay, m->no_reply, m->secure_guest);
	if (m->associate_delay)
		page_printf(out, "associate_delay %u\n", m->associate_delay);
	print_ids("usage", &m->usage_domains, out);
	print_ids("control", &m->control_domains, out);
	for (unsigned a = 0; a < AP_IDS; a++)
		if (m->adapter[a].present)
			print_adapter(a, &m->adapter[a], out);
	for (unsigned a = 0; a < AP_IDS; a++)
		print_queues(m, a, out);
}
