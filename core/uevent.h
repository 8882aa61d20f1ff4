/* SPDX-License-Identifier: MIT */
/* The kernel's uevents: for which object, with which keys (abi.md 10). */
#ifndef CORE_UEVENT_H
#define CORE_UEVENT_H

#include "core/engine.h"

enum uevent_action { UEVENT_ADD, UEVENT_REMOVE, UEVENT_CHANGE, UEVENT_MOVE, UEVENT_ONLINE, UEVENT_OFFLINE,
		     UEVENT_BIND, UEVENT_UNBIND };

enum uevent_object {
	OBJECT_AP_ROOT,		/* /devices/ap */
	OBJECT_CARD,		/* index: adapter */
	OBJECT_QUEUE,		/* index: adapter << 8 | domain */
	OBJECT_VFIO_AP_ROOT,	/* /devices/vfio_ap: accepts synthetic events and sends none */
	OBJECT_MATRIX,		/* /devices/vfio_ap/matrix */
	OBJECT_MDEV,		/* index: slot */
	OBJECT_GROUP,		/* /devices/virtual/vfio/N; index: number */
	OBJECT_VFIO_DEV,	/* .../vfio-dev/vfioN; index: slot of its mdev */
	OBJECT_BUS,		/* name */
	OBJECT_BUS_DRIVER,	/* name: "bus/driver" such as "ap/cex4queue" */
	OBJECT_CLASS,		/* name */
	OBJECT_MODULE,		/* name */
	OBJECT_MISC,		/* name: z90crypt, vfio, kvm */
	OBJECT_ZCRYPT_NODE,	/* index: minor */
};

struct uevent_source {
	enum uevent_object object;
	uint32_t index;
	const char *name;
};

/* Sends it. extra: one more "KEY=VALUE", or NULL. */
void uevent_send(struct engine *e, enum uevent_action action, struct uevent_source source, const char *extra);
/* The same with length bytes of "KEY=VALUE" NUL "KEY=VALUE" NUL. */
void uevent_send_keys(struct engine *e, enum uevent_action action, struct uevent_source source,
		      const char *keys, size_t length);

/* The keys a device's uevent file shows, "KEY=VALUE\n" each (5.4); nothing for the others. */
void uevent_print_keys(struct engine *e, struct uevent_source source, struct page *out);

/*
 * A write to a uevent file: sends the event it asks for (P-ACTION). length counts the raw bytes.
 * Returns 0, or -EINVAL for a bad text (4.20: always 0).
 */
int uevent_synthesize(struct engine *e, struct uevent_source source, const char *text, size_t length);

#endif
