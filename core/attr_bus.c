/* SPDX-License-Identifier: MIT */
/* /sys/bus/ap (abi.md 4). */
#include <errno.h>

#include "core/attr_tables.h"
#include "core/binding.h"
#include "core/bus.h"
#include "core/parse.h"

#define POLL_TIMEOUT_MAX UINT64_C(120000000000)	/* ns */

static void print_mask(const struct ap_mask *mask, struct page *out)
{
	char text[AP_MASK_TEXT];

	ap_mask_format(mask, text);
	page_printf(out, "%s\n", text);
}

static int show_mask(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	print_mask(row->arg == BUS_APMASK ? &e->state->apmask : &e->state->aqmask, out);
	return 0;
}

static int store_mask(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return bus_store_mask(e, (enum bus_mask)row->arg, text);
}

enum { HOST_ADAPTERS, HOST_USAGE, HOST_CONTROL };

static int show_host_mask(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct state *s = e->state;
	const struct ap_mask *masks[] = { &s->host_adapters, &s->host_domains, &s->host_controls };

	if (s->qci)
		print_mask(masks[row->arg], out);
	else
		page_printf(out, "not supported\n");
	return 0;
}

enum { NUMBER_DOMAIN, NUMBER_CONFIG_TIME, NUMBER_POLL_THREAD, NUMBER_INTERRUPTS, NUMBER_MAX_DOMAIN,
       NUMBER_MAX_ADAPTER, NUMBER_AUTOPROBE };

static int show_number(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct state *s = e->state;
	int value = 0;

	switch (row->arg) {
	case NUMBER_DOMAIN:
		value = s->default_domain;
		break;
	case NUMBER_CONFIG_TIME:
		value = s->config_time;
		break;
	case NUMBER_POLL_THREAD:
		value = s->poll_thread;
		break;
	case NUMBER_INTERRUPTS:
		value = s->boot.useirq != 0;
		break;
	case NUMBER_MAX_DOMAIN:
		value = bus_max_domain(e);
		break;
	case NUMBER_MAX_ADAPTER:
		value = bus_max_adapter(e);
		break;
	default:
		value = s->autoprobe;
		break;
	}
	page_printf(out, "%d\n", value);
	return 0;
}

static int store_domain(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	int domain;

	if (parse_scan_int(text, false, e->rules->scan_saturates, &domain) < 0)
		return -EINVAL;
	return bus_set_default_domain(e, domain);
}

static int store_config_time(struct engine *e, struct node n, const struct row *row, const char *text,
			     size_t length)
{
	int seconds;

	if (parse_scan_int(text, true, e->rules->scan_saturates, &seconds) < 0 || seconds < 5 || seconds > 120)
		return -EINVAL;
	e->state->config_time = seconds;
	e->state->next_scan = e->state->now + seconds * NANOSECONDS;
	return 0;
}

static int store_poll_thread(struct engine *e, struct node n, const struct row *row, const char *text,
			     size_t length)
{
	bool on;
	int value;

	if (e->rules->bool_attributes) {
		if (parse_bool(text, e->rules->bool_enable, &on) < 0)
			return -EINVAL;
	} else {
		if (parse_scan_int(text, true, e->rules->scan_saturates, &value) < 0)
			return -EINVAL;
		on = value != 0;
	}
	/* with interrupts there is nothing to poll: the kernel takes the write and starts no thread */
	e->state->poll_thread = on && !e->state->boot.useirq;
	return 0;
}

static int show_poll_timeout(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%llu\n", (unsigned long long)e->state->poll_timeout);
	return 0;
}

static int store_poll_timeout(struct engine *e, struct node n, const struct row *row, const char *text,
			      size_t length)
{
	uint64_t value;
	int rc;

	if (e->rules->bool_attributes) {
		rc = parse_ulong(text, &value);
		if (rc < 0)
			return rc;
	} else if (parse_scan_ull(text, e->rules->scan_saturates, &value) < 0 || value == 0) {
		return -EINVAL;
	}
	if (value > POLL_TIMEOUT_MAX)
		return -EINVAL;
	e->state->poll_timeout = value;
	return 0;
}

static int show_scans(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%llu\n", (unsigned long long)e->state->scans);
	return 0;
}

static int store_scans(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	scan_run(e);
	return 0;
}

static int show_bindings(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct state *s = e->state;
	bool complete = s->scanned && s->queues_bound == s->queues_total;

	page_printf(out, "%u/%u%s\n", s->queues_bound, s->queues_total, complete ? " (complete)" : "");
	return 0;
}

static int show_complete_count(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%llu\n", (unsigned long long)e->state->bindings_complete);
	return 0;
}

static int show_features(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct state *s = e->state;

	if (!s->qci) {
		page_printf(out, "-\n");
		return 0;
	}
	page_printf(out, "%s%s%s%s%s", s->apsc ? "APSC " : "", s->apxa ? "APXA " : "", s->qact ? "QACT " : "",
		    s->rc8a ? "RC8A " : "", s->apsb ? "APSB " : "");
	/* the last blank becomes the newline; without any feature there is nothing at all, as in the kernel */
	if (out->length)
		out->data[out->length - 1] = '\n';
	return 0;
}

static int store_autoprobe(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	e->state->autoprobe = *text != '0';
	return 0;
}

static int store_probe(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return binding_store_probe(e, text);
}

static const struct row bus_ap_rows[] = {
	{ .name = "uevent", .mode = 0200, .store = store_uevent, .effect = EFFECT_UEVENT, ALL_KERNELS },
	{ .name = "drivers_probe", .mode = 0200, .store = store_probe, .effect = EFFECT_BINDING, ALL_KERNELS },
	{ .name = "drivers_autoprobe", .mode = 0644, .show = show_number, .store = store_autoprobe,
	  .arg = NUMBER_AUTOPROBE, .effect = EFFECT_BUS_SETTING, ALL_KERNELS },
	{ .name = "ap_domain", .mode = 0644, .show = show_number, .store = store_domain, .arg = NUMBER_DOMAIN,
	  .effect = EFFECT_BUS_SETTING, ALL_KERNELS },
	{ .name = "ap_control_domain_mask", .mode = 0444, .show = show_host_mask, .arg = HOST_CONTROL, ALL_KERNELS },
	{ .name = "ap_usage_domain_mask", .mode = 0444, .show = show_host_mask, .arg = HOST_USAGE, ALL_KERNELS },
	{ .name = "ap_adapter_mask", .mode = 0444, .show = show_host_mask, .arg = HOST_ADAPTERS, ALL_KERNELS },
	{ .name = "config_time", .mode = 0644, .show = show_number, .store = store_config_time,
	  .arg = NUMBER_CONFIG_TIME, .effect = EFFECT_BUS_SETTING, ALL_KERNELS },
	{ .name = "poll_thread", .mode = 0644, .show = show_number, .store = store_poll_thread,
	  .arg = NUMBER_POLL_THREAD, .effect = EFFECT_BUS_SETTING, ALL_KERNELS },
	{ .name = "ap_interrupts", .mode = 0444, .show = show_number, .arg = NUMBER_INTERRUPTS, ALL_KERNELS },
	{ .name = "poll_timeout", .mode = 0644, .show = show_poll_timeout, .store = store_poll_timeout,
	  .effect = EFFECT_BUS_SETTING, ALL_KERNELS },
	{ .name = "ap_max_domain_id", .mode = 0444, .show = show_number, .arg = NUMBER_MAX_DOMAIN, ALL_KERNELS },
	{ .name = "ap_max_adapter_id", .mode = 0444, .show = show_number, .arg = NUMBER_MAX_ADAPTER,
	  SINCE(KERNEL_5_10) },
	{ .name = "apmask", .mode = 0644, .show = show_mask, .store = store_mask, .arg = BUS_APMASK,
	  .effect = EFFECT_POOL, ALL_KERNELS },
	{ .name = "aqmask", .mode = 0644, .show = show_mask, .store = store_mask, .arg = BUS_AQMASK,
	  .effect = EFFECT_POOL, ALL_KERNELS },
	{ .name = "scans", .mode = 0644, .show = show_scans, .store = store_scans, .effect = EFFECT_SCAN,
	  SINCE(KERNEL_6_1) },
	{ .name = "bindings", .mode = 0444, .show = show_bindings, SINCE(KERNEL_6_1) },
	{ .name = "features", .mode = 0444, .show = show_features, SINCE(KERNEL_6_12) },
	{ .name = "bindings_complete_count", .mode = 0444, .show = show_complete_count, SINCE(KERNEL_7_2) },
	{ .name = "devices", .type = ROW_DIR, .child = DIR_AP_DEVICES, ALL_KERNELS },
	{ .name = "drivers", .type = ROW_DIR, .child = DIR_AP_DRIVERS, ALL_KERNELS },
};

const struct dir dir_bus_ap = { ROWS(bus_ap_rows), .parent = DIR_BUS, .name = "ap" };

static struct node target_card(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_CARD, 0, n.index);
}

static struct node target_queue(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_QUEUE, 0, n.index);
}

static const struct row ap_devices_rows[] = {
	{ .family = &family_cards, .type = ROW_LINK, .target = target_card, ALL_KERNELS },
	{ .family = &family_bus_queues, .type = ROW_LINK, .target = target_queue, ALL_KERNELS },
};

const struct dir dir_ap_devices = { ROWS(ap_devices_rows), .parent = DIR_BUS_AP, .name = "devices" };

static const struct row ap_drivers_rows[] = {
	{ .family = &family_drivers, .type = ROW_DIR, .child = DIR_AP_DRIVER, ALL_KERNELS },
};

const struct dir dir_ap_drivers = { ROWS(ap_drivers_rows), .parent = DIR_BUS_AP, .name = "drivers" };

static int store_bind(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return binding_store_bind(e, n.sub, text);
}

static int store_unbind(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return binding_store_unbind(e, n.sub, text);
}

static struct node target_module(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MODULE, driver_get(n.sub)->module, 0);
}

static bool when_drives_cards(const struct engine *e, struct node dir, const struct row *row)
{
	return driver_get(dir.sub)->is_card;
}

static bool when_drives_queues(const struct engine *e, struct node dir, const struct row *row)
{
	return !driver_get(dir.sub)->is_card;
}

static const struct row ap_driver_rows[] = {
	{ .name = "bind", .mode = 0200, .store = store_bind, .effect = EFFECT_BINDING, ALL_KERNELS },
	{ .name = "unbind", .mode = 0200, .store = store_unbind, .effect = EFFECT_BINDING, ALL_KERNELS },
	{ .name = "uevent", .mode = 0200, .store = store_uevent, .effect = EFFECT_UEVENT, ALL_KERNELS },
	{ .name = "module", .type = ROW_LINK, .target = target_module, ALL_KERNELS },
	{ .family = &family_driver_cards, .type = ROW_LINK, .target = target_card, .life = LIFE_OF_DRIVER,
	  .when = when_drives_cards, ALL_KERNELS },
	{ .family = &family_driver_queues, .type = ROW_LINK, .target = target_queue, .life = LIFE_OF_DRIVER,
	  .when = when_drives_queues, ALL_KERNELS },
};

const struct dir dir_ap_driver = { ROWS(ap_driver_rows), .parent = DIR_AP_DRIVERS };
