/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "core/device.h"
#include "core/hardware.h"
#include "core/load.h"
#include "core/override.h"
#include "core/parse.h"
#include "core/queue_state.h"
#include "core/uevent.h"

bool queue_online(const struct engine *e, unsigned queue)
{
	const struct queue *q = &e->state->queue[queue];

	if (e->rules->adapter_config && !q->config)
		return false;
	if (e->rules->online_by_chkstop && q->chkstop)
		return false;
	return q->online;
}

int queue_set_online(struct engine *e, unsigned queue, int value)
{
	struct queue *q = &e->state->queue[queue];
	const struct card *c = &e->state->card[queue >> 8];

	if (value != 0 && value != 1)
		return -EINVAL;
	if (value && e->rules->adapter_config && (!q->config || !c->config))
		return -ENODEV;
	if (value && e->rules->online_by_chkstop && (q->chkstop || c->chkstop))
		return -ENODEV;
	if (value && !c->online)
		return -EINVAL;
	q->online = value;
	if (e->rules->change_events)
		uevent_send(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_QUEUE, queue, NULL },
			    value ? "ONLINE=1" : "ONLINE=0");
	return 0;
}

void queue_print_requests(struct engine *e, unsigned queue, struct page *out)
{
	const struct queue *q = &e->state->queue[queue];

	if (!q->initiated && !e->rules->undriven_queues_run)
		page_printf(out, "-\n");
	else
		load_print_count(e, q->request_count, out);
}

void queue_print_reset(struct engine *e, unsigned queue, struct page *out)
{
	if (e->state->queue[queue].resetting)
		page_printf(out, "Reset in progress.\n");
	else if (load_pending(e, queue))
		page_printf(out, "Reset Timer armed.\n");
	else
		page_printf(out, "No Reset Timer set.\n");
}

void queue_print_interrupt(struct engine *e, unsigned queue, struct page *out)
{
	bool on = e->rules->live_interrupt ? e->state->hardware[queue].interrupts
					   : e->state->queue[queue].interrupts;

	page_printf(out, "Interrupts %s.\n", on ? "enabled" : "disabled");
}

void queue_store_reset(struct engine *e, unsigned queue)
{
	queue_state_reset(e, queue);
}

int queue_functions(struct engine *e, unsigned queue, uint32_t *ret)
{
	struct tapq info = { 0 };

	if (hardware_tapq(e, queue, &info) > AP_RC_BUSY)
		return -EIO;
	*ret = info.functions;
	return 0;
}

const char *queue_status(const struct engine *e, unsigned queue)
{
	uint32_t owner = e->state->owner[queue];
	const struct mdev *m;

	if (!owner)
		return "unassigned";
	m = &e->state->mdev[owner - 1];
	return m->kvm && matrix_has(&m->guest, queue >> 8, queue & 255) ? "in use" : "assigned";
}

int queue_store_override(struct engine *e, unsigned queue, const char *text, size_t length)
{
	char value[SYSFS_PAGE];
	bool had = e->state->queue[queue].override, has;
	size_t n = strcspn(text, "\n");
	int rc;

	/* the kernel leaves room for a newline of its own */
	if (e->state->masks_in_use || length >= SYSFS_PAGE - 1)
		return -EINVAL;
	memcpy(value, text, n);
	value[n] = 0;
	rc = override_set(e, queue, value);
	if (rc < 0)
		return rc;
	has = e->state->queue[queue].override;
	e->state->overrides += (uint32_t)has - (uint32_t)had;
	return 0;
}

const char *queue_override(const struct engine *e, unsigned queue)
{
	return override_get(e, queue);
}

/* A verification pattern that is the same in every run: of the domain, as a card's master keys are. */
static uint64_t pattern(unsigned domain, unsigned which)
{
	uint64_t x = (uint64_t)domain * 64 + which + 1;

	x *= UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void print_cca_patterns(const struct engine *e, unsigned domain, bool known, struct page *out)
{
	static const char *const keys[] = { "AES", "APKA", "ASYM" };
	static const char *const registers[] = { "NEW", "CUR", "OLD" };
	unsigned count = e->rules->assign_hot ? 3 : 2; /* ASYM came with 6.0 */

	for (unsigned k = 0; k < count; k++) {
		for (unsigned r = 0; r < 3; r++) {
			unsigned which = k * 8 + r * 2;
			bool invalid = k == 2 && r == 2, empty = r == 0 || invalid;

			page_printf(out, "%s %s: ", keys[k], registers[r]);
			if (!known) {
				page_printf(out, "- -\n");
				continue;
			}
			page_printf(out, "%s 0x%016llx", invalid ? "invalid" : empty ? "empty" : "valid",
				    empty ? 0 : (unsigned long long)pattern(domain, which));
			if (k == 2)
				page_printf(out, "%016llx",
					    empty ? 0 : (unsigned long long)pattern(domain, which + 1));
			page_printf(out, "\n");
		}
	}
}

static void print_ep11_patterns(unsigned domain, bool known, struct page *out)
{
	if (!known) {
		page_printf(out, "WK CUR: - -\nWK NEW: - -\n");
		return;
	}
	page_printf(out, "WK CUR: valid 0x");
	for (unsigned i = 0; i < 4; i++)
		page_printf(out, "%016llx", (unsigned long long)pattern(domain, 32 + i));
	page_printf(out, "\nWK NEW: empty -\n");
}

void queue_print_patterns(struct engine *e, unsigned queue, struct page *out)
{
	struct queue *q = &e->state->queue[queue];
	bool known = queue_online(e, queue) && card_online(e, queue >> 8) && hardware_replies(e, queue);

	if (known) {
		q->patterns_read = true;
		queue_state_request(e, queue);
	} else {
		known = !e->rules->blank_offline && q->patterns_read;
	}
	if (card_extras(e, queue >> 8) == DEVICE_MODE_CCA)
		print_cca_patterns(e, queue & 255, known, out);
	else
		print_ep11_patterns(queue & 255, known, out);
}
