/* SPDX-License-Identifier: MIT */
/* Queues (abi.md 5.3, 5.5). */
#include <errno.h>

#include "core/attr_tables.h"
#include "core/device.h"
#include "core/load.h"
#include "core/mdev.h"
#include "core/parse.h"

enum { QUEUE_REQUESTQ, QUEUE_PENDINGQ, QUEUE_CONFIG, QUEUE_CHKSTOP, QUEUE_ONLINE, QUEUE_LOAD };

static unsigned number(const struct engine *e, unsigned queue, int which)
{
	switch (which) {
	case QUEUE_REQUESTQ:
		return load_waiting(e, queue);
	case QUEUE_CONFIG:
		return e->state->queue[queue].config;
	case QUEUE_CHKSTOP:
		return e->state->queue[queue].chkstop;
	case QUEUE_ONLINE:
		return queue_online(e, queue);
	case QUEUE_PENDINGQ:
		return load_pending(e, queue);
	default:
		return load_weight(e, queue);
	}
}

static int show_number(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%u\n", number(e, n.index, row->arg));
	return 0;
}

enum { TEXT_REQUESTS, TEXT_RESET, TEXT_INTERRUPT, TEXT_PATTERNS, TEXT_OP_MODES };

static int show_queue_text(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	static void (*const print[])(struct engine *, unsigned, struct page *) = {
		queue_print_requests, queue_print_reset, queue_print_interrupt, queue_print_patterns,
		queue_print_op_modes,
	};

	print[row->arg](e, n.index, out);
	return 0;
}

static int store_requests(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	e->state->queue[n.index].request_count = 0;
	return 0;
}

static int store_reset(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	queue_store_reset(e, n.index);
	return 0;
}

static int show_functions(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	uint32_t functions;
	int rc = queue_functions(e, n.index, &functions);

	if (rc == 0)
		page_printf(out, "0x%08X\n", functions);
	return rc;
}

static int show_override(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%s\n", queue_override(e, n.index));
	return 0;
}

static int store_override(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return queue_store_override(e, n.index, text, length);
}

static int store_online(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	int value;

	if (parse_scan_int(text, true, e->rules->scan_saturates, &value) < 0)
		return -EINVAL;
	return queue_set_online(e, n.index, value);
}

static int show_status(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%s\n", queue_status(e, n.index));
	return 0;
}

static int show_se(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	return row->arg ? queue_print_se_associate(e, n.index, out) : queue_print_se_bind(e, n.index, out);
}

static int store_se(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return row->arg ? queue_store_se_associate(e, n.index, text) : queue_store_se_bind(e, n.index, text);
}

static bool driven_by_vfio(const struct engine *e, unsigned queue)
{
	return e->state->queue[queue].driver == DRIVER_VFIO_AP;
}

static bool when_zcrypt(const struct engine *e, struct node dir, const struct row *row)
{
	return !driven_by_vfio(e, dir.index);
}

static bool when_vfio(const struct engine *e, struct node dir, const struct row *row)
{
	return driven_by_vfio(e, dir.index);
}

static bool when_extras(const struct engine *e, struct node dir, const struct row *row)
{
	return !driven_by_vfio(e, dir.index) && card_extras(e, dir.index >> 8) != DEVICE_MODE_NONE;
}

static bool when_ep11(const struct engine *e, struct node dir, const struct row *row)
{
	return !driven_by_vfio(e, dir.index) && card_extras(e, dir.index >> 8) == DEVICE_MODE_EP11;
}

static bool when_se(const struct engine *e, struct node dir, const struct row *row)
{
	return queue_has_se(e, dir.index);
}

static struct node target_driver(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_AP_DRIVER, e->state->queue[n.index].driver, 0);
}

static const struct row queue_rows[] = {
	{ .name = "request_count", .mode = 0644, .show = show_queue_text, .store = store_requests,
	  .arg = TEXT_REQUESTS, .timed = true, .effect = EFFECT_COUNTERS, ALL_KERNELS },
	{ .name = "requestq_count", .mode = 0444, .show = show_number, .arg = QUEUE_REQUESTQ, .timed = true,
	  ALL_KERNELS },
	{ .name = "pendingq_count", .mode = 0444, .show = show_number, .arg = QUEUE_PENDINGQ, .timed = true,
	  ALL_KERNELS },
	{ .name = "reset", .mode = 0444, .show = show_queue_text, .arg = TEXT_RESET, .timed = true,
	  UNTIL(KERNEL_4_20) },
	{ .name = "reset", .mode = 0644, .show = show_queue_text, .store = store_reset, .arg = TEXT_RESET,
	  .timed = true, .effect = EFFECT_RESET, SINCE(KERNEL_5_10) },
	{ .name = "interrupt", .mode = 0444, .show = show_queue_text, .arg = TEXT_INTERRUPT, ALL_KERNELS },
	{ .name = "config", .mode = 0444, .show = show_number, .arg = QUEUE_CONFIG, SINCE(KERNEL_5_10) },
	{ .name = "chkstop", .mode = 0444, .show = show_number, .arg = QUEUE_CHKSTOP, SINCE(KERNEL_6_1) },
	{ .name = "ap_functions", .mode = 0444, .show = show_functions, SINCE(KERNEL_6_12) },
	{ .name = "driver_override", .mode = 0644, .show = show_override, .store = store_override,
	  .effect = EFFECT_OVERRIDE, SINCE(KERNEL_7_2) },
	{ .name = "se_bind", .mode = 0644, .show = show_se, .store = store_se, .arg = 0, .when = when_se,
	  .effect = EFFECT_SECURE, SINCE(KERNEL_6_12) },
	{ .name = "se_associate", .mode = 0644, .show = show_se, .store = store_se, .arg = 1, .when = when_se,
	  .effect = EFFECT_SECURE, SINCE(KERNEL_6_12) },
	{ .name = "online", .mode = 0644, .show = show_number, .store = store_online, .arg = QUEUE_ONLINE,
	  .life = LIFE_OF_DRIVER, .when = when_zcrypt, .effect = EFFECT_ONLINE, ALL_KERNELS },
	{ .name = "load", .mode = 0444, .show = show_number, .arg = QUEUE_LOAD, .timed = true,
	  .life = LIFE_OF_DRIVER, .when = when_zcrypt, ALL_KERNELS },
	{ .name = "mkvps", .mode = 0444, .show = show_queue_text, .arg = TEXT_PATTERNS, .life = LIFE_OF_DRIVER,
	  .when = when_extras, .show_mutates = true, SINCE(KERNEL_5_10) },
	{ .name = "op_modes", .mode = 0444, .show = show_queue_text, .arg = TEXT_OP_MODES, .life = LIFE_OF_DRIVER,
	  .when = when_ep11, .show_mutates = true, SINCE(KERNEL_5_10) },
	{ .name = "status", .mode = 0444, .show = show_status, .life = LIFE_OF_DRIVER, .when = when_vfio,
	  .locked = true, SINCE(KERNEL_6_1) },
	{ .name = "uevent", .mode = 0644, .show = show_uevent, .store = store_uevent, .effect = EFFECT_UEVENT,
	  ALL_KERNELS },
	{ .name = "subsystem", .type = ROW_LINK, .target = target_kind, .arg = DIR_BUS_AP, ALL_KERNELS },
	{ .name = "driver", .type = ROW_LINK, .target = target_driver, .life = LIFE_OF_DRIVER, ALL_KERNELS },
	{ .name = "power", .type = ROW_DIR, .child = DIR_POWER, UNTIL(KERNEL_4_20) },
};

const struct dir dir_queue = { ROWS(queue_rows), .parent = DIR_CARD };
