/* SPDX-License-Identifier: MIT */
/* Inside the memory backend: what its parts share. */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/engine.h"
#include "core/recorder.h"

struct memory {
	struct backend backend;
	pthread_rwlock_t lock;
	pthread_mutex_t turnstile;	/* whoever wants to write stands in it: who came later waits behind him */
	atomic_uint writers;		/* that stand or wait there */
	struct engine engine;		/* protected by lock */
	struct store_guard *guard;
	struct backend_call *waiting;	/* in the order they came; protected by lock */
	uint32_t tickets;		/* protected by lock */
	uint64_t topology;		/* what the listener has heard of; protected by lock */
	struct recorder *recorder;	/* NULL: none; protected by lock */
	bool replays;			/* what was allowed once is not judged again; protected by lock */

	pthread_mutex_t event_lock;	/* held while events go out, so that they stay in order */
	uint64_t events_sent;		/* protected by event_lock */

	pthread_t clock;
	bool has_clock;
	pthread_mutex_t clock_lock;
	pthread_cond_t clock_changed;
	bool stop;			/* protected by clock_lock */
	int64_t due;			/* when the clock has to do something; protected by clock_lock */
};

/* What a change leaves to be done after unlocking. */
struct aftermath {
	struct backend_call *answered;
	bool topology, changed;
	int64_t due;
};

static inline struct memory *memory_of(struct backend *b)
{
	return (struct memory *)b;
}

/* --- memory_lock.c --- */

void memory_lock_shared(struct memory *m);
void memory_lock_alone(struct memory *m);
void memory_unlock(struct memory *m);

/* --- memory_clock.c --- */

/* Wall clock, ns since the epoch. */
int64_t memory_clock(void);
/* The machine's time for what is done now; with the lock held. */
int64_t memory_present(const struct memory *m);
void memory_begin(struct backend *b);
void memory_clock_end(struct memory *m);

/* --- memory_calls.c --- */

int memory_show(struct backend *b, uint64_t node, struct backend_call *call);
int memory_store(struct backend *b, uint64_t node, struct backend_call *call);
void memory_interrupt(struct backend *b, struct backend_call *call);
/* Carries out a call whose ticket is set, after it is recorded as o (NULL: it was already); lock held for writing. */
int memory_run(struct memory *m, struct backend_call *call, const struct operation *o);
void memory_append(struct backend_call **list, struct backend_call *call);
/* After a call that changed something or not, lock held: who waits tries again. Then unlock, and memory_finish. */
void memory_settle(struct memory *m, struct aftermath *after, bool changed);
void memory_finish(struct memory *m, const struct aftermath *after);

/* --- memory_record.c --- */

/* Tells the recorder of what is about to be done (NULL: it knows). 0, or -errno: then it must not be done. */
int memory_record(struct memory *m, const struct operation *o);
/* It is done. */
void memory_recorded(struct memory *m);

#endif
