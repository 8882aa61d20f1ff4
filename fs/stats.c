/* SPDX-License-Identifier: MIT */
#include "fs/stats.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

struct counter {
	atomic_uint_least64_t count, time;
	atomic_uint_least64_t bucket[STATS_BUCKETS];
};

struct stats {
	struct counter counter[STATS_OPCODES];
};

/* By FUSE's numbers; 0: those this table does not know. */
static const char *const names[STATS_OPCODES] = {
	[0] = "OTHER", [1] = "LOOKUP", [2] = "FORGET", [3] = "GETATTR", [4] = "SETATTR", [5] = "READLINK",
	[6] = "SYMLINK", [8] = "MKNOD", [9] = "MKDIR", [10] = "UNLINK", [11] = "RMDIR", [12] = "RENAME",
	[13] = "LINK", [14] = "OPEN", [15] = "READ", [16] = "WRITE", [17] = "STATFS", [18] = "RELEASE",
	[20] = "FSYNC", [21] = "SETXATTR", [22] = "GETXATTR", [23] = "LISTXATTR", [24] = "REMOVEXATTR",
	[25] = "FLUSH", [26] = "INIT", [27] = "OPENDIR", [28] = "READDIR", [29] = "RELEASEDIR",
	[30] = "FSYNCDIR", [31] = "GETLK", [32] = "SETLK", [33] = "SETLKW", [34] = "ACCESS", [35] = "CREATE",
	[36] = "INTERRUPT", [37] = "BMAP", [38] = "DESTROY", [39] = "IOCTL", [40] = "POLL",
	[41] = "NOTIFY_REPLY", [42] = "BATCH_FORGET", [43] = "FALLOCATE", [44] = "READDIRPLUS",
	[45] = "RENAME2", [46] = "LSEEK", [47] = "COPY_FILE_RANGE", [48] = "SETUPMAPPING",
	[49] = "REMOVEMAPPING", [50] = "SYNCFS", [51] = "TMPFILE", [52] = "STATX",
};

struct stats *stats_new(void)
{
	return calloc(1, sizeof(struct stats));
}

void stats_free(struct stats *s)
{
	free(s);
}

static unsigned bucket_of(uint64_t ns)
{
	unsigned bits = ns ? 64 - (unsigned)__builtin_clzll(ns) : 0;

	if (bits <= STATS_FIRST)
		return 0;
	return bits - STATS_FIRST < STATS_BUCKETS ? bits - STATS_FIRST : STATS_BUCKETS - 1;
}

static void add(atomic_uint_least64_t *to, uint64_t n)
{
	atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static struct counter *counter_of(struct stats *s, uint32_t opcode)
{
	return &s->counter[opcode < STATS_OPCODES && names[opcode] ? opcode : 0];
}

void stats_came(struct stats *s, uint32_t opcode)
{
	add(&counter_of(s, opcode)->count, 1);
}

void stats_took(struct stats *s, uint32_t opcode, uint64_t ns)
{
	struct counter *c = counter_of(s, opcode);

	add(&c->time, ns);
	add(&c->bucket[bucket_of(ns)], 1);
}

static uint64_t value(const atomic_uint_least64_t *of)
{
	return atomic_load_explicit(of, memory_order_relaxed);
}

void stats_print(const struct stats *s, struct page *out)
{
	for (unsigned i = 0; i < STATS_OPCODES; i++) {
		const struct counter *c = &s->counter[i];

		if (!value(&c->count))
			continue;
		page_printf(out, "request %s %" PRIu64 " %" PRIu64, names[i], value(&c->count), value(&c->time));
		for (unsigned b = 0; b < STATS_BUCKETS; b++)
			page_printf(out, " %" PRIu64, value(&c->bucket[b]));
		page_printf(out, "\n");
	}
}
