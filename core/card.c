/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "core/device.h"
#include "core/hardware.h"
#include "core/queue_state.h"
#include "core/uevent.h"

#define NEWEST_MESSAGE_UNIT 4096
#define DEFAULT_MESSAGE 12288

/* What EP11 cards here run; a real card's own, but somebody has to answer */
#define EP11_ORDINAL 4
#define EP11_FIRMWARE "7.29"
#define EP11_MODES "FIPS2009 BSI2009 FIPS2011 BSI2011 BSICC2017"

enum device_mode card_extras(const struct engine *e, unsigned adapter)
{
	uint32_t functions = e->state->card[adapter].functions;

	/* only the driver of types 10 and up offers any */
	if (e->state->card[adapter].hwtype < 10)
		return DEVICE_MODE_NONE;
	if (functions & AP_FUNCTION_CCA)
		return DEVICE_MODE_CCA;
	return functions & AP_FUNCTION_EP11 ? DEVICE_MODE_EP11 : DEVICE_MODE_NONE;
}

void card_print_type(const struct engine *e, unsigned adapter, struct page *out)
{
	static const char letters[] = { [DEVICE_MODE_ACCEL] = 'A', [DEVICE_MODE_CCA] = 'C',
					[DEVICE_MODE_EP11] = 'P' };
	unsigned hwtype = e->state->card[adapter].hwtype;
	enum device_mode mode = card_mode(e, adapter);

	if (mode == DEVICE_MODE_NONE)
		return;
	/* two types a generation up to CEX3: accelerator and coprocessor have their own */
	page_printf(out, "CEX%u%c", hwtype >= 10 ? hwtype - 6 : (hwtype >= 8 ? 3u : 2u), letters[mode]);
}

unsigned card_depth(const struct engine *e, unsigned adapter)
{
	unsigned field = e->state->card[adapter].depth;

	if (!e->rules->depth_byte)
		field &= 15;
	return e->rules->depth_plus_one ? field + 1 : field;
}

unsigned card_max_message(const struct engine *e, unsigned adapter)
{
	unsigned limit = e->state->card[adapter].message_limit;

	return limit ? limit * NEWEST_MESSAGE_UNIT : DEFAULT_MESSAGE;
}

bool card_online(const struct engine *e, unsigned adapter)
{
	const struct card *c = &e->state->card[adapter];

	if (e->rules->adapter_config && !c->config)
		return false;
	if (e->rules->online_by_chkstop && c->chkstop)
		return false;
	return c->online;
}

static bool drives_queue(const struct engine *e, unsigned queue)
{
	enum driver_id driver = e->state->queue[queue].driver;

	return driver != DRIVER_NONE && driver != DRIVER_VFIO_AP;
}

static void send_online(struct engine *e, struct uevent_source source, bool online)
{
	if (e->rules->change_events)
		uevent_send(e, UEVENT_CHANGE, source, online ? "ONLINE=1" : "ONLINE=0");
}

int card_set_online(struct engine *e, unsigned adapter, int value)
{
	struct card *c = &e->state->card[adapter];

	if (value != 0 && value != 1)
		return -EINVAL;
	if (value && ((e->rules->adapter_config && !c->config) ||
		      (e->rules->online_by_chkstop && c->chkstop)))
		return -ENODEV;
	c->online = value;
	send_online(e, (struct uevent_source){ OBJECT_CARD, adapter, NULL }, value);
	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++) {
		if (!drives_queue(e, queue) || e->state->queue[queue].online == value)
			continue;
		e->state->queue[queue].online = value;
		send_online(e, (struct uevent_source){ OBJECT_QUEUE, queue, NULL }, value);
	}
	return 0;
}

int card_set_config(struct engine *e, unsigned adapter, int value)
{
	struct card *c = &e->state->card[adapter];

	if (value != 0 && value != 1)
		return -EINVAL;
	if (c->config != value) {
		if (!e->state->machine.sclp_reconfig)
			return -EOPNOTSUPP;
		hardware_configure(e, adapter, value);
	}
	c->config = value;
	if (e->rules->change_events)
		uevent_send(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_CARD, adapter, NULL },
			    value ? "CONFIG=1" : "CONFIG=0");
	return 0;
}

void card_clear_requests(struct engine *e, unsigned adapter)
{
	e->state->card[adapter].request_count = 0;
	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++)
		if (e->state->queue[queue].driver != DRIVER_NONE)
			e->state->queue[queue].request_count = 0;
}

enum reach { REACH_NONE, REACH_OFFLINE, REACH_ONLINE };

/* Is there a queue that a request about the card can go through? */
static enum reach card_reach(struct engine *e, unsigned adapter, unsigned *ret_queue)
{
	enum reach reach = REACH_NONE;

	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++) {
		if (!drives_queue(e, queue))
			continue;
		reach = REACH_OFFLINE;
		if (card_online(e, adapter) && queue_online(e, queue) && hardware_replies(e, queue)) {
			*ret_queue = queue;
			return REACH_ONLINE;
		}
	}
	return reach;
}

/* Does a read now show the value? Up to 6.12 one that was read before is shown while the card is offline. */
static bool card_read(struct engine *e, unsigned adapter, bool *read_before)
{
	unsigned queue;

	switch (card_reach(e, adapter, &queue)) {
	case REACH_ONLINE:
		*read_before = true;
		queue_state_request(e, queue);
		return true;
	case REACH_OFFLINE:
		return !e->rules->blank_offline && *read_before;
	default:
		return false;
	}
}

void card_print_serial(struct engine *e, unsigned adapter, struct page *out)
{
	struct card *c = &e->state->card[adapter];
	const char *given = e->state->machine.adapter[adapter].serial;
	char serial[ADAPTER_SERIAL];
	struct page text;

	page_init_fixed(&text, serial, sizeof(serial));
	if (*given)
		page_printf(&text, "%s", given);
	else
		page_printf(&text, "93AAB0%02X", adapter);
	if (card_read(e, adapter, &c->serial_read)) {
		if (card_extras(e, adapter) == DEVICE_MODE_EP11)
			page_printf(out, "%-16.16s", serial);
		else
			page_printf(out, "%.8s", serial);
	}
	page_append(out, "\n", 1);
}

void card_print_ordinal(struct engine *e, unsigned adapter, struct page *out)
{
	struct card *c = &e->state->card[adapter];

	if (card_read(e, adapter, &c->ordinal_read) || (!e->rules->forgets_ordinal && c->ordinal_read))
		page_printf(out, "%u", EP11_ORDINAL);
	page_append(out, "\n", 1);
}

void card_print_firmware(struct engine *e, unsigned adapter, struct page *out)
{
	if (card_read(e, adapter, &e->state->card[adapter].ordinal_read))
		page_printf(out, "%s", EP11_FIRMWARE);
	page_append(out, "\n", 1);
}

void card_print_op_modes(struct engine *e, unsigned adapter, struct page *out)
{
	if (card_read(e, adapter, &e->state->card[adapter].ordinal_read))
		page_printf(out, "%s", EP11_MODES);
	page_append(out, "\n", 1);
}

void queue_print_op_modes(struct engine *e, unsigned queue, struct page *out)
{
	if (queue_online(e, queue) && hardware_replies(e, queue)) {
		queue_state_request(e, queue);
		page_printf(out, "%s", EP11_MODES);
	}
	page_append(out, "\n", 1);
}
