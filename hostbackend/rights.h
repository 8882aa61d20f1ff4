/* SPDX-License-Identifier: MIT */
/* What the grants of one caller add up to. */
#ifndef HOSTBACKEND_RIGHTS_H
#define HOSTBACKEND_RIGHTS_H

#include "core/attr.h"
#include "hostbackend/owners.h"
#include "hostbackend/policy.h"

#define RIGHTS_MAX 128	/* grants of a file */

struct rights {
	const struct grant *grant[RIGHTS_MAX];	/* all show things; the first of them, acting, also let him act */
	unsigned count, acting;
	bool modes_decide;			/* they let him do what the files' modes let him do, and no more */
	uint32_t uid;
	const struct owners *owners;
	uint32_t actions;			/* of any that acts */
	struct ap_mask adapters, domains, controls;	/* that he sees */
	bool sees_all_queues, sees_all_mdevs;		/* that there are, and could be */
	bool sees_all;				/* every adapter, domain, control domain and mdev */
};

void rights_of(const struct policy *p, const struct owners *o, const struct caller *caller, struct rights *ret);

/* --- what he sees --- */
bool rights_see_queue(const struct rights *r, unsigned queue);
bool rights_see_whole_card(const struct rights *r, unsigned adapter);
bool rights_see_mdev(const struct rights *r, const struct engine *e, uint32_t slot);

/* --- what he may; each gives the grant that says so, or NULL. actions: bits, any of them will do --- */

/* The action alone, wherever. */
const struct grant *rights_act(const struct rights *r, uint32_t actions);
/* On a queue of the grant's pool or assign area. */
const struct grant *rights_reach(const struct rights *r, uint32_t actions, unsigned queue);
/* On all queues of a card that there are, and of the card's own. */
const struct grant *rights_reach_card(const struct rights *r, const struct engine *e, uint32_t actions, unsigned adapter);
/* On an mdev. */
const struct grant *rights_mdev(const struct rights *r, const struct engine *e, uint32_t actions, uint32_t slot);
/* Does this one grant name the mdev? */
bool grant_has_mdev(const struct grant *g, const struct rights *r, const struct engine *e, uint32_t slot);
/* To create one of this name: a grant that names mdevs, and not those he creates, is about those alone. */
const struct grant *rights_create(const struct rights *r, const uint8_t uuid[16]);
/* How many mdevs he may have at a time: the most any grant with create says. UINT32_MAX: no limit; 0: none. */
unsigned rights_mdev_limit(const struct rights *r);

/*
 * Could a write to this file be let through, whatever is written? row: with a store. The grant, or NULL.
 */
const struct grant *rights_write(const struct rights *r, const struct engine *e, struct node n, const struct row *row);

static inline bool area_has(const struct area *a, unsigned queue)
{
	return ap_mask_has(&a->adapters, queue >> 8) && ap_mask_has(&a->domains, queue & 255);
}

#endif
