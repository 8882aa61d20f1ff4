/* SPDX-License-Identifier: MIT */
/* What the bus makes of the hardware, in the kernel's order (abi.md 11.6). */
#include "core/bus.h"

#include "core/assign.h"
#include "core/binding.h"
#include "core/device.h"
#include "core/filter.h"
#include "core/hardware.h"
#include "core/mdev.h"
#include "core/override.h"
#include "core/queue_state.h"
#include "core/uevent.h"

/* A queue's answer as a scan sees it. */
struct answer {
	struct tapq info;
	bool there;		/* it answered in a way that keeps its device */
	bool config, chkstop;
};

static struct answer ask(const struct engine *e, unsigned queue)
{
	struct answer a = { .config = true };
	int rc = hardware_tapq(e, queue, &a.info);

	/* 4.20 has no notion of a deconfigured device: whoever does not answer well is gone */
	a.there = e->rules->adapter_config ? rc != AP_RC_NOT_AVAILABLE : rc == AP_RC_NORMAL;
	a.config = rc != AP_RC_DECONFIGURED;
	a.chkstop = rc == AP_RC_CHECKSTOPPED && e->rules->adapter_chkstop;
	return a;
}

static void send_flag(struct engine *e, struct uevent_source source, bool config)
{
	if (e->rules->change_events)
		uevent_send(e, UEVENT_CHANGE, source, config ? "CONFIG=1" : "CONFIG=0");
}

static void register_device(struct engine *e, uint32_t device, struct life *life,
			    struct uevent_source source)
{
	life->born = ++life->lives;
	life->time = e->state->now;
	ring_append(&e->state->order, e->state->order_link, device);
	e->state->topology++;
	uevent_send(e, UEVENT_ADD, source, NULL);
	if (e->state->autoprobe)
		binding_attach(e, device);
}

static void unregister_device(struct engine *e, uint32_t device, struct life *life,
			      struct uevent_source source)
{
	binding_detach(e, device);
	uevent_send(e, UEVENT_REMOVE, source, NULL);
	ring_remove(e->state->order_link, device);
	life->born = 0;
	e->state->topology++;
}

static void remove_queue(struct engine *e, unsigned queue)
{
	struct queue *q = &e->state->queue[queue];
	struct uevent_source source = { OBJECT_QUEUE, queue, NULL };

	/* the counter of overrides keeps counting it: a leak of the kernel that locks the masks (5.5) */
	override_release(e, queue);
	unregister_device(e, queue, &q->life, source);
	e->state->queues_total--;
	assign_queue_gone(e, queue);
	e->state->hardware[queue] = (struct queue_hardware){ 0 };
}

/* The type the bus takes a raw type for; 0: none, the adapter is ignored (1.4). */
static unsigned compatible_type(const struct engine *e, unsigned raw)
{
	if (raw < e->rules->oldest_type)
		return 0;
	if (raw <= e->rules->newest_type)
		return raw;
	return e->state->qact ? e->rules->newest_type : 0;
}

static void create_queue(struct engine *e, unsigned queue, const struct answer *a)
{
	struct queue *q = &e->state->queue[queue];
	struct life life = q->life;

	*q = (struct queue){ .life = life, .config = a->config, .chkstop = a->chkstop };
	q->hwtype = (uint8_t)compatible_type(e, a->info.type);
	e->state->queues_total++;
	queue_state_created(e, queue, a->config && !a->chkstop);
	register_device(e, queue, &q->life, (struct uevent_source){ OBJECT_QUEUE, queue, NULL });
}

static void update_queue(struct engine *e, unsigned queue, const struct answer *a)
{
	struct queue *q = &e->state->queue[queue];
	bool returned = (a->config && !q->config) || (!a->chkstop && q->chkstop);
	bool config_changed = a->config != q->config;

	q->config = a->config;
	q->chkstop = a->chkstop;
	if (config_changed)
		send_flag(e, (struct uevent_source){ OBJECT_QUEUE, queue, NULL }, q->config);
	if (returned)
		queue_state_returned(e, queue);
}

static uint32_t card_functions_word(const struct engine *e, const struct tapq *info)
{
	/* from 6.12 on a card keeps only what its queues cannot differ in */
	return e->rules->online_by_chkstop ? info->functions & 0xffff0000 : info->functions;
}

/* 4.20: a queue whose driver was taken away, or whose adapter became another, is made anew; its card stays. */
static bool is_broken(const struct engine *e, unsigned queue, const struct answer *a)
{
	return e->state->queue[queue].shut_down ||
	       e->state->card[queue >> 8].functions != card_functions_word(e, &a->info);
}

static void scan_queue(struct engine *e, unsigned queue)
{
	struct answer a = { 0 };
	bool exists = device_exists(e, queue);

	if (ap_mask_has(&e->state->host_domains, queue & 255))
		a = ask(e, queue);
	if (exists && a.there && e->rules->scan_revives && is_broken(e, queue, &a)) {
		remove_queue(e, queue);
		exists = false;
	}
	if (!a.there && exists)
		remove_queue(e, queue);
	else if (a.there && !exists)
		create_queue(e, queue, &a);
	else if (a.there)
		update_queue(e, queue, &a);
}

static void remove_queues(struct engine *e, unsigned adapter)
{
	const struct ring_link *link = e->state->order_link;
	uint32_t next;

	/* in the order they were created, which is the bus's */
	for (uint32_t d = ring_first(&e->state->order, link); d != e->state->order.head; d = next) {
		next = link[d].next;
		if (d < QUEUES && d >> 8 == adapter)
			remove_queue(e, d);
	}
}

static void remove_card(struct engine *e, unsigned adapter)
{
	/* 4.20 asks queue after queue whether it is still there, unless the adapter left the configuration */
	for (unsigned domain = 0; e->rules->scan_revives && ap_mask_has(&e->state->host_adapters, adapter) &&
				  domain < AP_IDS;
	     domain++)
		scan_queue(e, adapter << 8 | domain);
	remove_queues(e, adapter);
	unregister_device(e, CARD_DEVICE(adapter), &e->state->card[adapter].life,
			  (struct uevent_source){ OBJECT_CARD, adapter, NULL });
}

static void create_card(struct engine *e, unsigned adapter, const struct answer *a, unsigned hwtype)
{
	struct card *c = &e->state->card[adapter];
	struct life life = c->life;

	*c = (struct card){
		.life = life,
		.functions = card_functions_word(e, &a->info),
		.hwtype = (uint8_t)hwtype,
		.raw_hwtype = a->info.type,
		.depth = a->info.depth,
		.message_limit = a->info.message_limit,
		.config = a->config,
		.chkstop = a->chkstop,
	};
	register_device(e, CARD_DEVICE(adapter), &c->life,
			(struct uevent_source){ OBJECT_CARD, adapter, NULL });
}

static void update_card(struct engine *e, unsigned adapter, const struct answer *a)
{
	struct card *c = &e->state->card[adapter];
	bool config_changed = a->config != c->config;

	c->config = a->config;
	c->chkstop = a->chkstop;
	if (config_changed)
		send_flag(e, (struct uevent_source){ OBJECT_CARD, adapter, NULL }, c->config);
}

/* The first queue of the adapter that answers tells what the adapter is. */
static struct answer ask_adapter(const struct engine *e, unsigned adapter)
{
	const struct state *s = e->state;

	if (!ap_mask_has(&s->host_adapters, adapter))
		return (struct answer){ 0 };
	for (int d = ap_mask_next(&s->host_domains, 0); d >= 0; d = ap_mask_next(&s->host_domains, (unsigned)d + 1)) {
		struct answer a = ask(e, adapter << 8 | (unsigned)d);

		if (a.there)
			return a;
	}
	return (struct answer){ 0 };
}

static bool is_another(const struct engine *e, const struct card *c, const struct answer *a)
{
	return c->raw_hwtype != a->info.type || c->functions != card_functions_word(e, &a->info);
}

static void scan_adapter(struct engine *e, unsigned adapter)
{
	struct card *c = &e->state->card[adapter];
	struct answer a = ask_adapter(e, adapter);
	unsigned hwtype = a.there ? compatible_type(e, a.info.type) : 0;

	if (a.there && e->state->machine.adapter[adapter].domain_limit > e->state->tapq_domain_limit)
		e->state->tapq_domain_limit = e->state->machine.adapter[adapter].domain_limit;
	if (c->life.born && (!hwtype || (!e->rules->scan_revives && is_another(e, c, &a))))
		remove_card(e, adapter);
	if (!hwtype)
		return;
	if (c->life.born)
		update_card(e, adapter, &a);
	else
		create_card(e, adapter, &a, hwtype);
	for (unsigned domain = 0; domain < AP_IDS; domain++)
		scan_queue(e, adapter << 8 | domain);
}

/* QCI; without it every adapter and domain may be there. */
static void read_configuration(struct engine *e)
{
	struct state *s = e->state;
	const struct machine *m = &s->machine;

	s->qci = m->qci;
	s->apsc = m->qci && m->apsc;
	s->apxa = m->qci && m->apxa;
	s->qact = m->qci && m->qact;
	s->rc8a = m->qci && m->rc8a;
	s->apsb = m->qci && m->apsb;
	s->max_adapter = m->max_adapter;
	s->max_domain = m->max_domain;
	s->host_domains = m->usage_domains;
	s->host_controls = m->control_domains;
	ap_mask_fill(&s->host_adapters, false);
	for (unsigned adapter = 0; adapter < AP_IDS; adapter++)
		if (m->adapter[adapter].present && (int)adapter <= bus_max_adapter(e))
			ap_mask_set(&s->host_adapters, adapter);
	for (int domain = bus_max_domain_id(e) + 1; domain < AP_IDS; domain++)
		ap_mask_clear(&s->host_domains, (unsigned)domain);
}

void scan_run(struct engine *e)
{
	struct state *s = e->state;
	struct filter_change change;
	bool first = !s->scanned;

	filter_config_begin(e, &change);
	read_configuration(e);
	filter_config_changed(e, &change);
	bus_choose_domain(e);
	for (unsigned adapter = 0; adapter < AP_IDS; adapter++)
		if (s->card[adapter].life.born || ap_mask_has(&s->host_adapters, adapter))
			scan_adapter(e, adapter);
	filter_config_complete(e, &change);
	filter_flush(e);
	s->scans++;
	s->next_scan = s->now + s->config_time * NANOSECONDS;
	s->scanned = true;
	if (first && e->rules->change_events)
		uevent_send(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_AP_ROOT, 0, NULL },
			    "INITSCAN=done");
	binding_scanned(e, first);
}
