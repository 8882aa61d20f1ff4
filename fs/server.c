/* SPDX-License-Identifier: MIT */
#include "fs/server.h"

#include <errno.h>

#include "fs/changes.h"
#include "fs/epoch.h"
#include "fs/held.h"
#include "fs/stats_backend.h"

bool server_listing_holds(struct server *s, uint64_t dir)
{
	struct listing_mark *mark = &s->listings[(dir * UINT64_C(0x9e3779b97f4a7c15)) >> 54];
	uint64_t generation = s->backend->ops->generation(s->backend);
	bool holds;

	pthread_mutex_lock(&s->listings_lock);
	/* two directories may share a mark: then each only reads more often than it had to */
	holds = mark->node == dir && mark->generation == generation;
	*mark = (struct listing_mark){ dir, generation };
	pthread_mutex_unlock(&s->listings_lock);
	return holds;
}

static void topology_changed(void *ctx)
{
	struct server *s = ctx;

	metadata_entries_changed(s->metadata);
	epoch_bump(s);
	held_check_all(s);
}

static void show_stats(void *ctx, struct page *out)
{
	struct server *s = ctx;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	page_printf(out, "seconds %.6f\nepochs %llu\ncaching %d\n",
		    (double)(now.tv_sec - s->begun.tv_sec) + (double)(now.tv_nsec - s->begun.tv_nsec) / 1e9,
		    atomic_load(&s->epochs), s->epoch);
	stats_print(s->stats, out);
}

static void changed(void *ctx)
{
	changes_tell(ctx);
}

int server_init(struct server *s, struct backend *backend)
{
	*s = (struct server){ .stats = stats_new() };
	if (!s->stats || stats_backend_new(backend, show_stats, s, &s->backend) < 0)
		return -ENOMEM;
	backend = s->backend;
	clock_gettime(CLOCK_MONOTONIC, &s->begun);
	s->metadata = metadata_new(backend);
	if (!s->metadata)
		return -ENOMEM;
	pthread_mutex_init(&s->held_lock, NULL);
	pthread_mutex_init(&s->listings_lock, NULL);
	pthread_mutex_init(&s->watch_lock, NULL);
	backend->listener.topology_changed = topology_changed;
	backend->listener.changed = changed;
	backend->listener.ctx = s;
	return 0;
}

void server_destroy(struct server *s)
{
	metadata_free(s->metadata);
	stats_free(s->stats);
	pthread_mutex_destroy(&s->held_lock);
	pthread_mutex_destroy(&s->listings_lock);
	pthread_mutex_destroy(&s->watch_lock);
}
