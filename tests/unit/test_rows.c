/* SPDX-License-Identifier: MIT */
/*
 * Every file that takes writes: each errno it refuses with, and that a refused write changes nothing at all,
 * seen by comparing the whole state of the engine. A row without a case here fails the last test.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"

#define U1 "62177883-f1bb-47f0-914d-32a22e3a8804"
#define U2 "ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1"
#define MATRIX "devices/vfio_ap/matrix/"
#define TYPE MATRIX "mdev_supported_types/vfio_ap-passthrough/"
#define QUEUE6 "devices/ap/card06/06.0047"
#define ULONG_OVER "18446744073709551616"

struct refusal {
	enum kernel_id first, last;
	const char *path, *text;
	int error;
	const char *before;	/* more writes first, each "PATH TEXT", with | between them; NULL */
};

#define OLD KERNEL_4_20, KERNEL_5_10
#define ALL KERNEL_4_20, KERNEL_7_2
#define FROM_5_10 KERNEL_5_10, KERNEL_7_2
#define FROM_6_1 KERNEL_6_1, KERNEL_7_2
#define FROM_6_12 KERNEL_6_12, KERNEL_7_2
#define ONLY_7_2 KERNEL_7_2, KERNEL_7_2
#define ONLY_4_20 KERNEL_4_20, KERNEL_4_20
#define UP_TO_6_1 KERNEL_4_20, KERNEL_6_1

/* The fixture: adapter 5 and domain 4 are vfio_ap's; U1 has 05.0004, U2 05.0047; node "testnode". */
static const struct refusal refusals[] = {
	{ ALL, ".apsysfs/scenario", "after 5: unplug x", EINVAL, NULL },
	{ ALL, ".apsysfs/scenario", "after 5: scan\nremove 1", EINVAL, NULL },
	{ ALL, "bus/ap/apmask", "0xg", EINVAL, NULL },
	{ FROM_6_1, "bus/ap/apmask", "+5", EBUSY, NULL },
	{ ONLY_7_2, "bus/ap/aqmask", "+4", EBUSY, NULL },
	{ ALL, "bus/ap/aqmask", "+256", EINVAL, NULL },
	{ ALL, "bus/ap/drivers_probe", "nosuch", ENODEV, NULL },
	{ ALL, "bus/ap/ap_domain", "x", EINVAL, NULL },
	{ ALL, "bus/ap/ap_domain", "4", EINVAL, NULL },
	{ ALL, "bus/ap/config_time", "4", EINVAL, NULL },
	{ ALL, "bus/ap/poll_thread", "maybe", EINVAL, NULL },
	{ ALL, "bus/ap/poll_timeout", "x", EINVAL, NULL },
	{ ALL, "bus/ap/poll_timeout", "120000000001", EINVAL, NULL },
	{ FROM_6_12, "bus/ap/poll_timeout", ULONG_OVER, ERANGE, NULL },
	{ FROM_5_10, "bus/ap/uevent", "nosuch", EINVAL, NULL },
	{ ALL, "bus/ap/drivers/cex4queue/bind", "nosuch", ENODEV, NULL },
	{ OLD, "bus/ap/drivers/cex4queue/bind", "06.0047", ENODEV, NULL },
	{ FROM_6_1, "bus/ap/drivers/cex4queue/bind", "06.0047", EBUSY, NULL },
	{ ALL, "bus/ap/drivers/vfio_ap/bind", "card05", ENODEV, NULL },
	{ ALL, "bus/ap/drivers/cex4queue/unbind", "05.0004", ENODEV, NULL },
	{ FROM_5_10, "bus/ap/drivers/cex4queue/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "bus/mdev/uevent", "nosuch", EINVAL, NULL },
	{ ALL, "bus/mdev/drivers_probe", "nosuch", ENODEV, NULL },
	{ OLD, "bus/mdev/drivers/vfio_mdev/bind", "nosuch", ENODEV, NULL },
	{ OLD, "bus/mdev/drivers/vfio_mdev/unbind", "nosuch", ENODEV, NULL },
	{ KERNEL_5_10, KERNEL_5_10, "bus/mdev/drivers/vfio_mdev/uevent", "nosuch", EINVAL, NULL },
	{ FROM_6_1, "bus/mdev/drivers/vfio_ap_mdev/bind", "nosuch", ENODEV, NULL },
	{ FROM_6_1, "bus/mdev/drivers/vfio_ap_mdev/unbind", "nosuch", ENODEV, NULL },
	{ FROM_6_1, "bus/mdev/drivers/vfio_ap_mdev/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "bus/matrix/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "bus/matrix/drivers_probe", "nosuch", ENODEV, NULL },
	{ FROM_5_10, "bus/matrix/drivers/vfio_ap/uevent", "nosuch", EINVAL, NULL },
	{ ALL, "class/zcrypt/create", "testnode", EEXIST, NULL },
	{ ALL, "class/zcrypt/destroy", "nosuch", ENOENT, NULL },
	{ ALL, "class/zcrypt/destroy", "", ENOENT, NULL },
	{ ALL, "devices/virtual/zcrypt/testnode/apmask", "0xg", EINVAL, NULL },
	{ ALL, "devices/virtual/zcrypt/testnode/aqmask", "+256", EINVAL, NULL },
	{ ALL, "devices/virtual/zcrypt/testnode/ioctlmask", "x+5", EINVAL, NULL },
	{ FROM_6_1, "devices/virtual/zcrypt/testnode/admask", "0xg", EINVAL, NULL },
	{ FROM_5_10, "devices/virtual/zcrypt/testnode/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "devices/ap/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "devices/ap/card06/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "devices/ap/card06/config", "2", EINVAL, NULL },
	{ FROM_5_10, "devices/ap/card06/config", "0", EOPNOTSUPP, ".apsysfs/machine sclp_reconfig 0" },
	{ ALL, "devices/ap/card06/online", "2", EINVAL, NULL },
	{ FROM_5_10, "devices/ap/card06/online", "1", ENODEV, ".apsysfs/machine adapter 6 state=deconfigured\nscan" },
	{ FROM_6_12, "devices/ap/card06/online", "1", ENODEV, ".apsysfs/machine adapter 6 state=checkstopped\nscan" },
	{ FROM_5_10, "devices/ap/card06/06.0047/uevent", "nosuch", EINVAL, NULL },
	{ ALL, "devices/ap/card06/06.0047/online", "2", EINVAL, NULL },
	{ ALL, "devices/ap/card06/06.0047/online", "1", EINVAL, "devices/ap/card06/online 0" },
	{ FROM_5_10, "devices/ap/card06/06.0047/online", "1", ENODEV,
	  ".apsysfs/machine adapter 6 state=deconfigured\nscan" },
	{ ONLY_7_2, "devices/ap/card06/06.0047/driver_override", "vfio_ap", EINVAL, NULL },
	{ FROM_6_12, QUEUE6 "/se_bind", "x", EINVAL, NULL },
	{ FROM_6_12, QUEUE6 "/se_bind", "1", EINVAL, NULL },
	{ FROM_6_12, QUEUE6 "/se_bind", "1", EIO, ".apsysfs/machine queue 6.0x47 rc=3" },
	/* in a reset the hardware is busy, so the kernel's own EBUSY (its state machine is not done) cannot be had */
	{ FROM_6_12, QUEUE6 "/se_bind", "1", EIO,
	  ".apsysfs/machine adapter 6 bs=2\nreset_delay 100|" QUEUE6 "/reset 1" },
	{ FROM_6_12, QUEUE6 "/se_associate", "1", EINVAL, NULL },
	{ FROM_6_12, QUEUE6 "/se_associate", "x", EINVAL, ".apsysfs/machine adapter 6 func=ep11 bs=1\nscan" },
	{ FROM_6_12, QUEUE6 "/se_associate", "65536", EINVAL, ".apsysfs/machine adapter 6 func=ep11 bs=1\nscan" },
	{ FROM_6_12, QUEUE6 "/se_associate", "4294967296", ERANGE, ".apsysfs/machine adapter 6 func=ep11 bs=1\nscan" },
	{ FROM_6_12, QUEUE6 "/se_associate", "1", EINVAL, ".apsysfs/machine adapter 6 func=ep11 bs=2\nscan" },
	{ FROM_6_12, QUEUE6 "/se_associate", "1", EIO,
	  ".apsysfs/machine adapter 6 func=ep11 bs=1\nscan|.apsysfs/machine queue 6.0x47 rc=3" },
	{ FROM_6_12, QUEUE6 "/se_associate", "2", EBUSY,
	  ".apsysfs/machine adapter 6 func=ep11 bs=1\nassociate_delay 2\nscan|" QUEUE6 "/se_associate 1" },
	{ FROM_5_10, "devices/vfio_ap/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, MATRIX "uevent", "nosuch", EINVAL, NULL },
	{ ALL, TYPE "create", "nosuch", EINVAL, NULL },
	{ ALL, TYPE "create", U1, EEXIST, NULL },
	{ ALL, MATRIX U1 "/assign_adapter", "x", EINVAL, NULL },
	{ ALL, MATRIX U1 "/assign_adapter", ULONG_OVER, ERANGE, NULL },
	{ ALL, MATRIX U1 "/assign_adapter", "256", ENODEV, NULL },
	{ ALL, MATRIX U2 "/assign_adapter", "6", EADDRNOTAVAIL, NULL },
	{ OLD, MATRIX U1 "/assign_adapter", "5", EBUSY, ".apsysfs/guests/control start " U1 },
	{ ALL, MATRIX U1 "/assign_domain", "x", EINVAL, NULL },
	{ ALL, MATRIX U1 "/assign_domain", ULONG_OVER, ERANGE, NULL },
	{ ALL, MATRIX U1 "/assign_domain", "256", ENODEV, NULL },
	{ ALL, MATRIX U2 "/assign_domain", "4", EADDRINUSE, NULL },
	{ OLD, MATRIX U1 "/assign_domain", "5", EBUSY, ".apsysfs/guests/control start " U1 },
	{ ALL, MATRIX U1 "/unassign_adapter", "x", EINVAL, NULL },
	{ ALL, MATRIX U1 "/unassign_adapter", ULONG_OVER, ERANGE, NULL },
	{ ALL, MATRIX U1 "/unassign_adapter", "256", ENODEV, NULL },
	{ OLD, MATRIX U1 "/unassign_adapter", "5", EBUSY, ".apsysfs/guests/control start " U1 },
	{ ALL, MATRIX U1 "/unassign_domain", "x", EINVAL, NULL },
	{ ALL, MATRIX U1 "/unassign_domain", ULONG_OVER, ERANGE, NULL },
	{ ALL, MATRIX U1 "/unassign_domain", "256", ENODEV, NULL },
	{ OLD, MATRIX U1 "/unassign_domain", "4", EBUSY, ".apsysfs/guests/control start " U1 },
	{ ALL, MATRIX U1 "/assign_control_domain", "x", EINVAL, NULL },
	{ ALL, MATRIX U1 "/assign_control_domain", ULONG_OVER, ERANGE, NULL },
	{ ALL, MATRIX U1 "/assign_control_domain", "256", ENODEV, NULL },
	{ OLD, MATRIX U1 "/assign_control_domain", "4", EBUSY, ".apsysfs/guests/control start " U1 },
	{ ALL, MATRIX U1 "/unassign_control_domain", "x", EINVAL, NULL },
	{ ALL, MATRIX U1 "/unassign_control_domain", ULONG_OVER, ERANGE, NULL },
	{ ALL, MATRIX U1 "/unassign_control_domain", "256", ENODEV, NULL },
	{ OLD, MATRIX U1 "/unassign_control_domain", "4", EBUSY, ".apsysfs/guests/control start " U1 },
	{ FROM_6_12, MATRIX U1 "/ap_config", "0x04,0x08", EINVAL, NULL },
	{ FROM_6_12, MATRIX U1 "/ap_config", "0x06,0x08000000000000000100,", EADDRNOTAVAIL, NULL },
	{ FROM_6_12, MATRIX U2 "/ap_config", "0x04,0x08,", EADDRINUSE, NULL },
	{ ALL, MATRIX U1 "/remove", "x", EINVAL, NULL },
	{ ONLY_4_20, MATRIX U1 "/remove", "1", EBUSY, ".apsysfs/guests/control start " U1 },
	{ FROM_5_10, MATRIX U1 "/uevent", "nosuch", EINVAL, NULL },
	{ FROM_6_1, MATRIX U1 "/vfio-dev/vfio0/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "devices/virtual/misc/z90crypt/uevent", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "devices/virtual/vfio/0/uevent", "nosuch", EINVAL, NULL },
	{ FROM_6_1, "kernel/iommu_groups/0/type", "nosuch", EINVAL, NULL },
	{ FROM_5_10, "module/ap/uevent", "nosuch", EINVAL, NULL },
	{ ALL, "module/kvm/parameters/halt_poll_ns", "x", EINVAL, NULL },
	{ ALL, "module/kvm/parameters/halt_poll_ns", "4294967296", ERANGE, NULL },
	{ FROM_5_10, "module/kvm/parameters/halt_poll_max_steal", "256", ERANGE, NULL },
	{ ALL, "module/kvm/parameters/halt_poll_ns_grow", "x", EINVAL, NULL },
	{ ALL, "module/kvm/parameters/halt_poll_ns_shrink", "x", EINVAL, NULL },
	{ FROM_5_10, "module/kvm/parameters/halt_poll_max_steal", "x", EINVAL, NULL },
	{ FROM_5_10, "module/kvm/parameters/halt_poll_ns_grow_start", "x", EINVAL, NULL },
	{ FROM_5_10, "module/kvm/parameters/use_gisa", "x", EINVAL, NULL },
	{ FROM_6_1, "module/kvm/parameters/diag9c_forwarding_hz", "x", EINVAL, NULL },
	{ ONLY_4_20, "devices/ap/power/control", "nosuch", EINVAL, NULL },
	{ ONLY_4_20, "devices/ap/power/autosuspend_delay_ms", "1", EIO, NULL },
	{ ALL, ".apsysfs/machine", "adapter 500 type=11", EINVAL, NULL },
	{ ALL, ".apsysfs/modules", "nosuch", EINVAL, NULL },
	{ ALL, ".apsysfs/modules", "load nosuch", ENOENT, NULL },
	{ ALL, ".apsysfs/modules", "unload zcrypt", EWOULDBLOCK, NULL },
	{ ALL, ".apsysfs/clock", "advance 1", EOPNOTSUPP, NULL },
	{ ALL, ".apsysfs/guests/control", "start", EINVAL, NULL },
	{ ALL, ".apsysfs/guests/control", "start 00000000-0000-0000-0000-000000000000", ENOENT, NULL },
	{ ALL, ".apsysfs/guests/control", "start " U1, EBUSY, ".apsysfs/guests/control start " U1 },
};

#define REFUSALS (sizeof(refusals) / sizeof(*refusals))

/* Rows that take any text, as the kernel has them. */
static const char *const never_refuse[] = {
	"drivers_autoprobe", "scans", "scan", "request_count", "reset", "events", "log",
};

static int write_to(struct engine *e, const char *path, const char *text)
{
	struct node n;
	int rc = tree_lookup(e, path, &n);

	cr_assert(rc == 0, "kernel %s: %s is not there", e->rules->name, path);
	return tree_store(e, n, text, strlen(text));
}

static void must(struct engine *e, const char *path, const char *text)
{
	int rc = write_to(e, path, text);

	cr_assert(rc == 0, "kernel %s: %s: \"%s\": %s", e->rules->name, path, text, strerror(-rc));
}

static void boot(struct engine *e, enum kernel_id kernel)
{
	struct machine *machine = malloc(sizeof(*machine));

	cr_assert(machine != NULL, "no memory");
	machine_init_default(machine);
	machine->apsb = true;
	machine->secure_guest = true;
	cr_assert(engine_boot(e, kernel, machine, NULL, 0) == 0, "kernel %d does not boot", kernel);
	engine_load_default_modules(e);
	free(machine);
	must(e, "bus/ap/apmask", "-5");
	must(e, "bus/ap/aqmask", "-4");
	must(e, TYPE "create", U1);
	must(e, MATRIX U1 "/assign_adapter", "5");
	must(e, MATRIX U1 "/assign_domain", "4");
	must(e, TYPE "create", U2);
	must(e, MATRIX U2 "/assign_adapter", "5");
	must(e, MATRIX U2 "/assign_domain", "0x47");
	must(e, "class/zcrypt/create", "testnode");
}

static void check(struct engine *e, const struct refusal *r, struct state *before)
{
	int rc;

	memcpy(before, e->state, sizeof(*before));
	rc = write_to(e, r->path, r->text);
	cr_expect(rc == -r->error, "kernel %s: %s: \"%s\" gives %s instead of %s", e->rules->name, r->path, r->text,
		  rc ? strerrorname_np(-rc) : "success", strerrorname_np(r->error));
	cr_expect(memcmp(before, e->state, sizeof(*before)) == 0,
		  "kernel %s: %s: \"%s\" was refused, but something changed", e->rules->name, r->path, r->text);
}

static void prepare(struct engine *e, const char *writes)
{
	char path[128], text[256];

	while (*writes) {
		size_t name = strcspn(writes, " "), rest = strcspn(writes + name + 1, "|");

		snprintf(path, sizeof(path), "%.*s", (int)name, writes);
		snprintf(text, sizeof(text), "%.*s", (int)rest, writes + name + 1);
		must(e, path, text);
		writes += name + 1 + rest;
		writes += *writes == '|';
	}
}

static void check_kernel(enum kernel_id kernel)
{
	struct state *before = malloc(sizeof(*before));
	struct engine shared, own;

	cr_assert(before != NULL, "no memory");
	boot(&shared, kernel);
	for (size_t i = 0; i < REFUSALS; i++) {
		const struct refusal *r = &refusals[i];

		if (kernel < r->first || kernel > r->last)
			continue;
		if (!r->before) {
			check(&shared, r, before);
			continue;
		}
		boot(&own, kernel);
		prepare(&own, r->before);
		check(&own, r, before);
		engine_free(&own);
	}
	engine_free(&shared);
	free(before);
}

Test(rows, refusals_4_20) { check_kernel(KERNEL_4_20); }
Test(rows, refusals_5_10) { check_kernel(KERNEL_5_10); }
Test(rows, refusals_6_1) { check_kernel(KERNEL_6_1); }
Test(rows, refusals_6_12) { check_kernel(KERNEL_6_12); }
Test(rows, refusals_7_2) { check_kernel(KERNEL_7_2); }

/* What can only be refused once much has been done. */
Test(rows, nodes_run_out)
{
	for (enum kernel_id kernel = 0; kernel < KERNELS; kernel++) {
		struct engine e;
		int made = 1, rc;
		char name[16];

		boot(&e, kernel);
		do {
			snprintf(name, sizeof(name), "n%d", made++);
			rc = write_to(&e, "class/zcrypt/create", name);
		} while (rc == 0);
		cr_expect(rc == -ENOSPC && made == 257, "kernel %s: node %d: %s", e.rules->name, made, strerror(-rc));
		engine_free(&e);
	}
}

Test(rows, mdevs_run_out)
{
	static const int errors[] = { EPERM, EPERM, EUSERS, EUSERS, EUSERS };

	for (enum kernel_id kernel = 0; kernel < KERNELS; kernel += KERNELS - 1) {
		struct engine e;
		char uuid[40];
		int made = 2, rc;

		boot(&e, kernel);
		do {
			snprintf(uuid, sizeof(uuid), "%08x-0000-0000-0000-000000000000", made);
			rc = write_to(&e, TYPE "create", uuid);
			made += rc == 0;
		} while (rc == 0 && made < 70000);
		cr_expect(rc == -errors[kernel] && made == 65536, "kernel %s: mdev %d: %s", e.rules->name, made,
			  strerror(-rc));
		engine_free(&e);
	}
}

Test(rows, ids_end_at_the_machines_limits)
{
	struct machine *machine = malloc(sizeof(*machine));
	struct engine e;

	cr_assert(machine != NULL, "no memory");
	machine_init_default(machine);
	machine->max_adapter = 63;
	machine->max_domain = 84;
	cr_assert(engine_boot(&e, KERNEL_7_2, machine, NULL, 0) == 0, "does not boot");
	engine_load_default_modules(&e);
	free(machine);
	must(&e, TYPE "create", U1);
	must(&e, "bus/ap/apmask", "0x0");
	cr_expect(write_to(&e, MATRIX U1 "/assign_adapter", "64") == -ENODEV, "adapter 64");
	cr_expect(write_to(&e, MATRIX U1 "/assign_adapter", "63") == 0, "adapter 63");
	cr_expect(write_to(&e, MATRIX U1 "/assign_domain", "85") == -ENODEV, "domain 85");
	cr_expect(write_to(&e, MATRIX U1 "/ap_config", "0x00000000000000008,,") == -ENODEV, "ap_config: adapter 64");
	engine_free(&e);
}

static bool has_case(struct engine *e, const struct row *row, enum kernel_id kernel)
{
	for (size_t i = 0; i < sizeof(never_refuse) / sizeof(*never_refuse); i++)
		if (strcmp(row->name, never_refuse[i]) == 0)
			return true;
	/* 4.20 takes every synthetic event for good */
	if (kernel == KERNEL_4_20 && strcmp(row->name, "uevent") == 0)
		return true;
	for (size_t i = 0; i < REFUSALS; i++) {
		struct node n;

		if (kernel >= refusals[i].first && kernel <= refusals[i].last &&
		    tree_lookup(e, refusals[i].path, &n) == 0 && tree_row(n) == row)
			return true;
	}
	return false;
}

Test(rows, every_row_has_a_case)
{
	for (enum kernel_id kernel = 0; kernel < KERNELS; kernel++) {
		struct engine e;

		boot(&e, kernel);
		for (enum dir_kind kind = 0; kind < DIR_KINDS; kind++) {
			const struct dir *d = dir_get(kind);

			for (unsigned i = 0; i < d->count; i++) {
				const struct row *row = &d->rows[i];

				if (row->type != ROW_FILE || !row->store || kernel < row->first || kernel > row->last)
					continue;
				cr_expect(has_case(&e, row, kernel), "kernel %s: no case for %s in directory kind %d",
					  e.rules->name, row->name, kind);
			}
		}
		engine_free(&e);
	}
}
