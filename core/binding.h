/* SPDX-License-Identifier: MIT */
/* Devices of the AP bus and their drivers: who may, who does (abi.md 1.3, 4.3, 4.4). */
#ifndef CORE_BINDING_H
#define CORE_BINDING_H

#include "core/engine.h"

/* device: queue number, or CARD_DEVICE(adapter). */
bool device_exists(const struct engine *e, uint32_t device);
enum driver_id device_driver(const struct engine *e, uint32_t device);
const struct life *device_life(const struct engine *e, uint32_t device);

/* A device by its name, "card05" or "05.0004" with at most one newline behind; -ENODEV. */
int device_from_text(const struct engine *e, const char *text, uint32_t *ret_device);

/* Is the driver registered: its module loaded, and it exists in this kernel? */
bool driver_present(const struct engine *e, enum driver_id driver);

/* The stores of bind and unbind. -ENODEV: no such device, not for this driver, refused by pool or override;
 * bind of a bound device: -ENODEV (4.20, 5.10) or -EBUSY. */
int binding_store_bind(struct engine *e, enum driver_id driver, const char *text);
int binding_store_unbind(struct engine *e, enum driver_id driver, const char *text);
/* drivers_probe: 0 also when no driver takes it; -ENODEV: no such device. */
int binding_store_probe(struct engine *e, const char *text);

/* Try the loaded drivers on a device that has none. */
void binding_attach(struct engine *e, uint32_t device);
/* Take the driver away, if it has one. */
void binding_detach(struct engine *e, uint32_t device);
/* After a mask changed: every queue whose driver is not of its pool's kind is detached and attached (4.4 step 7). */
void binding_revise(struct engine *e);
/* A driver comes and goes: binds what is unbound in order, unbinds in the reverse order of binding. */
void binding_register_driver(struct engine *e, enum driver_id driver);
void binding_unregister_driver(struct engine *e, enum driver_id driver);

/* 6.12: at the end of driver registration, the BINDINGS event if it is due. */
void binding_consider_complete(struct engine *e);
/* A scan is over: the BINDINGS event if it is due. first: of this boot. */
void binding_scanned(struct engine *e, bool first);

#endif
