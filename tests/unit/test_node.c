/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <inttypes.h>

#include "core/node.h"

Test(node, each_part_has_its_own_bits)
{
	static const struct {
		const char *label;
		struct node node;
		uint64_t id;
	} rows[] = {
		{ "root", { .reuse = 1 }, NODE_ROOT_ID },
		{ "nothing", { .kind = 0 }, 0 },
		{ "kind", { .kind = 0xff }, UINT64_C(0xff00000000000000) },
		{ "row", { .row = 0xff }, UINT64_C(0x00ff000000000000) },
		{ "sub", { .sub = 0xff }, UINT64_C(0x0000ff0000000000) },
		{ "index", { .index = 0xffff }, UINT64_C(0x000000ffff000000) },
		{ "reuse", { .reuse = 0xffffff }, UINT64_C(0x0000000000ffffff) },
		{ "all", { 0xff, 0xff, 0xff, 0xffff, 0xffffff }, UINT64_MAX },
		{ "each another", { 0x12, 0x34, 0x56, 0x789a, 0xbcdef0 }, UINT64_C(0x123456789abcdef0) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct node n = node_decode(rows[i].id);
		uint64_t id = node_encode(rows[i].node);

		cr_expect_eq(id, rows[i].id, "%s: %" PRIx64, rows[i].label, id);
		cr_expect_eq(n.kind, rows[i].node.kind, "%s", rows[i].label);
		cr_expect_eq(n.row, rows[i].node.row, "%s", rows[i].label);
		cr_expect_eq(n.sub, rows[i].node.sub, "%s", rows[i].label);
		cr_expect_eq(n.index, rows[i].node.index, "%s", rows[i].label);
		cr_expect_eq(n.reuse, rows[i].node.reuse, "%s", rows[i].label);
	}
}

Test(node, a_reuse_count_beyond_24_bits_does_not_reach_the_index)
{
	cr_expect_eq(node_encode((struct node){ .reuse = 0x1000001 }), NODE_ROOT_ID);
	cr_expect_eq(node_encode((struct node){ .reuse = UINT32_MAX }), UINT64_C(0xffffff));
}

Test(node, every_bit_of_a_number_survives)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t id = UINT64_C(1) << bit;

		cr_expect_eq(node_encode(node_decode(id)), id, "bit %u", bit);
		cr_expect_eq(node_encode(node_decode(~id)), ~id, "all but bit %u", bit);
	}
}
