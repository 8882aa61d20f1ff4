/* SPDX-License-Identifier: MIT */
/* mask_parse: what it takes it takes whole, what it refuses it leaves alone, and format reads back. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_format_reads_back(const struct ap_mask *mask)
{
	char text[AP_MASK_TEXT];
	struct ap_mask again;

	ap_mask_format(mask, text);
	assert(mask_parse_absolute(text, &again) == 0);
	assert(ap_mask_equal(mask, &again));
}

/* Under a stricter reading of numbers a text is refused, or means the same. */
static void expect_strict_agrees(const char *text, const struct ap_mask *old, enum mask_overflow loose,
				 enum mask_overflow strict)
{
	struct ap_mask a, b;

	if (mask_parse(text, old, strict, &a) < 0)
		return;
	assert(mask_parse(text, old, loose, &b) == 0);
	assert(ap_mask_equal(&a, &b));
}

static void check(const char *text, const struct ap_mask *old, enum mask_overflow overflow)
{
	struct ap_mask ret, before, twice;
	int rc;

	memset(&before, 0x5a, sizeof(before));
	ret = before;
	rc = mask_parse(text, old, overflow, &ret);
	if (rc < 0) {
		assert(rc == -EINVAL);
		assert(ap_mask_equal(&ret, &before));
		return;
	}
	assert(rc == 0);
	expect_format_reads_back(&ret);
	/* every item sets or clears: doing it again changes nothing */
	assert(mask_parse(text, &ret, overflow, &twice) == 0);
	assert(ap_mask_equal(&ret, &twice));
	if (*text != '+' && *text != '-') {
		assert(mask_parse_absolute(text, &twice) == 0);
		assert(ap_mask_equal(&ret, &twice));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ap_mask old;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (int full = 0; full <= 1; full++) {
		ap_mask_fill(&old, full);
		check(text, &old, MASK_OVERFLOW_INT);
		check(text, &old, MASK_OVERFLOW_WRAPS);
		check(text, &old, MASK_OVERFLOW_SATURATES);
		expect_strict_agrees(text, &old, MASK_OVERFLOW_WRAPS, MASK_OVERFLOW_SATURATES);
		expect_strict_agrees(text, &old, MASK_OVERFLOW_INT, MASK_OVERFLOW_WRAPS);
	}
	free(text);
	return 0;
}
