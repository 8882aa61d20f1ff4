/* SPDX-License-Identifier: MIT */
/* Listings of one moment, as long as they are kept; and never one of two that passes for one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fs/dir_cache.h"

#define LARGE 4000

/* A directory's names are COUNT numbers from FIRST on; directory n has n names more. */
struct fake {
	struct backend backend;	/* first */
	unsigned first, count, lists;
};

static int fake_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct fake *f = (struct fake *)b;
	char name[16];

	(void)caller;
	f->lists++;
	for (unsigned i = f->first; i < f->first + f->count + dir; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		emit(ctx, name, i, NODE_IS_FILE);
	}
	return 0;
}

static const struct backend_ops fake_ops = { .list = fake_list };
static struct fake fake;
static struct dir_cache *cache;

static void setup(void)
{
	fake = (struct fake){ .backend.ops = &fake_ops, .first = 10, .count = 3 };
	cache = dir_cache_new();
	cr_assert(cache);
}

static void teardown(void)
{
	dir_cache_free(cache);
}

TestSuite(dir_cache, .init = setup, .fini = teardown);

static bool has(const struct cached_dir *d, const char *name)
{
	const struct dir_buffer *b = cached_dir_buffer(d);

	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->entry[i].name, name) == 0)
			return true;
	return false;
}

static struct cached_dir *get(uint64_t dir, uint64_t generation)
{
	struct cached_dir *d;

	cr_assert_eq(dir_cache_get(cache, &fake.backend, dir, generation, &d), 0);
	return d;
}

static struct cached_dir *go_on(uint64_t dir, uint64_t generation, uint64_t position)
{
	struct cached_dir *d;

	cr_assert_eq(dir_cache_go_on(cache, &fake.backend, dir, generation, position, &d), 0);
	return d;
}

Test(dir_cache, first_listing_has_the_positions_of_kernfs)
{
	struct cached_dir *d = get(1, 0);
	const struct dir_buffer *b = cached_dir_buffer(d);

	cr_assert_eq(b->count, 4);
	cr_assert_eq(dir_buffer_position(b, 0), b->entry[0].hash);
	cr_assert_eq(dir_buffer_position(b, 4), 0x7fffffff);
	cr_assert(cached_dir_holds(cache, d, 0));
	dir_cache_put(cache, d);
}

Test(dir_cache, rest_is_of_the_moment_of_the_beginning)
{
	struct cached_dir *old = get(1, 0), *new, *rest;
	uint64_t old_position = dir_buffer_position(cached_dir_buffer(old), 2), new_position;

	dir_cache_put(cache, old);
	fake.first = 11;
	new = get(1, 1);
	new_position = dir_buffer_position(cached_dir_buffer(new), 2);
	cr_assert(!has(new, "n10") && has(new, "n14"));
	cr_assert(cached_dir_holds(cache, new, 1));
	rest = go_on(1, 1, old_position);
	cr_assert(has(rest, "n10") && !has(rest, "n14"));
	cr_assert(!cached_dir_holds(cache, rest, 1), "an old listing is not for the kernel to keep");
	cr_assert_neq(dir_position_moment(new_position), dir_position_moment(old_position));
	dir_cache_put(cache, rest);
	dir_cache_put(cache, new);
}

Test(dir_cache, same_content_is_the_same_moment)
{
	struct cached_dir *old = get(1, 0), *new = get(1, 7);

	cr_assert_eq(old, new);
	cr_assert_eq(fake.lists, 2);
	cr_assert(cached_dir_holds(cache, new, 7));
	dir_cache_put(cache, old);
	dir_cache_put(cache, new);
	dir_cache_put(cache, get(1, 7));
	cr_assert_eq(fake.lists, 2, "listed anew although nothing changed");
}

Test(dir_cache, what_was_given_up_is_not_put_together_with_another)
{
	struct cached_dir *old = get(1, 0), *rest;
	uint64_t position = dir_buffer_position(cached_dir_buffer(old), 2);

	dir_cache_put(cache, old);
	fake.count = LARGE;
	for (uint64_t dir = 2; dir < 2 + 200; dir++)
		dir_cache_put(cache, get(dir, 0));
	fake.count = 3;
	/* nothing of it changed: it is what it was */
	rest = go_on(1, 0, position);
	cr_assert_eq(dir_position_moment(dir_buffer_position(cached_dir_buffer(rest), 0)), dir_position_moment(position));
	cr_assert(cached_dir_holds(cache, rest, 0));
	dir_cache_put(cache, rest);

	fake.count = LARGE;
	for (uint64_t dir = 300; dir < 500; dir++)
		dir_cache_put(cache, get(dir, 0));
	fake.count = 3;
	fake.first = 11;
	rest = go_on(1, 1, position);
	cr_assert(has(rest, "n14"));
	cr_assert(!cached_dir_holds(cache, rest, 1), "half of one and half of the other");
	/* and whoever goes on with it stays with it */
	position = dir_buffer_position(cached_dir_buffer(rest), 3);
	dir_cache_put(cache, rest);
	fake.first = 12;
	rest = go_on(1, 2, position);
	cr_assert(has(rest, "n11") && !has(rest, "n15"));
	dir_cache_put(cache, rest);
}
