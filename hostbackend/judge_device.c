/* SPDX-License-Identifier: MIT */
/* Cards and queues before and after a write. */
#include <stdio.h>
#include <string.h>

#include "core/bus.h"
#include "core/override.h"
#include "hostbackend/judge_parts.h"

/* Whoever may do any of these to a queue may also make it be reset, which they do by themselves. */
#define ACTIONS_THAT_RESET \
	(ACTION(POOL) | ACTION(BIND) | ACTION(UNBIND) | ACTION(RESET) | ACTION(ASSIGN) | ACTION(REMOVE) | \
	 ACTION(CONFIG) | ACTION(SECURE))

static const char *driver_name(unsigned driver)
{
	return driver == DRIVER_NONE || driver >= DRIVERS ? "none" : driver_get(driver)->name;
}

static const char *flag(bool value)
{
	return value ? "1" : "0";
}

static bool same_life(const struct life *a, const struct life *b)
{
	return a->time == b->time && a->born == b->born;
}

/* --- cards ------------------------------------------------------------------------------------------ */

static void need_card(const struct difference *x, uint32_t actions, unsigned adapter, const char *action)
{
	verdict_need(x->v, rights_reach_card(x->r, x->eb, actions, adapter),
		     "no grant has the action %s for all of card%02x", action, adapter);
}

static void card_driver(const struct difference *x, unsigned adapter, const char *name)
{
	const struct card *b = &x->b->card[adapter], *a = &x->a->card[adapter];
	bool binds = a->driver != DRIVER_NONE;

	verdict_effect(x->v, name, "driver", driver_name(b->driver), driver_name(a->driver));
	need_card(x, binds ? ACTION(BIND) : ACTION(UNBIND), adapter, binds ? "bind" : "unbind");
}

static void judge_card(const struct difference *x, unsigned adapter)
{
	const struct card *b = &x->b->card[adapter], *a = &x->a->card[adapter];
	bool rebound = b->driver != a->driver || b->life.bound != a->life.bound || b->life.lives != a->life.lives;
	struct card rest;
	char name[16];

	snprintf(name, sizeof(name), "card%02x", adapter);
	if (!same_life(&b->life, &a->life)) {
		judge_unknown(x, name);
		return;
	}
	if (rebound)
		card_driver(x, adapter, name);
	if (b->online != a->online && !rebound) {
		verdict_effect(x->v, name, "online", flag(b->online), flag(a->online));
		need_card(x, ACTION(ONLINE), adapter, "online");
	}
	if (b->config != a->config) {
		verdict_effect(x->v, name, "config", flag(b->config), flag(a->config));
		need_card(x, ACTION(CONFIG), adapter, "config");
	}
	if (b->request_count != a->request_count) {
		verdict_effect(x->v, name, "request_count", "counted", "cleared");
		need_card(x, ACTION(COUNTERS), adapter, "counters");
	}
	memcpy(&rest, b, sizeof(rest));
	rest.life.lives = a->life.lives;
	rest.life.bound = a->life.bound;
	rest.driver = a->driver;
	rest.online = a->online;
	rest.config = a->config;
	rest.request_count = a->request_count;
	if (!same_bytes(&rest, a, sizeof(rest)))
		judge_unknown(x, name);
}

void judge_cards(const struct difference *x)
{
	for (unsigned a = 0; a < AP_IDS; a++)
		if (!same_bytes(&x->b->card[a], &x->a->card[a], sizeof(struct card)))
			judge_card(x, a);
}

/* --- queues ----------------------------------------------------------------------------------------- */

static void need_queue(const struct difference *x, uint32_t actions, unsigned queue, const char *action)
{
	verdict_need(x->v, rights_reach(x->r, actions, queue), "no grant has the action %s for %02x.%04x", action,
		     queue >> 8, queue & 255);
}

/* A queue that follows its pool was judged with the mask; any other new driver is a binding. */
static void queue_driver(const struct difference *x, unsigned queue, const char *name)
{
	const struct queue *b = &x->b->queue[queue], *a = &x->a->queue[queue];
	bool was = bus_pool_default(x->eb, queue >> 8, queue & 255), is = bus_pool_default(x->ea, queue >> 8, queue & 255);
	bool binds = a->driver != DRIVER_NONE;

	verdict_effect(x->v, name, "driver", driver_name(b->driver), driver_name(a->driver));
	if (was == is)
		need_queue(x, binds ? ACTION(BIND) : ACTION(UNBIND), queue, binds ? "bind" : "unbind");
}

/* What a reset leaves behind, and what resets as it changes hands. */
static void queue_running(const struct difference *x, unsigned queue)
{
	uint32_t holder = x->b->owner[queue];

	if (holder && rights_mdev(x->r, x->eb, ACTION_ALL, holder - 1))
		return;
	need_queue(x, ACTIONS_THAT_RESET, queue, "reset");
}

static void queue_flags(const struct difference *x, unsigned queue, const char *name, bool rebound)
{
	const struct queue *b = &x->b->queue[queue], *a = &x->a->queue[queue];
	const char *text_before = override_get(x->eb, queue), *text_after = override_get(x->ea, queue);

	if (!b->override != !a->override || strcmp(text_before, text_after) != 0) {
		verdict_effect(x->v, name, "driver_override", text_before, text_after);
		need_queue(x, ACTION(OVERRIDE), queue, "override");
	}
	if (b->online != a->online && !rebound) {
		verdict_effect(x->v, name, "online", flag(b->online), flag(a->online));
		need_queue(x, ACTION(ONLINE), queue, "online");
	}
	if (b->config != a->config) {
		verdict_effect(x->v, name, "config", flag(b->config), flag(a->config));
		need_queue(x, ACTION(CONFIG), queue, "config");
	}
	if (b->request_count != a->request_count) {
		verdict_effect(x->v, name, "request_count", "counted", "cleared");
		need_queue(x, ACTION(COUNTERS), queue, "counters");
	}
}

static void copy_running(struct queue *q, const struct queue *from)
{
	q->initiated = from->initiated;
	q->resetting = from->resetting;
	q->interrupts = from->interrupts;
	q->reset_bad = from->reset_bad;
	q->shut_down = from->shut_down;
	q->reset_waited = from->reset_waited;
	q->patterns_read = from->patterns_read;
}

static void judge_queue(const struct difference *x, unsigned queue)
{
	const struct queue *b = &x->b->queue[queue], *a = &x->a->queue[queue];
	bool rebound = b->driver != a->driver || b->life.bound != a->life.bound || b->life.lives != a->life.lives;
	struct queue rest, was;
	char name[16];

	memcpy(&rest, b, sizeof(rest));
	copy_running(&rest, a);
	/* whoever waits next for resets finds that this one is over: that is nobody's doing */
	memcpy(&was, b, sizeof(was));
	was.reset_waited = b->reset_waited && a->reset_waited;
	snprintf(name, sizeof(name), "%02x.%04x", queue >> 8, queue & 255);
	if (!same_life(&b->life, &a->life)) {
		judge_unknown(x, name);
		return;
	}
	if (rebound)
		queue_driver(x, queue, name);
	queue_flags(x, queue, name, rebound);
	if (!same_bytes(&rest, &was, sizeof(rest)))
		queue_running(x, queue);
	rest.life.lives = a->life.lives;
	rest.life.bound = a->life.bound;
	rest.driver = a->driver;
	rest.override = a->override;
	rest.online = a->online;
	rest.config = a->config;
	rest.request_count = a->request_count;
	if (!same_bytes(&rest, a, sizeof(rest)))
		judge_unknown(x, name);
}

/*
 * Queues are where a card is, or was; and hardware also where the bus has no card yet, or (4.20) any more. Where there is
 * no adapter at all there is nothing: to look there all the same would be most of the work of every write.
 */
static bool adapter_there(const struct difference *x, unsigned adapter)
{
	return x->b->card[adapter].life.born || x->a->card[adapter].life.born || x->b->machine.adapter[adapter].present ||
	       x->a->machine.adapter[adapter].present;
}

void judge_queues(const struct difference *x)
{
	for (unsigned a = 0; a < AP_IDS; a++) {
		const struct queue *b = &x->b->queue[a << 8], *next = &x->a->queue[a << 8];

		if (!adapter_there(x, a) || same_bytes(b, next, AP_IDS * sizeof(*b)))
			continue;
		for (unsigned q = a << 8; q < (a + 1) << 8 && x->v->rc == 0; q++)
			if (!same_bytes(&x->b->queue[q], &x->a->queue[q], sizeof(struct queue)))
				judge_queue(x, q);
	}
}

void judge_hardware(const struct difference *x)
{
	for (unsigned a = 0; a < AP_IDS; a++) {
		const struct queue_hardware *b = &x->b->hardware[a << 8], *next = &x->a->hardware[a << 8];

		if (!adapter_there(x, a) || same_bytes(b, next, AP_IDS * sizeof(*b)))
			continue;
		for (unsigned q = a << 8; q < (a + 1) << 8 && x->v->rc == 0; q++)
			if (!same_bytes(&x->b->hardware[q], &x->a->hardware[q], sizeof(struct queue_hardware)))
				queue_running(x, q);
	}
}
