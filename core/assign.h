/* SPDX-License-Identifier: MIT */
/* What the life of an mdev needs of its matrix. */
#ifndef CORE_ASSIGN_H
#define CORE_ASSIGN_H

#include "core/engine.h"

/* Takes all assignments away and resets their queues: the mdev is unbound or removed. */
void assign_clear(struct engine *e, uint32_t slot);
/* Resets all queues of the mdev that vfio_ap has: its user closed it. */
void assign_reset(struct engine *e, uint32_t slot);
/* A second has passed: resets that a call waits for come closer to their end. */
void assign_tick(struct engine *e);

#endif
