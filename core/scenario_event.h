/* SPDX-License-Identifier: MIT */
/* Events of a scenario: when what happens, as text and as flat memory. */
#ifndef CORE_SCENARIO_EVENT_H
#define CORE_SCENARIO_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/page.h"

#define SCENARIO_EVENTS 64		/* of a scenario */
#define SCENARIO_PATH 192
#define SCENARIO_TEXT 256
#define SCENARIO_ACTIONS 1024
#define SCENARIO_LINE 2048		/* more than any event needs as text */

enum scenario_trigger { SCENARIO_ON_NONE, SCENARIO_ON_AFTER, SCENARIO_ON_EVERY, SCENARIO_ON_WRITE, SCENARIO_ON_MDEV,
			SCENARIO_ON_GUEST };
enum scenario_phase { SCENARIO_PENDING, SCENARIO_RUNNING, SCENARIO_OVER };

struct scenario_event {
	uint8_t trigger;		/* enum scenario_trigger; SCENARIO_ON_NONE: a free place */
	uint8_t phase;			/* enum scenario_phase */
	bool always;			/* pending again when it is over */
	bool has_uuid, has_text;	/* only this mdev, only this text */
	uint8_t uuid[16];
	int64_t interval;		/* after, every: ns */
	char path[SCENARIO_PATH];		/* write: below the root, without a slash in front */
	char text[SCENARIO_TEXT];		/* write: without the newline at its end */
	char actions[SCENARIO_ACTIONS];	/* with "; " between them */

	int64_t began;			/* when it was due, while it runs */
	int64_t due;			/* of the event, then of its next action; ns since the epoch */
	uint64_t order;			/* among those due at the same time */
	uint32_t fired;
	uint16_t next, number;		/* the next action: where in actions, counted from 1 */
	uint16_t failed;		/* the number of the last action that failed; 0: none */
	int16_t error;			/* its -errno */
	bool blocked;			/* the next action waits, as a caller of the kernel would */
	uint64_t node, triggers;	/* what it writes, which may be gone by now, and whom that triggers */
	bool has_subject;
	uint8_t subject[16];		/* the mdev that is meant where none is named */
};

/* The events, in a place each; a flat part of the state. */
struct scenario {
	uint64_t order;
	unsigned count;			/* places ever used */
	struct scenario_event event[SCENARIO_EVENTS];
};

/*
 * One line:
 *   [always] WHEN: ACTION[; ACTION]...
 * WHEN:   after SECONDS | every SECONDS | write PATH ["TEXT"] | mdev [UUID] | guest [UUID]
 * ACTION: unplug ID | plug ID TYPE [KEY=VALUE]... | set ID|APQN KEY=VALUE... | checkstop|deconfigure|restore ID|APQN,
 *         each with a scan; a line of core/machine.h, without one; scan; wait SECONDS;
 *         start guest [UUID] [nokvm]; stop guest [UUID|all]; load|unload MODULE; write PATH TEXT
 * $uuid in an action is the mdev of the event, which is also meant where none is named.
 * Returns 0; or -EINVAL and why in message. Only what is said above is set in ret, the rest is zero.
 */
int scenario_event_parse(const char *line, struct scenario_event *ret, struct page *message);
/* The same form. */
void scenario_event_print(const struct scenario_event *v, struct page *out);

enum scenario_verb { SCENARIO_MACHINE, SCENARIO_SCAN, SCENARIO_WAIT, SCENARIO_GUEST, SCENARIO_MODULE, SCENARIO_WRITE };

struct scenario_action {
	uint8_t verb;			/* enum scenario_verb */
	bool scan;			/* MACHINE: and scan */
	bool of_subject;		/* GUEST: the mdev's uuid belongs between text and rest */
	int64_t wait;			/* ns */
	char path[SCENARIO_PATH];
	char text[SCENARIO_TEXT];		/* a machine line, the text of a control file, or what is written */
	const char *rest;
};

/* The action at the beginning of text, up to its ";" or end; *ret_length: with that and blanks. */
int scenario_action_parse(const char *text, struct scenario_action *ret, size_t *ret_length, struct page *message);

#endif
