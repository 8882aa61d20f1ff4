/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/parse.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MAX UINT64_MAX

Test(parse, a_number_is_read_like_kstrtoul_does)
{
	static const struct {
		const char *label, *text;
		int rc;
		uint64_t value;
	} rows[] = {
		{ "decimal", "5", 0, 5 },
		{ "hex", "0x5", 0, 5 },
		{ "upper-case prefix", "0X5", 0, 5 },
		{ "hex letters of either case", "0xaB", 0, 0xab },
		{ "octal", "05", 0, 5 },
		{ "octal is a trap", "010", 0, 8 },
		{ "plus", "+5", 0, 5 },
		{ "plus and hex", "+0x5", 0, 5 },
		{ "plus and octal", "+010", 0, 8 },
		{ "newline", "5\n", 0, 5 },
		{ "zero", "0", 0, 0 },
		{ "many zeros", "00000000000000000000000000000005", 0, 5 },
		{ "0x3f", "0x3f", 0, 63 },
		{ "beyond 32 bits", "4294967301", 0, UINT64_C(4294967301) },
		{ "largest", "18446744073709551615", 0, MAX },
		{ "largest in hex", "0xffffffffffffffff", 0, MAX },
		{ "largest in octal", "01777777777777777777777", 0, MAX },
		{ "2^64", "18446744073709551616", -ERANGE, 0 },
		{ "2^64 in hex", "0x10000000000000000", -ERANGE, 0 },
		{ "2^64 in octal", "02000000000000000000000", -ERANGE, 0 },
		{ "2^64 + 5", "18446744073709551621", -ERANGE, 0 },
		{ "0x10000000000000005", "0x10000000000000005", -ERANGE, 0 },
		{ "twenty nines", "99999999999999999999", -ERANGE, 0 },
		{ "too large wins over what follows", "18446744073709551616x", -ERANGE, 0 },
		{ "nothing", "", -EINVAL, 0 },
		{ "newline only", "\n", -EINVAL, 0 },
		{ "sign only", "+", -EINVAL, 0 },
		{ "minus", "-1", -EINVAL, 0 },
		{ "minus zero", "-0", -EINVAL, 0 },
		{ "two signs", "++5", -EINVAL, 0 },
		{ "plus minus", "+-5", -EINVAL, 0 },
		{ "blank behind", "5 ", -EINVAL, 0 },
		{ "blank in front", " 5", -EINVAL, 0 },
		{ "tab in front", "\t5", -EINVAL, 0 },
		{ "newline in front", "\n5", -EINVAL, 0 },
		{ "two newlines", "5\n\n", -EINVAL, 0 },
		{ "carriage return", "5\r\n", -EINVAL, 0 },
		{ "hex without prefix", "a", -EINVAL, 0 },
		{ "hex digit in octal", "0a", -EINVAL, 0 },
		{ "8 in octal", "08", -EINVAL, 0 },
		{ "x without 0", "x5", -EINVAL, 0 },
		{ "prefix only", "0x", -EINVAL, 0 },
		{ "prefix and newline", "0x\n", -EINVAL, 0 },
		{ "prefix and no hex", "0xg", -EINVAL, 0 },
		{ "prefix and sign", "0x+5", -EINVAL, 0 },
		{ "letter behind", "5g", -EINVAL, 0 },
		{ "list", "5,6", -EINVAL, 0 },
		{ "two numbers", "5 6", -EINVAL, 0 },
		{ "fraction", "5.0", -EINVAL, 0 },
		{ "exponent", "1e1", -EINVAL, 0 },
		{ "binary", "0b1", -EINVAL, 0 },
		{ "quotes", "\"5\"", -EINVAL, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t ret = 4711;
		int rc = parse_ulong(rows[i].text, &ret);

		cr_expect_eq(rc, rows[i].rc, "%s: %d, not %d", rows[i].label, rc, rows[i].rc);
		cr_expect_eq(ret, rows[i].rc ? 4711 : rows[i].value, "%s: %" PRIu64, rows[i].label, ret);
	}
}

Test(parse, a_scanned_int_stops_at_the_first_other_byte)
{
	static const struct {
		const char *label, *text;
		int rc_i, i, rc_d, d; /* as %i and as %d */
	} rows[] = {
		{ "decimal", "4", 0, 4, 0, 4 },
		{ "newline", "4\n", 0, 4, 0, 4 },
		{ "newlines", "6\n\n", 0, 6, 0, 6 },
		{ "hex", "0x47", 0, 0x47, 0, 0 },
		{ "upper-case hex", "0XFF", 0, 255, 0, 0 },
		{ "hex and letters behind", "0x47xyz", 0, 0x47, 0, 0 },
		{ "blanks in front", "  71", 0, 71, 0, 71 },
		{ "blank behind", "71 ", 0, 71, 0, 71 },
		{ "tab in front", "\t0xab", 0, 0xab, 0, 0 },
		{ "newline in front", "\n30", 0, 30, 0, 30 },
		{ "every kind of blank in front", " \t\n\v\f\r\xa0"
						  "5",
		  0, 5, 0, 5 },
		{ "zero", "0", 0, 0, 0, 0 },
		{ "octal", "010", 0, 8, 0, 10 },
		{ "larger octal", "0377", 0, 255, 0, 377 },
		{ "8 in octal", "08", 0, 0, 0, 8 },
		{ "0x alone", "0x", 0, 0, 0, 0 },
		{ "0x and no hex", "0xg", 0, 0, 0, 0 },
		{ "minus", "-1", 0, -1, 0, -1 },
		{ "minus hex", "-0x10", 0, -16, 0, 0 },
		{ "letters behind", "1abc", 0, 1, 0, 1 },
		{ "second number", "1 2", 0, 1, 0, 1 },
		{ "list", "4,5", 0, 4, 0, 4 },
		{ "fraction", "5.5", 0, 5, 0, 5 },
		{ "unit", "30s", 0, 30, 0, 30 },
		{ "exponent", "1e1", 0, 1, 0, 1 },
		{ "truncated to an int", "4294967297", 0, 1, 0, 1 },
		{ "truncated below 0", "99999999999", 0, 1215752191, 0, 1215752191 },
		{ "2^31 is below 0", "2147483648", 0, INT32_MIN, 0, INT32_MIN },
		{ "largest int", "2147483647", 0, INT32_MAX, 0, INT32_MAX },
		{ "smallest int", "-2147483648", 0, INT32_MIN, 0, INT32_MIN },
		{ "2^64 - 1", "18446744073709551615", 0, -1, 0, -1 },
		{ "nothing", "", -EINVAL, 0, -EINVAL, 0 },
		{ "newline only", "\n", -EINVAL, 0, -EINVAL, 0 },
		{ "blank only", " ", -EINVAL, 0, -EINVAL, 0 },
		{ "plus", "+4", -EINVAL, 0, -EINVAL, 0 },
		{ "minus only", "-", -EINVAL, 0, -EINVAL, 0 },
		{ "two minus", "--4", -EINVAL, 0, -EINVAL, 0 },
		{ "minus and plus", "-+4", -EINVAL, 0, -EINVAL, 0 },
		{ "minus and blank", "- 4", -EINVAL, 0, -EINVAL, 0 },
		{ "letters", "abc", -EINVAL, 0, -EINVAL, 0 },
		{ "x without 0", "x5", -EINVAL, 0, -EINVAL, 0 },
		{ "comma", ",4", -EINVAL, 0, -EINVAL, 0 },
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		for (int saturates = 0; saturates <= 1; saturates++) {
			int i = 4711, d = 4711, rc;

			rc = parse_scan_int(rows[n].text, false, saturates, &i);
			cr_expect_eq(rc, rows[n].rc_i, "%s: %%i is %d", rows[n].label, rc);
			cr_expect_eq(i, rc ? 4711 : rows[n].i, "%s: %%i gives %d", rows[n].label, i);
			rc = parse_scan_int(rows[n].text, true, saturates, &d);
			cr_expect_eq(rc, rows[n].rc_d, "%s: %%d is %d", rows[n].label, rc);
			cr_expect_eq(d, rc ? 4711 : rows[n].d, "%s: %%d gives %d", rows[n].label, d);
		}
	}
}

Test(parse, numbers_beyond_64_bits_wrap_or_saturate)
{
	static const struct {
		const char *text;
		uint64_t wrapped;
		int wrapped_int, saturated_int;
	} rows[] = {
		{ "18446744073709551616", 0, 0, -1 },
		{ "18446744073709551620", 4, 4, -1 },
		{ "36893488147419103232", 0, 0, -1 },
		{ "99999999999999999999999", UINT64_C(200376420520689663), -159383553, -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value;
		int number;

		cr_expect_eq(parse_scan_ull(rows[i].text, false, &value), 0, "%s", rows[i].text);
		cr_expect_eq(value, rows[i].wrapped, "%s: %" PRIu64, rows[i].text, value);
		cr_expect_eq(parse_scan_ull(rows[i].text, true, &value), 0, "%s", rows[i].text);
		cr_expect_eq(value, MAX, "%s: %" PRIu64, rows[i].text, value);
		cr_expect_eq(parse_scan_int(rows[i].text, true, false, &number), 0, "%s", rows[i].text);
		cr_expect_eq(number, rows[i].wrapped_int, "%s: %d", rows[i].text, number);
		cr_expect_eq(parse_scan_int(rows[i].text, false, true, &number), 0, "%s", rows[i].text);
		cr_expect_eq(number, rows[i].saturated_int, "%s: %d", rows[i].text, number);
	}
}

Test(parse, a_scanned_unsigned_number_takes_no_sign_and_no_prefix)
{
	static const struct {
		const char *label, *text;
		int rc;
		uint64_t value;
	} rows[] = {
		{ "decimal", "1000000000", 0, 1000000000 },
		{ "newline", "7\n", 0, 7 },
		{ "leading zero is decimal", "010", 0, 10 },
		{ "0x stops at the x", "0x10", 0, 0 },
		{ "blanks in front", " \n12", 0, 12 },
		{ "letters behind", "12us", 0, 12 },
		{ "largest", "18446744073709551615", 0, MAX },
		{ "minus", "-1", -EINVAL, 0 },
		{ "plus", "+1", -EINVAL, 0 },
		{ "letters", "a", -EINVAL, 0 },
		{ "nothing", "", -EINVAL, 0 },
		{ "newline only", "\n", -EINVAL, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t ret = 4711;
		int rc = parse_scan_ull(rows[i].text, false, &ret);

		cr_expect_eq(rc, rows[i].rc, "%s: %d", rows[i].label, rc);
		cr_expect_eq(ret, rc ? 4711 : rows[i].value, "%s: %" PRIu64, rows[i].label, ret);
	}
}

Test(parse, a_flag_is_decided_by_its_first_one_or_two_bytes)
{
	static const struct {
		const char *text;
		int before_7_2, since_7_2; /* 0, 1, or -EINVAL */
	} rows[] = {
		{ "1", 1, 1 },
		{ "y", 1, 1 },
		{ "Y", 1, 1 },
		{ "t", 1, 1 },
		{ "T", 1, 1 },
		{ "0", 0, 0 },
		{ "n", 0, 0 },
		{ "N", 0, 0 },
		{ "f", 0, 0 },
		{ "F", 0, 0 },
		{ "on", 1, 1 },
		{ "On", 1, 1 },
		{ "oN", 1, 1 },
		{ "ON", 1, 1 },
		{ "once", 1, 1 },
		{ "off", 0, 0 },
		{ "Off", 0, 0 },
		{ "oF", 0, 0 },
		{ "OFF", 0, 0 },
		{ "of", 0, 0 },
		{ "1\n", 1, 1 },
		{ "0\n", 0, 0 },
		{ "yes", 1, 1 },
		{ "no", 0, 0 },
		{ "true", 1, 1 },
		{ "false", 0, 0 },
		{ "10", 1, 1 },
		{ "01", 0, 0 },
		{ "1 ", 1, 1 },
		{ "0x1", 0, 0 },
		{ "e", -EINVAL, 1 },
		{ "E", -EINVAL, 1 },
		{ "enable", -EINVAL, 1 },
		{ "d", -EINVAL, 0 },
		{ "D", -EINVAL, 0 },
		{ "disable", -EINVAL, 0 },
		{ "", -EINVAL, -EINVAL },
		{ "\n", -EINVAL, -EINVAL },
		{ " 1", -EINVAL, -EINVAL },
		{ "o", -EINVAL, -EINVAL },
		{ "o\n", -EINVAL, -EINVAL },
		{ "ox", -EINVAL, -EINVAL },
		{ "O", -EINVAL, -EINVAL },
		{ "2", -EINVAL, -EINVAL },
		{ "-1", -EINVAL, -EINVAL },
		{ "+1", -EINVAL, -EINVAL },
		{ "x", -EINVAL, -EINVAL },
		{ "\xff", -EINVAL, -EINVAL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int enable = 0; enable <= 1; enable++) {
			int expected = enable ? rows[i].since_7_2 : rows[i].before_7_2;

			for (int before = 0; before <= 1; before++) {
				bool ret = before;
				int rc = parse_bool(rows[i].text, enable, &ret);

				cr_expect_eq(rc, expected < 0 ? expected : 0, "'%s': %d", rows[i].text, rc);
				cr_expect_eq(ret, expected < 0 ? before : expected, "'%s'", rows[i].text);
			}
		}
	}
}

Test(parse, a_name_may_have_one_newline_behind)
{
	static const struct {
		const char *text, *name;
		bool same;
	} rows[] = {
		{ "card05", "card05", true },
		{ "card05\n", "card05", true },
		{ "", "", true },
		{ "\n", "", true },
		{ "card05\n\n", "card05", false },
		{ "card05 ", "card05", false },
		{ " card05", "card05", false },
		{ "card0", "card05", false },
		{ "card055", "card05", false },
		{ "CARD05", "card05", false },
		{ "", "card05", false },
		{ "\n", "card05", false },
		{ "card05\nx", "card05", false },
		{ "card05\r\n", "card05", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_expect_eq(parse_name_is(rows[i].text, rows[i].name), rows[i].same, "row %zu: '%s'", i,
			     rows[i].text);
}

static const uint8_t example[16] = { 0x62, 0x17, 0x78, 0x83, 0xf1, 0xbb, 0x47, 0xf0,
				     0x91, 0x4d, 0x32, 0xa2, 0x2e, 0x3a, 0x88, 0x04 };

Test(parse, a_uuid_is_36_characters_of_any_case)
{
	static const uint8_t nil[16];
	static const struct {
		const char *label, *text;
		const uint8_t *uuid; /* NULL: refused */
	} rows[] = {
		{ "lower case", "62177883-f1bb-47f0-914d-32a22e3a8804", example },
		{ "upper case", "62177883-F1BB-47F0-914D-32A22E3A8804", example },
		{ "newline behind", "62177883-f1bb-47f0-914d-32a22e3a8804\n", example },
		{ "anything behind", "62177883-f1bb-47f0-914d-32a22e3a8804xyz", example },
		{ "nil", "00000000-0000-0000-0000-000000000000", nil },
		{ "nothing", "", NULL },
		{ "one short", "62177883-f1bb-47f0-914d-32a22e3a880", NULL },
		{ "no dashes", "62177883f1bb47f0914d32a22e3a8804", NULL },
		{ "no dashes, long enough", "62177883f1bb47f0914d32a22e3a88040000", NULL },
		{ "first dash early", "6217788-3f1bb-47f0-914d-32a22e3a8804", NULL },
		{ "second dash early", "62177883-f1b-b47f0-914d-32a22e3a8804", NULL },
		{ "third dash late", "62177883-f1bb-47f09-14d-32a22e3a8804", NULL },
		{ "last dash missing", "62177883-f1bb-47f0-914d032a22e3a8804", NULL },
		{ "one dash more", "62177883-f1bb-47f0-914d-32a2-2e3a8804", NULL },
		{ "braces", "{62177883-f1bb-47f0-914d-32a22e3a8804}", NULL },
		{ "blank in front", " 62177883-f1bb-47f0-914d-32a22e3a8804", NULL },
		{ "not hex, high digit", "g2177883-f1bb-47f0-914d-32a22e3a8804", NULL },
		{ "not hex, low digit", "6g177883-f1bb-47f0-914d-32a22e3a8804", NULL },
		{ "not hex at the end", "62177883-f1bb-47f0-914d-32a22e3a880g", NULL },
		{ "newline inside", "62177883-f1bb-47f0-914d-32a22e3a880\n", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t ret[16], before[16];
		int rc;

		memset(before, 0x5a, sizeof(before));
		memcpy(ret, before, sizeof(ret));
		rc = parse_uuid(rows[i].text, ret);
		cr_expect_eq(rc, rows[i].uuid ? 0 : -EINVAL, "%s: %d", rows[i].label, rc);
		cr_expect_arr_eq(ret, rows[i].uuid ? rows[i].uuid : before, 16, "%s", rows[i].label);
	}
}

Test(parse, a_uuid_is_written_in_lower_case)
{
	char text[UUID_TEXT];

	memset(text, 'x', sizeof(text));
	format_uuid(example, text);
	cr_expect_str_eq(text, "62177883-f1bb-47f0-914d-32a22e3a8804");
}

Test(parse, every_cut_of_a_uuid_is_refused)
{
	char text[UUID_TEXT];
	uint8_t ret[16];

	for (size_t length = 0; length < UUID_TEXT - 1; length++) {
		format_uuid(example, text);
		text[length] = '\0';
		cr_expect_eq(parse_uuid(text, ret), -EINVAL, "%zu characters", length);
	}
}

Test(parse, an_apqn_is_exactly_seven_characters)
{
	static const struct {
		const char *text;
		int rc;
		unsigned adapter, domain;
	} rows[] = {
		{ "05.0004", 0, 5, 4 },
		{ "00.0000", 0, 0, 0 },
		{ "ff.00ff", 0, 255, 255 },
		{ "0a.00ab", 0, 10, 171 },
		{ "05.0100", -EINVAL, 0, 0 },
		{ "05.ffff", -EINVAL, 0, 0 },
		{ "05.0004\n", -EINVAL, 0, 0 },
		{ "05.00044", -EINVAL, 0, 0 },
		{ "05.004", -EINVAL, 0, 0 },
		{ "5.0004", -EINVAL, 0, 0 },
		{ "005.0004", -EINVAL, 0, 0 },
		{ "05:0004", -EINVAL, 0, 0 },
		{ "0A.0004", -EINVAL, 0, 0 },
		{ "05.00AB", -EINVAL, 0, 0 },
		{ "", -EINVAL, 0, 0 },
		{ "05", -EINVAL, 0, 0 },
		{ "05.", -EINVAL, 0, 0 },
		{ "05.0x04", -EINVAL, 0, 0 },
		{ "card05", -EINVAL, 0, 0 },
		{ " 05.0004", -EINVAL, 0, 0 },
		{ "0", -EINVAL, 0, 0 },
		{ "g5.0004", -EINVAL, 0, 0 },
		{ "05.-004", -EINVAL, 0, 0 },
		{ "+5.0004", -EINVAL, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned adapter = 4711, domain = 4711;
		int rc = parse_apqn(rows[i].text, &adapter, &domain);

		cr_expect_eq(rc, rows[i].rc, "'%s': %d", rows[i].text, rc);
		cr_expect_eq(adapter, rc ? 4711 : rows[i].adapter, "'%s'", rows[i].text);
		cr_expect_eq(domain, rc ? 4711 : rows[i].domain, "'%s'", rows[i].text);
	}
}

Test(parse, digits_tell_how_far_they_go)
{
	static const struct {
		const char *text;
		bool base10;
		size_t taken;
		uint64_t value;
		bool overflow;
	} rows[] = {
		{ "123-5", false, 3, 123, false },
		{ "0x1f,", false, 4, 31, false },
		{ "017", false, 3, 15, false },
		{ "019", false, 2, 1, false },
		{ "0x", false, 1, 0, false },
		{ "0xg", false, 1, 0, false },
		{ "0x1f", true, 1, 0, false },
		{ "017", true, 3, 17, false },
		{ "", false, 0, 0, false },
		{ "x", false, 0, 0, false },
		{ "-1", false, 0, 0, false },
		{ "18446744073709551615", false, 20, MAX, false },
		{ "18446744073709551617", false, 20, 1, true },
		{ "0x1ffffffffffffffff", false, 19, MAX, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 4711;
		bool overflow = false;
		size_t taken = parse_digits(rows[i].text, rows[i].base10, &value, &overflow);

		cr_expect_eq(taken, rows[i].taken, "'%s': %zu", rows[i].text, taken);
		cr_expect_eq(value, taken ? rows[i].value : 4711, "'%s': %" PRIu64, rows[i].text, value);
		cr_expect_eq(overflow, rows[i].overflow, "'%s'", rows[i].text);
	}
}

Test(parse, only_sixteen_digits_and_six_capitals_are_hex)
{
	static const char digits[] = "0123456789abcdef", capitals[] = "ABCDEF";

	for (int c = -128; c < 128; c++) {
		const char *digit = c ? strchr(digits, (char)c) : NULL;
		const char *capital = c ? strchr(capitals, (char)c) : NULL;
		int expected = digit ? (int)(digit - digits) : capital ? (int)(capital - capitals) + 10
								       : -EINVAL;

		cr_expect_eq(parse_hex_digit((char)c), expected, "byte %d", c);
	}
}
