/* SPDX-License-Identifier: MIT */
#include "fs/dir_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define KEPT 16

struct cached_dir {
	struct dir_buffer buffer;
	uint64_t dir, generation;
	unsigned users;		/* readers, and the cache itself */
};

struct dir_cache {
	pthread_mutex_t lock;
	struct cached_dir *kept[KEPT];	/* both and users protected by lock; NULL: none */
	unsigned next;			/* the place that is given up next */
};

struct dir_cache *dir_cache_new(void)
{
	struct dir_cache *c = calloc(1, sizeof(*c));

	if (c)
		pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void free_dir(struct cached_dir *d)
{
	dir_buffer_free(&d->buffer);
	free(d);
}

void dir_cache_free(struct dir_cache *c)
{
	if (!c)
		return;
	for (int i = 0; i < KEPT; i++)
		if (c->kept[i])
			free_dir(c->kept[i]);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct cached_dir *find(struct dir_cache *c, uint64_t dir, uint64_t generation)
{
	struct cached_dir *found = NULL;

	pthread_mutex_lock(&c->lock);
	for (int i = 0; i < KEPT && !found; i++)
		if (c->kept[i] && c->kept[i]->dir == dir && c->kept[i]->generation == generation)
			found = c->kept[i];
	if (found)
		found->users++;
	pthread_mutex_unlock(&c->lock);
	return found;
}

void dir_cache_put(struct dir_cache *c, struct cached_dir *d)
{
	bool last;

	pthread_mutex_lock(&c->lock);
	last = --d->users == 0;
	pthread_mutex_unlock(&c->lock);
	if (last)
		free_dir(d);
}

/* Keeps a new one in place of the oldest. */
static void keep(struct dir_cache *c, struct cached_dir *d)
{
	struct cached_dir *old;

	pthread_mutex_lock(&c->lock);
	old = c->kept[c->next];
	c->kept[c->next] = d;
	c->next = (c->next + 1) % KEPT;
	pthread_mutex_unlock(&c->lock);
	if (old)
		dir_cache_put(c, old);
}

int dir_cache_get(struct dir_cache *c, struct backend *b, uint64_t dir, uint64_t generation, struct cached_dir **ret)
{
	struct cached_dir *d = find(c, dir, generation);
	int rc;

	*ret = d;
	if (d)
		return 0;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->dir = dir;
	d->generation = generation;
	d->users = 2;
	rc = dir_buffer_fill(&d->buffer, b, dir, NULL);
	if (rc < 0) {
		free(d);
		return rc;
	}
	keep(c, d);
	*ret = d;
	return 0;
}

const struct dir_buffer *cached_dir_buffer(const struct cached_dir *d)
{
	return &d->buffer;
}
