/* SPDX-License-Identifier: MIT */
/* What a caller sees: which nodes there are for him, and what their texts say. */
#ifndef HOSTBACKEND_VIEW_H
#define HOSTBACKEND_VIEW_H

#include "hostbackend/rights.h"

/* Is the node there, for him? */
bool view_has(const struct rights *r, const struct engine *e, struct node n);
/* How many directories in this one are not there for him. */
unsigned view_hidden(const struct rights *r, const struct engine *e, struct node dir);
/* Does the text of this file tell of hidden things? Then view_filter takes them out, in place. */
bool view_filters(const struct rights *r, struct node n);
void view_filter(const struct rights *r, const struct engine *e, struct node n, struct page *text);
/* Is there anybody for whom it might be? */
bool view_may_filter(struct node n);

#endif
