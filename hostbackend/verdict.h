/* SPDX-License-Identifier: MIT */
/* What the judging of one write comes to, and in which words. */
#ifndef HOSTBACKEND_VERDICT_H
#define HOSTBACKEND_VERDICT_H

#include "core/page.h"

struct grant;

struct verdict {
	int rc;				/* 0: may happen; -EACCES */
	const struct grant *grant;	/* the one that decides: the first that was needed for an effect; NULL: none */
	unsigned effects;		/* how many things change */
	char reason_text[160], before_text[320], after_text[320];
	struct page reason, before, after;	/* why not; what changes, as it was and as it becomes */
};

void verdict_init(struct verdict *v);
/* One thing that changes: "05.0004" "pool" "host" "vfio". */
void verdict_effect(struct verdict *v, const char *object, const char *what, const char *before, const char *after);
/* The grant that allows what was told last; NULL refuses it, for the reason. */
void verdict_need(struct verdict *v, const struct grant *g, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
