/* SPDX-License-Identifier: MIT */
/* Doubly linked rings of numbered things in a flat state: order kept, insert and remove in one step. */
#ifndef CORE_RING_H
#define CORE_RING_H

#include <stdint.h>

/* link[i] belongs to thing i; a ring's head has a link of its own in the same table. 0 is valid. */
struct ring_link {
	uint32_t next, previous;
};

struct ring {
	uint32_t head;	/* the number of its own link */
};

static inline void ring_init(struct ring *r, struct ring_link *link, uint32_t head)
{
	r->head = head;
	link[head].next = link[head].previous = head;
}

static inline void ring_append(const struct ring *r, struct ring_link *link, uint32_t thing)
{
	uint32_t last = link[r->head].previous;

	link[thing].next = r->head;
	link[thing].previous = last;
	link[last].next = thing;
	link[r->head].previous = thing;
}

static inline void ring_remove(struct ring_link *link, uint32_t thing)
{
	link[link[thing].previous].next = link[thing].next;
	link[link[thing].next].previous = link[thing].previous;
}

/* Walk: for (t = ring_first(r, link); t != r->head; t = link[t].next) */
static inline uint32_t ring_first(const struct ring *r, const struct ring_link *link)
{
	return link[r->head].next;
}

static inline uint32_t ring_last(const struct ring *r, const struct ring_link *link)
{
	return link[r->head].previous;
}

#endif
