/* SPDX-License-Identifier: MIT */
/* What is written: every form of a mask, a number, a name, to files that the user sees. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/attack/attack.h"

#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"
#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

/* Whether it is taken does not matter: what it changes does. */
static bool writes(const struct attempt *a)
{
	(void)put(a->path, O_WRONLY, a->text, strlen(a->text));
	return false;
}

/* The text, a NUL, and what is not granted behind it; and the other way round. */
static bool with_nul(const struct attempt *a)
{
	char bytes[256] = { 0 };
	size_t length = strlen(a->text);

	memcpy(bytes, a->text, length);
	memcpy(bytes + length + 1, "-6\n", 3);
	(void)put(a->path, O_WRONLY, bytes, length + 4);
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes + 1, a->text, length);
	(void)put(a->path, O_WRONLY, bytes, length + 1);
	return false;
}

/* Again and again, up to far beyond a page; what is not granted stands where a page ends. */
static bool oversized(const struct attempt *a)
{
	static const size_t sizes[] = { 4090, 4095, 4096, 4097, 8192, 1 << 20 };
	char *bytes = malloc(1 << 20);
	size_t n = strlen(a->text);

	for (size_t i = 0; bytes && i < LENGTH(sizes); i++) {
		for (size_t at = 0; at < sizes[i]; at++)
			bytes[at] = at % (n + 1) == n ? ',' : a->text[at % (n + 1)];
		memcpy(bytes + 4092, "-6,", 3);
		(void)put(a->path, O_WRONLY, bytes, sizes[i]);
	}
	free(bytes);
	return false;
}

static bool blanks_before(const struct attempt *a)
{
	char bytes[4200];

	memset(bytes, ' ', sizeof(bytes));
	memcpy(bytes + 4095 - strlen(a->text), a->text, strlen(a->text));
	(void)put(a->path, O_WRONLY, bytes, 4095);
	memset(bytes, '\n', sizeof(bytes));
	memcpy(bytes, a->text, strlen(a->text));
	(void)put(a->path, O_WRONLY, bytes, sizeof(bytes));
	return false;
}

/* In two writes, in two parts of one, byte by byte: each write is a store of its own. */
static bool in_pieces(const struct attempt *a)
{
	size_t half = strlen(a->text) / 2;
	struct iovec parts[] = { { (char *)(uintptr_t)a->text, half },
				 { (char *)(uintptr_t)a->text + half, strlen(a->text) - half } };
	int fd = open(a->path, O_WRONLY);

	if (fd < 0)
		return false;
	(void)!write(fd, parts[0].iov_base, parts[0].iov_len);
	(void)!write(fd, parts[1].iov_base, parts[1].iov_len);
	(void)!writev(fd, parts, 2);
	(void)!pwritev2(fd, parts, 2, 0, RWF_APPEND);
	for (const char *c = a->text; *c; c++)
		(void)!write(fd, c, 1);
	close(fd);
	return false;
}

static const struct family families[] = {
	{ "masks: relative", writes, DECIDED, USERS(2001, 2002, 2009), PATHS("bus/ap/apmask"),
	  TEXTS("-7", "+6", "-0-255", "-5,-7", "-5,+6", "+5,+6,-5", "-0x7", "-07", "-0x0007", "+4-6", "-4-7", "-7,-7,-7",
		"-5,-5,-7,+7,-7", "-255", "-0xff", "-0377", "-7\n", "-0x000000000000000000007", "+6,", "+6\n-6") },
	{ "masks: absolute", writes, DECIDED, USERS(2001), PATHS("bus/ap/apmask"),
	  TEXTS("0x0", "0x1", "0xff", "0x00", "0x02" ZEROS, "0xff" ONES, "0x00" ZEROS, "0xfe" ONES, "0x8") },
	{ "masks: not well formed", writes, DECIDED, USERS(2001), PATHS("bus/ap/apmask"),
	  TEXTS("ff", ONES, "\n-7", " -7", "-7 ", ",-7", "--7", "+-7", "-7-5", "-256", "-5-999", "-7;-8", "-7\t", "-",
		"+", "0x", "0x0,0x0", "-4294967303", "-18446744073709551623", "+0x100000006", "-7,0x0", "\\x2d7", "-７") },
	{ "domain masks", writes, DECIDED, USERS(2001, 2002), PATHS("bus/ap/aqmask"),
	  TEXTS("+0xab", "-0x10", "0x0", "+0xab-0xff", "-0-255", "+171") },
	{ "masks: a NUL inside", with_nul, DECIDED, USERS(2001), PATHS("bus/ap/apmask", "bus/ap/aqmask"), TEXTS("-7", "0x0", "+6") },
	{ "masks: oversized", oversized, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "-5", "0x0", "+6") },
	{ "masks: in pieces", in_pieces, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "+6", "-0-255", "+6,+6") },
	{ "masks: a page of blanks", blanks_before, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "+6") },
	{ "own mdev: adapters not granted", writes, DECIDED, USERS(2001), PATHS(MATRIX A1 "/assign_adapter"),
	  TEXTS("6", "0x6", "06", "0x06", "0x0006", "006", "+6", "-6", " 6", "6 ", "6\n6", "255", "256", "0", "4294967302",
		"18446744073709551622", "-250", "0x", "6,5", "five", "6\t", "0b110", "6.0") },
	{ "own mdev: domains not granted", writes, DECIDED, USERS(2001), PATHS(MATRIX A1 "/assign_domain"),
	  TEXTS("0xab", "171", "0253", "0", "255", "0xff", "5") },
	{ "own mdev: control domains not granted", writes, DECIDED, USERS(2001), PATHS(MATRIX A1 "/assign_control_domain"),
	  TEXTS("4", "0x47", "0xab", "0", "255") },
	{ "own mdev: ap_config", writes, DECIDED, USERS(2001), PATHS(MATRIX A1 "/ap_config"),
	  TEXTS("0x06" ZEROS ",0x00" ZEROS ",0x00" ZEROS, "0xff" ONES ",0xff" ONES ",0xff" ONES, "0x04,0x08,0xff",
		"0x04" ZEROS ",0x08" ZEROS ",0x08" ZEROS, "0x02,0x00,0x00", "0x04" ZEROS ",0x0800000000000000000000000000000000000000001,0x0") },
	{ "mdevs beyond the limit", can_write, DECIDED, USERS(2001, 2002, 2003, 2009), PATHS(TYPE "create"),
	  TEXTS(FREE, A1, B1, "C0000000-0000-4000-8000-000000000001", FREE "\n", "00000000-0000-0000-0000-000000000000") },
	{ "names that are no UUID", can_write, DECIDED, USERS(2001), PATHS(TYPE "create"),
	  TEXTS("../../x", A1 "/../x", "\n", "{" FREE "}", FREE "x", "%s%s%s%n", "c0000000-0000-4000-8000-00000000000", "/") },
	{ "seen, and not granted: the bus", can_write, DECIDED, USERS(2001, 2002),
	  PATHS("bus/ap/ap_domain", "bus/ap/config_time", "bus/ap/poll_timeout", "bus/ap/poll_thread", "bus/ap/scans",
		"bus/ap/uevent", "bus/ap/drivers_probe", "bus/ap/drivers_autoprobe", "bus/mdev/drivers_autoprobe",
		"bus/mdev/uevent", "bus/matrix/drivers_probe"),
	  TEXTS("1") },
	{ "seen, and not granted: drivers", can_write, DECIDED, USERS(2001, 2002),
	  PATHS("bus/ap/drivers/vfio_ap/unbind", "bus/ap/drivers/vfio_ap/bind", "bus/ap/drivers/cex4queue/bind",
		"bus/ap/drivers/cex4queue/unbind", "bus/ap/drivers/cex4card/unbind", "bus/mdev/drivers/vfio_ap_mdev/unbind"),
	  TEXTS("05.0004", "06.00ab", "card05", A1, B1) },
	{ "seen, and not granted: devices", can_write, DECIDED, USERS(2001),
	  PATHS("devices/ap/card05/config", "devices/ap/card05/uevent", "devices/ap/card05/05.0004/driver_override",
		"devices/ap/card05/05.0004/reset", "devices/ap/card05/request_count", "devices/ap/card05/05.0047/request_count",
		MATRIX A1 "/uevent"),
	  TEXTS("0", "add", "vfio_ap") },
	{ "seen, and not granted: another's devices", can_write, DECIDED, USERS(2002),
	  PATHS("devices/ap/card06/online", "devices/ap/card06/config", "devices/ap/card06/06.00ab/driver_override",
		"devices/ap/card06/uevent", "devices/ap/card06/06.00ab/reset"),
	  TEXTS("0") },
};

const struct families families_of_texts = { families, LENGTH(families) };
