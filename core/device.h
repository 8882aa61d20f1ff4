/* SPDX-License-Identifier: MIT */
/* Cards and queues as their attributes show and change them (abi.md 5.2, 5.3, 5.5). */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "core/engine.h"

enum device_mode { DEVICE_MODE_NONE, DEVICE_MODE_ACCEL, DEVICE_MODE_CCA, DEVICE_MODE_EP11 };

/* By the order accel, cca, ep11 of the function bits: type string, MODE= */
static inline enum device_mode card_mode(const struct engine *e, unsigned adapter)
{
	uint32_t functions = e->state->card[adapter].functions;

	if (functions & AP_FUNCTION_ACCEL)
		return DEVICE_MODE_ACCEL;
	if (functions & AP_FUNCTION_CCA)
		return DEVICE_MODE_CCA;
	return functions & AP_FUNCTION_EP11 ? DEVICE_MODE_EP11 : DEVICE_MODE_NONE;
}
/* Which extra attributes it has: cca before ep11, whatever the accelerator bit says; else none */
enum device_mode card_extras(const struct engine *e, unsigned adapter);
/* "CEX5C"; "" without a mode */
void card_print_type(const struct engine *e, unsigned adapter, struct page *out);
/* depth, max_msg_size, ap_functions as shown */
unsigned card_depth(const struct engine *e, unsigned adapter);
unsigned card_max_message(const struct engine *e, unsigned adapter);

/* online as shown */
bool card_online(const struct engine *e, unsigned adapter);
bool queue_online(const struct engine *e, unsigned queue);
/* -EINVAL: not 0 or 1 (or a queue whose card is offline); -ENODEV: 1 on a deconfigured, checkstopped device */
int card_set_online(struct engine *e, unsigned adapter, int value);
int queue_set_online(struct engine *e, unsigned queue, int value);
/* config of a card: -EINVAL; -EOPNOTSUPP: SCLP cannot */
int card_set_config(struct engine *e, unsigned adapter, int value);
void card_clear_requests(struct engine *e, unsigned adapter);

/* serialnr, API_ordinalnr, FW_version, op_modes of a card; mkvps, op_modes of a queue. Whole text with newlines. */
void card_print_serial(struct engine *e, unsigned adapter, struct page *out);
void card_print_ordinal(struct engine *e, unsigned adapter, struct page *out);
void card_print_firmware(struct engine *e, unsigned adapter, struct page *out);
void card_print_op_modes(struct engine *e, unsigned adapter, struct page *out);
void queue_print_patterns(struct engine *e, unsigned queue, struct page *out);
void queue_print_op_modes(struct engine *e, unsigned queue, struct page *out);

void queue_print_requests(struct engine *e, unsigned queue, struct page *out);
void queue_print_reset(struct engine *e, unsigned queue, struct page *out);
void queue_print_interrupt(struct engine *e, unsigned queue, struct page *out);
void queue_store_reset(struct engine *e, unsigned queue);
/* ap_functions of a queue: the live word. -EIO: the queue does not answer */
int queue_functions(struct engine *e, unsigned queue, uint32_t *ret);
/* status: "unassigned", "assigned" or "in use" */
const char *queue_status(const struct engine *e, unsigned queue);

/* driver_override. -EINVAL: masks are in use, or count is 4095 and more; -ENOMEM: too many different texts */
int queue_store_override(struct engine *e, unsigned queue, const char *text, size_t length);
const char *queue_override(const struct engine *e, unsigned queue);

/* Secure execution; present when the guest has the facility. Errnos as abi.md 5.3 */
bool queue_has_se(const struct engine *e, unsigned queue);
int queue_print_se_bind(struct engine *e, unsigned queue, struct page *out);
int queue_store_se_bind(struct engine *e, unsigned queue, const char *text);
int queue_print_se_associate(struct engine *e, unsigned queue, struct page *out);
int queue_store_se_associate(struct engine *e, unsigned queue, const char *text);
/* The bus looks at the pending associations this many times. */
void queue_associate_tick(struct engine *e, uint32_t polls);

#endif
