/* SPDX-License-Identifier: MIT */
#include "core/queue_state.h"

#include "core/hardware.h"
#include "core/module.h"

/* Any driver at all but vfio_ap: without one nobody polls the queues. */
static bool zcrypt_driver_loaded(const struct engine *e)
{
	return module_loaded(e, MODULE_ZCRYPT_CEX4) || module_loaded(e, MODULE_ZCRYPT_CEX2A) ||
	       module_loaded(e, MODULE_ZCRYPT_CEX2C);
}

static bool runs(const struct engine *e, const struct queue *q)
{
	if (e->rules->undriven_queues_run)
		return zcrypt_driver_loaded(e);
	if (!q->initiated)
		return false;
	return !e->rules->bus_initiates || zcrypt_driver_loaded(e);
}

static bool usable(const struct engine *e, unsigned queue)
{
	struct tapq info;
	int rc = hardware_tapq(e, queue, &info);

	return rc == AP_RC_NORMAL || rc == AP_RC_RESET || rc == AP_RC_BUSY;
}

static void poll(struct engine *e, unsigned queue)
{
	struct queue *q = &e->state->queue[queue];

	if (!q->resetting || !runs(e, q) || !usable(e, queue) || !hardware_reset_done(e, queue))
		return;
	q->resetting = false;
	if (e->state->boot.useirq) {
		q->interrupts = true;
		e->state->hardware[queue].interrupts = true;
	}
}

static void start(struct engine *e, unsigned queue)
{
	e->state->queue[queue].resetting = true;
	hardware_reset(e, queue);
	poll(e, queue);
}

void queue_state_created(struct engine *e, unsigned queue, bool is_usable)
{
	struct queue *q = &e->state->queue[queue];

	q->resetting = true;
	q->interrupts = false;
	e->state->hardware[queue] = (struct queue_hardware){ 0 };
	q->initiated = e->rules->bus_initiates && is_usable;
	poll(e, queue);
}

void queue_state_initiate(struct engine *e, unsigned queue)
{
	e->state->queue[queue].initiated = true;
	start(e, queue);
}

void queue_state_stopped(struct engine *e, unsigned queue)
{
	struct queue *q = &e->state->queue[queue];

	hardware_reset(e, queue);
	q->initiated = false;
	q->patterns_read = false;
	q->shut_down = true;
}

void queue_state_reset(struct engine *e, unsigned queue)
{
	start(e, queue);
}

void queue_state_returned(struct engine *e, unsigned queue)
{
	struct queue *q = &e->state->queue[queue];

	if (!q->initiated)
		return;
	q->resetting = true;
	/* before 6.12 nobody polls until the next request (the recordings say: for ever) */
	if (e->rules->bus_initiates)
		start(e, queue);
}

void queue_state_request(struct engine *e, unsigned queue)
{
	e->state->queue[queue].request_count++;
	e->state->card[queue >> 8].request_count++;
	poll(e, queue);
}

static void poll_all(struct engine *e, int times)
{
	const struct ring_link *link = e->state->order_link;
	const struct ring *order = &e->state->order;

	for (uint32_t d = ring_first(order, link); d != order->head; d = link[d].next)
		for (int i = 0; i < times && d < QUEUES && e->state->queue[d].resetting; i++)
			poll(e, d);
}

void queue_state_drivers_loaded(struct engine *e)
{
	if (e->rules->undriven_queues_run)
		poll_all(e, 1);
}

void queue_state_tick(struct engine *e)
{
	poll_all(e, POLLS_PER_SECOND);
}
