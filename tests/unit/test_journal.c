/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/journal.h"

static size_t unpack(const void *record, char *payload, size_t size)
{
	memcpy(payload, record, JOURNAL_COMPACT);
	return JOURNAL_COMPACT;
}

/* What event number n is: compact ones come in long runs, as of a mask write, with texts of any length between. */
static size_t event_of(uint64_t n, char text[512])
{
	uint64_t run = n / 50000;
	size_t length = run % 3 == 2 ? 20 + n * 7 % 400 : JOURNAL_COMPACT;

	memset(text, (int)('a' + n % 26), length);
	snprintf(text, length, "%08llx", (unsigned long long)n);
	return length;
}

static void add(struct journal *j, uint64_t n)
{
	char text[512];
	size_t length = event_of(n, text);

	if (length == JOURNAL_COMPACT)
		memcpy(journal_compact(j), text, length);
	else
		journal_event(j, text, length);
}

/* The number of the oldest that is there; all behind it must be as they were written. */
static uint64_t check(const struct journal *j, uint64_t next)
{
	char wanted[512], got[4096];
	uint64_t oldest = 0;

	cr_assert(journal_next(j) == next);
	cr_assert(journal_payload(j, next, got, sizeof(got)) == 0);
	for (uint64_t n = next; n-- > 0;) {
		size_t length = journal_payload(j, n, got, sizeof(got));

		if (!length) {
			oldest = n + 1;
			break;
		}
		cr_assert(length == event_of(n, wanted) && memcmp(got, wanted, length) == 0, "event %llu of %llu",
			  (unsigned long long)n, (unsigned long long)next);
	}
	for (uint64_t n = 0; n < oldest; n += 1 + oldest / 64)
		cr_assert(journal_payload(j, n, got, sizeof(got)) == 0);
	return oldest;
}

Test(journal, what_is_kept_is_as_it_was_written_and_the_oldest_go)
{
	struct journal *j = journal_new();
	uint64_t oldest = 0;

	cr_assert(j);
	journal_set_unpack(j, unpack);
	for (uint64_t n = 0; n < 1500000; n++) {
		add(j, n);
		if (n % 33333 == 0 || n == 262143) {
			uint64_t now = check(j, n + 1);

			cr_expect(now >= oldest, "what was gone is there again");
			oldest = now;
		}
		/* a mask write that moves every queue of a full machine is kept, and its like before it */
		if (n == 149999 || n == 1350000)
			cr_expect(n + 1 - oldest >= 50000);
	}
	cr_expect(oldest > 0);
	journal_free(j);
}
