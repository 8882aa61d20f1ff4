/* SPDX-License-Identifier: MIT */
#include "core/mask_parse.h"

#include <errno.h>
#include <string.h>

#include "core/parse.h"

#define CONFIG_BYTES (3 * AP_MASK_TEXT)	/* what ap_config copies of its text */

int mask_parse_absolute(const char *text, struct ap_mask *ret)
{
	struct ap_mask mask;
	unsigned digits = 0;
	int value;

	ap_mask_fill(&mask, false);
	/* "0x" or "x", and no upper case: a kernel's rule that surprises */
	if (text[0] == '0' && text[1] == 'x')
		text++;
	if (text[0] == 'x')
		text++;
	for (; (value = parse_hex_digit(*text)) >= 0; text++, digits++) {
		if (digits == AP_IDS / 4)
			return -EINVAL;
		mask.word[digits / 16] |= (uint64_t)value << (60 - digits % 16 * 4);
	}
	if (*text == '\n')
		text++;
	if (*text)
		return -EINVAL;
	*ret = mask;
	return 0;
}

/* A number 0..255; moves text behind it. */
static int parse_id(const char **text, enum mask_overflow overflow, unsigned *ret)
{
	uint64_t value;
	bool too_large;
	size_t taken = parse_digits(*text, false, &value, &too_large);

	if (!taken)
		return -EINVAL;
	if (too_large && overflow == MASK_OVERFLOW_SATURATES)
		return -EINVAL;
	if (overflow == MASK_OVERFLOW_INT)
		value = (uint32_t)value;
	if (value >= AP_IDS)
		return -EINVAL;
	*text += taken;
	*ret = (unsigned)value;
	return 0;
}

/* One item such as "+5" or "-0x10-0x1f"; moves text behind it. */
static int apply_item(const char **text, enum mask_overflow overflow, struct ap_mask *mask)
{
	char sign = *(*text)++;
	unsigned first, last;

	if (sign != '+' && sign != '-')
		return -EINVAL;
	if (parse_id(text, overflow, &first) < 0)
		return -EINVAL;
	last = first;
	if (**text == '-') {
		(*text)++;
		if (parse_id(text, overflow, &last) < 0 || last < first)
			return -EINVAL;
	}
	for (unsigned id = first; id <= last; id++) {
		if (sign == '+')
			ap_mask_set(mask, id);
		else
			ap_mask_clear(mask, id);
	}
	return 0;
}

/* Items from left to right; separators between them may be left out or repeated. */
static int parse_relative(const char *text, enum mask_overflow overflow, struct ap_mask *mask)
{
	while (*text) {
		if (apply_item(&text, overflow, mask) < 0)
			return -EINVAL;
		text += strspn(text, ",\n");
	}
	return 0;
}

int mask_parse(const char *text, const struct ap_mask *old, enum mask_overflow overflow,
	       struct ap_mask *ret)
{
	struct ap_mask mask = *old;

	if (*text != '+' && *text != '-')
		return mask_parse_absolute(text, ret);
	if (parse_relative(text, overflow, &mask) < 0)
		return -EINVAL;
	*ret = mask;
	return 0;
}

int mask_parse_config(const char *text, struct ap_mask ret[3])
{
	char copy[CONFIG_BYTES + 1], *rest = copy;
	struct ap_mask masks[3];
	size_t length = strnlen(text, CONFIG_BYTES);

	memcpy(copy, text, length);
	copy[length] = '\0';
	for (unsigned i = 0; i < 3; i++) {
		/* NULL once the text ended without a separator: "A,B" has two masks, "A,B\n" three */
		const char *token = strsep(&rest, ",\n");

		if (!token || mask_parse_absolute(token, &masks[i]) < 0)
			return -EINVAL;
	}
	memcpy(ret, masks, sizeof(masks));
	return 0;
}
