/* SPDX-License-Identifier: MIT */
#include "core/load.h"

#include "core/binding.h"
#include "core/device.h"
#include "core/hardware.h"

#define MILLISECOND (NANOSECONDS / 1000)

/* Only what the host's own drivers use is counted: a guest's requests pass them by. */
static bool is_used(const struct engine *e, unsigned queue)
{
	const struct queue *q = &e->state->queue[queue];

	return q->life.born && q->driver != DRIVER_NONE && q->driver != DRIVER_VFIO_AP && queue_online(e, queue) &&
	       card_online(e, queue >> 8);
}

static uint64_t milliseconds(const struct engine *e, int64_t time)
{
	return (uint64_t)((time - e->state->booted) / MILLISECOND);
}

/* The area below the wave until x of its period p, both in ms, if it rises to 1: x * x / p, and then mirrored. */
static uint64_t wave_area(uint64_t rate, uint64_t x, uint64_t p)
{
	uint64_t square = x * x;

	return rate * (square / p) + rate * (square % p) / p;
}

/* Requests from boot until then, in thousandths, had the load always been this. */
static uint64_t requests_until(const struct machine_load *load, uint64_t ms)
{
	uint64_t p = load->wave * UINT64_C(1000), x, area;

	if (!p)
		return load->rate * ms;
	x = ms % p;
	area = x <= p / 2 ? wave_area(load->rate, x, p) : load->rate * p / 2 - wave_area(load->rate, p - x, p);
	return ms / p * (load->rate * p / 2) + area;
}

static uint64_t requests_between(const struct machine_load *load, uint64_t from, uint64_t to)
{
	return requests_until(load, to) / 1000 - requests_until(load, from) / 1000;
}

static void advance_card(struct engine *e, unsigned adapter, uint64_t from, uint64_t to)
{
	struct state *s = e->state;

	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++) {
		const struct machine_load *load = machine_load_of(&s->machine, queue);
		uint64_t count;

		if (!load->rate || !is_used(e, queue) || s->queue[queue].resetting || !hardware_replies(e, queue))
			continue;
		count = requests_between(load, from, to);
		s->queue[queue].request_count += count;
		s->card[adapter].request_count += count;
	}
}

void load_advance(struct engine *e)
{
	struct state *s = e->state;
	uint64_t from = milliseconds(e, s->load_until), to = milliseconds(e, s->now);
	bool later = s->load_until && from < to;

	if (s->has_load && s->load_until && !later)
		return;
	s->load_until = s->now;
	for (unsigned adapter = 0; s->has_load && later && adapter < AP_IDS; adapter++)
		if (s->card[adapter].life.born)
			advance_card(e, adapter, from, to);
}

/* How many requests are in a queue now: the configured number, or what the wave has made of it. */
static unsigned in_queue(const struct engine *e, unsigned queue)
{
	const struct machine_load *load = machine_load_of(&e->state->machine, queue);
	uint64_t p = load->wave * UINT64_C(1000), x;

	if (!load->pending || !e->state->queue[queue].initiated || !is_used(e, queue))
		return 0;
	if (!p)
		return load->pending;
	x = milliseconds(e, e->state->now) % p;
	return (unsigned)(load->pending * (x <= p / 2 ? x : p - x) / (p / 2));
}

static unsigned room(const struct engine *e, unsigned queue)
{
	return e->state->machine.adapter[queue >> 8].depth + 1u;
}

unsigned load_pending(const struct engine *e, unsigned queue)
{
	unsigned all = in_queue(e, queue);

	return all < room(e, queue) ? all : room(e, queue);
}

unsigned load_waiting(const struct engine *e, unsigned queue)
{
	unsigned all = in_queue(e, queue);

	return all > room(e, queue) ? all - room(e, queue) : 0;
}

/* The drivers' rating of a request: with a secure key, or RSA with 2048 bits for accelerators. */
static unsigned weight(const struct engine *e, unsigned adapter)
{
	static const uint16_t old[] = { 1000, 12, 500, 10 };	/* CEX2A, CEX2C, CEX3A, CEX3C */
	static const uint16_t accelerator[] = { 19, 9, 9, 8, 8 }, coprocessor[] = { 40, 10, 9, 8, 8 },
			      ep11[] = { 50, 10, 9, 8, 8 };	/* CEX4 and on */
	unsigned type = e->state->card[adapter].hwtype;

	if (type >= 6 && type < 10)
		return old[type - 6];
	if (type < 10 || type > 14)
		return 1;
	switch (card_mode(e, adapter)) {
	case DEVICE_MODE_ACCEL:
		return accelerator[type - 10];
	case DEVICE_MODE_CCA:
		return coprocessor[type - 10];
	default:
		return ep11[type - 10];
	}
}

unsigned load_weight(const struct engine *e, unsigned queue)
{
	return in_queue(e, queue) * weight(e, queue >> 8);
}

void load_print_count(const struct engine *e, uint64_t count, struct page *out)
{
	/* 4.20 counts in an int, and shows where that leads */
	if (e->state->kernel == KERNEL_4_20)
		page_printf(out, "%d\n", (int)(uint32_t)count);
	else
		page_printf(out, "%llu\n", (unsigned long long)count);
}
