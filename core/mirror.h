/* SPDX-License-Identifier: MIT */
/*
 * Puts objects into a state as they were found elsewhere: on a host, in a record. No driver starts, nothing
 * is reset, no event is sent; what the tree needs (rings, counters, lives, owners) is kept right.
 */
#ifndef CORE_MIRROR_H
#define CORE_MIRROR_H

#include "core/engine.h"

/* Is what is put another object than the one that is there, or bound anew? Then its nodes get other numbers. */
enum mirror_life { MIRROR_SAME = 0, MIRROR_RENEWED = 1, MIRROR_REBOUND = 2 };

/* now: when it was found, the time of what is new. Fields life and driver are kept by the functions. */
void mirror_put_card(struct engine *e, unsigned adapter, const struct card *card, unsigned life);
void mirror_drop_card(struct engine *e, unsigned adapter);
/* Its override's slot is taken from the state: set that with mirror_set_override. */
void mirror_put_queue(struct engine *e, unsigned queue, const struct queue *put, unsigned life);
void mirror_drop_queue(struct engine *e, unsigned queue);
/* -ENOMEM: more different texts than there is room for */
int mirror_set_override(struct engine *e, unsigned queue, const char *text);

/*
 * The mdev of put's uuid; life, sequence and owners are kept here. phase must not be MDEV_FREE, group and
 * device numbers must not be another mdev's. Returns its slot, or -EUSERS.
 */
int mirror_put_mdev(struct engine *e, const struct mdev *put, unsigned life);
void mirror_drop_mdev(struct engine *e, uint32_t slot);

void mirror_put_node(struct engine *e, unsigned minor, const struct zcrypt_node *put, unsigned life);
void mirror_drop_node(struct engine *e, unsigned minor);

/* Loaded or not, and what of the state says so; drivers of devices are left to the others. */
void mirror_set_module(struct engine *e, enum module_id module, bool loaded, unsigned life);

#endif
