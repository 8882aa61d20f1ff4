/* SPDX-License-Identifier: MIT */
#include "core/node.h"

/* From the top: kind 8, row 8, sub 8, index 16, reuse 24. The root's number, 1, is all zero but reuse. */
#define KIND_SHIFT 56
#define ROW_SHIFT 48
#define SUB_SHIFT 40
#define INDEX_SHIFT 24
#define REUSE_MASK UINT32_C(0xffffff)

uint64_t node_encode(struct node n)
{
	return (uint64_t)n.kind << KIND_SHIFT | (uint64_t)n.row << ROW_SHIFT |
	       (uint64_t)n.sub << SUB_SHIFT | (uint64_t)n.index << INDEX_SHIFT |
	       (n.reuse & REUSE_MASK);
}

struct node node_decode(uint64_t id)
{
	return (struct node){
		.kind = (uint8_t)(id >> KIND_SHIFT),
		.row = (uint8_t)(id >> ROW_SHIFT),
		.sub = (uint8_t)(id >> SUB_SHIFT),
		.index = (uint16_t)(id >> INDEX_SHIFT),
		.reuse = (uint32_t)id & REUSE_MASK,
	};
}
