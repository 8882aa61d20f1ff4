/* SPDX-License-Identifier: MIT */
/* The parts of the comparison of two states: cards and queues, mdevs, zcrypt nodes. */
#ifndef HOSTBACKEND_JUDGE_PARTS_H
#define HOSTBACKEND_JUDGE_PARTS_H

#include "hostbackend/rights.h"
#include "hostbackend/verdict.h"

struct difference {
	const struct engine *eb, *ea;	/* before, after */
	const struct state *b, *a;
	const struct rights *r;
	struct verdict *v;
};

/*
 * Copies of structs that are compared byte by byte are made with memcpy: an assignment need not copy padding.
 * True if all bytes are equal.
 */
bool same_bytes(const void *a, const void *b, size_t length);
/* Refuses: something differs that no action is about. */
void judge_unknown(const struct difference *x, const char *what);

void judge_cards(const struct difference *x);
void judge_queues(const struct difference *x);
void judge_hardware(const struct difference *x);
void judge_mdevs(const struct difference *x);
void judge_nodes(const struct difference *x);

#endif
