/* SPDX-License-Identifier: MIT */
#include "core/driver.h"

static const struct driver drivers[DRIVERS] = {
	[DRIVER_CEX2ACARD] = { "cex2acard", MODULE_ZCRYPT_CEX2A, true, true },
	[DRIVER_CEX2AQUEUE] = { "cex2aqueue", MODULE_ZCRYPT_CEX2A, false, true },
	[DRIVER_CEX2CCARD] = { "cex2card", MODULE_ZCRYPT_CEX2C, true, true }, /* one c: as in the kernel */
	[DRIVER_CEX2CQUEUE] = { "cex2cqueue", MODULE_ZCRYPT_CEX2C, false, true },
	[DRIVER_CEX4CARD] = { "cex4card", MODULE_ZCRYPT_CEX4, true, true },
	[DRIVER_CEX4QUEUE] = { "cex4queue", MODULE_ZCRYPT_CEX4, false, true },
	[DRIVER_VFIO_AP] = { "vfio_ap", MODULE_VFIO_AP, false, false },
};

const struct driver *driver_get(enum driver_id id)
{
	return &drivers[id];
}

bool driver_knows_type(enum driver_id id, const struct kernel_rules *rules, unsigned hwtype)
{
	switch (drivers[id].module) {
	case MODULE_ZCRYPT_CEX2A:
		return hwtype == 6 || hwtype == 8;
	case MODULE_ZCRYPT_CEX2C:
		return hwtype == 7 || hwtype == 9;
	default:
		return hwtype >= 10 && hwtype <= rules->newest_type;
	}
}
