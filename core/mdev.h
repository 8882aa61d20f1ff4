/* SPDX-License-Identifier: MIT */
/* Mediated matrix devices: their life, their matrix, their guests (abi.md 6). */
#ifndef CORE_MDEV_H
#define CORE_MDEV_H

#include "core/engine.h"

enum assign_kind { ASSIGN_ADAPTER, ASSIGN_DOMAIN, ASSIGN_CONTROL_DOMAIN };

/* The slot of a uuid, or -ENOENT. */
int mdev_find(const struct engine *e, const uint8_t uuid[16]);
/* Its files are there: created, not being removed. */
bool mdev_listed(const struct engine *e, uint32_t slot);

/* An unbound mdev, without an event, in the lowest free slot, which is returned; -EUSERS: none is left. And away with it. */
int mdev_register(struct engine *e, const uint8_t uuid[16]);
void mdev_forget(struct engine *e, uint32_t slot);

/* create: -EINVAL: not 36 or 37 bytes, or no UUID; -EEXIST; -EPERM or -EUSERS: no instance left. */
int mdev_store_create(struct engine *e, const char *text, size_t length);
/* remove: -EINVAL: no number; -EBUSY: a guest holds it (4.20); ENGINE_WAITS until the guest is gone (5.10 on). */
int mdev_store_remove(struct engine *e, uint32_t slot, const char *text);
unsigned mdev_available(const struct engine *e);
/* "vfio_mdev" (4.20, 5.10) or "vfio_ap_mdev" */
const char *mdev_driver_name(const struct engine *e);

/* unbind from, bind to, drivers_probe of vfio_mdev or vfio_ap_mdev. -ENODEV as abi.md 7. */
int mdev_store_unbind(struct engine *e, const char *text);
int mdev_store_bind(struct engine *e, const char *text);
int mdev_store_probe(struct engine *e, const char *text);
/* Removes all mdevs: vfio_ap is unloaded. */
void mdev_remove_all(struct engine *e);
bool mdev_any_open(const struct engine *e);

/*
 * assign_* and unassign_*: the checks of abi.md 6.4 in their order. -EBUSY: a guest runs (4.20, 5.10); -EINVAL, -ERANGE:
 * no number; -ENODEV: above the maximum; -EADDRNOTAVAIL: not vfio_ap's; -EADDRINUSE: another mdev's.
 * ENGINE_WAITS: a reset has to end first.
 */
int assign_store(struct engine *e, uint32_t slot, enum assign_kind kind, bool assign, const char *text);
/* ap_config: -EINVAL, -EADDRNOTAVAIL, -EADDRINUSE, -ENODEV in this order (6.8). */
int assign_store_config(struct engine *e, uint32_t slot, const char *text);
/* Would a reader of matrix and guest_matrix sleep, since a call holds the locks (11.8)? */
bool assign_locked(const struct engine *e);

/* guest_matrix: recompute as a whole (6.7). */
void filter_all(struct engine *e, uint32_t slot);
/* A queue was bound to, or unbound from vfio_ap. */
void filter_queue_bound(struct engine *e, unsigned queue);
void filter_queue_unbound(struct engine *e, unsigned queue);
/* A longer operation that binds queues begins and ends: mdevs are filtered once. */
void filter_flush(struct engine *e);

/*
 * A guest opens an mdev, with or without KVM, and closes it. -ENOENT: no such mdev; -ENODEV: it has no driver;
 * -EBUSY: is open; -EINVAL: needs KVM (6.1 on).
 */
int guest_start(struct engine *e, uint32_t slot, bool kvm);
int guest_stop(struct engine *e, uint32_t slot);

#endif
