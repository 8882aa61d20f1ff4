/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "core/mask_parse.h"

#define D16(d) d d d d d d d d d d d d d d d d
#define D60(d) D16(d) D16(d) D16(d) d d d d d d d d d d d d
#define D62(d) D60(d) d d
#define D63(d) D62(d) d
#define D64(d) D63(d) d
#define D65(d) D64(d) d

/* What is expected: digits from the left, then one digit to the end, the last digits given again. */
struct digits {
	const char *head;	/* NULL: refused */
	char fill;
	const char *tail;
};

#define ZEROS(head_) { head_, '0', "" }
#define ONES(head_) { head_, 'f', "" }
#define REFUSED { NULL, 0, NULL }

static void write_expected(const struct digits *d, char text[AP_MASK_TEXT])
{
	memset(text, d->fill, AP_MASK_TEXT);
	memcpy(text, "0x", 2);
	memcpy(text + 2, d->head, strlen(d->head));
	memcpy(text + 66 - strlen(d->tail), d->tail, strlen(d->tail) + 1);
}

/* One parse's outcome against what is expected of it; ret held pattern before. */
static void expect(const char *label, int rc, const struct ap_mask *ret, const struct digits *expected)
{
	char text[AP_MASK_TEXT], wanted[AP_MASK_TEXT];
	struct ap_mask pattern;

	memset(&pattern, 0x5a, sizeof(pattern));
	if (!expected->head) {
		cr_expect_eq(rc, -EINVAL, "%s: is %d, not refused", label, rc);
		cr_expect(ap_mask_equal(ret, &pattern), "%s: was refused, but changed the result", label);
		return;
	}
	write_expected(expected, wanted);
	ap_mask_format(ret, text);
	cr_expect_eq(rc, 0, "%s: is refused (%d)", label, rc);
	cr_expect_str_eq(text, wanted, "%s: %s, not %s", label, text, wanted);
}

static void expect_parse(const char *label, const char *text, bool base, enum mask_overflow overflow,
			 const struct digits *expected)
{
	struct ap_mask old, ret;

	ap_mask_fill(&old, base);
	memset(&ret, 0x5a, sizeof(ret));
	expect(label, mask_parse(text, &old, overflow, &ret), &ret, expected);
}

static const struct absolute_row {
	const char *label, *text;
	struct digits expected;
} absolute_rows[] = {
	{ "four digits", "0xffff", ZEROS("ffff") },
	{ "without prefix", "ffff", ZEROS("ffff") },
	{ "x alone as prefix", "xffff", ZEROS("ffff") },
	{ "0x4 is number 1", "0x4", ZEROS("4") },
	{ "x4", "x4", ZEROS("4") },
	{ "one digit and a newline", "4\n", ZEROS("4") },
	{ "1 is number 3, not 255", "1", ZEROS("1") },
	{ "odd count of digits", "0x123", ZEROS("123") },
	{ "seven digits", "0x1234567", ZEROS("1234567") },
	{ "upper-case digits", "0xDEADBEEF", ZEROS("deadbeef") },
	{ "mixed-case digits", "0xDeAdbEeF", ZEROS("deadbeef") },
	{ "leading zeros count", "0x01", ZEROS("01") },
	{ "a zero before digits is a digit", "0ff", ZEROS("0ff") },
	{ "two zeros before digits", "00ff", ZEROS("00ff") },
	{ "one zero", "0", ZEROS("0") },
	{ "0x0", "0x0", ZEROS("0") },
	{ "no digit: nothing", "", ZEROS("") },
	{ "no digit: newline", "\n", ZEROS("") },
	{ "no digit: 0x", "0x", ZEROS("") },
	{ "no digit: 0x and a newline", "0x\n", ZEROS("") },
	{ "no digit: x", "x", ZEROS("") },
	{ "no digit: x and a newline", "x\n", ZEROS("") },
	{ "newline at the end", "0xff\n", ZEROS("ff") },
	{ "62 digits", "0x" D62("f"), { D62("f"), '0', "" } },
	{ "63 digits", "0x" D63("f"), { D63("f"), '0', "" } },
	{ "64 digits", "0x" D64("a"), { D64("a"), 'a', "" } },
	{ "64 digits and a newline", "0x" D64("a") "\n", { D64("a"), 'a', "" } },
	{ "64 digits without prefix", D64("1"), { D64("1"), '1', "" } },
	{ "64 zeros", "0x" D64("0"), ZEROS("") },
	{ "number 255 alone", "0x" D63("0") "1", { "", '0', "1" } },
	{ "number 0 alone", "0x8" D63("0"), ZEROS("8") },

	{ "upper-case prefix", "0X4", REFUSED },
	{ "upper-case X", "X4", REFUSED },
	{ "two x", "0xx1", REFUSED },
	{ "xx", "xx", REFUSED },
	{ "prefix twice", "0x0xff", REFUSED },
	{ "no digit at all", "g", REFUSED },
	{ "not a digit behind the prefix", "0xg", REFUSED },
	{ "not a digit behind a digit", "0xfg", REFUSED },
	{ "blank in front", " 0x4", REFUSED },
	{ "tab in front", "\t0xff", REFUSED },
	{ "newline in front", "\n0xff", REFUSED },
	{ "blank behind", "0x4 ", REFUSED },
	{ "blank and newline", "0xff \n", REFUSED },
	{ "blank alone", " ", REFUSED },
	{ "blank behind the prefix", "0x ff", REFUSED },
	{ "two newlines", "0x4\n\n", REFUSED },
	{ "carriage return", "0x4\r\n", REFUSED },
	{ "text behind the newline", "0xff\ngarbage", REFUSED },
	{ "x behind", "4x", REFUSED },
	{ "comma behind", "0xff,", REFUSED },
	{ "two masks", "0x4,0x5", REFUSED },
	{ "absolute, then relative", "0xff,+1", REFUSED },
	{ "sign behind the prefix", "0x-1", REFUSED },
	{ "plus behind the prefix", "0x+1", REFUSED },
	{ "blank between digits", "0xffff ffff", REFUSED },
	{ "underscore between digits", "0xffff_ffff", REFUSED },
	{ "65 digits", "0x" D65("f"), REFUSED },
	{ "65 zeros", "0x" D65("0"), REFUSED },
	{ "65 digits without prefix", D65("1"), REFUSED },
	{ "128 digits", "0x" D64("f") D64("f"), REFUSED },
	{ "64 digits and two newlines", "0x" D64("f") "\n\n", REFUSED },
	{ "64 digits and a blank", "0x" D64("f") " ", REFUSED },
	{ "tilde", "~5", REFUSED },
	{ "equals sign", "=5", REFUSED },
	{ "not ASCII", "\xc3\xa4", REFUSED },
	{ "newline before a sign", "\n+1", REFUSED },
	{ "comma before a sign", ",-5", REFUSED },
	{ "blank before a sign", " -5", REFUSED },
};

Test(mask_parse, an_absolute_text_replaces_the_mask_whatever_it_was)
{
	for (size_t i = 0; i < sizeof(absolute_rows) / sizeof(absolute_rows[0]); i++) {
		const struct absolute_row *r = &absolute_rows[i];

		expect_parse(r->label, r->text, false, MASK_OVERFLOW_SATURATES, &r->expected);
		expect_parse(r->label, r->text, true, MASK_OVERFLOW_WRAPS, &r->expected);
	}
}

Test(mask_parse, the_absolute_parser_alone_reads_the_same)
{
	for (size_t i = 0; i < sizeof(absolute_rows) / sizeof(absolute_rows[0]); i++) {
		const struct absolute_row *r = &absolute_rows[i];
		struct ap_mask ret;

		memset(&ret, 0x5a, sizeof(ret));
		expect(r->label, mask_parse_absolute(r->text, &ret), &ret, &r->expected);
	}
}

Test(mask_parse, the_absolute_parser_alone_refuses_relative_texts)
{
	const char *const texts[] = { "+1", "-1", "+0-255", "-5,-6\n", "+", "-" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ap_mask ret;

		memset(&ret, 0x5a, sizeof(ret));
		expect(texts[i], mask_parse_absolute(texts[i], &ret), &ret, &(struct digits)REFUSED);
	}
}

Test(mask_parse, a_relative_text_changes_a_full_mask)
{
	static const struct {
		const char *label, *text;
		struct digits expected;
	} rows[] = {
		{ "two single numbers", "-5,-6\n", ONES("f9") },
		{ "one", "-5", ONES("fb") },
		{ "newline", "-5\n", ONES("fb") },
		{ "newlines", "-5\n\n", ONES("fb") },
		{ "comma behind", "-5,", ONES("fb") },
		{ "commas behind", "-5,,", ONES("fb") },
		{ "commas between", "-5,,-6", ONES("f9") },
		{ "newline between", "-5\n-6", ONES("f9") },
		{ "separators between", "-5\n,\n-6", ONES("f9") },
		{ "nothing between", "-5+6", ONES("fb") },
		{ "a minus between is a range", "-5-6", ONES("f9") },
		{ "range", "-5-10", ONES("f81") },
		{ "range with hex end", "-5-0xa", ONES("f81") },
		{ "range in hex", "-0x5-0xA", ONES("f81") },
		{ "range of one", "-5-5", ONES("fb") },
		{ "range, then a number", "-5-10-12", ONES("f817") },
		{ "range, then back one", "-5-10,+7", ONES("f91") },
		{ "range, then back a range", "-5-10+7-8", ONES("f99") },
		{ "a later item wins", "-5+5", ONES("") },
		{ "all", "-0-255", ZEROS("") },
		{ "all, then one back", "-0-255,+3", ZEROS("1") },
		{ "one, then all away", "+3,-0-255", ZEROS("") },
		{ "all, then a range back", "-0-255,+1-3", ZEROS("7") },
		{ "last number", "-255", { "", 'f', "e" } },
		{ "last number in hex", "-0xff", { "", 'f', "e" } },
		{ "upper-case prefix", "-0X5", ONES("fb") },
		{ "octal", "-010", ONES("ff7") },
		{ "octal end of range", "-06-010", ONES("fc7") },
		{ "zero", "-0", ONES("7") },
		{ "two zeros", "-00", ONES("7") },
		{ "already set", "+0", ONES("") },
		{ "the kernel document's domains", "-4,-0x47,-0xab,-0xff\n", { "f7fffffffffffffffeffffffffffffffffffffffffef", 'f', "e" } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_parse(rows[i].label, rows[i].text, true, MASK_OVERFLOW_SATURATES,
			     &rows[i].expected);
		expect_parse(rows[i].label, rows[i].text, true, MASK_OVERFLOW_INT, &rows[i].expected);
	}
}

Test(mask_parse, a_relative_text_changes_an_empty_mask)
{
	static const struct {
		const char *label, *text;
		struct digits expected;
	} rows[] = {
		{ "one", "+5", ZEROS("04") },
		{ "newline", "+5\n", ZEROS("04") },
		{ "first", "+0", ZEROS("8") },
		{ "last", "+255", { "", '0', "1" } },
		{ "all", "+0-255", ONES("") },
		{ "range of one", "+5-5", ZEROS("04") },
		{ "range", "+5-10", ZEROS("07e") },
		{ "range in hex", "+0x5-0xa", ZEROS("07e") },
		{ "range in upper-case hex", "+0xA-0XF", ZEROS("003f") },
		{ "octal", "+010", ZEROS("008") },
		{ "largest octal", "+0377", { "", '0', "1" } },
		{ "many zeros", "+0x000000000000000000000000000005", ZEROS("04") },
		{ "many octal zeros", "+0000000000000000000000000000005", ZEROS("04") },
		{ "nothing between", "+0+1", ZEROS("c") },
		{ "commas between", "+0,,+1", ZEROS("c") },
		{ "comma behind", "+0,", ZEROS("8") },
		{ "range across two words", "+63-64", ZEROS("00000000000000018") },
		{ "set, then taken away", "+5-10,-6-7", ZEROS("04e") },
		{ "taking away what is not there", "-5", ZEROS("") },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_parse(rows[i].label, rows[i].text, false, MASK_OVERFLOW_WRAPS,
			     &rows[i].expected);
	}
}

Test(mask_parse, a_bad_relative_text_is_refused_by_every_kernel)
{
	static const char *const texts[] = {
		"+", "-", "++", "++5", "--5", "+-5", "-+5", "+,5", "+ 1", "- 5", "+1 ", "+1\t", "+1\r\n",
		"-5 ", "-5, -6", "-5 -6", "-5;-6", "-5,6", "+0,1", "-5,0xff", "-5,xyz", "-5,-",
		"-5--10", "-5-+10", "+1--2", "-5-", "+1-", "-5-,", "+1-\n", "-5-10-", "+5-3", "-10-5",
		"-256", "-0x100", "+0400", "+0-256", "+256-257", "-5,-300", "-5,-0-256",
		"-08", "-09", "+0x", "-0x", "-0xg", "+0X", "-5,-0x", "+x5", "-a", "-5g", "-1e1", "-0b1", "-5#",
		"-5.", "+5-3,+1", "+1,,x", "-5,\x01", "+5\xa0",
		"+18446744073709551615", "+0-18446744073709551615", "+2147483648", "+4294967295",
		"-99999999999999999999", "+9999999999999999999999999999999",
	};
	static const enum mask_overflow kernels[] = { MASK_OVERFLOW_INT, MASK_OVERFLOW_WRAPS,
						      MASK_OVERFLOW_SATURATES };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t k = 0; k < 3; k++)
			for (int base = 0; base <= 1; base++)
				expect_parse(texts[i], texts[i], base, kernels[k], &(struct digits)REFUSED);
}

Test(mask_parse, numbers_beyond_a_word_are_read_as_the_kernel_does)
{
	static const struct {
		const char *text;
		struct digits as_int, wraps, saturates;
	} rows[] = {
		{ "+4294967301", ZEROS("04"), REFUSED, REFUSED },
		{ "+0x100000005", ZEROS("04"), REFUSED, REFUSED },
		{ "+18446744073709551616", ZEROS("8"), ZEROS("8"), REFUSED },
		{ "+18446744073709551621", ZEROS("04"), ZEROS("04"), REFUSED },
		{ "+0x10000000000000005", ZEROS("04"), ZEROS("04"), REFUSED },
		{ "+02000000000000000000005", ZEROS("04"), ZEROS("04"), REFUSED },
		{ "+0-18446744073709551616", ZEROS("8"), ZEROS("8"), REFUSED },
		{ "+0-18446744073709551626", ZEROS("ffe"), ZEROS("ffe"), REFUSED },
		{ "+0-4294967306", ZEROS("ffe"), REFUSED, REFUSED },
		{ "+4294967296-4294967306", ZEROS("ffe"), REFUSED, REFUSED },
		{ "+18446744073709551616,+1", ZEROS("c"), ZEROS("c"), REFUSED },
		/* 2^64 + 256 */
		{ "+18446744073709551872", REFUSED, REFUSED, REFUSED },
		/* 2^65: more than twice the size still wraps */
		{ "+36893488147419103232", ZEROS("8"), ZEROS("8"), REFUSED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_parse(rows[i].text, rows[i].text, false, MASK_OVERFLOW_INT, &rows[i].as_int);
		expect_parse(rows[i].text, rows[i].text, false, MASK_OVERFLOW_WRAPS, &rows[i].wraps);
		expect_parse(rows[i].text, rows[i].text, false, MASK_OVERFLOW_SATURATES,
			     &rows[i].saturates);
	}
}

Test(mask_parse, the_result_may_be_the_old_mask)
{
	struct ap_mask mask;
	char text[AP_MASK_TEXT];

	ap_mask_fill(&mask, true);
	cr_expect_eq(mask_parse("-5,-6", &mask, MASK_OVERFLOW_WRAPS, &mask), 0);
	cr_expect_eq(mask_parse("+5,x", &mask, MASK_OVERFLOW_WRAPS, &mask), -EINVAL);
	ap_mask_format(&mask, text);
	cr_expect_str_eq(text, "0xf9" D62("f"));
}

Test(mask_parse, what_format_writes_parse_reads_back)
{
	struct ap_mask mask, ret;
	char text[AP_MASK_TEXT];

	for (unsigned seed = 1; seed <= 1000; seed++) {
		uint64_t x = seed;

		for (unsigned i = 0; i < AP_MASK_WORDS; i++) {
			x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			mask.word[i] = x;
		}
		ap_mask_format(&mask, text);
		cr_expect_eq(mask_parse_absolute(text, &ret), 0, "%s", text);
		cr_expect(ap_mask_equal(&mask, &ret), "%s", text);
	}
}

#define Z D64("0")
#define M6 "0x06" D62("0")
#define M8 "0x08" D62("0")

Test(mask_parse, ap_config_reads_three_absolute_masks)
{
	static const struct {
		const char *label, *text;
		struct digits expected[3]; /* the first NULL: refused */
	} rows[] = {
		{ "three", "0x06,0x08,0x08", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "each its own", "0x1,0x2,0x4", { ZEROS("1"), ZEROS("2"), ZEROS("4") } },
		{ "newline", "0x06,0x08,0x08\n", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "newlines", "0x06,0x08,0x08\n\n", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "newlines for commas", "0x06\n0x08\n0x08", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "no prefix", "06,08,08", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "digits count from the left", "6,8,8", { ZEROS("6"), ZEROS("8"), ZEROS("8") } },
		{ "x as prefix", "x06,x08,x08", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "two and a newline", "0x1,0x2\n", { ZEROS("1"), ZEROS("2"), ZEROS("") } },
		{ "two and a comma", "0x06,0x08,", { ZEROS("06"), ZEROS("08"), ZEROS("") } },
		{ "only commas", ",,", { ZEROS(""), ZEROS(""), ZEROS("") } },
		{ "three commas", ",,,", { ZEROS(""), ZEROS(""), ZEROS("") } },
		{ "only newlines", "\n\n", { ZEROS(""), ZEROS(""), ZEROS("") } },
		{ "first alone", "1,,", { ZEROS("1"), ZEROS(""), ZEROS("") } },
		{ "last alone", ",,1", { ZEROS(""), ZEROS(""), ZEROS("1") } },
		{ "a comma behind", "0x06,0x08,0x08,", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "a fourth mask is not read", "1,2,3,x", { ZEROS("1"), ZEROS("2"), ZEROS("3") } },
		{ "anything behind the third", "1,2,3\n g+", { ZEROS("1"), ZEROS("2"), ZEROS("3") } },
		{ "as it is shown", M6 "," M8 "," M8 "\n", { ZEROS("06"), ZEROS("08"), ZEROS("08") } },
		{ "64 digits, no prefix", Z "," Z "," Z, { ZEROS(""), ZEROS(""), ZEROS("") } },
		{ "all ones", "0x" D64("f") ",0x" D64("f") ",0x" D64("f"), { ONES(""), ONES(""), ONES("") } },
		{ "byte 201 is the newline", M6 "," M8 ",0x" D63("0") "1\n", { ZEROS("06"), ZEROS("08"), { "", '0', "1" } } },
		{ "a digit beyond byte 201 is cut off", M6 "," M8 ",0x" D64("0") "\n7", { ZEROS("06"), ZEROS("08"), ZEROS("") } },

		{ "nothing", "", { REFUSED } },
		{ "one", "0x06", { REFUSED } },
		{ "two", "0x1,0x2", { REFUSED } },
		{ "one and a newline", "0x06\n", { REFUSED } },
		{ "newline", "\n", { REFUSED } },
		{ "comma", ",", { REFUSED } },
		{ "relative", "+1,+2,+3", { REFUSED } },
		{ "one relative", "+5,0x08,0x08", { REFUSED } },
		{ "blanks behind commas", "0x06, 0x08, 0x08", { REFUSED } },
		{ "blank in front", " 0x06,0x08,0x08", { REFUSED } },
		{ "blank behind", "0x06,0x08,0x08 ", { REFUSED } },
		{ "upper-case prefix", "0X06,0x08,0x08", { REFUSED } },
		{ "bad first", "0x06g,0x08,0x08", { REFUSED } },
		{ "bad second", "0x06,0x0g,0x08", { REFUSED } },
		{ "bad third", "0x06,0x08,0x0g", { REFUSED } },
		{ "65 digits first", "0x" D65("0") ",0x08,0x08", { REFUSED } },
		{ "65 digits last, within 201 bytes", "0,0,0x" D65("0"), { REFUSED } },
		{ "one long mask", D64("0") D64("0") D64("0") D64("0"), { REFUSED } },
		{ "the third mask begins beyond byte 201", D64("0") ",0x" D64("0") "," D64("0") "0\n", { REFUSED } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ap_mask ret[3];
		int rc;

		memset(ret, 0x5a, sizeof(ret));
		rc = mask_parse_config(rows[i].text, ret);
		for (size_t m = 0; m < 3; m++)
			expect(rows[i].label, rc, &ret[m],
			       &rows[i].expected[rows[i].expected[0].head ? m : 0]);
	}
}
