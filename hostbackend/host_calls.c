/* SPDX-License-Identifier: MIT */
/* Texts read from the host and written to it. */
#include <errno.h>
#include <stdlib.h>

#include "core/tree.h"
#include "hostbackend/host.h"
#include "hostbackend/host_refresh.h"
#include "hostbackend/host_store.h"

/* Its present path; -ENODEV: gone */
static int find_path(struct host *h, struct node n, char path[HOST_PATH])
{
	int rc = host_enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, n);
	rc = tree_alive(&h->mirror->engine, n) < 0 ? -ENODEV : 0;
	if (rc == 0)
		host_path(h, n, path);
	host_unlock(h);
	return rc;
}

int host_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	struct host *h = host_of(b);
	char path[HOST_PATH];
	int rc = h->sys.live ? find_path(h, node_decode(node), path) : -EOPNOTSUPP;

	return rc < 0 ? rc : host_open_read(&h->sys, path);
}

static int read_text(struct host *h, struct backend_call *call)
{
	char path[HOST_PATH];
	int rc = find_path(h, node_decode(call->node), path);

	if (rc < 0)
		return rc;
	rc = host_read(&h->sys, path, call->page.data, call->page.size);
	if (rc < 0)
		return rc == -ENOENT ? -ENODEV : rc;
	call->page.length = (size_t)rc;
	return 0;
}

static int write_text(struct host *h, struct backend_call *call)
{
	struct host_store *s;
	unsigned turn;
	bool writes;
	int rc = host_sysfs_gone(&h->sys);

	if (rc < 0)
		return rc;
	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->call = call;
	s->node = node_decode(call->node);
	turn = workers_turn_take(h->workers);
	host_lock(h);
	host_store_prepare(h->mirror, h->guard, ++h->tickets ? h->tickets : ++h->tickets, s);
	if (s->scanned)
		h->viewed = h->mirror->engine.state->now;
	writes = s->fd >= 0;
	host_unlock(h);
	workers_turn_writes(h->workers, turn, call);
	host_store_write(s);
	host_lock(h);
	host_refresh_object(h->mirror, s->node);
	host_store_done(h->mirror, h->guard, s);
	if (writes)
		h->viewed = 0;
	host_unlock(h);
	workers_turn_give(h->workers, turn);
	rc = s->result;
	if (h->differs && s->judged && s->expected != BACKEND_WAITS && s->expected != rc)
		h->differs(s->path, s->expected, rc);
	if (rc == 0 && h->backend.listener.changed)
		h->backend.listener.changed(h->backend.listener.ctx);
	free(s);
	return rc;
}

/* No thread is there for it. A store's refusal is recorded. */
static int refusal(struct host *h, const struct backend_call *call)
{
	int rc = -EAGAIN;

	if (!call->is_store || !h->guard)
		return rc;
	host_lock(h);
	rc = host_store_refuse(h->mirror, h->guard, call);
	host_unlock(h);
	return rc;
}

void host_refuse_call(void *ctx, struct backend_call *call)
{
	call->answer(call, refusal(ctx, call));
}

void host_do_call(void *ctx, struct backend_call *call)
{
	struct host *h = ctx;

	call->answer(call, call->is_store ? write_text(h, call) : read_text(h, call));
}

static int hand_over(struct host *h, uint64_t node, struct backend_call *call, bool is_store)
{
	int rc;

	call->node = node;
	call->is_store = is_store;
	rc = workers_add(h->workers, call);
	return rc < 0 ? rc : BACKEND_WAITS;
}

int host_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct host *h = host_of(b);
	const struct row *row = tree_row(node_decode(node));

	/* a reader that the host's locks may hold up must not hold up a thread that serves */
	if (row && (row->locked || row->show_mutates))
		return hand_over(h, node, call, false);
	call->node = node;
	return read_text(h, call);
}

int host_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct host *h = host_of(b);
	int rc = hand_over(h, node, call, true);

	return rc == -EAGAIN ? refusal(h, call) : rc;
}

/* A write that the host holds up ends when the host lets it. */
void host_interrupt(struct backend *b, struct backend_call *call)
{
}
