/* SPDX-License-Identifier: MIT */
/* What clients cost: requests by type, and how long each took in here. */
#ifndef FS_STATS_H
#define FS_STATS_H

#include <stdint.h>

#include "core/page.h"

#define STATS_OPCODES 64
#define STATS_BUCKETS 24	/* bucket b counts times below 2^(b + STATS_FIRST) ns; the last also all above */
#define STATS_FIRST 9

struct stats;

struct stats *stats_new(void);	/* NULL: out of memory */
void stats_free(struct stats *s);

/* A request of FUSE's number opcode came; it took ns nanoseconds. From any thread; they wait for none. */
void stats_came(struct stats *s, uint32_t opcode);
void stats_took(struct stats *s, uint32_t opcode, uint64_t ns);

/* A line for each type that was seen: "request NAME COUNT NANOSECONDS" and the buckets. */
void stats_print(const struct stats *s, struct page *out);

#endif
