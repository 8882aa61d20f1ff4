/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/tree.h"
#include "hostbackend/host_mask_edit.h"
#include "hostbackend/host_refresh.h"

static void answer(struct host_store *s, int result)
{
	int fd = s->fd;

	s->fd = -1;
	s->result = result;
	if (fd >= 0)
		close(fd);
}

static bool open_host_file(struct host_mirror *m, struct host_store *s)
{
	struct page path;
	int fd;

	host_refresh_object(m, s->node);
	if (tree_alive(&m->engine, s->node) < 0) {
		answer(s, -ENODEV);
		return false;
	}
	page_init_fixed(&path, s->path, sizeof(s->path));
	tree_path(&m->engine, s->node, &path);
	fd = host_open_write(m->sys, s->path + 1);
	if (fd < 0) {
		answer(s, fd == -ENOENT ? -ENODEV : fd);
		return false;
	}
	s->fd = fd;
	return true;
}

/* How much of the state a write of this effect can depend on, or change. */
static enum host_depth depth_of(enum attr_effect effect)
{
	switch (effect) {
	case EFFECT_POOL:
	case EFFECT_BINDING:
	case EFFECT_MDEV:
	case EFFECT_ASSIGNMENT:
	case EFFECT_OVERRIDE:
		return HOST_BINDINGS;
	default:
		return HOST_STATE;
	}
}

/*
 * What a mask write was seen to change, and nothing else, as the text that goes to the host. 1; 0: nothing, so there
 * is nothing to write. -EACCES: no bit changes, but the host would bind queues anew all the same (4.20, 5.10); any bit
 * named to have that done might by then be one that the host just changed, and nobody granted it.
 */
static int take_edit(struct host_store *s, const struct trial *t)
{
	const struct state *before = t->before->state, *after = t->after->state;
	bool adapters = strcmp(t->row->name, "apmask") == 0;
	struct page out;

	page_init_fixed(&out, s->text, sizeof(s->text));
	host_mask_edit(adapters ? &before->apmask : &before->aqmask, adapters ? &after->apmask : &after->aqmask, &out);
	if (!out.length && before->topology != after->topology)
		return -EACCES;
	s->length = out.length;
	s->kept = true;
	return out.length > 0;
}

static void judge(struct store_guard *guard, const struct trial *t, struct host_store *s)
{
	int rc = guard->judge(guard, t), edit = 1;

	s->expected = t->result;
	if (rc < 0) {
		answer(s, rc);
		return;
	}
	if (rc == GUARD_PRETEND) {
		answer(s, t->result < 0 ? t->result : 0);
		return;
	}
	s->judged = true;
	/* what the trial refuses was not judged by what it would change: it must not happen */
	if (t->result == 0 && t->row->effect == EFFECT_POOL)
		edit = take_edit(s, t);
	if (t->result < 0)
		answer(s, t->result);
	else if (edit <= 0)
		answer(s, edit);
}

static void try_it(struct host_mirror *m, struct store_guard *guard, uint32_t ticket, struct host_store *s)
{
	struct engine after;
	struct trial t = { .caller = s->call->caller, .opener = s->call->opener, .node = s->node,
			   .row = tree_row(s->node), .text = s->call->page.data, .length = s->call->page.length,
			   .before = &m->engine, .after = &after };
	unsigned complaints = m->complaints;
	int rc;

	host_scan_all(m, depth_of(t.row->effect));
	s->scanned = true;
	/* the descriptor is of the object that was there: only if that is still the one, the trial is about it */
	if (tree_alive(&m->engine, s->node) < 0) {
		answer(s, -ENODEV);
		return;
	}
	if (m->complaints != complaints) {
		answer(s, -EIO);
		return;
	}
	m->engine.ticket = ticket;
	rc = engine_trial_begin(&m->engine, &after);
	if (rc < 0) {
		answer(s, rc);
		return;
	}
	t.result = tree_store(&after, s->node, t.text, t.length);
	judge(guard, &t, s);
	engine_free(&after);
}

void host_store_prepare(struct host_mirror *m, struct store_guard *guard, uint32_t ticket, struct host_store *s)
{
	s->fd = -1;
	s->result = s->expected = 0;
	s->judged = s->kept = s->scanned = false;
	if (open_host_file(m, s) && guard)
		try_it(m, guard, ticket, s);
}

void host_store_write(struct host_store *s)
{
	if (s->fd < 0)
		return;
	answer(s, s->kept ? host_write(s->fd, s->text, s->length)
			  : host_write(s->fd, s->call->page.data, s->call->page.length));
}

void host_store_done(struct host_mirror *m, struct store_guard *guard, const struct host_store *s)
{
	struct trial t = { .caller = s->call->caller, .opener = s->call->opener, .node = s->node,
			   .row = tree_row(s->node), .text = s->call->page.data, .length = s->call->page.length,
			   .before = &m->engine, .after = &m->engine, .result = s->expected };

	if (!guard || !s->judged)
		return;
	if (t.row->effect == EFFECT_MDEV)
		host_scan_mdevs(m, HOST_TREE);
	guard->done(guard, &t, s->result);
}

int host_store_refuse(struct host_mirror *m, struct store_guard *guard, const struct backend_call *call)
{
	struct node n = node_decode(call->node);
	struct trial t = { .caller = call->caller, .opener = call->opener, .node = n, .row = tree_row(n),
			   .text = call->page.data, .length = call->page.length, .before = &m->engine, .after = &m->engine };

	/* what is gone has no path to be recorded */
	if (tree_alive(&m->engine, n) < 0)
		return -ENODEV;
	return guard->refuse(guard, &t, -EAGAIN, "as many writes as may wait are held up by the host");
}
