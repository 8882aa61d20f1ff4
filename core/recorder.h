/* SPDX-License-Identifier: MIT */
/*
 * Keeping a virtual machine beyond the life of its process. The engine does the same whenever it is asked the same
 * at the same time: an image of its state, and the operations since, in order, are the machine.
 */
#ifndef CORE_RECORDER_H
#define CORE_RECORDER_H

#include <stddef.h>
#include <stdint.h>

#include "core/backend.h"

enum operation_kind {
	OPERATION_STORE, OPERATION_SHOW,	/* of a node */
	OPERATION_ADVANCE,	/* what was due until now happens */
	OPERATION_RESUME,	/* the machine goes on now; it did not live meanwhile */
	OPERATION_INTERRUPT,	/* the waiting call with the ticket is given up */
	/* what belongs to an image and is not in it */
	OPERATION_WAIT,		/* a store that waits */
	OPERATION_LOG,		/* the kernel's log */
};

struct operation {
	enum operation_kind kind;
	uint32_t ticket;	/* STORE, SHOW, WAIT, INTERRUPT: which call it is */
	uint64_t node;
	int64_t now;		/* ns since the epoch */
	const char *text;	/* STORE, WAIT: what is stored; LOG. A NUL behind it */
	size_t length;
};

struct recorder {
	/*
	 * Before the operation is carried out, the backend locked: 0, or -errno, and then it is not carried out, and
	 * the caller gets that. The state is now what the operations recorded so far have made.
	 */
	int (*record)(struct recorder *r, const struct operation *o);
	/* It was carried out; still locked. */
	void (*done)(struct recorder *r);
};

/* Flat memory without pointers, untouched pages zero. layout: equal if what the bytes mean is equal. */
struct image {
	const void *bytes;
	size_t size;
	uint64_t layout;
};

struct image_source {
	/* Fills zeroed bytes. 0 or -errno. */
	int (*read)(void *ctx, void *bytes, size_t size);
	void *ctx;
};

/* Of this build: size and layout only. */
struct image image_format(void);

/* The rest is of a memory backend, before its first call or within record. */

typedef void operation_emit_fn(void *ctx, const struct operation *o);

/* Its state as it is; the bytes are good until record returns. */
struct image recorder_image(struct backend *b);
/* What belongs to the image and is not in it, as operations. */
void recorder_image_rest(struct backend *b, operation_emit_fn *emit, void *ctx);
/* Carries an operation out again. What waits then has nobody to be answered to. */
void recorder_replay(struct backend *b, const struct operation *o);
/* From now on everything is recorded, beginning with a RESUME. -errno of record; NULL: not recorded. */
int recorder_begin(struct backend *b, struct recorder *r);

#endif
