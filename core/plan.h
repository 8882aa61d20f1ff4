/* SPDX-License-Identifier: MIT */
/* From wanted mdevs to the writes that make them, found by carrying them out on an engine. */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "core/engine.h"

#define PLAN_NAME 64

struct plan_wish {
	char name[PLAN_NAME];	/* for messages */
	uint8_t uuid[16];
	struct matrix wanted;
};

/* One write: a path below /sys, the text as echo writes it, and the wish it is for (-1: the masks). */
typedef void plan_write_fn(void *ctx, const char *path, const char *text, int wish);

struct plan {
	struct engine *engine;	/* the present state; is changed to the wanted one, as far as it gets */
	const struct plan_wish *wish;
	int wishes;
	bool keep_masks;	/* apmask and aqmask are not to be written */
	bool by_config;		/* ap_config is written, not assign_* */
	plan_write_fn *write;
	void *ctx;
	struct page *why;	/* if it cannot be done: one sentence, with who holds what */
};

/*
 * Emits the writes, in an order the kernel accepts; nothing for what already holds. Queues that are the host's are
 * taken by the masks in the way that takes the fewest others: by adapter, by domain, or by both where that
 * costs no more, as the kernel's document does. mdevs of no wish are left alone. By ap_config each mdev is written once; twice
 * if it has to give up first what another wish wants. 0, or -EINVAL after printing why.
 */
int plan_make(struct plan *p);

/* "05.0004" is who's? For messages: the host driver by masks or override, vfio_ap, the mdev, nobody. */
void plan_print_holder(const struct engine *e, unsigned queue, struct page *out);

#endif
