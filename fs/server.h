/* SPDX-License-Identifier: MIT */
/* One mount: what its request handlers share. */
#ifndef FS_SERVER_H
#define FS_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "fs/in_flight.h"
#include "fs/known_dirs.h"
#include "fs/metadata.h"
#include "fs/passthrough.h"
#include "fs/reply.h"
#include "fs/session_io.h"
#include "fs/stats.h"
#include "fs/walkers.h"

struct dir_cache;
struct held;
struct known_names;
struct loop;
struct ring;
struct watcher;

struct server {
	struct backend *backend;
	struct metadata *metadata;
	struct fuse_session *session;
	bool no_epoch;			/* as the mount asks for it */
	bool epoch;			/* INC_EPOCH works: names may be cached until it moves */
	struct known_names *known_names;	/* else these may be, one by one; NULL: none */
	_Atomic(struct loop *) loop;	/* NULL until requests are served */
	struct stats *stats;
	struct timespec begun;
	atomic_ullong epochs;

	pthread_mutex_t held_lock;
	struct held *held;		/* all that is open; protected by held_lock */

	pthread_mutex_t watch_lock;
	struct watcher *watchers;	/* who sleeps until the next change; protected by watch_lock */
	uint64_t changes;		/* so far; protected by watch_lock */

	atomic_uint views;		/* grows when a policy was read anew: callers may see other things than before */
	atomic_ullong generation;	/* grows when entries appear or vanish: from then on nothing older is right */
	struct known_dirs *known_dirs;
	struct dir_cache *dir_cache;
	struct in_flight in_flight;
	struct walkers walkers;
	struct passthrough *passthrough;	/* NULL: not asked for */
	struct ring *ring;			/* NULL: not asked for, or not to be had */
	struct session_io io;
};

int server_init(struct server *s, struct backend *backend);
void server_destroy(struct server *s);

/* May the kernel keep names at all? */
static inline bool server_caches(const struct server *s)
{
	return s->epoch || s->known_names;
}

static inline struct server *server_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

#endif
