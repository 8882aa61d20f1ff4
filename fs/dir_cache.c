/* SPDX-License-Identifier: MIT */
#include "fs/dir_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define BUCKETS 16384
#define KNOWN 65536		/* a power of two, as BUCKETS */
#define KEPT_BYTES (16u << 20)
#define NAME_BYTES 16		/* what a name takes, about */

struct cached_dir {
	struct dir_buffer buffer;
	uint64_t dir;
	uint64_t generation;	/* the last one of which it is known to be right; protected by the cache's lock */
	bool mixed;		/* whoever reads it began with another */
	unsigned users;		/* readers, and the cache itself; protected by the cache's lock */
	/* protected by the cache's lock */
	struct cached_dir *next;		/* in its bucket */
	struct cached_dir *older, *newer;	/* in the row */
};

/* The newest listing of a directory that there was: its moment outlives it. */
struct known {
	uint64_t dir;		/* 0: none */
	uint64_t content;
	uint32_t moment;
};

struct dir_cache {
	pthread_mutex_t lock;	/* of all below */
	struct cached_dir *bucket[BUCKETS];	/* by directory, the newest first */
	struct cached_dir *oldest, *newest;	/* the row, by use */
	size_t bytes;
	uint32_t moments;	/* the last number given; 0 is for first listings */
	struct known known[KNOWN];
};

static size_t place_of(uint64_t dir, size_t places)
{
	return (size_t)((dir * UINT64_C(0x9e3779b97f4a7c15)) >> 40) & (places - 1);
}

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

static size_t bytes_of(const struct cached_dir *d)
{
	return sizeof(*d) + d->buffer.count * (sizeof(*d->buffer.entry) + NAME_BYTES);
}

/* Call with the lock held, as all up to find_moment. */
static void row_add(struct dir_cache *c, struct cached_dir *d)
{
	d->older = c->newest;
	d->newer = NULL;
	*(d->older ? &d->older->newer : &c->oldest) = d;
	c->newest = d;
}

static void row_remove(struct dir_cache *c, struct cached_dir *d)
{
	*(d->older ? &d->older->newer : &c->oldest) = d->newer;
	*(d->newer ? &d->newer->older : &c->newest) = d->older;
}

/* Gives up the one that was used longest ago. */
static void give_up(struct dir_cache *c)
{
	struct cached_dir *d = c->oldest, **at = &c->bucket[place_of(d->dir, BUCKETS)];

	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	row_remove(c, d);
	c->bytes -= bytes_of(d);
	if (--d->users == 0)
		free_dir(d);
}

void dir_cache_free(struct dir_cache *c)
{
	if (!c)
		return;
	while (c->oldest)
		give_up(c);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct cached_dir *use(struct dir_cache *c, struct cached_dir *d)
{
	row_remove(c, d);
	row_add(c, d);
	d->users++;
	return d;
}

/* Call with the lock held. */
static struct cached_dir *find_moment(struct dir_cache *c, uint64_t dir, uint32_t moment)
{
	struct cached_dir *d = c->bucket[place_of(dir, BUCKETS)];

	while (d && (d->dir != dir || d->buffer.moment != moment))
		d = d->next;
	return d ? use(c, d) : NULL;
}

static struct cached_dir *find_generation(struct dir_cache *c, uint64_t dir, uint64_t generation)
{
	struct cached_dir *d;

	pthread_mutex_lock(&c->lock);
	d = c->bucket[place_of(dir, BUCKETS)];
	while (d && (d->dir != dir || d->generation != generation || d->mixed))
		d = d->next;
	if (d)
		use(c, d);
	pthread_mutex_unlock(&c->lock);
	return d;
}

/* Call with the lock held. */
static uint32_t next_moment(struct dir_cache *c)
{
	c->moments = (c->moments + 1) % DIR_MOMENTS;
	c->moments += c->moments == 0;
	return c->moments;
}

/* Call with the lock held. */
static uint32_t moment_of(struct dir_cache *c, uint64_t dir, uint64_t content)
{
	struct known *k = &c->known[place_of(dir, KNOWN)];

	if (!k->dir)
		*k = (struct known){ dir, content, 0 };
	else if (k->dir != dir || k->content != content)
		*k = (struct known){ dir, content, next_moment(c) };
	return k->moment;
}

/* Call with the lock held. */
static void keep(struct dir_cache *c, struct cached_dir *d)
{
	struct cached_dir **bucket = &c->bucket[place_of(d->dir, BUCKETS)];

	d->next = *bucket;
	*bucket = d;
	row_add(c, d);
	c->bytes += bytes_of(d);
	d->users++;
	while (c->bytes > KEPT_BYTES && c->oldest != d)
		give_up(c);
}

/* The new listing, or the one of the same content that is there already. */
static struct cached_dir *keep_or_find(struct dir_cache *c, struct cached_dir *d, uint64_t content)
{
	struct cached_dir *same = NULL;

	pthread_mutex_lock(&c->lock);
	d->buffer.moment = d->mixed ? next_moment(c) : moment_of(c, d->dir, content);
	if (!d->mixed)
		same = find_moment(c, d->dir, d->buffer.moment);
	if (!same)
		keep(c, d);
	else if (same->generation < d->generation)
		same->generation = d->generation;
	pthread_mutex_unlock(&c->lock);
	if (!same)
		return d;
	free_dir(d);
	return same;
}

static int make(struct dir_cache *c, struct backend *b, struct cached_dir model, struct cached_dir **ret)
{
	struct cached_dir *d = malloc(sizeof(*d));
	int rc;

	if (!d)
		return -ENOMEM;
	*d = model;
	d->users = 1;
	rc = dir_buffer_fill(&d->buffer, b, d->dir, NULL);
	if (rc < 0) {
		free(d);
		return rc;
	}
	*ret = keep_or_find(c, d, dir_buffer_content(&d->buffer));
	return 0;
}

int dir_cache_get(struct dir_cache *c, struct backend *b, uint64_t dir, uint64_t generation, struct cached_dir **ret)
{
	*ret = find_generation(c, dir, generation);
	return *ret ? 0 : make(c, b, (struct cached_dir){ .dir = dir, .generation = generation }, ret);
}

int dir_cache_go_on(struct dir_cache *c, struct backend *b, uint64_t dir, uint64_t generation, uint64_t position,
		    struct cached_dir **ret)
{
	uint32_t moment = dir_position_moment(position);
	int rc;

	pthread_mutex_lock(&c->lock);
	*ret = find_moment(c, dir, moment);
	pthread_mutex_unlock(&c->lock);
	if (*ret)
		return 0;
	rc = dir_cache_get(c, b, dir, generation, ret);
	if (rc < 0 || (*ret)->buffer.moment == moment)
		return rc;
	dir_cache_put(c, *ret);
	return make(c, b, (struct cached_dir){ .dir = dir, .generation = generation, .mixed = true }, ret);
}

const struct dir_buffer *cached_dir_buffer(const struct cached_dir *d)
{
	return &d->buffer;
}

bool cached_dir_holds(struct dir_cache *c, const struct cached_dir *d, uint64_t generation)
{
	bool holds;

	pthread_mutex_lock(&c->lock);
	holds = d->generation == generation && !d->mixed;
	pthread_mutex_unlock(&c->lock);
	return holds;
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
