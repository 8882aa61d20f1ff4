/* SPDX-License-Identifier: MIT */
#include "hostbackend/view_sum.h"

#include <stdlib.h>
#include <string.h>

#include "core/load.h"
#include "core/tree.h"

/* Of a card and of each of its queues, by the same name; the kernel adds to both. */
static const char *const counts[] = { "request_count", "requestq_count", "pendingq_count", "load" };

bool view_may_sum(struct node n)
{
	const struct row *row = n.kind == DIR_CARD ? tree_row(n) : NULL;

	for (size_t i = 0; row && row->name && i < sizeof(counts) / sizeof(*counts); i++)
		if (strcmp(counts[i], row->name) == 0)
			return true;
	return false;
}

bool view_sums(const struct rights *r, struct node n)
{
	return view_may_sum(n) && !rights_see_whole_card(r, n.index);
}

struct sum {
	struct node card;		/* its file */
	unsigned parts;
	uint64_t part[AP_IDS];		/* the same file of the queues that he sees */
	uint64_t total;
	struct page *page;
};

static void collect_parts(void *ctx, const struct engine *e, const struct rights *r)
{
	struct sum *s = ctx;
	const char *name = tree_row(s->card)->name;

	for (unsigned domain = 0; domain < AP_IDS; domain++) {
		unsigned queue = (unsigned)s->card.index << 8 | domain;
		struct node n;

		if (e->state->queue[queue].life.born && rights_see_queue(r, queue) &&
		    tree_find(e, dir_node(e, DIR_QUEUE, 0, queue), name, &n) == 0)
			s->part[s->parts++] = node_encode(n);
	}
}

static void print_total(void *ctx, const struct engine *e, const struct rights *r)
{
	struct sum *s = ctx;

	s->page->length = 0;
	load_print_count(e, s->total, s->page);
}

/* A queue that is gone by now, or has no driver, and says "-", counts nothing. */
static uint64_t count_of(struct backend *b, uint64_t node, const struct backend_call *outer)
{
	struct backend_call call = { .caller = outer->caller, .opener = outer->opener };
	char text[SYSFS_PAGE] = "";

	page_init_fixed(&call.page, text, sizeof(text));
	return b->ops->show(b, node, &call) == 0 ? strtoull(text, NULL, 10) : 0;
}

int view_sum_show(const struct policy_look *l, uint64_t node, struct backend_call *call)
{
	struct sum s = { .card = node_decode(node), .page = &call->page };
	/* none of these files ever waits */
	int rc = l->inner->ops->show(l->inner, node, call);

	if (rc)
		return rc;
	policy_look(l, &call->caller, collect_parts, &s);
	for (unsigned i = 0; i < s.parts; i++)
		s.total += count_of(l->inner, s.part[i], call);
	policy_look(l, &call->caller, print_total, &s);
	return 0;
}
