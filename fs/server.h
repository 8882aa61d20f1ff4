/* SPDX-License-Identifier: MIT */
/* One mount: what its request handlers share. */
#ifndef FS_SERVER_H
#define FS_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "fs/metadata.h"
#include "fs/reply.h"
#include "fs/stats.h"

struct held;
struct watcher;

#define LISTINGS 1024

struct server {
	struct backend *backend;
	struct metadata *metadata;
	struct fuse_session *session;
	bool epoch;			/* INC_EPOCH works: names may be cached until it moves */
	struct stats *stats;
	struct timespec begun;
	atomic_ullong epochs;

	pthread_mutex_t held_lock;
	struct held *held;		/* all that is open; protected by held_lock */

	pthread_mutex_t watch_lock;
	struct watcher *watchers;	/* who sleeps until the next change; protected by watch_lock */
	uint64_t changes;		/* so far; protected by watch_lock */

	pthread_mutex_t listings_lock;
	struct listing_mark {
		uint64_t node, generation;
	} listings[LISTINGS];		/* what the kernel last read of a directory; protected by listings_lock */
};

/* Does the kernel's cached listing of the directory still hold? If not, it is about to be read anew. */
bool server_listing_holds(struct server *s, uint64_t dir);

int server_init(struct server *s, struct backend *backend);
void server_destroy(struct server *s);

static inline struct server *server_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

#endif
