/* SPDX-License-Identifier: MIT */
#include "core/override.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *override_get(const struct engine *e, unsigned queue)
{
	unsigned slot = e->state->queue[queue].override;

	return slot ? e->state->override[slot - 1] : "";
}

void override_release(struct engine *e, unsigned queue)
{
	struct queue *q = &e->state->queue[queue];

	if (q->override)
		e->state->override_users[q->override - 1]--;
	q->override = 0;
}

/* The slot with this text, or a free one; -ENOMEM. */
static int find_slot(const struct engine *e, const char *text)
{
	int unused = -ENOMEM;

	for (int i = 0; i < OVERRIDES; i++) {
		if (!e->state->override_users[i])
			unused = unused < 0 ? i : unused;
		else if (strcmp(e->state->override[i], text) == 0)
			return i;
	}
	return unused;
}

int override_set(struct engine *e, unsigned queue, const char *text)
{
	int slot = *text ? find_slot(e, text) : 0;

	if (slot < 0)
		return slot;
	override_release(e, queue);
	if (!*text)
		return 0;
	e->state->override_users[slot]++;
	snprintf(e->state->override[slot], sizeof(e->state->override[slot]), "%s", text);
	e->state->queue[queue].override = (uint8_t)(slot + 1);
	return 0;
}
