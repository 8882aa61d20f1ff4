/* SPDX-License-Identifier: MIT */
/* Does a policy let a write happen? It looks at what the write changes, and says so in words. */
#ifndef HOSTBACKEND_JUDGE_H
#define HOSTBACKEND_JUDGE_H

#include "core/guard.h"
#include "hostbackend/rights.h"
#include "hostbackend/verdict.h"

/*
 * Judges the trial by the rights of one of those concerned. v->rc 0: it may happen, or it fails by itself with an
 * errno that tells only of what he may see. -EACCES: something it changes, names or tells of is not granted.
 */
void judge_write(const struct trial *t, const struct rights *r, struct verdict *v);

/* The part that compares the two states, whatever the file was: every difference must be inside a grant. */
void judge_difference(const struct trial *t, const struct rights *r, struct verdict *v);
/* Is what a text names, or a failed write tells of, his to know? Refuses if not. */
void judge_words(const struct trial *t, const struct rights *r, struct verdict *v);
/* Do these masks in the place of the present ones change only what is granted? */
void judge_masks(const struct state *before, const struct ap_mask *apmask, const struct ap_mask *aqmask,
		 const struct rights *r, struct verdict *v);
/* May this matrix be the mdev's in the place of the one it has? */
void judge_matrix(const struct engine *e, uint32_t slot, const struct matrix *next, const struct rights *r,
		  struct verdict *v);

#endif
