/* SPDX-License-Identifier: MIT */
/*
 * Inside the host backend: what its parts share. Lock order: a store's turn, then lock. Neither is held while the host is
 * written to.
 */
#ifndef HOSTBACKEND_HOST_H
#define HOSTBACKEND_HOST_H

#include <pthread.h>

#include "core/backend.h"
#include "core/guard.h"
#include "hostbackend/host_events.h"
#include "hostbackend/host_mirror.h"
#include "hostbackend/host_workers.h"

struct host {
	struct backend backend;
	struct host_sysfs sys;
	struct store_guard *guard;
	void (*differs)(const char *path, int expected, int result);
	struct workers *workers;
	struct host_events *events;	/* NULL: none are heard */
	pthread_mutex_t lock;
	/* protected by lock */
	struct host_mirror *mirror;
	uint32_t tickets;
	uint64_t topology;	/* what the listener has heard of */
	bool telling;		/* the listener hears of it now */
	int64_t viewed;		/* when all had last been read for a view; 0: read it again */
	int64_t view_age;	/* and how long that holds */
};

static inline struct host *host_of(struct backend *b)
{
	return (struct host *)b;
}

/* --- host_lock.c --- */

/* Wall clock, ns since the epoch. */
int64_t host_clock(void);
void host_lock(struct host *h);
/* As host_lock; but of a host that is gone nothing is read, so that all of it does not look removed: then -ENOTCONN. */
int host_enter(struct host *h);
/* Entries that were seen to appear or vanish meanwhile are told of without the lock; who hears of them asks again. */
void host_unlock(struct host *h);
/* "bus/ap/apmask" of a node that is alive. Call with the lock held. */
void host_path(const struct host *h, struct node n, char path[HOST_PATH]);

/* --- host_names.c, for backend_ops --- */

int host_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller, uint64_t *ret_child);
int host_list_entries(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx);
int host_stat_node(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret);
int host_readlink_node(struct backend *b, uint64_t node, const struct caller *caller, struct page *out);
int host_open_node(struct backend *b, uint64_t node, const struct caller *caller, bool writes);

/* --- host_calls.c, for backend_ops, and what the workers call --- */

int host_original(struct backend *b, uint64_t node, const struct caller *caller);
int host_show(struct backend *b, uint64_t node, struct backend_call *call);
int host_store(struct backend *b, uint64_t node, struct backend_call *call);
void host_interrupt(struct backend *b, struct backend_call *call);
void host_do_call(void *ctx, struct backend_call *call);
void host_refuse_call(void *ctx, struct backend_call *call);

#endif
