/* SPDX-License-Identifier: MIT */
#include "core/scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/bus.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/tree.h"

/* At one time: more is taken for events that cause each other without end. */
#define ACTIONS_MOST 4096
/* Of events' own calls, far from those of callers. */
#define TICKETS UINT32_C(0xffffff00)
#define SUBJECT "$uuid"

/* The node of a path, links followed. */
static int resolve(const struct engine *e, const char *path, struct node *ret)
{
	struct node n = node_decode(NODE_ROOT_ID);
	char name[SCENARIO_PATH + UUID_TEXT];

	while (*path) {
		size_t length = strcspn(path, "/");
		const struct row *row;
		int rc;

		memcpy(name, path, length);
		name[length] = 0;
		path += length + (path[length] == '/');
		if (!length)
			continue;
		rc = tree_find(e, n, name, &n);
		if (rc < 0)
			return rc;
		row = tree_row(n);
		if (row && row->type == ROW_LINK)
			n = row->target(e, n, row);
	}
	*ret = n;
	return 0;
}

/* --- triggers ---------------------------------------------------------------------------------- */

static void start(struct engine *e, struct scenario_event *v, const uint8_t *subject)
{
	v->phase = SCENARIO_RUNNING;
	v->order = ++e->state->scenario.order;
	v->fired++;
	v->next = 0;
	v->number = 1;
	v->blocked = false;
	v->has_subject = subject;
	if (subject)
		memcpy(v->subject, subject, sizeof(v->subject));
}

void scenario_happened(struct engine *e, enum scenario_trigger what, const uint8_t uuid[16])
{
	struct scenario *s = &e->state->scenario;

	for (struct scenario_event *v = s->event; v < s->event + s->count; v++) {
		if (v->trigger != what || v->phase != SCENARIO_PENDING ||
		    (v->has_uuid && memcmp(v->uuid, uuid, sizeof(v->uuid)) != 0))
			continue;
		v->due = e->state->now;
		start(e, v, uuid);
	}
}

/* The events that a write to the node triggers, a bit each. Asked before: afterwards the file may be gone. */
static uint64_t triggered_by(const struct engine *e, struct node n, const char *text)
{
	const struct scenario *s = &e->state->scenario;
	uint64_t found = 0;

	for (unsigned i = 0; i < s->count; i++) {
		const struct scenario_event *v = &s->event[i];
		struct node meant;

		if (v->trigger != SCENARIO_ON_WRITE || v->phase != SCENARIO_PENDING ||
		    (v->has_text && !parse_name_is(text, v->text)))
			continue;
		if (resolve(e, v->path, &meant) == 0 && node_encode(meant) == node_encode(n))
			found |= UINT64_C(1) << i;
	}
	return found;
}

int scenario_store(struct engine *e, struct node n, const char *text, size_t length, uint64_t *triggers)
{
	struct scenario *s = &e->state->scenario;
	int rc;

	*triggers |= s->count ? triggered_by(e, n, text) : 0;
	rc = tree_store(e, n, text, length);
	for (unsigned i = 0; rc == 0 && *triggers && i < s->count; i++) {
		struct scenario_event *v = &s->event[i];

		if (!(*triggers >> i & 1) || v->trigger != SCENARIO_ON_WRITE || v->phase != SCENARIO_PENDING)
			continue;
		v->due = e->state->now;
		start(e, v, NULL);
	}
	return rc;
}

/* --- actions ----------------------------------------------------------------------------------- */

/* text with the event's mdev for $uuid. -EINVAL: there is none, or no room. */
static int with_subject(const struct scenario_event *v, const char *text, char *ret, size_t size)
{
	char uuid[UUID_TEXT] = "";
	struct page out;

	if (v->has_subject)
		format_uuid(v->subject, uuid);
	page_init_fixed(&out, ret, size);
	for (const char *found; (found = strstr(text, SUBJECT)); text = found + strlen(SUBJECT)) {
		if (!v->has_subject)
			return -EINVAL;
		page_append(&out, text, (size_t)(found - text));
		page_append(&out, uuid, UUID_TEXT - 1);
	}
	if (out.length + strlen(text) >= size - 1)
		return -EINVAL;
	page_append(&out, text, strlen(text));
	return 0;
}

/* As if a program opened it and wrote. */
static int write_path(struct engine *e, struct scenario_event *v, const char *path, const char *text)
{
	struct node n;
	int rc = 0;

	if (!v->blocked) {
		rc = resolve(e, path, &n);
		v->node = rc < 0 ? 0 : node_encode(n);
		v->triggers = 0;
	}
	return rc < 0 ? rc : scenario_store(e, node_decode(v->node), text, strlen(text), &v->triggers);
}

static int act_machine(struct engine *e, const struct scenario_action *a)
{
	struct machine *next = malloc(sizeof(*next));
	char reason[256];
	struct page why;
	int line, rc = -ENOMEM;

	if (next) {
		*next = e->state->machine;
		page_init_fixed(&why, reason, sizeof(reason));
		rc = machine_edit(next, a->text, &line, &why);
	}
	if (rc == 0)
		engine_set_machine(e, next);
	if (rc == 0 && a->scan)
		scan_run(e);
	free(next);
	return rc;
}

static int act_guest(struct engine *e, struct scenario_event *v, const struct scenario_action *a)
{
	char text[SCENARIO_TEXT], uuid[UUID_TEXT] = "";
	struct page line;

	if (a->of_subject && !v->has_subject)
		return -EINVAL;
	if (a->of_subject)
		format_uuid(v->subject, uuid);
	page_init_fixed(&line, text, sizeof(text));
	page_printf(&line, "%s%s%s", a->text, uuid, a->rest);
	return write_path(e, v, ".apsysfs/guests/control", text);
}

static int act(struct engine *e, struct scenario_event *v, const struct scenario_action *a)
{
	char path[SCENARIO_PATH + UUID_TEXT], text[SCENARIO_TEXT + UUID_TEXT];

	switch (a->verb) {
	case SCENARIO_MACHINE:
		return act_machine(e, a);
	case SCENARIO_SCAN:
		scan_run(e);
		return 0;
	case SCENARIO_WAIT:
		v->due += a->wait;
		return 0;
	case SCENARIO_GUEST:
		return act_guest(e, v, a);
	case SCENARIO_MODULE:
		return module_store_command(e, a->text);
	default:
		if (with_subject(v, a->path, path, sizeof(path)) < 0 || with_subject(v, a->text, text, sizeof(text)) < 0)
			return -EINVAL;
		return write_path(e, v, path, text);
	}
}

static void finish(struct scenario_event *v, int64_t began)
{
	v->phase = v->always ? SCENARIO_PENDING : SCENARIO_OVER;
	if (v->trigger == SCENARIO_ON_EVERY)
		v->due = began + v->interval > v->due ? began + v->interval : v->due;
}

/* The next action of an event that is due. false: it waits, nothing was done. */
static bool step(struct engine *e, struct scenario_event *v)
{
	uint32_t ticket = e->ticket;
	char reason[64];
	struct scenario_action a;
	struct page why;
	size_t length = strlen(v->actions + v->next);
	int rc;

	page_init_fixed(&why, reason, sizeof(reason));
	rc = scenario_action_parse(v->actions + v->next, &a, &length, &why);
	if (rc == 0) {
		e->ticket = TICKETS + (uint32_t)(v - e->state->scenario.event);
		rc = act(e, v, &a);
		e->ticket = ticket;
	}
	v->blocked = rc == ENGINE_WAITS;
	if (v->blocked)
		return false;
	if (rc < 0) {
		v->failed = v->number;
		v->error = (int16_t)rc;
	}
	/* what it did may have taken the whole scenario away */
	if (v->phase != SCENARIO_RUNNING)
		return true;
	v->number++;
	v->next = (uint16_t)(v->next + length);
	if (!v->actions[v->next])
		finish(v, v->began);
	return true;
}

/* The first in order that is due by then and not among those that wait. */
static struct scenario_event *first_due(struct scenario *s, int64_t until, uint64_t waiting)
{
	struct scenario_event *first = NULL;

	for (unsigned i = 0; i < s->count; i++) {
		struct scenario_event *v = &s->event[i];
		bool timed = v->trigger == SCENARIO_ON_AFTER || v->trigger == SCENARIO_ON_EVERY;

		if (!v->trigger || waiting >> i & 1 || v->due > until ||
		    !(v->phase == SCENARIO_RUNNING || (v->phase == SCENARIO_PENDING && timed)))
			continue;
		if (!first || v->due < first->due || (v->due == first->due && v->order < first->order))
			first = v;
	}
	return first;
}

bool scenario_run(struct engine *e)
{
	struct scenario *s = &e->state->scenario;
	uint64_t waiting = 0;
	bool any = false;
	unsigned actions = 0;

	if (!s->count)
		return false;
	for (struct scenario_event *v; (v = first_due(s, e->state->now, waiting));) {
		if (v->phase == SCENARIO_PENDING)
			start(e, v, NULL);
		if (v->next == 0 && !v->blocked)
			v->began = v->due;
		if (++actions > ACTIONS_MOST) {
			v->phase = SCENARIO_OVER;
			v->failed = v->number;
			v->error = -ELOOP;
		} else if (step(e, v)) {
			any = true;
			waiting = 0;
		} else {
			waiting |= UINT64_C(1) << (v - s->event);
		}
	}
	return any;
}

int64_t scenario_due(const struct engine *e)
{
	const struct scenario *s = &e->state->scenario;
	int64_t due = INT64_MAX;

	for (const struct scenario_event *v = s->event; v < s->event + s->count; v++) {
		bool timed = v->trigger == SCENARIO_ON_AFTER || v->trigger == SCENARIO_ON_EVERY;

		if (v->trigger && v->due < due && !v->blocked &&
		    (v->phase == SCENARIO_RUNNING || (v->phase == SCENARIO_PENDING && timed)))
			due = v->due;
	}
	return due;
}

/* --- commands ---------------------------------------------------------------------------------- */

static int add(struct engine *e, struct scenario *s, const struct scenario_event *v)
{
	unsigned place = 0;

	while (place < s->count && s->event[place].trigger)
		place++;
	if (place == SCENARIO_EVENTS)
		return -ENOSPC;
	if (place == s->count)
		s->count++;
	s->event[place] = *v;
	s->event[place].due = e->state->now + v->interval;
	s->event[place].order = ++s->order;
	return 0;
}

static int command(struct engine *e, struct scenario *s, const char *line, struct page *why)
{
	struct scenario_event v;
	uint64_t number;

	line += strspn(line, " \t");
	if (!*line || *line == '\n' || *line == '#')
		return 0;
	if (strncmp(line, "clear", 5) == 0 && (!line[5] || line[5] == '\n')) {
		*s = (struct scenario){ .order = s->order };
		return 0;
	}
	if (strncmp(line, "remove ", 7) == 0) {
		size_t digits = parse_digits(line + 7, true, &number, &(bool){ false });

		if (!digits || number >= s->count || !s->event[number].trigger) {
			page_printf(why, "%.*s: expected the number of an event that there is", (int)strcspn(line, "\n"), line);
			return -EINVAL;
		}
		s->event[number] = (struct scenario_event){ 0 };
		return 0;
	}
	if (scenario_event_parse(line, &v, why) < 0)
		return -EINVAL;
	if (add(e, s, &v) < 0) {
		page_printf(why, "expected at most %d events", SCENARIO_EVENTS);
		return -ENOSPC;
	}
	return 0;
}

int scenario_command(struct engine *e, const char *text)
{
	struct scenario *next = malloc(sizeof(*next));
	char reason[sizeof(e->error) - 32];
	struct page why;
	int rc = 0;

	if (!next)
		return -ENOMEM;
	*next = e->state->scenario;
	for (int number = 1; *text && rc == 0; number++) {
		page_init_fixed(&why, reason, sizeof(reason));
		rc = command(e, next, text, &why);
		if (rc < 0) {
			page_init_fixed(&why, e->error, sizeof(e->error));
			page_printf(&why, "line %d: %s\n", number, reason);
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (rc == 0)
		e->state->scenario = *next;
	free(next);
	return rc;
}

void scenario_print(const struct engine *e, struct page *out)
{
	static const char *const phases[] = { "pending", "running", "over" };
	const struct scenario *s = &e->state->scenario;

	for (unsigned i = 0; i < s->count; i++) {
		const struct scenario_event *v = &s->event[i];

		if (!v->trigger)
			continue;
		page_printf(out, "%u %s fired=%u failed=%u error=%d ", i, phases[v->phase], v->fired, v->failed, -v->error);
		scenario_event_print(v, out);
		page_append(out, "\n", 1);
	}
}
