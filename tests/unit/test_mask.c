/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <string.h>

#include "core/mask.h"

/* A mask from ids, ended by -1. */
static struct ap_mask of(const int *ids)
{
	struct ap_mask m;

	ap_mask_fill(&m, false);
	for (; *ids >= 0; ids++)
		ap_mask_set(&m, (unsigned)*ids);
	return m;
}

#define OF(...) of((const int[]){ __VA_ARGS__, -1 })
#define NONE of((const int[]){ -1 })

static struct ap_mask full(void)
{
	struct ap_mask m;

	ap_mask_fill(&m, true);
	return m;
}

Test(mask, each_number_is_its_own_bit)
{
	for (unsigned id = 0; id < AP_IDS; id++) {
		struct ap_mask m = NONE;

		ap_mask_set(&m, id);
		for (unsigned other = 0; other < AP_IDS; other++)
			cr_expect_eq(ap_mask_has(&m, other), other == id, "%u in {%u}", other, id);
		cr_expect_eq(ap_mask_count(&m), 1, "count of {%u}", id);
		cr_expect_eq(ap_mask_next(&m, 0), (int)id, "first of {%u}", id);
		cr_expect_eq(ap_mask_next(&m, id), (int)id, "next of {%u} at it", id);
		cr_expect_eq(ap_mask_next(&m, id + 1), -1, "next of {%u} after it", id);
		cr_expect_eq(ap_mask_last(&m), (int)id, "last of {%u}", id);
		ap_mask_clear(&m, id);
		cr_expect(ap_mask_empty(&m), "{%u} without %u", id, id);
	}
}

Test(mask, clearing_one_number_leaves_the_others)
{
	for (unsigned id = 0; id < AP_IDS; id++) {
		struct ap_mask m = full();

		ap_mask_clear(&m, id);
		cr_expect_eq(ap_mask_count(&m), 255, "%u", id);
		cr_expect_not(ap_mask_has(&m, id), "%u", id);
		cr_expect_not(ap_mask_full(&m), "%u", id);
		cr_expect_not(ap_mask_empty(&m), "%u", id);
	}
}

Test(mask, number_0_is_the_leftmost_bit_on_every_host)
{
	cr_expect_eq(OF(0).word[0], UINT64_C(0x8000000000000000));
	cr_expect_eq(OF(63).word[0], UINT64_C(1));
	cr_expect_eq(OF(64).word[1], UINT64_C(0x8000000000000000));
	cr_expect_eq(OF(255).word[3], UINT64_C(1));
}

Test(mask, fill_makes_it_empty_or_full)
{
	struct ap_mask m = full();

	cr_expect(ap_mask_full(&m));
	cr_expect_not(ap_mask_empty(&m));
	cr_expect_eq(ap_mask_count(&m), 256);
	cr_expect_eq(ap_mask_next(&m, 0), 0);
	cr_expect_eq(ap_mask_last(&m), 255);
	ap_mask_fill(&m, false);
	cr_expect(ap_mask_empty(&m));
	cr_expect_not(ap_mask_full(&m));
	cr_expect_eq(ap_mask_count(&m), 0);
	cr_expect_eq(ap_mask_next(&m, 0), -1);
	cr_expect_eq(ap_mask_last(&m), -1);
}

Test(mask, set_algebra_follows_its_table)
{
	const struct row {
		const char *label;
		struct ap_mask a, b, both, only_a, either;
	} rows[] = {
		{ "nothing with nothing", NONE, NONE, NONE, NONE, NONE },
		{ "nothing with something", NONE, OF(5, 255), NONE, NONE, OF(5, 255) },
		{ "something with nothing", OF(5, 255), NONE, NONE, OF(5, 255), OF(5, 255) },
		{ "apart", OF(0, 64), OF(1, 65), NONE, OF(0, 64), OF(0, 1, 64, 65) },
		{ "meet in the first word", OF(3, 70), OF(3, 200), OF(3), OF(70), OF(3, 70, 200) },
		{ "meet in the second word", OF(64, 1), OF(64), OF(64), OF(1), OF(1, 64) },
		{ "meet in the third word", OF(128, 1), OF(128), OF(128), OF(1), OF(1, 128) },
		{ "meet in the last word", OF(1, 255), OF(2, 255), OF(255), OF(1), OF(1, 2, 255) },
		{ "equal", OF(7, 99), OF(7, 99), OF(7, 99), NONE, OF(7, 99) },
		{ "all with some", full(), full(), full(), NONE, full() },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct ap_mask ret;

		ap_mask_and(&r->a, &r->b, &ret);
		cr_expect(ap_mask_equal(&ret, &r->both), "%s: and", r->label);
		ap_mask_without(&r->a, &r->b, &ret);
		cr_expect(ap_mask_equal(&ret, &r->only_a), "%s: without", r->label);
		ap_mask_or(&r->a, &r->b, &ret);
		cr_expect(ap_mask_equal(&ret, &r->either), "%s: or", r->label);
		cr_expect_eq(ap_mask_meets(&r->a, &r->b), !ap_mask_empty(&r->both), "%s: meets", r->label);
		cr_expect_eq(ap_mask_equal(&r->a, &r->b), memcmp(&r->a, &r->b, sizeof(r->a)) == 0,
			     "%s: equal", r->label);
	}
}

Test(mask, the_result_may_be_an_operand)
{
	struct ap_mask a = OF(1, 2), b = OF(2, 3), expected = OF(2);

	ap_mask_and(&a, &b, &a);
	cr_expect(ap_mask_equal(&a, &expected), "and into the first");
	a = OF(1, 2);
	expected = OF(1);
	ap_mask_without(&a, &b, &b);
	cr_expect(ap_mask_equal(&b, &expected), "without into the second");
	b = OF(2, 3);
	expected = OF(1, 2, 3);
	ap_mask_or(&a, &b, &b);
	cr_expect(ap_mask_equal(&b, &expected), "or into the second");
}

Test(mask, a_walk_meets_every_member_in_order)
{
	static const int ids[] = { 0, 1, 62, 63, 64, 127, 128, 130, 191, 192, 254, 255, -1 };
	struct ap_mask m = of(ids);
	unsigned seen = 0;

	for (int i = ap_mask_next(&m, 0); i >= 0; i = ap_mask_next(&m, (unsigned)i + 1)) {
		cr_assert_eq(i, ids[seen], "member %u", seen);
		seen++;
	}
	cr_expect_eq(ids[seen], -1, "all were met");
}

Test(mask, next_beyond_the_last_number_is_none)
{
	struct ap_mask m = full();

	cr_expect_eq(ap_mask_next(&m, 255), 255);
	cr_expect_eq(ap_mask_next(&m, 256), -1);
	cr_expect_eq(ap_mask_next(&m, UINT32_MAX), -1);
}

Test(mask, format_writes_all_digits_with_number_0_leftmost)
{
	const struct row {
		const char *label;
		struct ap_mask mask;
		const char *text;
	} rows[] = {
		{ "empty", NONE, "0x0000000000000000000000000000000000000000000000000000000000000000" },
		{ "full", full(), "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" },
		{ "0", OF(0), "0x8000000000000000000000000000000000000000000000000000000000000000" },
		{ "255", OF(255), "0x0000000000000000000000000000000000000000000000000000000000000001" },
		{ "5 6", OF(5, 6), "0x0600000000000000000000000000000000000000000000000000000000000000" },
		{ "4 0x47 0xab 0xff", OF(4, 0x47, 0xab, 0xff),
		  "0x0800000000000000010000000000000000000000001000000000000000000001" },
		{ "every digit", OF(3, 6, 10, 11, 13, 17, 19, 21, 22, 25, 26, 27, 28, 32, 35, 36, 38, 40, 42, 43, 44, 45, 48, 49, 51, 52, 53, 54, 56, 57, 58, 59),
		  "0x123456789abcdef0000000000000000000000000000000000000000000000000" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[AP_MASK_TEXT];

		memset(text, 'x', sizeof(text));
		ap_mask_format(&rows[i].mask, text);
		cr_expect_str_eq(text, rows[i].text, "%s", rows[i].label);
	}
}
