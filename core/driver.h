/* SPDX-License-Identifier: MIT */
/* The drivers of the AP bus, and which devices each can drive (abi.md 1.3). */
#ifndef CORE_DRIVER_H
#define CORE_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/kernel.h"

enum driver_id {
	DRIVER_NONE,
	DRIVER_CEX2ACARD, DRIVER_CEX2AQUEUE,
	DRIVER_CEX2CCARD, DRIVER_CEX2CQUEUE,
	DRIVER_CEX4CARD, DRIVER_CEX4QUEUE,
	DRIVER_VFIO_AP,
	DRIVERS
};

enum module_id {
	MODULE_AP, MODULE_ZCRYPT, MODULE_ZCRYPT_CEX2A, MODULE_ZCRYPT_CEX2C, MODULE_ZCRYPT_CEX4,
	MODULE_VFIO, MODULE_MDEV, MODULE_VFIO_MDEV, MODULE_KVM, MODULE_VFIO_AP,
	/* known by name only: they load and unload, and change nothing here */
	MODULE_IRQBYPASS, MODULE_IOMMUFD, MODULE_VFIO_VIRQFD, MODULE_VFIO_IOMMU_TYPE1,
	MODULES
};

struct driver {
	const char *name;
	enum module_id module;
	bool is_card;		/* drives cards, else queues */
	bool is_default;	/* takes queues of the default pool, else of the vfio pool */
};

extern const struct driver driver_table[DRIVERS];

static inline const struct driver *driver_get(enum driver_id id)
{
	return &driver_table[id];
}

/* Does the driver's table name this type of adapter, on this kernel? */
static inline bool driver_knows_type(enum driver_id id, const struct kernel_rules *rules, unsigned hwtype)
{
	switch (driver_table[id].module) {
	case MODULE_ZCRYPT_CEX2A:
		return hwtype == 6 || hwtype == 8;
	case MODULE_ZCRYPT_CEX2C:
		return hwtype == 7 || hwtype == 9;
	default:
		return hwtype >= 10 && hwtype <= rules->newest_type;
	}
}

#endif
