/* SPDX-License-Identifier: MIT */
/* A set of adapter or domain numbers 0..255, as the AP bus writes it: bit 0 is the leftmost. */
#ifndef CORE_MASK_H
#define CORE_MASK_H

#include <stdbool.h>
#include <stdint.h>

#define AP_IDS 256		/* adapters, and domains, of a machine */
#define AP_MASK_WORDS 4
#define AP_MASK_TEXT 67		/* strlen("0x") + 64 digits + terminating NUL */

/* word[0] holds numbers 0..63, number 0 in its most significant bit; same on every host */
struct ap_mask {
	uint64_t word[AP_MASK_WORDS];
};

static inline bool ap_mask_has(const struct ap_mask *m, unsigned id)
{
	return m->word[id / 64] >> (63 - id % 64) & 1;
}

static inline void ap_mask_set(struct ap_mask *m, unsigned id)
{
	m->word[id / 64] |= UINT64_C(1) << (63 - id % 64);
}

static inline void ap_mask_clear(struct ap_mask *m, unsigned id)
{
	m->word[id / 64] &= ~(UINT64_C(1) << (63 - id % 64));
}

void ap_mask_fill(struct ap_mask *m, bool value);
bool ap_mask_empty(const struct ap_mask *m);
bool ap_mask_full(const struct ap_mask *m);
bool ap_mask_equal(const struct ap_mask *a, const struct ap_mask *b);
bool ap_mask_meets(const struct ap_mask *a, const struct ap_mask *b);
unsigned ap_mask_count(const struct ap_mask *m);
/* ret = a & b, a & ~b, a | b; ret may be an operand */
void ap_mask_and(const struct ap_mask *a, const struct ap_mask *b, struct ap_mask *ret);
void ap_mask_without(const struct ap_mask *a, const struct ap_mask *b, struct ap_mask *ret);
void ap_mask_or(const struct ap_mask *a, const struct ap_mask *b, struct ap_mask *ret);

/* The lowest member >= from, or -1. Walk: for (int i = ap_mask_next(m, 0); i >= 0; i = ap_mask_next(m, (unsigned)i + 1)) */
int ap_mask_next(const struct ap_mask *m, unsigned from);
/* The highest member, or -1. */
int ap_mask_last(const struct ap_mask *m);

/* "0x" and 64 lower-case digits, NUL terminated. */
void ap_mask_format(const struct ap_mask *m, char text[AP_MASK_TEXT]);

#endif
