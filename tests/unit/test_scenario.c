/* SPDX-License-Identifier: MIT */
/* Scenarios: their text, and what happens when, without a thread and by a clock that is told the time. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_backend.h"
#include "core/scenario.h"
#include "core/tree.h"

#define U1 "62177883-f1bb-47f0-914d-32a22e3a8804"
#define U2 "ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1"
#define MATRIX "devices/vfio_ap/matrix/"
#define CREATE MATRIX "mdev_supported_types/vfio_ap-passthrough/create"

static const struct {
	const char *line, *printed;	/* printed: NULL, as the line */
} good[] = {
	{ "after 5: unplug 5", NULL },
	{ "  after   0.250 :  scan ;wait 1.5;  scan", "after 0.25: scan; wait 1.5; scan" },
	{ "every 10: adapter 6 state=checkstopped; scan", NULL },
	{ "write /sys/bus/ap/apmask: checkstop 06.0004", "write bus/ap/apmask: checkstop 06.0004" },
	{ "always write bus/ap/apmask \"-5,-6\": plug 7 CEX8P mode=ep11 serial=X; restore 5.4", NULL },
	{ "mdev: start guest", NULL },
	{ "mdev any: start guest $uuid nokvm", "mdev: start guest $uuid nokvm" },
	{ "mdev " U1 ": write " MATRIX "$uuid/assign_adapter 5; stop guest " U1, NULL },
	{ "always guest: unload module vfio_ap; load kvm; stop guest all; set 5 state=online; set 5.0-255 rc=3", NULL },
	{ "after 1: write devices/ap/card05/online", NULL },
};

Test(scenario, an_event_is_printed_as_it_was_read)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		char why[256] = "", text[SCENARIO_LINE];
		struct page message, out;
		struct scenario_event v, again;

		page_init_fixed(&message, why, sizeof(why));
		page_init_fixed(&out, text, sizeof(text));
		cr_assert_eq(scenario_event_parse(good[i].line, &v, &message), 0, "%s: %s", good[i].line, why);
		scenario_event_print(&v, &out);
		cr_expect_str_eq(text, good[i].printed ? good[i].printed : good[i].line);
		cr_assert_eq(scenario_event_parse(text, &again, &message), 0, "%s: %s", text, why);
		cr_expect_eq(memcmp(&v, &again, sizeof(v)), 0, "%s", text);
	}
}

Test(scenario, what_is_wrong_with_an_event_is_named)
{
	static const struct {
		const char *line, *message;
	} bad[] = {
		{ "", "\"\": expected after" },
		{ "soon: scan", "\"soon\": expected after, every, write, mdev or guest" },
		{ "after x: scan", "\"x\": expected seconds" },
		{ "after 5", "expected a colon" },
		{ "after 5:", "expected an action" },
		{ "after 5: scan;; scan", "expected an action" },
		{ "after 5: scan now", "\"now\": expected nothing more" },
		{ "always after 5: scan", "expected every" },
		{ "every 0: scan", "at least 0.001" },
		{ "after 5: unplug", "expected an adapter's number" },
		{ "after 5: unplug 300", "\"300\": expected a number from 0 to 255" },
		{ "after 5: unplug 5.4", "expected an adapter's number" },
		{ "after 5: plug 5 CEX9", "\"CEX9\": expected" },
		{ "after 5: explode", "\"explode\": expected" },
		{ "after 5: start " U1, "expected guest" },
		{ "after 5: start guest all", "\"all\": expected a UUID" },
		{ "after 5: load", "a module's name" },
		{ "after 5: write", "expected the path" },
		{ "write: scan", "expected the path" },
		{ "write bus/ap/apmask \"x: scan", "in quotes" },
		{ "mdev 5: scan", "\"5\": expected a UUID" },
		{ "after 5: wait long", "\"long\": expected seconds" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char why[256] = "";
		struct page message;
		struct scenario_event v;

		page_init_fixed(&message, why, sizeof(why));
		cr_expect_eq(scenario_event_parse(bad[i].line, &v, &message), -EINVAL, "%s", bad[i].line);
		cr_expect(strstr(why, bad[i].message), "%s: %s", bad[i].line, why);
	}
}

/* --- a machine --------------------------------------------------------------------------------- */

static struct backend *boot(const char *scenario)
{
	struct machine *machine = malloc(sizeof(*machine));
	struct memory_options options = { .kernel = KERNEL_NEWEST, .machine = machine, .scenario = scenario,
					  .virtual_clock = true };
	struct backend *b;

	machine_init_default(machine);
	cr_assert_eq(memory_backend_new(&options, &b), 0);
	free(machine);
	return b;
}

static int find(struct backend *b, const char *path, uint64_t *ret)
{
	uint64_t node = BACKEND_ROOT;
	char name[128];

	while (*path) {
		size_t length = strcspn(path, "/");
		int rc;

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		rc = b->ops->find(b, node, name, NULL, &node);
		if (rc < 0)
			return rc;
		path += length + (path[length] == '/');
	}
	*ret = node;
	return 0;
}

static void answered(struct backend_call *call, int result)
{
	call->result = result;
	call->node = 0;
}

static int put(struct backend *b, const char *path, const char *text)
{
	struct backend_call call = { .answer = answered };
	char copy[2048];
	uint64_t node;
	int rc = find(b, path, &node);

	snprintf(copy, sizeof(copy), "%s", text);
	call.page = (struct page){ copy, strlen(copy), sizeof(copy), false };
	return rc < 0 ? rc : b->ops->store(b, node, &call);
}

static char *get(struct backend *b, const char *path, char text[SYSFS_PAGE])
{
	struct backend_call call = { .answer = answered };
	uint64_t node;

	*text = 0;
	page_init_fixed(&call.page, text, SYSFS_PAGE);
	if (find(b, path, &node) < 0 || b->ops->show(b, node, &call) < 0)
		return strcpy(text, "gone");
	text[strcspn(text, "\n")] = 0;
	return text;
}

static void expect(struct backend *b, const char *path, const char *expected, const char *label)
{
	char text[SYSFS_PAGE];

	get(b, path, text);
	cr_expect_str_eq(text, expected, "%s: %s is \"%s\" and not \"%s\"", label, path, text, expected);
}

static void advance(struct backend *b, unsigned seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "advance %u", seconds);
	cr_assert_eq(put(b, ".apsysfs/clock", text), 0);
}

Test(scenario, time_makes_events_happen_to_the_second)
{
	struct backend *b = boot("after 5: checkstop 6; wait 10; restore 6; wait 0.5; unplug 6\nafter 0: set 5 rate=1\n");

	advance(b, 4);
	expect(b, "devices/ap/card06/chkstop", "0", "before");
	advance(b, 1);
	expect(b, "devices/ap/card06/chkstop", "1", "at");
	advance(b, 9);
	expect(b, "devices/ap/card06/chkstop", "1", "waits");
	advance(b, 1);
	expect(b, "devices/ap/card06/chkstop", "0", "restored");
	expect(b, "devices/ap/card05/05.0004/request_count", "15", "load from boot on");
	advance(b, 1);
	expect(b, "devices/ap/card06/chkstop", "gone", "unplugged");
	b->ops->destroy(b);
}

Test(scenario, one_long_advance_is_as_many_short_ones)
{
	static const char scenario[] = "every 7: unplug 6; wait 3; plug 6 CEX8C; wait 0.25; write devices/ap/card06/online 0\n"
				       "every 5: domain remove 0x47; scan; wait 2; domain add 0x47; scan\nafter 3: set 5 rate=100\n";
	struct backend *one = boot(scenario), *many = boot(scenario);
	static const char *const files[] = { ".apsysfs/scenario", ".apsysfs/machine", "bus/ap/scans", "bus/ap/bindings",
					     "devices/ap/card05/request_count", "devices/ap/card06/online" };
	char a[SYSFS_PAGE], c[SYSFS_PAGE];

	advance(one, 500);
	for (int i = 0; i < 500; i++)
		advance(many, 1);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		cr_expect_str_eq(get(one, files[i], a), get(many, files[i], c), "%s", files[i]);
	expect(one, ".apsysfs/scenario", "0 running fired=71 failed=0 error=0 every 7: unplug 6; wait 3; plug 6 CEX8C; "
					 "wait 0.25; write devices/ap/card06/online 0",
	       "every 7 s");
	one->ops->destroy(one);
	many->ops->destroy(many);
}

Test(scenario, a_write_is_followed_by_its_event_before_its_answer)
{
	struct backend *b = boot("write bus/ap/apmask \"-5\": unplug 5\nalways write bus/ap/config_time: set 6 state=deconfigured\n");

	cr_expect_eq(put(b, "bus/ap/apmask", "-6"), 0);
	expect(b, "devices/ap/card05/type", "CEX5C", "another text");
	cr_expect_eq(put(b, "bus/ap/apmask", "-5\n"), 0);
	expect(b, "devices/ap/card05/type", "gone", "the text, with a newline");
	expect(b, "bus/ap/apmask", "0xf9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "its effect");
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(put(b, "bus/ap/config_time", "40"), 0);
		expect(b, "devices/ap/card06/config", "0", "always");
		cr_expect_eq(put(b, "devices/ap/card06/config", "1"), 0);
	}
	cr_expect_eq(put(b, "bus/ap/config_time", "4"), -EINVAL);
	expect(b, "devices/ap/card06/config", "1", "a write that is refused triggers nothing");
	b->ops->destroy(b);
}

Test(scenario, a_path_may_go_through_links)
{
	struct backend *b = boot("write bus/ap/devices/card05/online: checkstop 06.0047");

	cr_expect_eq(put(b, "devices/ap/card05/online", "0"), 0);
	expect(b, "devices/ap/card06/06.0047/chkstop", "1", "by its other name");
	expect(b, "devices/ap/card06/06.0004/chkstop", "0", "only that queue");
	b->ops->destroy(b);
}

Test(scenario, an_mdev_and_a_guest_are_events_and_subjects)
{
	struct backend *b = boot("mdev: write " MATRIX "$uuid/assign_adapter 5; write " MATRIX
				 "$uuid/assign_domain 4; start guest\nguest: wait 2; checkstop 5; stop guest\n");

	cr_expect_eq(put(b, "bus/ap/apmask", "-5"), 0);
	cr_expect_eq(put(b, CREATE, U1), 0);
	expect(b, MATRIX U1 "/matrix", "05.0004", "assigned");
	expect(b, ".apsysfs/guests/control", U1 " kvm running", "started");
	advance(b, 2);
	expect(b, ".apsysfs/guests/control", "", "stopped");
	cr_expect_eq(put(b, CREATE, U2), 0);
	expect(b, MATRIX U2 "/matrix", "", "once is once");
	b->ops->destroy(b);
}

Test(scenario, what_fails_is_told_and_the_rest_happens)
{
	struct backend *b = boot("after 1: write nowhere 1; write devices/ap/card06/online 7; start guest; unplug 6");

	advance(b, 1);
	expect(b, "devices/ap/card06/online", "gone", "the last one");
	expect(b, ".apsysfs/scenario", "0 over fired=1 failed=3 error=22 after 1: write nowhere 1; write "
				       "devices/ap/card06/online 7; start guest; unplug 6",
	       "told");
	b->ops->destroy(b);
}

Test(scenario, events_that_cause_each_other_come_to_an_end)
{
	struct backend *b = boot("always write bus/ap/config_time: write bus/ap/poll_timeout 100000\n"
				 "always write bus/ap/poll_timeout: write bus/ap/config_time 50\n");

	cr_expect_eq(put(b, "bus/ap/config_time", "40"), 0);
	expect(b, "bus/ap/config_time", "50", "both happened");
	expect(b, "bus/ap/ap_max_domain_id", "255", "and it still answers");
	b->ops->destroy(b);
}

Test(scenario, an_action_waits_as_a_caller_does)
{
	/* the mdev is removed from under its guest: remove waits until the guest is gone */
	struct backend *b = boot("after 1: write " MATRIX U1 "/remove 1; unplug 6");

	cr_expect_eq(put(b, CREATE, U1), 0);
	cr_expect_eq(put(b, ".apsysfs/guests/control", "start " U1), 0);
	advance(b, 1);
	expect(b, "devices/ap/card06/online", "1", "the next action waits too");
	advance(b, 5);
	expect(b, "devices/ap/card06/online", "1", "still");
	cr_expect_eq(put(b, ".apsysfs/guests/control", "stop " U1), 0);
	expect(b, "devices/ap/card06/online", "gone", "and goes on");
	b->ops->destroy(b);
}

Test(scenario, a_waiting_write_fires_when_it_is_done)
{
	struct backend *b = boot("write " MATRIX U1 "/remove: unplug 6");
	struct backend_call call = { .answer = answered };
	char text[] = "1";
	uint64_t node;

	cr_expect_eq(put(b, CREATE, U1), 0);
	cr_expect_eq(put(b, ".apsysfs/guests/control", "start " U1), 0);
	cr_assert_eq(find(b, MATRIX U1 "/remove", &node), 0);
	call.page = (struct page){ text, 1, sizeof(text), false };
	cr_assert_eq(b->ops->store(b, node, &call), BACKEND_WAITS);
	expect(b, "devices/ap/card06/online", "1", "not yet");
	cr_expect_eq(put(b, ".apsysfs/guests/control", "stop all"), 0);
	cr_expect_eq(call.node, 0, "it is answered");
	cr_expect_eq(call.result, 0);
	expect(b, "devices/ap/card06/online", "gone", "its file was gone by then");
	b->ops->destroy(b);
}

Test(scenario, commands_are_all_or_nothing_and_places_are_used_again)
{
	struct backend *b = boot("after 100: unplug 5");
	char text[SYSFS_PAGE];

	cr_expect_eq(put(b, ".apsysfs/scenario", "after 200: unplug 6\nremove 7\n"), -EINVAL);
	expect(b, ".apsysfs/error", "line 2: remove 7: expected the number of an event that there is", "why");
	expect(b, ".apsysfs/scenario", "0 pending fired=0 failed=0 error=0 after 100: unplug 5", "nothing changed");
	cr_expect_eq(put(b, ".apsysfs/scenario", "remove 0\n# a comment\n\nafter 2: unplug 6\n"), 0);
	expect(b, ".apsysfs/scenario", "0 pending fired=0 failed=0 error=0 after 2: unplug 6", "in its place");
	for (int i = 1; i < SCENARIO_EVENTS; i++)
		cr_expect_eq(put(b, ".apsysfs/scenario", "after 9: scan"), 0);
	cr_expect_eq(put(b, ".apsysfs/scenario", "after 9: scan"), -ENOSPC);
	cr_expect_eq(put(b, ".apsysfs/scenario", "clear"), 0);
	cr_expect_str_eq(get(b, ".apsysfs/scenario", text), "");
	advance(b, 1000);
	expect(b, "devices/ap/card05/online", "1", "what is cleared does not happen");
	b->ops->destroy(b);
}

Test(scenario, an_event_may_clear_the_scenario_it_is_part_of)
{
	struct backend *b = boot("after 1: write .apsysfs/scenario clear; unplug 5\nafter 2: unplug 6");

	advance(b, 9);
	expect(b, "devices/ap/card05/online", "1", "gone with its event");
	expect(b, "devices/ap/card06/online", "1", "and the other one");
	b->ops->destroy(b);
}
