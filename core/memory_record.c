/* SPDX-License-Identifier: MIT */
/* Recording what changes a memory backend, and carrying it out again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

int memory_record(struct memory *m, const struct operation *o)
{
	return m->recorder && o ? m->recorder->record(m->recorder, o) : 0;
}

void memory_recorded(struct memory *m)
{
	if (m->recorder && m->recorder->done)
		m->recorder->done(m->recorder);
}

struct image recorder_image(struct backend *b)
{
	struct image image = image_format();

	image.bytes = memory_of(b)->engine.state;
	return image;
}

void recorder_image_rest(struct backend *b, operation_emit_fn *emit, void *ctx)
{
	struct memory *m = memory_of(b);
	struct page log;

	if (page_init_growing(&log) == 0) {
		journal_print_log(m->engine.journal, &log);
		emit(ctx, &(struct operation){ .kind = OPERATION_LOG, .text = log.data, .length = log.length });
		page_free(&log);
	}
	/* a show that waits changes nothing, and nobody would be there to read it */
	for (const struct backend_call *call = m->waiting; call; call = call->next)
		if (call->is_store)
			emit(ctx, &(struct operation){ .kind = OPERATION_WAIT,
						       .ticket = call->ticket,
						       .node = call->node,
						       .text = call->page.data,
						       .length = call->page.length });
}

static void forget(struct backend_call *call, int result)
{
	page_free(&call->page);
	free(call);
}

/* A call as somebody else made it once. */
static struct backend_call *call_again(struct memory *m, const struct operation *o)
{
	struct backend_call *call = calloc(1, sizeof(*call));

	if (!call || page_init_growing(&call->page) < 0) {
		free(call);
		return NULL;
	}
	call->answer = forget;
	call->node = o->node;
	call->ticket = m->tickets = o->ticket;
	call->is_store = o->kind != OPERATION_SHOW;
	page_append(&call->page, o->text, o->length);
	return call;
}

static void replay_call(struct memory *m, const struct operation *o)
{
	struct backend_call *call = call_again(m, o);
	int rc;

	if (!call)
		return;
	rc = memory_run(m, call, o);
	if (rc == BACKEND_WAITS)
		memory_append(&m->waiting, call);
	else
		forget(call, rc);
}

static void replay_interrupt(struct memory *m, uint32_t ticket)
{
	for (struct backend_call **p = &m->waiting; *p; p = &(*p)->next) {
		struct backend_call *call = *p;

		if (call->ticket != ticket)
			continue;
		*p = call->next;
		forget(call, -EINTR);
		return;
	}
}

/* What was due while nobody lived is due now, once. */
static void resume(struct memory *m, int64_t now)
{
	struct state *s = m->engine.state;

	if (s->virtual_clock)
		return;
	if (s->load_until < now)
		s->load_until = now;
	engine_set_now(&m->engine, now);
	s->next_scan = now;
	if (s->lock_ticket)
		s->reset_wait.due = now;
}

static void log_again(struct memory *m, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		journal_log(m->engine.journal, "%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

void recorder_replay(struct backend *b, const struct operation *o)
{
	struct memory *m = memory_of(b);
	struct aftermath after = { 0 };

	m->replays = true;
	switch (o->kind) {
	case OPERATION_STORE:
	case OPERATION_SHOW:
		replay_call(m, o);
		break;
	case OPERATION_ADVANCE:
		engine_advance(&m->engine, o->now);
		break;
	case OPERATION_RESUME:
		resume(m, o->now);
		break;
	case OPERATION_INTERRUPT:
		replay_interrupt(m, o->ticket);
		break;
	case OPERATION_WAIT: {
		struct backend_call *call = call_again(m, o);

		if (call)
			memory_append(&m->waiting, call);
		return;
	}
	case OPERATION_LOG:
		log_again(m, o->text);
		return;
	}
	memory_settle(m, &after, true);
	for (struct backend_call *call = after.answered, *next; call; call = next) {
		next = call->next;
		call->answer(call, call->result);
	}
}

int recorder_begin(struct backend *b, struct recorder *r)
{
	struct memory *m = memory_of(b);
	struct operation o = { .kind = OPERATION_RESUME, .now = memory_clock() };
	int rc;

	m->replays = false;
	m->recorder = r;
	rc = memory_record(m, &o);
	if (rc < 0)
		return rc;
	resume(m, o.now);
	memory_recorded(m);
	/* what was told in a former life is not told again */
	journal_clear_events(m->engine.journal);
	m->events_sent = journal_next(m->engine.journal);
	m->topology = m->engine.state->topology;
	m->due = engine_next_due(&m->engine);
	return 0;
}
