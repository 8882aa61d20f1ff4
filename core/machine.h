/* SPDX-License-Identifier: MIT */
/* The virtual hardware: what TAPQ, QCI and SCLP would answer. The bus learns it only in a scan. */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mask.h"
#include "core/page.h"

#define AP_FUNCTION_ACCEL UINT32_C(0x08000000)
#define AP_FUNCTION_CCA   UINT32_C(0x10000000)
#define AP_FUNCTION_EP11  UINT32_C(0x04000000)

/* ap_functions of a card by mode, when the machine file names none; as corpus FORMAT.md */
#define AP_FUNCTIONS_CCA   UINT32_C(0x92800000)
#define AP_FUNCTIONS_ACCEL UINT32_C(0x6a800000)
#define AP_FUNCTIONS_EP11  UINT32_C(0x86800000)

enum adapter_state { ADAPTER_ONLINE, ADAPTER_DECONFIGURED, ADAPTER_CHECKSTOPPED };

/* Response codes of a queue that are more than its card's state; 0: normal */
enum { AP_RC_NORMAL = 0, AP_RC_NOT_AVAILABLE = 1, AP_RC_RESET = 2, AP_RC_DECONFIGURED = 3,
       AP_RC_CHECKSTOPPED = 4, AP_RC_BUSY = 5 };

#define ADAPTER_SERIAL 17	/* 16 characters and NUL */

/* Requests that go through a queue by themselves while it is online with a driver of the host's (core/load.h). */
struct machine_load {
	uint32_t rate;		/* requests a second */
	uint16_t pending;	/* requests in the queue at any time, those that wait for room included */
	uint16_t wave;		/* seconds in which both rise from 0 and fall back to it; 0: they are constant */
};

#define LOADS 256	/* different loads that queues may have of their own, and slot 0 for none */

struct machine_adapter {
	bool present;
	uint8_t type;		/* hardware type as TAPQ gives it: 11 is CEX5 */
	uint8_t state;		/* enum adapter_state */
	uint8_t depth;		/* entries, 1 to 256 as depth - 1: TAPQ's queue depth field */
	uint8_t message_limit;	/* TAPQ's ml: pages of 4096 bytes; 0: 12288 bytes */
	uint8_t bind_state;	/* secure execution, 0 to 3 */
	uint8_t domain_limit;	/* TAPQ's nd, which 4.20 learns its highest domain from; 255 unless set */
	uint32_t functions;	/* TAPQ's function bits, upper 16 bits of the word and mode bits */
	char serial[ADAPTER_SERIAL];	/* "" : 93AAB0 and the adapter's two digits */
	struct machine_load load;	/* of each of its queues */
};

struct machine {
	uint16_t max_adapter, max_domain;	/* QCI's Na and Nd, 0 to 255 */
	struct ap_mask usage_domains, control_domains;
	bool qci;				/* the machine has QCI at all */
	bool apsc, apxa, qact, rc8a, apsb;	/* QCI's flags */
	bool sclp_reconfig;			/* SCLP can configure adapters */
	bool no_reply;				/* requests are taken and never answered */
	bool secure_guest;			/* the kernel is a secure-execution guest: se_bind, se_associate */
	uint32_t reset_delay;			/* polls that answer "reset in progress" after a reset */
	uint32_t associate_delay;		/* polls that find a queue not yet associated */
	struct machine_adapter adapter[AP_IDS];
	uint8_t queue_rc[AP_IDS * AP_IDS];	/* [adapter << 8 | domain], AP_RC_*: overrides the adapter's state */
	uint8_t load_slot[AP_IDS * AP_IDS];	/* likewise: 0: as its adapter, else which of queue_load */
	struct machine_load queue_load[LOADS];
	uint32_t load_users[LOADS];		/* queues that have the slot */
};

/* A machine with nothing plugged: limits 255, QCI with APSC and APXA, no domains. */
void machine_init(struct machine *m);
/* The machine of the kernel documentation's example: adapters 5 (CEX5C) and 6 (CEX5A), four domains. */
void machine_init_default(struct machine *m);

/*
 * The text form the control file speaks, one fact a line, "#" starts a comment:
 *   new                          start from machine_init
 *   max_adapter N | max_domain N
 *   usage LIST | control LIST    numbers and ranges a-b, blanks between; empty: none
 *   qci 0|1, apsc 0|1, apxa 0|1, qact 0|1, rc8a 0|1, apsb 0|1, sclp_reconfig 0|1
 *   reset_delay N | associate_delay N | no_reply 0|1 | secure_guest 0|1
 *   adapter ID type=N|CEX5|CEX5C func=cca|accel|ep11|0xHEX depth=N state=online|deconfigured|checkstopped
 *           ml=N bs=0..3 nd=N serial=S rate=N pending=N wave=SECONDS
 *                                only what is named changes on a present adapter
 *   adapter ID remove
 *   queue A.D[-D]|APQN rc=N rate=N pending=N wave=SECONDS       likewise; rc=0 and load=adapter: as the adapter
 *                                APQN: as in sysfs, 06.0047, hexadecimal
 *   queue remove                 all exceptions
 *   domain add|remove ID [usage|control]                   (both without the last word)
 * Numbers: decimal, 0x hex, 0 octal. All or nothing: on an error m is as it was.
 * Returns 0; or -EINVAL with *ret_line the line counted from 1 and why in message.
 */
int machine_edit(struct machine *m, const char *text, int *ret_line, struct page *message);

/* Writes the same form, beginning with "new", so that machine_edit of it gives an equal machine. */
void machine_print(const struct machine *m, struct page *out);

/* The load of a queue: its own, else its adapter's. */
const struct machine_load *machine_load_of(const struct machine *m, unsigned queue);
/* Gives a queue a load of its own; NULL: takes it away. Returns 0 or -ENOSPC. */
int machine_set_load(struct machine *m, unsigned queue, const struct machine_load *load);
void machine_clear_loads(struct machine *m);
/* Is there any load at all? */
bool machine_has_load(const struct machine *m);

bool machine_equal(const struct machine *a, const struct machine *b);

#endif
