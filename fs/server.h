/* SPDX-License-Identifier: MIT */
/* One mount: what its request handlers share. */
#ifndef FS_SERVER_H
#define FS_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "fs/metadata.h"
#include "fs/reply.h"

struct held;

/* Which requests came, for whoever wants to know what a client costs. */
enum request_kind { REQUEST_LOOKUP, REQUEST_GETATTR, REQUEST_SETATTR, REQUEST_READLINK, REQUEST_OPEN, REQUEST_READ,
		    REQUEST_WRITE, REQUEST_RELEASE, REQUEST_OPENDIR, REQUEST_READDIR, REQUEST_RELEASEDIR, REQUEST_XATTR,
		    REQUEST_POLL, REQUEST_STATFS, REQUEST_REFUSED, REQUEST_KINDS };

#define LISTINGS 1024

struct server {
	struct backend *backend;
	struct metadata *metadata;
	struct fuse_session *session;
	bool epoch;			/* INC_EPOCH works: names may be cached until it moves */
	atomic_ullong requests[REQUEST_KINDS];
	atomic_ullong epochs;

	pthread_mutex_t held_lock;
	struct held *held;		/* all that is open; protected by held_lock */

	pthread_mutex_t listings_lock;
	struct listing_mark {
		uint64_t node, generation;
	} listings[LISTINGS];		/* what the kernel last read of a directory; protected by listings_lock */
};

/* Does the kernel's cached listing of the directory still hold? If not, it is about to be read anew. */
bool server_listing_holds(struct server *s, uint64_t dir);

int server_init(struct server *s, struct backend *backend);
void server_destroy(struct server *s);

static inline void server_count(struct server *s, enum request_kind kind)
{
	atomic_fetch_add_explicit(&s->requests[kind], 1, memory_order_relaxed);
}

static inline struct server *server_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

#endif
