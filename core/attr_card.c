/* SPDX-License-Identifier: MIT */
/* /sys/devices/ap and its cards (abi.md 5.1, 5.2). */
#include <errno.h>

#include "core/attr_tables.h"
#include "core/device.h"
#include "core/load.h"
#include "core/parse.h"

static const struct row ap_rows[] = {
	{ .name = "uevent", .mode = 0644, .show = show_empty, .store = store_uevent, .effect = EFFECT_UEVENT,
	  ALL_KERNELS },
	{ .name = "power", .type = ROW_DIR, .child = DIR_POWER, UNTIL(KERNEL_4_20) },
	{ .family = &family_cards, .type = ROW_DIR, .child = DIR_CARD, ALL_KERNELS },
};

const struct dir dir_ap = { ROWS(ap_rows), .parent = DIR_DEVICES, .name = "ap" };

enum { CARD_HWTYPE, CARD_RAW_HWTYPE, CARD_DEPTH, CARD_REQUESTQ, CARD_PENDINGQ, CARD_CONFIG, CARD_CHKSTOP,
       CARD_MAX_MESSAGE, CARD_ONLINE, CARD_LOAD };

static unsigned sum_queues(const struct engine *e, unsigned adapter,
			   unsigned (*count)(const struct engine *e, unsigned queue))
{
	unsigned sum = 0;

	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++)
		if (e->state->queue[queue].driver != DRIVER_NONE)
			sum += count(e, queue);
	return sum;
}

static unsigned number(const struct engine *e, unsigned adapter, int which)
{
	const struct card *c = &e->state->card[adapter];

	switch (which) {
	case CARD_HWTYPE:
		return c->hwtype;
	case CARD_RAW_HWTYPE:
		return c->raw_hwtype;
	case CARD_DEPTH:
		return card_depth(e, adapter);
	case CARD_REQUESTQ:
		return sum_queues(e, adapter, load_waiting);
	case CARD_PENDINGQ:
		return sum_queues(e, adapter, load_pending);
	case CARD_CONFIG:
		return c->config;
	case CARD_CHKSTOP:
		return c->chkstop;
	case CARD_MAX_MESSAGE:
		return card_max_message(e, adapter);
	case CARD_ONLINE:
		return card_online(e, adapter);
	default:
		return sum_queues(e, adapter, load_weight);
	}
}

static int show_number(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%u\n", number(e, n.index, row->arg));
	return 0;
}

static int show_functions(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "0x%08X\n", e->state->card[n.index].functions);
	return 0;
}

static int show_requests(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	load_print_count(e, e->state->card[n.index].request_count, out);
	return 0;
}

static int store_requests(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	card_clear_requests(e, n.index);
	return 0;
}

static int show_modalias(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "ap:t%02X\n", e->state->card[n.index].hwtype);
	return 0;
}

static int show_type(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	card_print_type(e, n.index, out);
	page_append(out, "\n", 1);
	return 0;
}

static int store_flag(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	int value;

	if (parse_scan_int(text, true, e->rules->scan_saturates, &value) < 0)
		return -EINVAL;
	return row->arg == CARD_ONLINE ? card_set_online(e, n.index, value) : card_set_config(e, n.index, value);
}

enum { TEXT_SERIAL, TEXT_ORDINAL, TEXT_FIRMWARE, TEXT_OP_MODES };

static int show_card_text(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	static void (*const print[])(struct engine *, unsigned, struct page *) = {
		card_print_serial, card_print_ordinal, card_print_firmware, card_print_op_modes,
	};

	print[row->arg](e, n.index, out);
	return 0;
}

static struct node target_driver(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_AP_DRIVER, e->state->card[n.index].driver, 0);
}

static bool when_extras(const struct engine *e, struct node dir, const struct row *row)
{
	return card_extras(e, dir.index) != DEVICE_MODE_NONE;
}

static bool when_ep11(const struct engine *e, struct node dir, const struct row *row)
{
	return card_extras(e, dir.index) == DEVICE_MODE_EP11;
}

static const struct row card_rows[] = {
	{ .name = "hwtype", .mode = 0444, .show = show_number, .arg = CARD_HWTYPE, .constant = true, ALL_KERNELS },
	{ .name = "raw_hwtype", .mode = 0444, .show = show_number, .arg = CARD_RAW_HWTYPE, .constant = true,
	  ALL_KERNELS },
	{ .name = "depth", .mode = 0444, .show = show_number, .arg = CARD_DEPTH, .constant = true, ALL_KERNELS },
	{ .name = "ap_functions", .mode = 0444, .show = show_functions, .constant = true, ALL_KERNELS },
	{ .name = "request_count", .mode = 0644, .show = show_requests, .store = store_requests,
	  .timed = true, .effect = EFFECT_COUNTERS, ALL_KERNELS },
	{ .name = "requestq_count", .mode = 0444, .show = show_number, .arg = CARD_REQUESTQ, .timed = true,
	  ALL_KERNELS },
	{ .name = "pendingq_count", .mode = 0444, .show = show_number, .arg = CARD_PENDINGQ, .timed = true,
	  ALL_KERNELS },
	{ .name = "modalias", .mode = 0444, .show = show_modalias, .constant = true, ALL_KERNELS },
	{ .name = "config", .mode = 0644, .show = show_number, .store = store_flag, .arg = CARD_CONFIG,
	  .effect = EFFECT_CONFIG, SINCE(KERNEL_5_10) },
	{ .name = "chkstop", .mode = 0444, .show = show_number, .arg = CARD_CHKSTOP, SINCE(KERNEL_6_1) },
	{ .name = "max_msg_size", .mode = 0444, .show = show_number, .arg = CARD_MAX_MESSAGE, .constant = true,
	  SINCE(KERNEL_6_1) },
	{ .name = "uevent", .mode = 0644, .show = show_uevent, .store = store_uevent, .effect = EFFECT_UEVENT,
	  ALL_KERNELS },
	{ .name = "type", .mode = 0444, .show = show_type, .life = LIFE_OF_DRIVER, .constant = true, ALL_KERNELS },
	{ .name = "online", .mode = 0644, .show = show_number, .store = store_flag, .arg = CARD_ONLINE,
	  .life = LIFE_OF_DRIVER, .effect = EFFECT_ONLINE, ALL_KERNELS },
	{ .name = "load", .mode = 0444, .show = show_number, .arg = CARD_LOAD, .timed = true,
	  .life = LIFE_OF_DRIVER, ALL_KERNELS },
	{ .name = "serialnr", .mode = 0444, .show = show_card_text, .arg = TEXT_SERIAL, .life = LIFE_OF_DRIVER,
	  .when = when_extras, .show_mutates = true, SINCE(KERNEL_5_10) },
	{ .name = "API_ordinalnr", .mode = 0444, .show = show_card_text, .arg = TEXT_ORDINAL,
	  .life = LIFE_OF_DRIVER, .when = when_ep11, .show_mutates = true, SINCE(KERNEL_5_10) },
	{ .name = "FW_version", .mode = 0444, .show = show_card_text, .arg = TEXT_FIRMWARE, .life = LIFE_OF_DRIVER,
	  .when = when_ep11, .show_mutates = true, SINCE(KERNEL_5_10) },
	{ .name = "op_modes", .mode = 0444, .show = show_card_text, .arg = TEXT_OP_MODES, .life = LIFE_OF_DRIVER,
	  .when = when_ep11, .show_mutates = true, SINCE(KERNEL_5_10) },
	{ .name = "subsystem", .type = ROW_LINK, .target = target_kind, .arg = DIR_BUS_AP, ALL_KERNELS },
	{ .name = "driver", .type = ROW_LINK, .target = target_driver, .life = LIFE_OF_DRIVER, ALL_KERNELS },
	{ .name = "power", .type = ROW_DIR, .child = DIR_POWER, UNTIL(KERNEL_4_20) },
	{ .family = &family_queues, .type = ROW_DIR, .child = DIR_QUEUE, ALL_KERNELS },
};

const struct dir dir_card = { ROWS(card_rows), .parent = DIR_AP };
