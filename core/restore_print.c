/* SPDX-License-Identifier: MIT */
/* A state as the lines that restore it. */
#include <string.h>

#include "core/device.h"
#include "core/mdev.h"
#include "core/override.h"
#include "core/parse.h"
#include "core/restore.h"

static void print_text(const char *key, const char *text, struct page *out)
{
	page_printf(out, " %s%s", key, *key ? "=" : "");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c > '~' || c == '\\')
			page_printf(out, "\\%02x", c);
		else
			page_append(out, text, 1);
	}
}

static void print_mask(const char *key, const struct ap_mask *mask, struct page *out)
{
	char text[AP_MASK_TEXT];

	ap_mask_format(mask, text);
	page_printf(out, " %s=%s", key, text);
}

static void print_list(const char *key, const struct ap_mask *ids, struct page *out)
{
	const char *comma = "";

	page_printf(out, " %s=", key);
	for (int i = ap_mask_next(ids, 0); i >= 0; i = ap_mask_next(ids, (unsigned)i + 1)) {
		int last = i;

		while (last + 1 < AP_IDS && ap_mask_has(ids, (unsigned)last + 1))
			last++;
		page_printf(out, last > i ? "%s0x%02x-0x%02x" : "%s0x%02x", comma, (unsigned)i, (unsigned)last);
		comma = ",";
		i = last;
	}
}

void restore_print_bus(const struct engine *e, struct page *out)
{
	const struct state *s = e->state;

	page_printf(out, "bus");
	print_mask("apmask", &s->apmask, out);
	print_mask("aqmask", &s->aqmask, out);
	page_printf(out, " domain=%d config_time=%d poll_thread=%d poll_timeout=%llu autoprobe=%d mdev_autoprobe=%d matrix_autoprobe=%d\n",
		    s->default_domain, s->config_time, s->poll_thread, (unsigned long long)s->poll_timeout,
		    s->autoprobe, s->mdev_autoprobe, s->matrix_autoprobe);
}

void restore_print_node(const struct engine *e, unsigned minor, struct page *out)
{
	const struct zcrypt_node *n = &e->state->node[minor];

	page_printf(out, "node");
	print_text("", n->name, out);
	page_printf(out, " minor=%u", minor);
	print_mask("ioctls", &n->ioctls, out);
	print_mask("adapters", &n->adapters, out);
	print_mask("domains", &n->domains, out);
	print_mask("admin", &n->admin, out);
	page_printf(out, "\n");
}

static void print_number(const char *key, bool has, uint32_t number, struct page *out)
{
	if (has)
		page_printf(out, " %s=%u", key, number);
	else
		page_printf(out, " %s=none", key);
}

void restore_print_mdev(const struct engine *e, uint32_t slot, bool with_guest, struct page *out)
{
	const struct mdev *m = &e->state->mdev[slot];
	char uuid[UUID_TEXT];

	format_uuid(m->uuid, uuid);
	page_printf(out, "mdev %s", uuid);
	print_list("adapters", &m->assigned.adapters, out);
	print_list("domains", &m->assigned.domains, out);
	print_list("controls", &m->assigned.controls, out);
	page_printf(out, " bound=%d guest=%s", m->phase == MDEV_BOUND, m->kvm ? "kvm" : m->opened ? "nokvm" : "none");
	print_number("group", m->has_group, m->group, out);
	if (e->rules->mdev_driver_attributes)
		print_number("device", m->has_device, m->device, out);
	if (with_guest) {
		print_list("guest_adapters", &m->guest.adapters, out);
		print_list("guest_domains", &m->guest.domains, out);
		print_list("guest_controls", &m->guest.controls, out);
	}
	page_printf(out, "\n");
}

/* --- what differs ---------------------------------------------------------------------------------------- */

static void print_flag(const char *key, bool want, bool have, struct page *out)
{
	if (want != have)
		page_printf(out, " %s=%d", key, want);
}

static void print_driver(uint8_t want, uint8_t have, struct page *out)
{
	if (want != have)
		page_printf(out, " driver=%s", want == DRIVER_NONE ? "none" : driver_get(want)->name);
}

static void print_card(const struct engine *want, const struct engine *have, unsigned adapter, struct page *out)
{
	const struct card *w = &want->state->card[adapter], *h = &have->state->card[adapter];

	print_driver(w->driver, h->driver, out);
	print_flag("online", w->online, h->online, out);
	print_flag("config", w->config, h->config, out);
	print_flag("chkstop", w->chkstop, h->chkstop, out);
	/* what was read once is shown again only where the kernel keeps it */
	if (want->rules->blank_offline)
		return;
	print_flag("read", w->serial_read, h->serial_read, out);
	print_flag("ordinal_read", w->ordinal_read, h->ordinal_read, out);
}

static void print_hardware(const struct engine *want, const struct engine *have, unsigned queue, struct page *out)
{
	const struct queue_hardware *w = &want->state->hardware[queue], *h = &have->state->hardware[queue];
	const struct machine_adapter *a = &have->state->machine.adapter[queue >> 8];
	unsigned usual = h->bind_state ? h->bind_state - 1u : a->bind_state;

	print_flag("interrupts", w->interrupts, h->interrupts, out);
	if (w->bind_state && w->bind_state - 1u != usual)
		page_printf(out, " bind_state=%u", w->bind_state - 1u);
	if (w->association != h->association)
		print_number("association", w->association, w->association - 1, out);
}

static void print_queue(const struct engine *want, const struct engine *have, unsigned queue, struct page *out)
{
	const struct queue *w = &want->state->queue[queue], *h = &have->state->queue[queue];
	bool shown = queue_online(want, queue) && card_online(want, queue >> 8);

	print_driver(w->driver, h->driver, out);
	if (w->driver != DRIVER_VFIO_AP)
		print_flag("online", w->online, h->online, out);
	print_flag("config", w->config, h->config, out);
	print_flag("chkstop", w->chkstop, h->chkstop, out);
	if (!want->rules->blank_offline && !shown)
		print_flag("read", w->patterns_read, h->patterns_read, out);
	print_flag("initiated", w->initiated, h->initiated, out);
	print_flag("resetting", w->resetting, h->resetting, out);
	print_hardware(want, have, queue, out);
	if (strcmp(override_get(want, queue), override_get(have, queue)) != 0)
		print_text("override", override_get(want, queue), out);
}

void restore_print_device(const struct engine *want, const struct engine *have, uint32_t device, struct page *out)
{
	size_t length = out->length, head;

	if (device < QUEUES)
		page_printf(out, "device %02x.%04x", device >> 8, device & 255);
	else
		page_printf(out, "device card%02x", device - QUEUES);
	head = out->length;
	if (device < QUEUES)
		print_queue(want, have, device, out);
	else
		print_card(want, have, device - QUEUES, out);
	if (out->length > head) {
		page_printf(out, "\n");
		return;
	}
	out->length = length;
	out->data[length] = 0;
}
