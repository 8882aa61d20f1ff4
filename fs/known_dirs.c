/* SPDX-License-Identifier: MIT */
#include "fs/known_dirs.h"

#include <stdlib.h>

#include "fs/epoch.h"
#include "fs/server.h"

#define SLOTS 65536	/* a power of two; two directories that share one only drop listings more often than they had to */
#define RECENT 512

struct known_dir {
	uint64_t node;		/* 0: none */
	uint64_t generation;	/* of the server, that the listing is of */
	uint32_t used;		/* where in the row of those used last, counted from 1 */
	bool listed;		/* the kernel may have its whole listing */
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

static void drop(struct server *s, struct known_dir *d)
{
	if (!d->listed)
		return;
	epoch_drop_listing(s, d->node);
	d->listed = false;
}

/* Where names are told of one by one, attributes are only right as long as the directory is looked at after changes. */
static void forget(struct server *s, struct known_dir *d)
{
	if (d->listed)
		drop(s, d);
	else if (d->node && s->known_names)
		epoch_drop_attributes(s, d->node);
	d->node = 0;
}

static void use(struct server *s, struct known_dir *d)
{
	struct known_dirs *k = s->known_dirs;
	struct known_dir *oldest = &k->slot[k->recent[k->uses % RECENT]];

	/* once in every half of the ring is enough to stay in it */
	if (d->used && k->uses - d->used < RECENT / 2)
		return;
	if (s->known_names && k->uses >= RECENT && oldest != d && oldest->used == k->uses + 1 - RECENT)
		forget(s, oldest);
	k->recent[k->uses % RECENT] = (uint32_t)(d - k->slot);
	d->used = ++k->uses;
}

/* The directory's slot, taken from another if need be. */
static struct known_dir *obtain(struct server *s, uint64_t dir)
{
	struct known_dirs *k = s->known_dirs;
	struct known_dir *d = &k->slot[(dir * UINT64_C(0x9e3779b97f4a7c15)) >> 48];

	if (d->node != dir) {
		forget(s, d);
		*d = (struct known_dir){ .node = dir };
	}
	use(s, d);
	return d;
}

void known_dirs_seen(struct server *s, uint64_t dir)
{
	struct known_dir *d;

	if (!server_caches(s))
		return;
	pthread_mutex_lock(&s->known_dirs->lock);
	d = obtain(s, dir);
	if (d->generation != atomic_load(&s->generation))
		drop(s, d);
	pthread_mutex_unlock(&s->known_dirs->lock);
}

void known_dirs_end(struct server *s, uint64_t dir, uint64_t generation, bool holds)
{
	struct known_dir *d;

	pthread_mutex_lock(&s->known_dirs->lock);
	d = obtain(s, dir);
	if (d->generation != generation)
		drop(s, d);
	d->generation = generation;
	d->listed = holds && generation == atomic_load(&s->generation);
	/* it is about to be whole: without its pages the kernel has to begin it anew */
	if (!d->listed)
		epoch_drop_listing(s, dir);
	pthread_mutex_unlock(&s->known_dirs->lock);
}

void known_dirs_changed(struct server *s)
{
	struct known_dirs *k = s->known_dirs;
	struct node_stat st;

	if (!server_caches(s))
		return;
	pthread_mutex_lock(&k->lock);
	for (uint32_t i = 0; i < RECENT && i < k->uses; i++) {
		struct known_dir *d = &k->slot[k->recent[i]];

		if (d->listed)
			drop(s, d);
		else if (d->node && s->backend->ops->stat(s->backend, d->node, NULL, &st) < 0) {
			/* told once: what is gone never comes back under its number */
			epoch_drop_attributes(s, d->node);
			d->node = 0;
		} else if (d->node && s->known_names) {
			epoch_drop_attributes(s, d->node);
		}
	}
	pthread_mutex_unlock(&k->lock);
}
