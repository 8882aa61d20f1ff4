/* SPDX-License-Identifier: MIT */
/*
 * Listings with attributes that were answered and that the kernel may not have put into its caches yet. It takes each
 * name of one as of the moment it does so, not as of when the listing was made: what a change between the two took
 * away would stay known by name. So whoever changes names waits for those to settle and then drops all names again.
 * One has settled when its reader asks for anything more, or after a while.
 */
#ifndef FS_IN_FLIGHT_H
#define FS_IN_FLIGHT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define IN_FLIGHT 64

struct in_flight {
	atomic_uint busy;		/* slots in use */
	atomic_uint next;
	struct flight {
		atomic_uint reader;	/* the thread that reads, 0: free */
		atomic_llong sent;	/* when it was answered, ns; 0: not yet */
	} slot[IN_FLIGHT];
};

/*
 * A listing for this thread is about to be made; which one it is. And it is about to be answered: with attributes, or
 * with none that the kernel could keep.
 */
unsigned in_flight_begin(struct in_flight *f, uint32_t reader);
void in_flight_sent(struct in_flight *f, unsigned which, bool attributes);
/* The thread asks for something: what it was answered before has settled. */
void in_flight_settle(struct in_flight *f, uint32_t reader);
/* Is there one that has not settled? */
bool in_flight_any(struct in_flight *f);
/* Waits until all are settled that were begun before. Their readers must be served meanwhile. */
void in_flight_wait(struct in_flight *f);

#endif
