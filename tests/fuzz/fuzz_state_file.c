/* SPDX-License-Identifier: MIT */
/* The records of a state file: what is whole lies inside what there is, and has its NUL. Half the sums are put right. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "fs/state_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SUMMED offsetof(struct state_record, kind)

static void put_sum_right(char *at, size_t left)
{
	struct state_record r;

	if (left < sizeof(r))
		return;
	memcpy(&r, at, sizeof(r));
	if (r.length < sizeof(r) || r.length > left)
		return;
	r.sum = (uint32_t)crc32(0, (const Bytef *)at + SUMMED, (uInt)(r.length - SUMMED));
	memcpy(at, &r, sizeof(r));
}

/* The same record is made of what was read from it. */
static void expect_same(const struct state_record *r, const struct operation *o, const char *at)
{
	struct state_record again;
	struct iovec pieces[3];

	state_record_pieces(o, &again, pieces);
	assert(again.length == r->length && again.sum == r->sum);
	assert(memcmp(at, pieces[0].iov_base, pieces[0].iov_len) == 0);
	assert(memcmp(at + sizeof(again), pieces[1].iov_base, pieces[1].iov_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = size ? malloc(size) : NULL;
	size_t at = 0;
	struct state_record r;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	for (;; at += r.length) {
		struct operation o;

		if (size % 2)
			put_sum_right(copy + at, size - at);
		if (!state_record_whole(copy + at, size - at, &r))
			break;
		assert(r.length > sizeof(r) && r.length <= size - at);
		o = state_record_operation(&r, copy + at + sizeof(r));
		assert(o.text[o.length] == 0);
		expect_same(&r, &o, copy + at);
	}
	assert(at <= size);
	free(copy);
	return 0;
}
