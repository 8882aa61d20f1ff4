/* SPDX-License-Identifier: MIT */
/* The engine behind its lock. Lock order: event_lock, turnstile, lock; nothing is called back under lock. */
#include "core/memory_backend.h"

#include <errno.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/restore.h"
#include "core/scenario.h"
#include "core/tree.h"

static int memory_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller,
		       uint64_t *ret_child)
{
	struct memory *m = memory_of(b);
	struct node child;
	int rc;

	memory_lock_shared(m);
	rc = tree_find(&m->engine, node_decode(dir), name, &child);
	memory_unlock(m);
	if (rc == 0)
		*ret_child = node_encode(child);
	return rc;
}

static int memory_list(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct memory *m = memory_of(b);
	int rc;

	memory_lock_shared(m);
	rc = tree_list(&m->engine, node_decode(dir), emit, ctx);
	memory_unlock(m);
	return rc;
}

static int memory_stat(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct memory *m = memory_of(b);
	int rc;

	memory_lock_shared(m);
	rc = tree_stat(&m->engine, node_decode(node), ret);
	memory_unlock(m);
	return rc;
}

static int memory_readlink(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct memory *m = memory_of(b);
	int rc;

	memory_lock_shared(m);
	rc = tree_readlink(&m->engine, node_decode(node), out);
	memory_unlock(m);
	return rc;
}

static int memory_open(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct memory *m = memory_of(b);
	int rc;

	memory_lock_shared(m);
	rc = tree_alive(&m->engine, node_decode(node));
	memory_unlock(m);
	return rc;
}

static int memory_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	return -EOPNOTSUPP;
}

static void memory_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct memory *m = memory_of(b);

	memory_lock_shared(m);
	fn(ctx, &m->engine);
	memory_unlock(m);
}

static int64_t memory_now(struct backend *b)
{
	struct memory *m = memory_of(b);
	int64_t now;

	memory_lock_shared(m);
	now = memory_present(m);
	memory_unlock(m);
	return now;
}

static uint64_t memory_generation(struct backend *b)
{
	struct memory *m = memory_of(b);
	uint64_t generation;

	memory_lock_shared(m);
	generation = m->engine.state->topology;
	memory_unlock(m);
	return generation;
}

static void memory_destroy(struct backend *b)
{
	struct memory *m = memory_of(b);

	memory_clock_end(m);
	engine_free(&m->engine);
	pthread_rwlock_destroy(&m->lock);
	pthread_mutex_destroy(&m->turnstile);
	pthread_mutex_destroy(&m->event_lock);
	pthread_mutex_destroy(&m->clock_lock);
	pthread_cond_destroy(&m->clock_changed);
	free(m);
}

static const struct backend_ops memory_ops = {
	.find = memory_find,
	.list = memory_list,
	.show = memory_show,
	.store = memory_store,
	.interrupt = memory_interrupt,
	.stat = memory_stat,
	.readlink = memory_readlink,
	.open = memory_open,
	.original = memory_original,
	.inspect = memory_inspect,
	.generation = memory_generation,
	.now = memory_now,
	.begin = memory_begin,
	.destroy = memory_destroy,
};

static int boot(struct memory *m, const struct memory_options *options)
{
	int rc;

	if (options->image)
		return engine_restore(&m->engine, options->image->read, options->image->ctx);
	rc = engine_boot(&m->engine, options->kernel, options->machine, options->cmdline, memory_clock());
	if (rc < 0)
		return rc;
	m->engine.state->virtual_clock = options->virtual_clock;
	if (!options->no_modules)
		engine_load_default_modules(&m->engine);
	if (options->state)
		rc = restore_state(&m->engine, options->state, options->message);
	if (rc == 0 && options->scenario)
		rc = scenario_command(&m->engine, options->scenario);
	if (rc < 0)
		engine_free(&m->engine);
	else
		scenario_run(&m->engine);
	return rc;
}

int memory_backend_new(const struct memory_options *options, struct backend **ret)
{
	struct memory *m = calloc(1, sizeof(*m));
	bool old;
	int rc;

	if (!m)
		return -ENOMEM;
	m->backend.ops = &memory_ops;
	m->guard = options->guard;
	rc = boot(m, options);
	if (rc < 0) {
		free(m);
		return rc;
	}
	old = m->engine.state->kernel == KERNEL_4_20;
	m->backend.traits = (struct backend_traits){
		.gone_has_no_links = m->engine.rules->removed_nlink_zero,
		.reads_repeat = old,
		.no_method_is_ignored = old,
		.no_security_xattr = old,
	};
	m->topology = m->engine.state->topology;
	m->events_sent = journal_next(m->engine.journal);
	m->due = engine_next_due(&m->engine);
	pthread_rwlock_init(&m->lock, NULL);
	pthread_mutex_init(&m->turnstile, NULL);
	pthread_mutex_init(&m->event_lock, NULL);
	pthread_mutex_init(&m->clock_lock, NULL);
	pthread_cond_init(&m->clock_changed, NULL);
	*ret = &m->backend;
	return 0;
}
