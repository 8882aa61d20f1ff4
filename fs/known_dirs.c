/* SPDX-License-Identifier: MIT */
#include "fs/known_dirs.h"

#include <stdlib.h>
#include <time.h>

#include "fs/epoch.h"
#include "fs/server.h"

#define SLOTS 65536	/* a power of two; two directories that share one only drop listings more often than they had to */
#define RECENT 512
/* How long a part of a listing, once answered, may take at most until the kernel has put it into its cache. */
#define SETTLED_NS INT64_C(5000000000)

struct known_dir {
	uint64_t node;		/* 0: none */
	uint64_t generation;	/* of the server, when its listing was begun */
	int64_t begun;		/* when */
	int64_t doubtful;	/* until when parts of an older listing may still come into the cache */
	uint32_t used;		/* where in the row of those used last, counted from 1 */
	bool listed;		/* the kernel may have its listing */
};

struct known_dirs {
	pthread_mutex_t lock;
	struct known_dir slot[SLOTS];	/* all below protected by lock */
	uint32_t recent[RECENT];	/* slots in the order they were used, as a ring */
	uint32_t uses;
};

struct known_dirs *known_dirs_new(void)
{
	struct known_dirs *k = calloc(1, sizeof(*k));

	if (k)
		pthread_mutex_init(&k->lock, NULL);
	return k;
}

void known_dirs_free(struct known_dirs *k)
{
	if (!k)
		return;
	pthread_mutex_destroy(&k->lock);
	free(k);
}

static int64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void drop(struct server *s, struct known_dir *d)
{
	if (!d->listed)
		return;
	epoch_drop_listing(s, d->node);
	d->listed = false;
	/* what was answered before the change may be on its way into the cache yet */
	d->doubtful = d->begun + SETTLED_NS;
}

static void use(struct known_dirs *k, struct known_dir *d)
{
	/* once in every half of the ring is enough to stay in it */
	if (d->used && k->uses - d->used < RECENT / 2)
		return;
	k->recent[k->uses % RECENT] = (uint32_t)(d - k->slot);
	d->used = ++k->uses;
}

/* The directory's slot, taken from another if need be. */
static struct known_dir *obtain(struct server *s, uint64_t dir)
{
	struct known_dirs *k = s->known_dirs;
	struct known_dir *d = &k->slot[(dir * UINT64_C(0x9e3779b97f4a7c15)) >> 48];

	if (d->node != dir) {
		drop(s, d);
		*d = (struct known_dir){ .node = dir };
	}
	use(k, d);
	return d;
}

void known_dirs_seen(struct server *s, uint64_t dir)
{
	struct known_dir *d;

	if (!s->epoch)
		return;
	pthread_mutex_lock(&s->known_dirs->lock);
	d = obtain(s, dir);
	if (d->generation != atomic_load(&s->generation))
		drop(s, d);
	pthread_mutex_unlock(&s->known_dirs->lock);
}

void known_dirs_begin(struct server *s, uint64_t dir)
{
	struct known_dir *d;

	pthread_mutex_lock(&s->known_dirs->lock);
	d = obtain(s, dir);
	if (d->generation != atomic_load(&s->generation))
		drop(s, d);
	d->generation = atomic_load(&s->generation);
	d->begun = clock_ns();
	d->listed = true;
	pthread_mutex_unlock(&s->known_dirs->lock);
}

void known_dirs_end(struct server *s, uint64_t dir)
{
	struct known_dir *d;

	pthread_mutex_lock(&s->known_dirs->lock);
	d = obtain(s, dir);
	/* all parts are in the cache by now: taking one away keeps the kernel from using the rest */
	if (!d->listed || d->generation != atomic_load(&s->generation) || clock_ns() < d->doubtful) {
		d->listed = false;
		epoch_drop_listing(s, dir);
	}
	pthread_mutex_unlock(&s->known_dirs->lock);
}

void known_dirs_changed(struct server *s)
{
	struct known_dirs *k = s->known_dirs;
	struct node_stat st;

	if (!s->epoch)
		return;
	pthread_mutex_lock(&k->lock);
	for (uint32_t i = 0; i < RECENT && i < k->uses; i++) {
		struct known_dir *d = &k->slot[k->recent[i]];

		if (d->listed)
			drop(s, d);
		else if (d->node && s->backend->ops->stat(s->backend, d->node, NULL, &st) < 0)
			epoch_drop_attributes(s, d->node);
	}
	pthread_mutex_unlock(&k->lock);
}
