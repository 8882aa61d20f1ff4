/* SPDX-License-Identifier: MIT */
#include "core/memory.h"

/*
 * Fair to both: readers who never rest would else keep a writer out for ever, as the lock lets them in while one of
 * them is. A writer leaves the turnstile when he has the lock, so those behind him, of both kinds, are next.
 */
void memory_lock_shared(struct memory *m)
{
	if (atomic_load(&m->writers)) {
		pthread_mutex_lock(&m->turnstile);
		pthread_mutex_unlock(&m->turnstile);
	}
	pthread_rwlock_rdlock(&m->lock);
}

void memory_lock_alone(struct memory *m)
{
	atomic_fetch_add(&m->writers, 1);
	pthread_mutex_lock(&m->turnstile);
	pthread_rwlock_wrlock(&m->lock);
	pthread_mutex_unlock(&m->turnstile);
	atomic_fetch_sub(&m->writers, 1);
}

void memory_unlock(struct memory *m)
{
	pthread_rwlock_unlock(&m->lock);
}
