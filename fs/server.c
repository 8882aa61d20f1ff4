/* SPDX-License-Identifier: MIT */
#include "fs/server.h"

#include <errno.h>

#include "fs/changes.h"
#include "fs/dir_cache.h"
#include "fs/epoch.h"
#include "fs/held.h"
#include "fs/known_names.h"
#include "fs/loop.h"
#include "fs/ring.h"
#include "fs/stats_backend.h"

static void topology_changed(void *ctx)
{
	struct server *s = ctx;

	atomic_fetch_add(&s->generation, 1);
	metadata_entries_changed(s->metadata);
	epoch_bump(s);
	held_check_all(s);
	known_dirs_changed(s);
	known_names_changed(s);
	passed_files_drop_gone(s);
	if (s->epoch && in_flight_any(&s->in_flight)) {
		loop_begin_wait(s->loop);
		in_flight_wait(&s->in_flight);
		loop_end_wait(s->loop);
		epoch_bump(s);
	}
}

static void show_stats(void *ctx, struct page *out)
{
	struct server *s = ctx;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	page_printf(out, "seconds %.6f\nepochs %llu\ncaching %d\npassthrough %d\nio_uring %d\n",
		    (double)(now.tv_sec - s->begun.tv_sec) + (double)(now.tv_nsec - s->begun.tv_nsec) / 1e9,
		    atomic_load(&s->epochs), server_caches(s), passthrough_works(s), ring_works(s->ring));
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
	s->known_dirs = known_dirs_new();
	s->dir_cache = dir_cache_new();
	if (!s->metadata || !s->known_dirs || !s->dir_cache)
		return -ENOMEM;
	pthread_mutex_init(&s->held_lock, NULL);
	pthread_mutex_init(&s->watch_lock, NULL);
	backend->listener.topology_changed = topology_changed;
	backend->listener.changed = changed;
	backend->listener.ctx = s;
	return 0;
}

void server_destroy(struct server *s)
{
	metadata_free(s->metadata);
	known_dirs_free(s->known_dirs);
	known_names_free(s->known_names);
	passthrough_free(s->passthrough);
	ring_free(s->ring);
	dir_cache_free(s->dir_cache);
	stats_free(s->stats);
	pthread_mutex_destroy(&s->held_lock);
	pthread_mutex_destroy(&s->watch_lock);
}
