/* SPDX-License-Identifier: MIT */
/* Load: what the counters show at which time, whoever looked at them meanwhile. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"

#define SECOND NANOSECONDS
#define MILLISECOND (NANOSECONDS / 1000)
#define CARD "devices/ap/card05/"
#define QUEUE4 "devices/ap/card05/05.0004/"
#define QUEUE71 "devices/ap/card05/05.0047/"

struct lab {
	struct engine e;
	int64_t booted;
	struct machine *machine;
};

static void write_file(struct lab *l, const char *path, const char *text, int expected)
{
	struct node n;

	cr_assert_eq(tree_lookup(&l->e, path, &n), 0, "%s", path);
	cr_expect_eq(tree_store(&l->e, n, text, strlen(text)), expected, "%s > %s", text, path);
}

static long number(struct lab *l, const char *path)
{
	char text[SYSFS_PAGE];
	struct page page;
	struct node n;

	page_init_fixed(&page, text, sizeof(text));
	cr_assert_eq(tree_lookup(&l->e, path, &n), 0, "%s", path);
	cr_assert_eq(tree_show(&l->e, n, &page), 0, "%s", path);
	return atol(text);
}

static void boot(struct lab *l, enum kernel_id kernel, const char *load)
{
	char why[128];
	struct page reason;
	int line;

	page_init_fixed(&reason, why, sizeof(why));
	l->machine = malloc(sizeof(*l->machine));
	machine_init_default(l->machine);
	cr_assert_eq(machine_edit(l->machine, load, &line, &reason), 0, "%s", why);
	l->booted = 1000 * SECOND;
	cr_assert_eq(engine_boot(&l->e, kernel, l->machine, NULL, l->booted), 0);
	engine_load_default_modules(&l->e);
}

static void end(struct lab *l)
{
	engine_free(&l->e);
	free(l->machine);
}

static void at(struct lab *l, int64_t milliseconds)
{
	engine_set_now(&l->e, l->booted + milliseconds * MILLISECOND);
}

Test(load, a_rate_is_requests_a_second_and_a_queue)
{
	for (enum kernel_id k = KERNEL_4_20; k < KERNELS; k++) {
		struct lab l;

		boot(&l, k, "adapter 5 rate=1000");
		at(&l, 1500);
		cr_expect_eq(number(&l, QUEUE4 "request_count"), 1500, "%s", kernel_name(k));
		cr_expect_eq(number(&l, CARD "request_count"), 6000, "%s", kernel_name(k));
		cr_expect_eq(number(&l, "devices/ap/card06/request_count"), 0);
		end(&l);
	}
}

Test(load, looking_often_changes_nothing)
{
	static const char *const loads[] = { "adapter 5 rate=7", "adapter 5 rate=1003 wave=7",
					     "queue 5.4 rate=3\nqueue 5.0x47 rate=999 wave=1" };

	for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++) {
		struct lab once, often;

		boot(&once, KERNEL_NEWEST, loads[i]);
		boot(&often, KERNEL_NEWEST, loads[i]);
		for (int64_t ns = 0; ns < 20000 * MILLISECOND; ns += 777777)
			engine_set_now(&often.e, often.booted + ns);
		at(&once, 20000);
		at(&often, 20000);
		cr_expect_gt(number(&once, CARD "request_count"), 0);
		cr_expect_eq(number(&once, CARD "request_count"), number(&often, CARD "request_count"), "%s", loads[i]);
		cr_expect_eq(number(&once, QUEUE4 "request_count"), number(&often, QUEUE4 "request_count"));
		end(&once);
		end(&often);
	}
}

Test(load, a_wave_has_half_the_requests_and_rises_and_falls)
{
	struct lab l;

	boot(&l, KERNEL_NEWEST, "adapter 5 rate=1000 pending=8 wave=10");
	cr_expect_eq(number(&l, QUEUE4 "pendingq_count"), 0);
	at(&l, 2500);
	cr_expect_eq(number(&l, QUEUE4 "request_count"), 625);
	cr_expect_eq(number(&l, QUEUE4 "pendingq_count"), 4);
	at(&l, 5000);
	cr_expect_eq(number(&l, QUEUE4 "request_count"), 2500);
	cr_expect_eq(number(&l, QUEUE4 "pendingq_count"), 8);
	at(&l, 7500);
	cr_expect_eq(number(&l, QUEUE4 "pendingq_count"), 4);
	at(&l, 10000);
	cr_expect_eq(number(&l, QUEUE4 "request_count"), 5000);
	cr_expect_eq(number(&l, QUEUE4 "pendingq_count"), 0);
	at(&l, 86400 * 1000);
	cr_expect_eq(number(&l, QUEUE4 "request_count"), 86400 * 500);
	end(&l);
}

Test(load, waiting_pending_and_load_of_a_card_are_the_sums_of_its_bound_queues)
{
	struct lab l;

	boot(&l, KERNEL_NEWEST, "adapter 5 pending=11 depth=8\nqueue 5.0x47 pending=3");
	cr_expect_eq(number(&l, QUEUE4 "pendingq_count"), 8);
	cr_expect_eq(number(&l, QUEUE4 "requestq_count"), 3);
	cr_expect_eq(number(&l, QUEUE4 "load"), 11 * 10, "a CEX5C rates a request with a secure key 10");
	cr_expect_eq(number(&l, QUEUE71 "pendingq_count"), 3);
	cr_expect_eq(number(&l, QUEUE71 "requestq_count"), 0);
	cr_expect_eq(number(&l, CARD "pendingq_count"), 3 * 8 + 3);
	cr_expect_eq(number(&l, CARD "requestq_count"), 3 * 3);
	cr_expect_eq(number(&l, CARD "load"), (3 * 11 + 3) * 10);
	/* one goes to vfio_ap */
	write_file(&l, "bus/ap/drivers/cex4queue/unbind", "05.0004", 0);
	cr_expect_eq(number(&l, CARD "pendingq_count"), 2 * 8 + 3);
	cr_expect_eq(number(&l, QUEUE4 "pendingq_count"), 0);
	end(&l);
}

Test(load, what_is_not_online_and_bound_has_none)
{
	static const struct {
		const char *label, *path, *text;
	} rows[] = {
		{ "queue offline", QUEUE4 "online", "0" },
		{ "card offline", CARD "online", "0" },
		{ "deconfigured", CARD "config", "0" },
		{ "deconfigured from outside", ".apsysfs/machine", "adapter 5 state=deconfigured\nscan" },
		{ "checkstopped", ".apsysfs/machine", "adapter 5 state=checkstopped\nscan" },
		{ "given to vfio_ap", "bus/ap/apmask", "-5" },
		{ "unbound", "bus/ap/drivers/cex4queue/unbind", "05.0004" },
		{ "drivers unloaded", ".apsysfs/modules", "unload zcrypt_cex4" },
		{ "a queue that does not answer", ".apsysfs/machine", "queue 5.4 rc=5" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct lab l;
		uint64_t before;

		boot(&l, KERNEL_NEWEST, "adapter 5 rate=100");
		at(&l, 1000);
		write_file(&l, rows[i].path, rows[i].text, 0);
		before = l.e.state->queue[5 << 8 | 4].request_count;
		cr_expect_eq(before, 100, "%s", rows[i].label);
		at(&l, 5000);
		cr_expect_eq(l.e.state->queue[5 << 8 | 4].request_count, before, "%s", rows[i].label);
		end(&l);
	}
}

Test(load, it_changes_while_it_runs_and_a_write_zeroes)
{
	struct lab l;

	boot(&l, KERNEL_NEWEST, "");
	at(&l, 1000);
	cr_expect_eq(number(&l, CARD "request_count"), 0);
	write_file(&l, ".apsysfs/machine", "queue 5.4-0xff rate=10", 0);
	at(&l, 2000);
	write_file(&l, ".apsysfs/machine", "queue 5.4 rate=1000\nqueue 5.0x47 load=adapter", 0);
	at(&l, 3000);
	cr_expect_eq(number(&l, QUEUE4 "request_count"), 1010);
	cr_expect_eq(number(&l, QUEUE71 "request_count"), 10);
	write_file(&l, QUEUE4 "request_count", "anything", 0);
	cr_expect_eq(number(&l, QUEUE4 "request_count"), 0);
	cr_expect_eq(number(&l, CARD "request_count"), 1010 + 10 + 2 * 20, "a card counts for itself");
	write_file(&l, CARD "request_count", "", 0);
	cr_expect_eq(number(&l, CARD "request_count"), 0);
	at(&l, 4000);
	cr_expect_eq(number(&l, CARD "request_count"), 1000 + 2 * 10);
	write_file(&l, ".apsysfs/machine", "queue remove", 0);
	at(&l, 9000);
	cr_expect_eq(number(&l, CARD "request_count"), 1000 + 2 * 10);
	end(&l);
}

Test(load, the_text_form_keeps_the_loads_and_their_limit)
{
	struct machine *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
	char text[65536], why[128], line[64];
	struct page out, reason;
	int number;

	machine_init_default(a);
	machine_init(b);
	page_init_fixed(&reason, why, sizeof(why));
	cr_assert_eq(machine_edit(a, "adapter 5 rate=5 wave=9\nqueue 6.4-7 rate=1 pending=2 rc=4\nqueue 6.9 pending=0", &number, &reason), 0);
	page_init_fixed(&out, text, sizeof(text));
	machine_print(a, &out);
	cr_assert_eq(machine_edit(b, text, &number, &reason), 0, "%s", why);
	cr_expect(machine_equal(a, b));
	cr_assert_eq(machine_edit(b, "queue 6.5 wave=3", &number, &reason), 0);
	cr_expect_not(machine_equal(a, b));
	cr_assert_eq(machine_edit(b, "queue remove", &number, &reason), 0);
	for (unsigned i = 0; i < 255; i++) {
		snprintf(line, sizeof(line), "queue 7.%u rate=%u", i, i + 1);
		cr_assert_eq(machine_edit(b, line, &number, &reason), 0, "%s", line);
	}
	cr_expect_eq(machine_edit(b, "queue 7.255 rate=256", &number, &reason), -EINVAL);
	cr_expect(strstr(why, "255 different loads"), "%s", why);
	cr_expect_eq(machine_edit(b, "queue 7.255 rate=255", &number, &reason), 0);
	cr_expect_eq(machine_edit(b, "queue 7.0 rate=256", &number, &reason), 0, "the slot of its old load is free");
	free(a);
	free(b);
}
