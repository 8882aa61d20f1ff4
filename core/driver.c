/* SPDX-License-Identifier: MIT */
#include "core/driver.h"

const struct driver driver_table[DRIVERS] = {
	[DRIVER_CEX2ACARD] = { "cex2acard", MODULE_ZCRYPT_CEX2A, true, true },
	[DRIVER_CEX2AQUEUE] = { "cex2aqueue", MODULE_ZCRYPT_CEX2A, false, true },
	[DRIVER_CEX2CCARD] = { "cex2card", MODULE_ZCRYPT_CEX2C, true, true }, /* one c: as in the kernel */
	[DRIVER_CEX2CQUEUE] = { "cex2cqueue", MODULE_ZCRYPT_CEX2C, false, true },
	[DRIVER_CEX4CARD] = { "cex4card", MODULE_ZCRYPT_CEX4, true, true },
	[DRIVER_CEX4QUEUE] = { "cex4queue", MODULE_ZCRYPT_CEX4, false, true },
	[DRIVER_VFIO_AP] = { "vfio_ap", MODULE_VFIO_AP, false, false },
};
