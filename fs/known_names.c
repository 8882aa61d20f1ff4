/* SPDX-License-Identifier: MIT */
#include "fs/known_names.h"

#include <stdlib.h>
#include <string.h>

#include "fs/dir_buffer.h"
#include "fs/epoch.h"
#include "fs/loop.h"

#define SLOTS 16384	/* a power of two */
#define NAMES (SLOTS / 2)
#define NAME_ROOM 44

struct known_name {
	uint64_t parent;	/* 0: the slot is free */
	uint64_t node;		/* 0: the name stands for nothing */
	char name[NAME_ROOM];
};

struct known_names {
	/* Held while all are looked at: what one leaves out may move past where another is. Before lock. */
	pthread_mutex_t sorting;
	pthread_mutex_t lock;
	unsigned count;				/* protected by lock */
	struct known_name slot[SLOTS];		/* each at its home or behind, with no gap between; protected by lock */
};

struct known_names *known_names_new(void)
{
	struct known_names *k = calloc(1, sizeof(*k));

	if (k) {
		pthread_mutex_init(&k->sorting, NULL);
		pthread_mutex_init(&k->lock, NULL);
	}
	return k;
}

void known_names_free(struct known_names *k)
{
	if (!k)
		return;
	pthread_mutex_destroy(&k->sorting);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

/* The slot where a name belongs. */
static unsigned home_of(uint64_t parent, const char *name)
{
	return (unsigned)((parent * UINT64_C(0x9e3779b97f4a7c15) >> 32) ^ dir_hash(name)) % SLOTS;
}

/* The name's slot, or the free one that it would get. Call with the lock held. */
static struct known_name *slot_of(struct known_names *k, uint64_t parent, const char *name)
{
	unsigned i = home_of(parent, name);

	while (k->slot[i].parent && (k->slot[i].parent != parent || strcmp(k->slot[i].name, name) != 0))
		i = (i + 1) % SLOTS;
	return &k->slot[i];
}

/* Call with the lock held. */
static bool add(struct known_names *k, uint64_t parent, const char *name, uint64_t node)
{
	struct known_name *n = slot_of(k, parent, name);

	if (!n->parent && k->count == NAMES)
		return false;
	/* the kernel has it as it was, and is about to be told: not before it is right here */
	if (n->parent && n->node != node)
		return false;
	k->count += !n->parent;
	n->parent = parent;
	n->node = node;
	memcpy(n->name, name, strlen(name) + 1);
	return true;
}

bool known_names_keep(struct server *s, uint64_t parent, const char *name, uint64_t node, uint64_t generation)
{
	struct known_names *k = s->known_names;
	bool kept;

	if (!k || strlen(name) >= NAME_ROOM)
		return false;
	pthread_mutex_lock(&k->lock);
	/* a change after this finds it here */
	kept = generation == atomic_load(&s->generation) && add(k, parent, name, node);
	pthread_mutex_unlock(&k->lock);
	return kept;
}

/* By name: a node may outlive one of its names, as that of an mdev does that waits for its guest. */
static bool holds(struct backend *b, const struct known_name *n)
{
	uint64_t node = 0;

	(void)b->ops->find(b, n->parent, n->name, NULL, &node);
	return node == n->node;
}

/* Frees a slot: those behind it that belong before move up. Call with the lock held. */
static void take_out(struct known_names *k, unsigned hole)
{
	unsigned i = hole;

	k->count--;
	for (;;) {
		unsigned home;

		k->slot[hole].parent = 0;
		do {
			i = (i + 1) % SLOTS;
			if (!k->slot[i].parent)
				return;
			home = home_of(k->slot[i].parent, k->slot[i].name);
		} while ((i - home) % SLOTS < (i - hole) % SLOTS);
		k->slot[hole] = k->slot[i];
		hole = i;
	}
}

/*
 * From slot *i on: takes out the next name that no longer holds, or that makes room (stands for nothing, where all
 * places are taken). false: there is none.
 */
static bool take_next(struct known_names *k, struct backend *b, bool make_room, unsigned *i, struct known_name *ret)
{
	bool found = false;

	pthread_mutex_lock(&k->lock);
	for (; *i < SLOTS && !found; *i += !found) {
		const struct known_name *n = &k->slot[*i];

		if (!n->parent || (holds(b, n) && !(make_room && !n->node)))
			continue;
		*ret = *n;
		take_out(k, *i);
		found = true;
	}
	pthread_mutex_unlock(&k->lock);
	return found;
}

/* Whoever holds it may wait for the kernel, and that for a request: then somebody must go on reading them. */
static void begin_sorting(struct server *s)
{
	if (pthread_mutex_trylock(&s->known_names->sorting) == 0)
		return;
	loop_begin_wait(s->loop);
	pthread_mutex_lock(&s->known_names->sorting);
	loop_end_wait(s->loop);
}

void known_names_changed(struct server *s)
{
	struct known_names *k = s->known_names;
	bool full, waits = false;
	struct known_name n;
	unsigned i = 0;

	if (!k)
		return;
	begin_sorting(s);
	pthread_mutex_lock(&k->lock);
	full = k->count == NAMES;
	pthread_mutex_unlock(&k->lock);
	/* told without the lock: a lookup that the kernel waits for may want it */
	while (take_next(k, s->backend, full, &i, &n)) {
		/* most changes are of no name that is kept: they wake nobody */
		if (!waits)
			loop_begin_wait(s->loop);
		waits = true;
		epoch_drop_name(s, n.parent, n.name);
	}
	if (waits)
		loop_end_wait(s->loop);
	pthread_mutex_unlock(&k->sorting);
}
