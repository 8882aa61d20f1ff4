/* SPDX-License-Identifier: MIT */
#include "fs/in_flight.h"

#include <time.h>

#define UNKNOWN UINT32_MAX	/* a reader that has no number here, being of another pid namespace */
/*
 * Long enough for any reader that gets to run at all, on a machine with many times more work than processors: 20 ms were
 * not. Only who stops in the middle of a listing lets a change wait for so long, and only the next one.
 */
#define SETTLED_NS 250000000
#define PAUSE_NS 50000

static long long clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void release(struct in_flight *f, struct flight *slot, unsigned reader)
{
	if (reader && atomic_compare_exchange_strong(&slot->reader, &reader, 0))
		atomic_fetch_sub(&f->busy, 1);
}

unsigned in_flight_begin(struct in_flight *f, uint32_t reader)
{
	for (unsigned tries = 0;; tries++) {
		unsigned which = atomic_fetch_add(&f->next, 1) % IN_FLIGHT, nobody = 0;
		struct flight *slot = &f->slot[which];

		/* more than there are slots: the oldest has had its time */
		if (tries >= IN_FLIGHT && atomic_load(&slot->sent))
			release(f, slot, atomic_load(&slot->reader));
		atomic_fetch_add(&f->busy, 1);
		if (atomic_compare_exchange_strong(&slot->reader, &nobody, reader ? reader : UNKNOWN)) {
			atomic_store(&slot->sent, 0);
			return which;
		}
		atomic_fetch_sub(&f->busy, 1);
	}
}

void in_flight_sent(struct in_flight *f, unsigned which, bool attributes)
{
	struct flight *slot = &f->slot[which];

	if (attributes)
		atomic_store(&slot->sent, clock_ns());
	else
		release(f, slot, atomic_load(&slot->reader));
}

void in_flight_settle(struct in_flight *f, uint32_t reader)
{
	if (!reader || !atomic_load_explicit(&f->busy, memory_order_relaxed))
		return;
	for (unsigned i = 0; i < IN_FLIGHT; i++)
		if (atomic_load_explicit(&f->slot[i].reader, memory_order_relaxed) == reader &&
		    atomic_load(&f->slot[i].sent))
			release(f, &f->slot[i], reader);
}

static void wait_for(struct in_flight *f, struct flight *slot, unsigned reader)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	while (atomic_load(&slot->reader) == reader) {
		long long sent = atomic_load(&slot->sent);

		if (sent && clock_ns() - sent > SETTLED_NS) {
			release(f, slot, reader);
			return;
		}
		nanosleep(&pause, NULL);
	}
}

bool in_flight_any(struct in_flight *f)
{
	return atomic_load(&f->busy) > 0;
}

void in_flight_wait(struct in_flight *f)
{
	for (unsigned i = 0; i < IN_FLIGHT; i++) {
		unsigned reader = atomic_load(&f->slot[i].reader);

		if (reader)
			wait_for(f, &f->slot[i], reader);
	}
}
