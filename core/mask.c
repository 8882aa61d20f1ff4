/* SPDX-License-Identifier: MIT */
#include "core/mask.h"

#include <string.h>

void ap_mask_fill(struct ap_mask *m, bool value)
{
	memset(m, value ? 0xff : 0, sizeof(*m));
}

bool ap_mask_empty(const struct ap_mask *m)
{
	return (m->word[0] | m->word[1] | m->word[2] | m->word[3]) == 0;
}

bool ap_mask_full(const struct ap_mask *m)
{
	return (m->word[0] & m->word[1] & m->word[2] & m->word[3]) == UINT64_MAX;
}

bool ap_mask_equal(const struct ap_mask *a, const struct ap_mask *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool ap_mask_meets(const struct ap_mask *a, const struct ap_mask *b)
{
	for (unsigned i = 0; i < AP_MASK_WORDS; i++)
		if (a->word[i] & b->word[i])
			return true;
	return false;
}

unsigned ap_mask_count(const struct ap_mask *m)
{
	unsigned count = 0;

	for (unsigned i = 0; i < AP_MASK_WORDS; i++)
		count += (unsigned)__builtin_popcountll(m->word[i]);
	return count;
}

void ap_mask_and(const struct ap_mask *a, const struct ap_mask *b, struct ap_mask *ret)
{
	for (unsigned i = 0; i < AP_MASK_WORDS; i++)
		ret->word[i] = a->word[i] & b->word[i];
}

void ap_mask_without(const struct ap_mask *a, const struct ap_mask *b, struct ap_mask *ret)
{
	for (unsigned i = 0; i < AP_MASK_WORDS; i++)
		ret->word[i] = a->word[i] & ~b->word[i];
}

void ap_mask_or(const struct ap_mask *a, const struct ap_mask *b, struct ap_mask *ret)
{
	for (unsigned i = 0; i < AP_MASK_WORDS; i++)
		ret->word[i] = a->word[i] | b->word[i];
}

int ap_mask_next(const struct ap_mask *m, unsigned from)
{
	if (from >= AP_IDS)
		return -1;
	/* number 0 is the leftmost bit, so the numbers below from are cut off on the left */
	for (uint64_t rest = UINT64_MAX >> (from % 64); from < AP_IDS; rest = UINT64_MAX) {
		rest &= m->word[from / 64];
		from -= from % 64;
		if (rest)
			return (int)from + __builtin_clzll(rest);
		from += 64;
	}
	return -1;
}

int ap_mask_last(const struct ap_mask *m)
{
	for (int i = AP_MASK_WORDS - 1; i >= 0; i--)
		if (m->word[i])
			return i * 64 + 63 - __builtin_ctzll(m->word[i]);
	return -1;
}

void ap_mask_format(const struct ap_mask *m, char text[AP_MASK_TEXT])
{
	*text++ = '0';
	*text++ = 'x';
	for (unsigned digit = 0; digit < AP_IDS / 4; digit++)
		*text++ = "0123456789abcdef"[m->word[digit / 16] >> (60 - digit % 16 * 4) & 0xf];
	*text = '\0';
}
