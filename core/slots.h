/* SPDX-License-Identifier: MIT */
/* Numbers handed out lowest first, as the kernel's id allocators do. */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H

#include <stdint.h>

/* used: one bit a number. hint: no number below it is free. There must be a free one below limit. */
static inline uint32_t slots_take(uint64_t *used, uint32_t *hint, uint32_t limit)
{
	uint32_t i = *hint;

	while (i < limit && used[i / 64] >> (i % 64) & 1)
		i = used[i / 64] == UINT64_MAX ? (i / 64 + 1) * 64 : i + 1;
	used[i / 64] |= UINT64_C(1) << (i % 64);
	*hint = i + 1;
	return i;
}

static inline void slots_give(uint64_t *used, uint32_t *hint, uint32_t i)
{
	used[i / 64] &= ~(UINT64_C(1) << (i % 64));
	if (i < *hint)
		*hint = i;
}

#endif
