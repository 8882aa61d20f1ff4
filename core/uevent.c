/* SPDX-License-Identifier: MIT */
#include "core/uevent.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/parse.h"

#define PAYLOAD 2048

static const char *const action_names[] = { "add", "remove", "change", "move", "online", "offline",
					    "bind", "unbind" };

/* A device event of the bus as the journal keeps it. */
struct compact {
	uint8_t action, object, driver, mode, hwtype, style, extra, value;
	uint8_t adapter, domain;
};

enum { STYLE_QUEUE_TYPE = 1, STYLE_MODE = 2 };
enum { EXTRA_NONE, EXTRA_CONFIG, EXTRA_ONLINE };

static const char *mode_text(unsigned mode)
{
	switch (mode) {
	case DEVICE_MODE_ACCEL:
		return "accel";
	case DEVICE_MODE_CCA:
		return "cca";
	default:
		return "ep11";
	}
}

/* Keys of a card or queue, each followed by end: NUL in an event, newline in the uevent file. */
static void print_device_keys(const struct compact *c, char end, struct page *out)
{
	bool card = c->object == OBJECT_CARD;

	page_printf(out, "DEVTYPE=%s%c", card ? "ap_card" : "ap_queue", end);
	if (c->driver != DRIVER_NONE)
		page_printf(out, "DRIVER=%s%c", driver_get(c->driver)->name, end);
	if (card || (c->style & STYLE_QUEUE_TYPE)) {
		page_printf(out, "DEV_TYPE=%04X%c", c->hwtype, end);
		/* the core of the kernel drops it from unbind events */
		if (c->action != UEVENT_UNBIND)
			page_printf(out, "MODALIAS=ap:t%02X%c", c->hwtype, end);
	}
	if ((c->style & STYLE_MODE) && c->mode != DEVICE_MODE_NONE)
		page_printf(out, "MODE=%s%c", mode_text(c->mode), end);
}

static void fill_compact(struct compact *record, const struct engine *e, struct uevent_source source)
{
	bool card = source.object == OBJECT_CARD;
	unsigned adapter = card ? source.index : source.index >> 8;
	const struct card *c = &e->state->card[adapter];

	*record = (struct compact){
		.action = UEVENT_CHANGE,
		.object = (uint8_t)source.object,
		.driver = card ? c->driver : e->state->queue[source.index].driver,
		.mode = (uint8_t)card_mode(e, adapter),
		.hwtype = card ? c->hwtype : e->state->queue[source.index].hwtype,
		.style = (uint8_t)((e->rules->queue_type_keys ? STYLE_QUEUE_TYPE : 0) |
				   (e->rules->mode_key ? STYLE_MODE : 0)),
		.adapter = (uint8_t)adapter,
		.domain = (uint8_t)source.index,
	};
}

static void print_head(struct page *out, unsigned action, const char *path, const char *subsystem)
{
	page_printf(out, "%s@%s%c", action_names[action], path, 0);
	page_printf(out, "ACTION=%s%cDEVPATH=%s%cSUBSYSTEM=%s%c", action_names[action], 0, path, 0,
		    subsystem, 0);
}

static size_t unpack(const void *record, char *payload, size_t size)
{
	struct compact c;
	struct page out;
	char path[64];

	memcpy(&c, record, sizeof(c));
	if (c.object == OBJECT_CARD)
		snprintf(path, sizeof(path), "/devices/ap/card%02x", c.adapter);
	else
		snprintf(path, sizeof(path), "/devices/ap/card%02x/%02x.%04x", c.adapter, c.adapter, c.domain);
	page_init_fixed(&out, payload, size);
	print_head(&out, c.action, path, "ap");
	if (c.extra != EXTRA_NONE)
		page_printf(&out, "%s=%u%c", c.extra == EXTRA_CONFIG ? "CONFIG" : "ONLINE", c.value, 0);
	print_device_keys(&c, 0, &out);
	return out.length;
}

/* What an event of a card or queue carries besides; false: what a record has no room for. */
static bool parse_extra(const char *text, uint8_t *ret_extra, uint8_t *ret_value)
{
	*ret_extra = EXTRA_NONE;
	*ret_value = 0;
	if (!text)
		return true;
	if (strncmp(text, "CONFIG=", 7) == 0)
		*ret_extra = EXTRA_CONFIG;
	else if (strncmp(text, "ONLINE=", 7) == 0)
		*ret_extra = EXTRA_ONLINE;
	else
		return false;
	*ret_value = text[7] == '1';
	return true;
}

static bool send_compact(struct engine *e, enum uevent_action action, struct uevent_source source, const char *text)
{
	uint8_t extra, value;
	struct compact *c;

	_Static_assert(sizeof(*c) == JOURNAL_COMPACT && _Alignof(struct compact) == 1, "a device event is its record");
	if (!parse_extra(text, &extra, &value))
		return false;
	journal_set_unpack(e->journal, unpack);
	/* written where it stays: bytes that are put together and then copied as a word wait for each other */
	c = journal_compact(e->journal);
	if (!c)
		return true;
	fill_compact(c, e, source);
	c->action = (uint8_t)action;
	c->extra = extra;
	c->value = value;
	return true;
}

static void print_path(struct engine *e, struct uevent_source source, struct page *out)
{
	char uuid[UUID_TEXT] = "", name[ZCRYPT_NODE_NAME] = "";
	const char *slash;

	if (source.object == OBJECT_MDEV || source.object == OBJECT_VFIO_DEV)
		format_uuid(e->state->mdev[source.index].uuid, uuid);
	switch (source.object) {
	case OBJECT_AP_ROOT:
		page_printf(out, "/devices/ap");
		break;
	case OBJECT_CARD:
		page_printf(out, "/devices/ap/card%02x", source.index);
		break;
	case OBJECT_QUEUE:
		page_printf(out, "/devices/ap/card%02x/%02x.%04x", source.index >> 8, source.index >> 8,
			    source.index & 255);
		break;
	case OBJECT_VFIO_AP_ROOT:
		page_printf(out, "/devices/vfio_ap");
		break;
	case OBJECT_MATRIX:
		page_printf(out, "/devices/vfio_ap/matrix");
		break;
	case OBJECT_MDEV:
		page_printf(out, "/devices/vfio_ap/matrix/%s", uuid);
		break;
	case OBJECT_GROUP:
		page_printf(out, "/devices/virtual/vfio/%u", source.index);
		break;
	case OBJECT_VFIO_DEV:
		page_printf(out, "/devices/vfio_ap/matrix/%s/vfio-dev/vfio%u", uuid,
			    e->state->mdev[source.index].device);
		break;
	case OBJECT_BUS:
		page_printf(out, "/bus/%s", source.name);
		break;
	case OBJECT_BUS_DRIVER:
		slash = strchr(source.name, '/');
		page_printf(out, "/bus/%.*s/drivers%s", (int)(slash - source.name), source.name, slash);
		break;
	case OBJECT_CLASS:
		page_printf(out, "/class/%s", source.name);
		break;
	case OBJECT_MODULE:
		page_printf(out, "/module/%s", source.name);
		break;
	case OBJECT_MISC:
		page_printf(out, "/devices/virtual/misc/%s", source.name);
		break;
	case OBJECT_ZCRYPT_NODE:
		zcrypt_sysfs_name(e, source.index, name);
		page_printf(out, "/devices/virtual/zcrypt/%s", name);
		break;
	}
}

static const char *subsystem(enum uevent_object object)
{
	static const char *const names[] = {
		[OBJECT_AP_ROOT] = "ap", [OBJECT_CARD] = "ap", [OBJECT_QUEUE] = "ap",
		[OBJECT_MATRIX] = "matrix", [OBJECT_MDEV] = "mdev", [OBJECT_GROUP] = "vfio",
		[OBJECT_VFIO_DEV] = "vfio-dev", [OBJECT_BUS] = "bus", [OBJECT_BUS_DRIVER] = "drivers",
		[OBJECT_CLASS] = "class", [OBJECT_MODULE] = "module", [OBJECT_MISC] = "misc",
		[OBJECT_ZCRYPT_NODE] = "zcrypt",
	};

	return names[object];
}

static void print_node_keys(unsigned major, unsigned minor, const char *name, char end, struct page *out)
{
	page_printf(out, "MAJOR=%u%cMINOR=%u%cDEVNAME=%s%c", major, end, minor, end, name, end);
}

static void print_misc_keys(struct engine *e, const char *name, char end, struct page *out)
{
	if (strcmp(name, "vfio") == 0) {
		print_node_keys(10, 196, "vfio/vfio", end, out);
		page_printf(out, "DEVMODE=0666%c", end);
	} else if (strcmp(name, "kvm") == 0) {
		print_node_keys(10, 232, "kvm", end, out);
	} else {
		print_node_keys(10, e->rules->misc_minor, name, end, out);
	}
}

static void print_keys(struct engine *e, struct uevent_source source, char end, struct page *out)
{
	struct compact c;
	char name[24];

	switch (source.object) {
	case OBJECT_CARD:
	case OBJECT_QUEUE:
		fill_compact(&c, e, source);
		print_device_keys(&c, end, out);
		break;
	case OBJECT_MATRIX:
		if (e->rules->matrix_bus && e->state->matrix_bound)
			page_printf(out, "DRIVER=vfio_ap%c", end);
		break;
	case OBJECT_MDEV:
		if (e->state->mdev[source.index].phase == MDEV_BOUND)
			page_printf(out, "DRIVER=%s%c", mdev_driver_name(e), end);
		break;
	case OBJECT_GROUP:
		snprintf(name, sizeof(name), "vfio/%u", source.index);
		print_node_keys(VFIO_MAJOR, source.index, name, end, out);
		break;
	case OBJECT_MISC:
		print_misc_keys(e, source.name, end, out);
		break;
	case OBJECT_ZCRYPT_NODE:
		print_node_keys(ZCRYPT_MAJOR, source.index, e->state->node[source.index].name, end, out);
		break;
	default:
		break;
	}
}

void uevent_print_keys(struct engine *e, struct uevent_source source, struct page *out)
{
	print_keys(e, source, '\n', out);
}

/* Objects without a subsystem cannot send (kset_uevent_ops of the devices set drop them). */
static bool can_send(const struct engine *e, enum uevent_object object)
{
	switch (object) {
	case OBJECT_AP_ROOT:
		return e->rules->root_events;
	case OBJECT_VFIO_AP_ROOT:
		return false;
	case OBJECT_MATRIX:
		return e->rules->matrix_bus;
	default:
		return true;
	}
}

void uevent_send_keys(struct engine *e, enum uevent_action action, struct uevent_source source,
		      const char *keys, size_t length)
{
	char payload[PAYLOAD], path_text[256];
	struct page out, path;

	if (!can_send(e, source.object))
		return;
	page_init_fixed(&path, path_text, sizeof(path_text));
	print_path(e, source, &path);
	page_init_fixed(&out, payload, sizeof(payload));
	print_head(&out, action, path.data, subsystem(source.object));
	page_append(&out, keys, length);
	if (source.object == OBJECT_CARD || source.object == OBJECT_QUEUE) {
		struct compact c;

		fill_compact(&c, e, source);
		c.action = (uint8_t)action;
		print_device_keys(&c, 0, &out);
	} else {
		print_keys(e, source, 0, &out);
	}
	journal_event(e->journal, payload, out.length);
}

void uevent_send(struct engine *e, enum uevent_action action, struct uevent_source source, const char *extra)
{
	if ((source.object == OBJECT_CARD || source.object == OBJECT_QUEUE) &&
	    send_compact(e, action, source, extra))
		return;
	uevent_send_keys(e, action, source, extra, extra ? strlen(extra) + 1 : 0);
}

static int parse_action(const char *text, size_t length, enum uevent_action *ret)
{
	for (size_t i = 0; i < sizeof(action_names) / sizeof(*action_names); i++) {
		if (strlen(action_names[i]) == length && memcmp(action_names[i], text, length) == 0) {
			*ret = (enum uevent_action)i;
			return 0;
		}
	}
	return -EINVAL;
}

static size_t alphanumeric(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && isalnum((unsigned char)text[n]))
		n++;
	return n;
}

/* " KEY=VALUE" ...: appended to out as SYNTH_ARG_KEY=VALUE. */
static int parse_arguments(const char *text, size_t length, struct page *out)
{
	while (length > 0) {
		size_t key, value;

		if (*text != ' ')
			return -EINVAL;
		text++, length--;
		key = alphanumeric(text, length);
		if (key == 0 || key == length || text[key] != '=')
			return -EINVAL;
		value = alphanumeric(text + key + 1, length - key - 1);
		if (value == 0)
			return -EINVAL;
		page_printf(out, "SYNTH_ARG_%.*s=%.*s%c", (int)key, text, (int)value, text + key + 1, 0);
		text += key + 1 + value;
		length -= key + 1 + value;
	}
	return 0;
}

static int parse_synthetic(const char *text, size_t length, enum uevent_action *ret_action,
			   struct page *extra)
{
	const char *blank;
	uint8_t uuid[16];

	/* the kernel takes one newline or NUL at the end for the writer's habit */
	if (length > 0 && (text[length - 1] == '\n' || text[length - 1] == 0))
		length--;
	blank = memchr(text, ' ', length);
	if (parse_action(text, blank ? (size_t)(blank - text) : length, ret_action) < 0)
		return -EINVAL;
	if (!blank) {
		page_printf(extra, "SYNTH_UUID=0%c", 0);
		return 0;
	}
	length -= (size_t)(blank + 1 - text);
	text = blank + 1;
	if (length < UUID_TEXT - 1 || parse_uuid(text, uuid) < 0)
		return -EINVAL;
	page_printf(extra, "SYNTH_UUID=%.*s%c", UUID_TEXT - 1, text, 0);
	return parse_arguments(text + UUID_TEXT - 1, length - (UUID_TEXT - 1), extra);
}

int uevent_synthesize(struct engine *e, struct uevent_source source, const char *text, size_t length)
{
	char extra_text[PAYLOAD];
	enum uevent_action action;
	struct page extra;
	int rc;

	page_init_fixed(&extra, extra_text, sizeof(extra_text));
	rc = parse_synthetic(text, length, &action, &extra);
	if (rc < 0)
		return e->rules->uevent_store_errors ? rc : 0;
	uevent_send_keys(e, action, source, extra.data, extra.length);
	return 0;
}
