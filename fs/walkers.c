/* SPDX-License-Identifier: MIT */
#include "fs/walkers.h"

/* Then one listing without attributes finds out whether they are still wanted: 16 requests or so in some hundred. */
#define CREDIT 64

/*
 * Two threads may share a place, and change it at once: what comes of that is an answer that is right for the one and
 * too long, or too short, for the other.
 */
static struct walker *walker_of(struct walkers *w, uint32_t thread)
{
	struct walker *k = &w->walker[thread % WALKERS];

	if (atomic_load_explicit(&k->thread, memory_order_relaxed) != thread) {
		atomic_store(&k->thread, thread);
		atomic_store(&k->credit, 0);
		atomic_store(&k->dir, 0);
	}
	return k;
}

bool walkers_want_attributes(struct walkers *w, uint32_t thread, uint64_t dir, bool begins)
{
	struct walker *k = walker_of(w, thread);
	unsigned credit = atomic_load(&k->credit);

	/* one listing is of one kind */
	if (!begins)
		return atomic_load(&k->dir) != dir;
	atomic_store(&k->dir, credit ? 0 : dir);
	if (credit)
		atomic_store(&k->credit, credit - 1);
	return credit > 0;
}

void walkers_look_up(struct walkers *w, uint32_t thread, uint64_t dir)
{
	struct walker *k = &w->walker[thread % WALKERS];

	if (atomic_load_explicit(&k->dir, memory_order_relaxed) == dir &&
	    atomic_load_explicit(&k->thread, memory_order_relaxed) == thread)
		atomic_store(&k->credit, CREDIT);
}
