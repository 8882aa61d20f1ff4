/* SPDX-License-Identifier: MIT */
/* What the life of an mdev needs of its matrix. */
#ifndef CORE_ASSIGN_H
#define CORE_ASSIGN_H

#include "core/engine.h"

/* Takes all assignments away and resets their queues: the mdev is unbound or removed. */
void assign_clear(struct engine *e, uint32_t slot);
/* Resets all queues of the mdev that vfio_ap has: its user closed it. */
void assign_reset(struct engine *e, uint32_t slot);
/* vfio_ap looks at the resets it waits for; due by state.reset_wait. */
void assign_tick(struct engine *e);
/* The queue's device goes: nobody waits for its reset any more. */
void assign_queue_gone(struct engine *e, unsigned queue);

#endif
