/* SPDX-License-Identifier: MIT */
/* The AP bus: masks, default domain, and what scans make of the hardware. */
#ifndef CORE_BUS_H
#define CORE_BUS_H

#include "core/engine.h"

enum bus_mask { BUS_APMASK, BUS_AQMASK };

/* Is the APQN in the default pool (both mask bits set)? */
static inline bool bus_pool_default(const struct engine *e, unsigned adapter, unsigned domain)
{
	return ap_mask_has(&e->state->apmask, adapter) && ap_mask_has(&e->state->aqmask, domain);
}

/*
 * A write to apmask or aqmask: parse, in-use check, commit, rebind, event (abi.md 4.4).
 * -EINVAL: an override is set (7.2), or a bad text; -EBUSY: a queue is assigned to an mdev.
 */
int bus_store_mask(struct engine *e, enum bus_mask which, const char *text);

/* ap_domain: -EINVAL: below 0, above the maximum, or its aqmask bit is not set. */
int bus_set_default_domain(struct engine *e, int domain);
/* As ap_max_adapter_id and ap_max_domain_id show them. */
int bus_max_adapter(const struct engine *e);
int bus_max_domain(const struct engine *e);
/* The highest domain the machine can have, whatever 4.20 has learnt of it. */
int bus_max_domain_id(const struct engine *e);
/* Picks the default domain if there is none (9.3). */
void bus_choose_domain(struct engine *e);

/* A whole scan, as by a write to scans, by the clock, or on a firmware event (11.6). */
void scan_run(struct engine *e);

#endif
