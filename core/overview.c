/* SPDX-License-Identifier: MIT */
#include "core/overview.h"

#include "core/device.h"
#include "core/mdev.h"
#include "core/parse.h"

/* shows_online: there is a file that says so */
static const char *condition(const struct engine *e, bool config, bool chkstop, bool shows_online, bool online)
{
	if (e->rules->adapter_config && !config)
		return "deconfigured";
	if (e->rules->adapter_chkstop && chkstop)
		return "checkstopped";
	return shows_online && !online ? "offline" : "good";
}

static void print_queue(const struct engine *e, unsigned queue, struct page *out)
{
	const struct queue *q = &e->state->queue[queue];
	bool host = q->driver != DRIVER_NONE && q->driver != DRIVER_VFIO_AP;

	page_printf(out, "queue %02x.%04x %s %s\n", queue >> 8, queue & 255,
		    host ? "host" : q->driver == DRIVER_NONE ? "none" : "vfio_ap",
		    condition(e, q->config, q->chkstop, host, queue_online(e, queue)));
}

static void print_card(const struct engine *e, unsigned adapter, struct page *out)
{
	const struct card *c = &e->state->card[adapter];
	size_t before;

	page_printf(out, "card %02x ", adapter);
	before = out->length;
	/* type is a file of the driver's */
	if (c->driver != DRIVER_NONE)
		card_print_type(e, adapter, out);
	page_printf(out, "%s %s\n", out->length == before ? "?" : "",
		    condition(e, c->config, c->chkstop, c->driver != DRIVER_NONE, card_online(e, adapter)));
	for (unsigned queue = adapter << 8; queue < (adapter + 1) << 8; queue++)
		if (e->state->queue[queue].life.born)
			print_queue(e, queue, out);
}

static void print_ids(const struct ap_mask *ids, struct page *out)
{
	const char *comma = " ";

	for (int i = ap_mask_next(ids, 0); i >= 0; i = ap_mask_next(ids, (unsigned)i + 1)) {
		page_printf(out, "%s%d", comma, i);
		comma = ",";
	}
	if (*comma == ' ')
		page_printf(out, " -");
}

void overview_print(const struct engine *e, struct page *out)
{
	for (unsigned adapter = 0; adapter < AP_IDS; adapter++)
		if (e->state->card[adapter].life.born)
			print_card(e, adapter, out);
	for (uint32_t slot = 0; slot < e->state->mdev_high; slot++) {
		const struct mdev *m = &e->state->mdev[slot];
		char uuid[UUID_TEXT];

		if (!mdev_listed(e, slot))
			continue;
		format_uuid(m->uuid, uuid);
		page_printf(out, "mdev %s %s", uuid, m->opened ? "running" : "stopped");
		print_ids(&m->assigned.adapters, out);
		print_ids(&m->assigned.domains, out);
		page_printf(out, "\n");
	}
}
