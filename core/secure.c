/* SPDX-License-Identifier: MIT */
/* Secure execution: a guest binds queues to itself and associates them with secrets (abi.md 5.3). */
#include <errno.h>

#include "core/device.h"
#include "core/hardware.h"
#include "core/parse.h"
#include "core/queue_state.h"
#include "core/ring.h"
#include "core/uevent.h"

#define SECRETS 65536

/* Bits 16 and 17 of the function word; usable: in EP11 mode also associated */
enum bind_state { BIND_USABLE, BIND_WITHOUT_KEY, BIND_AVAILABLE, BIND_UNUSABLE };

bool queue_has_se(const struct engine *e, unsigned queue)
{
	enum device_mode mode = card_mode(e, queue >> 8);

	return e->state->machine.secure_guest && e->state->apsb &&
	       (mode == DEVICE_MODE_ACCEL || mode == DEVICE_MODE_EP11);
}

static int bind_state(const struct engine *e, unsigned queue, enum bind_state *ret)
{
	struct tapq info;

	if (hardware_tapq(e, queue, &info) != AP_RC_NORMAL)
		return -EIO;
	*ret = info.bind_state;
	return 0;
}

static void set_bind_state(struct engine *e, unsigned queue, enum bind_state state)
{
	e->state->hardware[queue].bind_state = (uint8_t)(1 + state);
}

int queue_print_se_bind(struct engine *e, unsigned queue, struct page *out)
{
	enum bind_state state;
	int rc = bind_state(e, queue, &state);

	if (rc < 0)
		return rc;
	page_printf(out, "%s\n", state == BIND_USABLE || state == BIND_WITHOUT_KEY ? "bound" : "unbound");
	return 0;
}

int queue_store_se_bind(struct engine *e, unsigned queue, const char *text)
{
	enum bind_state state;
	bool bind;
	int rc = parse_bool(text, e->rules->bool_enable, &bind);

	if (rc < 0)
		return rc;
	if (!bind) {
		queue_state_reset(e, queue);
		set_bind_state(e, queue, BIND_AVAILABLE);
		return 0;
	}
	rc = bind_state(e, queue, &state);
	if (rc < 0)
		return rc;
	if (state != BIND_AVAILABLE)
		return -EINVAL;
	if (e->state->queue[queue].resetting)
		return -EBUSY;
	/* an accelerator has no keys to associate: bound is all it needs */
	set_bind_state(e, queue, card_mode(e, queue >> 8) == DEVICE_MODE_ACCEL ? BIND_USABLE : BIND_WITHOUT_KEY);
	if (e->rules->driver_override)
		uevent_send(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_QUEUE, queue, NULL }, "SE_BIND=1");
	return 0;
}

/* The firmware was asked, and is not done. */
static bool is_pending(const struct engine *e, unsigned queue, enum bind_state state)
{
	return state == BIND_WITHOUT_KEY && e->state->hardware[queue].association;
}

int queue_print_se_associate(struct engine *e, unsigned queue, struct page *out)
{
	const struct queue_hardware *hw = &e->state->hardware[queue];
	enum bind_state state;
	int rc;

	if (card_mode(e, queue >> 8) != DEVICE_MODE_EP11) {
		page_printf(out, "-\n");
		return 0;
	}
	rc = bind_state(e, queue, &state);
	if (rc < 0)
		return rc;
	if (state == BIND_USABLE && hw->association)
		page_printf(out, "associated %u\n", hw->association - 1);
	else if (is_pending(e, queue, state))
		page_printf(out, "association pending\n");
	else
		page_printf(out, "unassociated\n");
	return 0;
}

static int parse_secret(const char *text, uint32_t *ret)
{
	uint64_t value;
	int rc = parse_ulong(text, &value);

	if (rc < 0)
		return rc;
	if (value > UINT32_MAX)
		return -ERANGE;
	if (value >= SECRETS)
		return -EINVAL;
	*ret = (uint32_t)value;
	return 0;
}

/* So many looks of the bus at an association: is it through? */
static void look_at(struct engine *e, unsigned queue, uint32_t polls)
{
	struct queue_hardware *hw = &e->state->hardware[queue];
	char extra[24];
	struct page key;

	if (hw->association_polls > polls) {
		hw->association_polls -= polls;
		return;
	}
	hw->association_polls = 0;
	set_bind_state(e, queue, BIND_USABLE);
	page_init_fixed(&key, extra, sizeof(extra));
	page_printf(&key, "SE_ASSOC=%u", hw->association - 1);
	if (e->rules->driver_override)
		uevent_send(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_QUEUE, queue, NULL }, extra);
}

int queue_store_se_associate(struct engine *e, unsigned queue, const char *text)
{
	enum bind_state state;
	uint32_t secret;
	int rc;

	if (card_mode(e, queue >> 8) != DEVICE_MODE_EP11)
		return -EINVAL;
	rc = parse_secret(text, &secret);
	if (rc < 0)
		return rc;
	rc = bind_state(e, queue, &state);
	if (rc < 0)
		return rc;
	if (state != BIND_WITHOUT_KEY)
		return -EINVAL;
	if (e->state->queue[queue].resetting || is_pending(e, queue, state))
		return -EBUSY;
	e->state->hardware[queue].association = 1 + secret;
	e->state->hardware[queue].association_polls = e->state->machine.associate_delay;
	/* looked at once when it is asked for, then from time to time */
	look_at(e, queue, 0);
	return 0;
}

void queue_associate_tick(struct engine *e, uint32_t polls)
{
	const struct ring_link *link = e->state->order_link;
	const struct ring *order = &e->state->order;
	enum bind_state state;

	for (uint32_t d = ring_first(order, link); d != order->head; d = link[d].next)
		if (d < QUEUES && e->state->hardware[d].association && bind_state(e, d, &state) == 0 &&
		    is_pending(e, d, state))
			look_at(e, d, polls);
}
