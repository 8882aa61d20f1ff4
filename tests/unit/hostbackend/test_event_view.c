/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory_backend.h"
#include "hostbackend/policy_backend.h"

#define HIS "62177883-f1bb-47f0-914d-32a22e3a8804"
#define HIDDEN "62177883-f1bb-47f0-914d-32a22e3a8805"
#define MATRIX "devices/vfio_ap/matrix/"
#define CREATE MATRIX "mdev_supported_types/vfio_ap-passthrough/create"

static const char policy[] = "grants:\n- name: t\n  to: uid:1000\n  see: {adapters: 5, domains: [4, 0x47], mdevs: " HIS "}\n";

/* A machine where root does what he likes, and what a tenant hears of it. */
struct ear {
	struct backend *machine, *tenant;
	struct policy_guard *guard;
	char file[64], text[8192];
	struct page heard;
};

static void hear(void *ctx, const char *payload, size_t length)
{
	struct ear *ear = ctx;

	page_printf(&ear->heard, "%s\n", payload);
	for (const char *part = payload; part < payload + length; part += strlen(part) + 1)
		if (strstr(part, "MASK=") || strstr(part, "BINDINGS="))
			page_printf(&ear->heard, " %.*s\n", (int)strcspn(part, "\n"), part);
}

static void open_ear(struct ear *ear)
{
	struct policy_guard_options options = { .policy = ear->file };
	struct memory_options machine = { .kernel = KERNEL_NEWEST };
	struct machine *m = malloc(sizeof(*m));
	struct caller tenant = { 1000, 1000, 1 };
	char why[256];
	struct page message;
	int fd;

	machine_init_default(m);
	machine.machine = m;
	cr_assert(memory_backend_new(&machine, &ear->machine) == 0);
	free(m);
	snprintf(ear->file, sizeof(ear->file), "/tmp/test-event-view.XXXXXX");
	fd = mkstemp(ear->file);
	cr_assert(fd >= 0 && write(fd, policy, sizeof(policy) - 1) == (ssize_t)sizeof(policy) - 1);
	close(fd);
	page_init_fixed(&message, why, sizeof(why));
	cr_assert(policy_guard_new(&options, &ear->guard, &message) == 0, "%s", why);
	cr_assert(policy_backend_new(ear->machine, ear->guard, &tenant, &ear->tenant) == 0);
	ear->tenant->listener.uevent = hear;
	ear->tenant->listener.uevent_ctx = ear;
}

static void close_ear(struct ear *ear)
{
	ear->tenant->ops->destroy(ear->tenant);
	unlink(ear->file);
}

static void root_does(struct ear *ear, const char *path, const char *text)
{
	struct backend_call call = { .caller = { 0, 0, 1 } };
	struct backend *b = ear->machine;
	uint64_t node = BACKEND_ROOT;
	char copy[256], input[128], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name; (name = strsep(&rest, "/"));)
		cr_assert(b->ops->find(b, node, name, NULL, &node) == 0, "%s", path);
	page_init_fixed(&call.page, input, sizeof(input));
	page_printf(&call.page, "%s", text);
	cr_assert(b->ops->store(b, node, &call) == 0, "%s <- %s", path, text);
}

#define ZEROES_16 "0000000000000000"
#define MASK(digits) "0x" digits ZEROES_16 ZEROES_16 ZEROES_16

static const struct { const char *path, *text, *heard; } steps[] = {
	{ "bus/ap/apmask", "-6", "change@/devices/ap\n APMASK=" MASK("0400000000000000") "\n" },
	{ "bus/ap/apmask", "-5",
	  "unbind@/devices/ap/card05/05.0004\nbind@/devices/ap/card05/05.0004\n"
	  "unbind@/devices/ap/card05/05.0047\nbind@/devices/ap/card05/05.0047\nchange@/devices/ap\n APMASK=" MASK("0000000000000000") "\n" },
	{ "bus/ap/aqmask", "-0xab,-6", "change@/devices/ap\n AQMASK=0x0800000000000000" "0100000000000000" ZEROES_16 ZEROES_16 "\n" },
	/* a card that he does not see comes, and with it BINDINGS=complete */
	{ ".apsysfs/machine", "adapter 9 type=11\nscan", "" },
	{ CREATE, HIDDEN, "" },
	{ CREATE, HIS,
	  "add@/devices/vfio_ap/matrix/" HIS "\nadd@/devices/virtual/vfio/1\nadd@/devices/vfio_ap/matrix/" HIS "/vfio-dev/vfio1\n"
	  "bind@/devices/vfio_ap/matrix/" HIS "\n" },
	{ MATRIX HIDDEN "/assign_adapter", "5", "" },
	{ MATRIX HIDDEN "/assign_domain", "4", "" },
	/* kvm's events tell of every guest of the host */
	{ ".apsysfs/guests/control", "start " HIDDEN, "" },
	{ ".apsysfs/guests/control", "stop " HIDDEN, "" },
	{ MATRIX HIDDEN "/remove", "1", "" },
	{ MATRIX HIS "/remove", "1",
	  "remove@/devices/vfio_ap/matrix/" HIS "/vfio-dev/vfio1\nremove@/devices/virtual/vfio/1\nunbind@/devices/vfio_ap/matrix/" HIS
	  "\nremove@/devices/vfio_ap/matrix/" HIS "\n" },
	{ "devices/ap/card06/uevent", "change", "" },
	{ "devices/ap/card05/05.00ab/uevent", "change", "" },
	{ "devices/ap/card05/05.0004/uevent", "change", "change@/devices/ap/card05/05.0004\n" },
};

Test(event_view, a_tenant_hears_of_what_he_sees_alone)
{
	struct ear ear;

	open_ear(&ear);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		page_init_fixed(&ear.heard, ear.text, sizeof(ear.text));
		ear.text[0] = 0;
		root_does(&ear, steps[i].path, steps[i].text);
		cr_expect_str_eq(ear.text, steps[i].heard, "%s <- %s: heard\n%swanted\n%s", steps[i].path, steps[i].text, ear.text,
				 steps[i].heard);
	}
	close_ear(&ear);
}
