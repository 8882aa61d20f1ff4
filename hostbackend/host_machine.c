/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_machine.h"

#include <string.h>

#include "core/mdev.h"
#include "core/parse.h"

#define TYPE_IGNORED 4	/* older than any type that a kernel here takes for a card */

static uint8_t response_of(const struct queue *q, uint8_t seen)
{
	if (!q->config)
		return AP_RC_DECONFIGURED;
	if (q->chkstop)
		return AP_RC_CHECKSTOPPED;
	return seen;
}

static uint8_t state_of(const struct card *c)
{
	return !c->config ? ADAPTER_DECONFIGURED : c->chkstop ? ADAPTER_CHECKSTOPPED : ADAPTER_ONLINE;
}

static uint8_t response_of_state(uint8_t state)
{
	return state == ADAPTER_DECONFIGURED ? AP_RC_DECONFIGURED : state == ADAPTER_CHECKSTOPPED ? AP_RC_CHECKSTOPPED : 0;
}

/* Exceptions for the queues that are not as their card; those that are not there do not answer. */
static void fill_queues(struct host_mirror *m, unsigned adapter)
{
	struct state *s = m->engine.state;
	uint8_t common = response_of_state(s->machine.adapter[adapter].state);

	for (unsigned domain = 0; domain < AP_IDS; domain++) {
		unsigned queue = adapter << 8 | domain;
		const struct queue *q = &s->queue[queue];
		uint8_t rc = response_of(q, m->answer[queue]);

		if (!q->life.born)
			s->machine.queue_rc[queue] = ap_mask_has(&s->machine.usage_domains, domain) ? AP_RC_NOT_AVAILABLE : 0;
		else
			s->machine.queue_rc[queue] = rc == common ? 0 : rc;
	}
}

static uint8_t bind_state_of(const struct host_mirror *m, unsigned adapter)
{
	const struct state *s = m->engine.state;

	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++)
		if (s->queue[queue].life.born && s->hardware[queue].bind_state)
			return s->hardware[queue].bind_state - 1;
	return s->card[adapter].functions >> 14 & 3;
}

static void fill_adapter(struct host_mirror *m, unsigned adapter)
{
	struct state *s = m->engine.state;
	const struct card *c = &s->card[adapter];
	struct machine_adapter *a = &s->machine.adapter[adapter];

	*a = (struct machine_adapter){
		.present = true,
		.type = c->raw_hwtype,
		.state = state_of(c),
		.depth = c->depth,
		.message_limit = c->message_limit,
		.bind_state = bind_state_of(m, adapter),
		.domain_limit = s->tapq_domain_limit ? (uint8_t)s->tapq_domain_limit : 255,
		.functions = c->functions & 0xffff0000,
		.load.pending = m->pending[adapter],
	};
	memcpy(a->serial, m->serial[adapter], sizeof(a->serial));
	/* limits that nobody reports are not learnt either */
	if (m->engine.rules->limits_by_tapq && s->qci && !s->tapq_domain_limit)
		a->domain_limit = 0;
}

/* Without QCI the domains are those that a queue has. */
static void fill_domains(struct host_mirror *m)
{
	struct state *s = m->engine.state;

	s->machine.usage_domains = s->host_domains;
	s->machine.control_domains = s->host_controls;
	for (unsigned queue = 0; queue < QUEUES; queue++)
		if (s->queue[queue].life.born)
			ap_mask_set(&s->machine.usage_domains, queue & 255);
	if (!s->qci)
		s->host_domains = s->machine.usage_domains;
}

/* A card newer than its kernel is there only by QACT, which the older kernels do not show. */
static void infer_qact(struct host_mirror *m)
{
	struct state *s = m->engine.state;

	for (unsigned adapter = 0; adapter < AP_IDS; adapter++)
		if (s->card[adapter].life.born && s->card[adapter].raw_hwtype > s->card[adapter].hwtype)
			s->qact = s->qci;
}

void host_machine(struct host_mirror *m)
{
	struct state *s = m->engine.state;
	struct machine *machine = &s->machine;

	machine_init(machine);
	infer_qact(m);
	machine->qci = s->qci;
	machine->apsc = s->apsc;
	machine->apxa = s->apxa;
	machine->qact = s->qact;
	machine->rc8a = s->rc8a;
	machine->apsb = s->apsb;
	machine->max_adapter = s->max_adapter;
	machine->max_domain = s->max_domain;
	machine->sclp_reconfig = true;
	machine->secure_guest = m->secure;
	fill_domains(m);
	for (unsigned adapter = 0; adapter < AP_IDS; adapter++) {
		if (s->card[adapter].life.born) {
			if (!s->qci)
				ap_mask_set(&s->host_adapters, adapter);
			fill_adapter(m, adapter);
			fill_queues(m, adapter);
		} else if (ap_mask_has(&s->host_adapters, adapter)) {
			machine->adapter[adapter] = (struct machine_adapter){ .present = true, .type = TYPE_IGNORED,
									      .depth = 7 };
			machine->adapter[adapter].domain_limit = s->tapq_domain_limit ? (uint8_t)s->tapq_domain_limit : 0;
		}
	}
}

/* --- guests --------------------------------------------------------------------------------------------- */

static bool guests_from_control(struct host_mirror *m)
{
	char text[SYSFS_PAGE * 4];
	struct state *s = m->engine.state;

	if (host_read(m->sys, ".apsysfs/guests/control", text, sizeof(text)) < 0)
		return false;
	for (uint32_t slot = 0; slot < s->mdev_high; slot++)
		s->mdev[slot].opened = s->mdev[slot].kvm = false;
	for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		uint8_t uuid[16];
		int slot = parse_uuid(line, uuid) == 0 ? mdev_find(&m->engine, uuid) : -1;

		if (slot < 0)
			continue;
		s->mdev[slot].opened = true;
		s->mdev[slot].kvm = strncmp(line + UUID_TEXT, "kvm", 3) == 0;
	}
	return true;
}

/* Opens as many more as there are references, those that have a matrix first. */
static void open_some(struct state *s, long count, bool with_matrix)
{
	for (uint32_t slot = 0; slot < s->mdev_high && count > 0; slot++) {
		struct mdev *m = &s->mdev[slot];
		bool has = !ap_mask_empty(&m->assigned.adapters) && !ap_mask_empty(&m->assigned.domains);

		if (m->phase != MDEV_BOUND || m->opened || has != with_matrix)
			continue;
		m->opened = m->kvm = true;
		count--;
	}
	if (count > 0 && with_matrix)
		open_some(s, count, false);
}

void host_guests(struct host_mirror *m)
{
	struct state *s = m->engine.state;
	long known = 0, count = 0, references = -1;

	m->guests_unknown = 0;
	if (guests_from_control(m))
		return;
	for (uint32_t slot = 0; slot < s->mdev_high; slot++) {
		count += s->mdev[slot].phase == MDEV_BOUND;
		known += s->mdev[slot].opened;
	}
	host_number(m, "module/vfio_ap", "refcnt", &references);
	if (known == count || references == known)
		return;
	if (references != count)
		m->guests_unknown = (int)(count - known);
	if (references > known)
		open_some(s, references - known, true);
}
