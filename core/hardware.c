/* SPDX-License-Identifier: MIT */
#include "core/hardware.h"

/* Types 6 to 9 do not report their mode; the bus adds it (abi.md 1.4). */
static uint32_t implied_functions(unsigned type)
{
	switch (type) {
	case 6:
	case 8:
		return AP_FUNCTION_ACCEL;
	case 7:
	case 9:
		return AP_FUNCTION_CCA;
	default:
		return 0;
	}
}

static int response_code(const struct engine *e, unsigned queue)
{
	const struct machine *m = &e->state->machine;

	if (m->queue_rc[queue])
		return m->queue_rc[queue];
	switch (m->adapter[queue >> 8].state) {
	case ADAPTER_DECONFIGURED:
		return AP_RC_DECONFIGURED;
	case ADAPTER_CHECKSTOPPED:
		return AP_RC_CHECKSTOPPED;
	default:
		return e->state->hardware[queue].reset_polls ? AP_RC_RESET : AP_RC_NORMAL;
	}
}

int hardware_tapq(const struct engine *e, unsigned queue, struct tapq *ret)
{
	const struct machine_adapter *a = &e->state->machine.adapter[queue >> 8];
	const struct queue_hardware *hw = &e->state->hardware[queue];
	int rc;

	if (!a->present || !ap_mask_has(&e->state->machine.usage_domains, queue & 255))
		return AP_RC_NOT_AVAILABLE;
	rc = response_code(e, queue);
	if (rc == AP_RC_NOT_AVAILABLE)
		return rc;
	ret->type = a->type;
	ret->depth = a->depth;
	ret->message_limit = a->message_limit;
	ret->bind_state = hw->bind_state ? hw->bind_state - 1 : a->bind_state;
	ret->interrupts = hw->interrupts;
	/* bits 16 and 17 hold the bind state, the 8 before them a class that is always 0 here */
	ret->functions = (a->functions & 0xffff0000) | (uint32_t)ret->bind_state << 14 |
			 implied_functions(a->type);
	return rc;
}

bool hardware_replies(const struct engine *e, unsigned queue)
{
	struct tapq info;

	return !e->state->machine.no_reply && hardware_tapq(e, queue, &info) == AP_RC_NORMAL;
}

void hardware_reset(struct engine *e, unsigned queue)
{
	struct queue_hardware *hw = &e->state->hardware[queue];

	hw->interrupts = false;
	hw->reset_polls = e->state->machine.reset_delay;
	hw->bind_state = 0;
	hw->association = 0;
	hw->association_polls = 0;
}

bool hardware_reset_done(struct engine *e, unsigned queue)
{
	struct queue_hardware *hw = &e->state->hardware[queue];

	if (e->state->machine.queue_rc[queue] == AP_RC_RESET)
		return false;
	if (hw->reset_polls == 0)
		return true;
	hw->reset_polls--;
	return false;
}

void hardware_configure(struct engine *e, unsigned adapter, bool on)
{
	struct machine_adapter *a = &e->state->machine.adapter[adapter];

	a->state = on ? ADAPTER_ONLINE : ADAPTER_DECONFIGURED;
	if (on)
		return;
	for (unsigned domain = 0; domain < AP_IDS; domain++)
		e->state->hardware[adapter << 8 | domain].interrupts = false;
}
