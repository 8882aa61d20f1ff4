/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "fs/walkers.h"

#define FIND 100
#define LS 101

/* A whole directory: its listing, in two requests, and then each of its three files if it came without attributes. */
static bool walk(struct walkers *w, uint32_t thread, uint64_t dir, bool looks)
{
	bool came = walkers_want_attributes(w, thread, dir, true);

	cr_assert_eq(walkers_want_attributes(w, thread, dir, false), came, "a listing is of one kind to its end");
	for (int i = 0; looks && !came && i < 3; i++)
		walkers_look_up(w, thread, dir);
	return came;
}

static unsigned walk_many(struct walkers *w, uint32_t thread, bool looks)
{
	unsigned with = 0;

	for (uint64_t dir = 1; dir <= 1000; dir++)
		with += walk(w, thread, dir, looks);
	return with;
}

Test(walkers, names_are_enough_for_whoever_asks_for_no_more)
{
	static struct walkers w;

	cr_assert_eq(walk_many(&w, FIND, false), 0);
}

Test(walkers, whoever_looks_gets_attributes_but_for_a_directory_now_and_then)
{
	static struct walkers w;
	unsigned with = walk_many(&w, LS, true);

	cr_assert_geq(with, 980);
	cr_assert_lt(with, 1000, "else nobody would see that he looks no more");
}

Test(walkers, who_looks_no_more_gets_names_soon)
{
	static struct walkers w;

	walk_many(&w, LS, true);
	cr_assert_leq(walk_many(&w, LS, false), 64);
	cr_assert_eq(walk_many(&w, LS, false), 0);
}

Test(walkers, one_is_not_taken_for_another)
{
	static struct walkers w;

	walk_many(&w, LS, true);
	cr_assert_eq(walk_many(&w, FIND, false), 0);
	/* of the same place in the table */
	walk_many(&w, LS + WALKERS, true);
	cr_assert_eq(walkers_want_attributes(&w, LS, 7, true), false);
}

Test(walkers, a_name_elsewhere_says_nothing)
{
	static struct walkers w;

	walkers_want_attributes(&w, FIND, 1, true);
	walkers_look_up(&w, FIND, 2);
	walkers_look_up(&w, LS, 1);
	cr_assert_not(walkers_want_attributes(&w, FIND, 3, true));
}
