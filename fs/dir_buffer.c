/* SPDX-License-Identifier: MIT */
#include "fs/dir_buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIR_END 0x7fffffff	/* a position behind all hashes */
#define BEFORE_SHIFT 32
#define BEFORE_MASK 0xff
#define MOMENT_SHIFT 40

/* Entries while they are collected: names by offset, since the arena moves when it grows. */
struct collection {
	struct dir_buffer *d;
	size_t entries_size, names_length, names_size;
	bool failed;
};

uint32_t dir_hash(const char *name)
{
	uint64_t x = 0;
	uint32_t h;

	for (; *name; name++) {
		uint64_t c = (unsigned char)*name;

		x = (x + (c << 4) + (c >> 4)) * 11;
	}
	h = (uint32_t)((x * UINT64_C(0x61C8864680B583EB)) >> 32) & 0x7fffffff;
	/* 0, 1 and the greatest are the kernel's own marks */
	if (h < 2)
		h += 2;
	return h >= 0x7fffffff ? 0x7ffffffe : h;
}

static bool grow(void **data, size_t *size, size_t needed, size_t unit)
{
	size_t next = *size ? *size : 64;
	void *moved;

	if (needed <= *size)
		return true;
	while (next < needed)
		next *= 2;
	moved = realloc(*data, next * unit);
	if (!moved)
		return false;
	*data = moved;
	*size = next;
	return true;
}

static void collect(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct collection *c = ctx;
	size_t length = strlen(name) + 1;

	if (c->failed || !grow((void **)&c->d->entry, &c->entries_size, c->d->count + 1, sizeof(*c->d->entry)) ||
	    !grow((void **)&c->d->names, &c->names_size, c->names_length + length, 1)) {
		c->failed = true;
		return;
	}
	memcpy(c->d->names + c->names_length, name, length);
	c->d->entry[c->d->count++] = (struct dir_entry){ (const char *)c->names_length, node, dir_hash(name), type };
	c->names_length += length;
}

/* Gives back what was taken to grow: listings are kept, by the thousand. */
static void trim(void **data, size_t length)
{
	void *moved = length ? realloc(*data, length) : NULL;

	if (moved)
		*data = moved;
}

static int compare(const void *a, const void *b)
{
	const struct dir_entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->name, y->name);
}

int dir_buffer_fill(struct dir_buffer *d, struct backend *b, uint64_t dir, const struct caller *caller)
{
	struct collection c = { .d = d };
	int rc;

	*d = (struct dir_buffer){ 0 };
	rc = b->ops->list(b, dir, caller, collect, &c);
	if (rc == -ENOENT)
		return 0;
	if (rc < 0 || c.failed) {
		dir_buffer_free(d);
		return rc < 0 ? rc : -ENOMEM;
	}
	trim((void **)&d->entry, d->count * sizeof(*d->entry));
	trim((void **)&d->names, c.names_length);
	for (size_t i = 0; i < d->count; i++)
		d->entry[i].name = d->names + (size_t)d->entry[i].name;
	if (d->count)
		qsort(d->entry, d->count, sizeof(*d->entry), compare);
	return 0;
}

void dir_buffer_free(struct dir_buffer *d)
{
	free(d->entry);
	free(d->names);
	*d = (struct dir_buffer){ 0 };
}

uint64_t dir_buffer_position(const struct dir_buffer *d, size_t i)
{
	uint64_t before = 0, moment = (uint64_t)d->moment << MOMENT_SHIFT;

	if (i >= d->count)
		return moment | DIR_END;
	while (before < i && d->entry[i - before - 1].hash == d->entry[i].hash)
		before++;
	return moment | before << BEFORE_SHIFT | d->entry[i].hash;
}

size_t dir_buffer_find(const struct dir_buffer *d, uint64_t position)
{
	uint32_t hash = (uint32_t)position;
	size_t low = 0, high = d->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->entry[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (uint64_t before = position >> BEFORE_SHIFT & BEFORE_MASK;
	     before && low < d->count && d->entry[low].hash == hash; before--)
		low++;
	return low;
}

uint32_t dir_position_moment(uint64_t position)
{
	return position >> MOMENT_SHIFT & (DIR_MOMENTS - 1);
}

static uint64_t mix(uint64_t sum, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	/* FNV-1a */
	for (size_t i = 0; i < length; i++)
		sum = (sum ^ at[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t dir_buffer_content(const struct dir_buffer *d)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < d->count; i++) {
		unsigned char type = (unsigned char)d->entry[i].type;

		sum = mix(sum, d->entry[i].name, strlen(d->entry[i].name) + 1);
		sum = mix(sum, &d->entry[i].node, sizeof(d->entry[i].node));
		sum = mix(sum, &type, 1);
	}
	return sum;
}
