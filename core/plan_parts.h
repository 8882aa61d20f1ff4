/* SPDX-License-Identifier: MIT */
/* What the files that make plans share. */
#ifndef CORE_PLAN_PARTS_H
#define CORE_PLAN_PARTS_H

#include "core/plan.h"

/* The first APQN of a matrix from queue on, or after it; or -1. */
int plan_next_queue(const struct matrix *m, unsigned queue);
int plan_queue_after(const struct matrix *m, int queue);

/* Says what is wrong with a wish. Returns -EINVAL. */
int plan_refuse(const struct plan *p, int wish, const char *what);
/*
 * Do two wishes contradict each other? Is what a wish wants there, and nobody's who is to keep it? Do the masks that are
 * kept give it to vfio_ap? 0, or -EINVAL after printing why.
 */
int plan_check_pairs(const struct plan *p);
int plan_check_wish(const struct plan *p, int w);
int plan_check_masks(const struct plan *p);

#endif
