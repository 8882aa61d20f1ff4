/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "core/page.h"

Test(page, a_fresh_page_is_an_empty_text)
{
	char data[8] = "garbage";
	struct page p;

	page_init_fixed(&p, data, sizeof(data));
	cr_expect_eq(p.length, 0);
	cr_expect_eq(p.size, sizeof(data));
	cr_expect_str_eq(p.data, "");
	cr_expect_not(p.grows);
}

Test(page, text_is_appended)
{
	char data[SYSFS_PAGE];
	struct page p;

	page_init_fixed(&p, data, sizeof(data));
	page_printf(&p, "%02x.%04x\n", 5u, 0xabu);
	page_printf(&p, "%s", "");
	page_append(&p, "tail", 2);
	page_append(&p, "x", 0);
	cr_expect_str_eq(p.data, "05.00ab\nta");
	cr_expect_eq(p.length, 10);
}

Test(page, bytes_of_any_value_are_appended)
{
	char data[16];
	struct page p;

	page_init_fixed(&p, data, sizeof(data));
	page_append(&p, "a\0b", 3);
	page_printf(&p, "c");
	cr_expect_eq(p.length, 4);
	cr_expect_arr_eq(p.data, "a\0bc", 5);
}

Test(page, a_fixed_page_cuts_what_does_not_fit_and_touches_nothing_behind)
{
	static const struct {
		const char *text;
		size_t size;
		const char *kept;
	} rows[] = {
		{ "", 1, "" },
		{ "a", 1, "" },
		{ "a", 2, "a" },
		{ "ab", 2, "a" },
		{ "abc", 4, "abc" },
		{ "abcd", 4, "abc" },
		{ "abcdefghij", 4, "abc" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int how = 0; how < 2; how++) {
			char data[16];
			struct page p;

			memset(data, '#', sizeof(data));
			page_init_fixed(&p, data, rows[i].size);
			if (how)
				page_printf(&p, "%s", rows[i].text);
			else
				page_append(&p, rows[i].text, strlen(rows[i].text));
			cr_expect_str_eq(p.data, rows[i].kept, "row %zu", i);
			cr_expect_eq(p.length, strlen(rows[i].kept), "row %zu", i);
			cr_expect_eq(data[rows[i].size], '#', "row %zu: written beyond the end", i);
		}
	}
}

Test(page, a_full_page_stays_as_it_is)
{
	char data[4];
	struct page p;

	page_init_fixed(&p, data, sizeof(data));
	page_printf(&p, "abc");
	page_printf(&p, "d%d", 5);
	page_append(&p, "e", 1);
	cr_expect_str_eq(p.data, "abc");
	cr_expect_eq(p.length, 3);
	cr_expect_eq(p.size, 4);
}

Test(page, a_sysfs_page_holds_4095_bytes)
{
	char data[SYSFS_PAGE];
	struct page p;

	page_init_fixed(&p, data, sizeof(data));
	for (int i = 0; i < 1000; i++)
		page_printf(&p, "%02x.%04x\n", 5u, 4u);
	cr_expect_eq(p.length, 4095);
	cr_expect_str_eq(p.data + 4088, "05.0004");
}

Test(page, a_growing_page_keeps_everything)
{
	struct page p;

	cr_assert_eq(page_init_growing(&p), 0);
	cr_expect_str_eq(p.data, "");
	for (int i = 0; i < 65536; i++)
		page_printf(&p, "%02x.%04x\n", (unsigned)i >> 8, (unsigned)i & 255);
	cr_expect_eq(p.length, 65536 * 8);
	cr_expect_eq(strlen(p.data), p.length);
	cr_expect_str_eq(p.data + p.length - 8, "ff.00ff\n");
	page_free(&p);
	cr_expect_null(p.data);
}

Test(page, a_growing_page_takes_a_text_larger_than_itself)
{
	size_t length = 5 * SYSFS_PAGE + 7;
	char *text = malloc(length + 1);
	struct page p;

	cr_assert_not_null(text);
	memset(text, 'x', length);
	text[length] = '\0';
	for (int how = 0; how < 2; how++) {
		cr_assert_eq(page_init_growing(&p), 0);
		page_append(&p, "head ", 5);
		if (how)
			page_printf(&p, "%s", text);
		else
			page_append(&p, text, length);
		cr_expect_eq(p.length, 5 + length);
		cr_expect_str_eq(p.data + 5, text);
		page_free(&p);
	}
	free(text);
}

Test(page, growing_at_the_brim_loses_no_byte)
{
	struct page p;

	for (size_t before = SYSFS_PAGE - 3; before <= SYSFS_PAGE; before++) {
		cr_assert_eq(page_init_growing(&p), 0);
		for (size_t i = 0; i < before; i++)
			page_append(&p, "a", 1);
		page_printf(&p, "%s", "bc");
		cr_expect_eq(p.length, before + 2, "%zu bytes before", before);
		cr_expect_str_eq(p.data + before - 1, "abc", "%zu bytes before", before);
		page_free(&p);
	}
}

Test(page, freeing_a_fixed_page_leaves_its_data_alone)
{
	char data[4];
	struct page p;

	page_init_fixed(&p, data, sizeof(data));
	page_printf(&p, "abc");
	page_free(&p);
	cr_expect_str_eq(data, "abc");
}

Test(page, a_page_that_cannot_grow_is_filled_and_cut)
{
	static const size_t impossible[] = { SIZE_MAX / 4, SIZE_MAX - SYSFS_PAGE, SIZE_MAX };
	char text[SYSFS_PAGE];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
		struct page p;

		cr_assert_eq(page_init_growing(&p), 0);
		page_append(&p, "head", 4);
		/* no more than the room is read of it */
		page_append(&p, text, impossible[i]);
		cr_expect_eq(p.length, SYSFS_PAGE - 1, "row %zu", i);
		cr_expect_eq(strlen(p.data), p.length, "row %zu", i);
		page_free(&p);
	}
}

Test(page, what_cannot_be_formatted_leaves_the_text)
{
	char data[32];
	struct page p;

	page_init_fixed(&p, data, sizeof(data));
	page_printf(&p, "before");
	/* no character of the C locale */
	page_printf(&p, "and %lc", (wint_t)0xd800);
	cr_expect_str_eq(p.data, "before");
	cr_expect_eq(p.length, 6);
}
