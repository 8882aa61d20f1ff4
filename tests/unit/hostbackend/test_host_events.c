/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "hostbackend/host_events.h"

static const struct { const char *label, *payload; bool ours; } events[] = {
	{ "a card", "add@/devices/ap/card05", true },
	{ "the bus itself", "change@/devices/ap", true },
	{ "an mdev", "add@/devices/vfio_ap/matrix/62177883-f1bb-47f0-914d-32a22e3a8804", true },
	{ "a group", "remove@/devices/virtual/vfio/0", true },
	{ "a module of ours", "add@/module/vfio_ap", true },
	{ "another module", "add@/module/vfio_app", false },
	{ "a name that only begins so", "add@/devices/apple", false },
	{ "another device", "add@/devices/virtual/bdi/0:70", false },
	{ "no path", "add", false },
};

Test(host_events, only_what_rows_are_about_is_ours)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		cr_expect(host_events_are_ours(events[i].payload) == events[i].ours, "%s", events[i].label);
}

Test(host_events, the_number_of_the_namespace_is_left_out_and_what_is_cut_is_no_event)
{
	static const char message[] = "add@/devices/ap/card05\0ACTION=add\0SEQNUM=17\0SUBSYSTEM=ap";
	static const char expected[] = "add@/devices/ap/card05\0ACTION=add\0SUBSYSTEM=ap";
	char text[256];
	struct page out;

	page_init_fixed(&out, text, sizeof(text));
	cr_expect(host_events_take(message, sizeof(message), &out));
	cr_expect(out.length == sizeof(expected) && memcmp(text, expected, sizeof(expected)) == 0);
	cr_expect(!host_events_take(message, sizeof(message) - 1, &out));
	cr_expect(!host_events_take("libudev", 8, &out));
	cr_expect(!host_events_take("", 0, &out));
}
