/* SPDX-License-Identifier: MIT */
#include "fs/epoch.h"

#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fs/ring.h"

/* Of the FUSE protocol; libfuse 3.14 has no name for the first. */
#define NOTIFY_INC_EPOCH 8
#define NOTIFY_INVAL_INODE 2

struct out_header {
	uint32_t length;
	int32_t code;
	uint64_t unique;	/* 0: a notification */
};

struct inval_inode {
	struct out_header header;
	uint64_t inode;
	int64_t offset, length;	/* offset -1: attributes only, no page is touched; length 0: to the end */
};

/* Waits for nobody. */
static bool send_epoch(struct server *s)
{
	struct out_header h = { sizeof(h), NOTIFY_INC_EPOCH, 0 };

	if (s->ring)
		ring_flush(s->ring);
	return write(fuse_session_fd(s->session), &h, sizeof(h)) == (ssize_t)sizeof(h);
}

/* A message that may wait for who holds the folder, or what is in it. */
struct drop {
	struct server *s;
	struct inval_inode message;
	uint64_t parent;
	const char *name;
};

static void send_drop(void *ctx)
{
	const struct drop *d = ctx;

	/* refused when the kernel does not know the inode, or the name: then there is nothing to drop */
	if (d->name)
		(void)fuse_lowlevel_notify_inval_entry(d->s->session, d->parent, d->name, strlen(d->name));
	else
		(void)!write(fuse_session_fd(d->s->session), &d->message, sizeof(d->message));
}

static void drop(struct drop *d)
{
	if (d->s->ring)
		ring_apart(d->s->ring, send_drop, d);
	else
		send_drop(d);
}

bool epoch_probe(struct server *s)
{
	return send_epoch(s);
}

void epoch_bump(struct server *s)
{
	if (!s->epoch)
		return;
	atomic_fetch_add_explicit(&s->epochs, 1, memory_order_relaxed);
	send_epoch(s);
}

void epoch_drop_attributes(struct server *s, uint64_t node)
{
	struct drop d = { .s = s, .message = { { sizeof(d.message), NOTIFY_INVAL_INODE, 0 }, node, -1, 0 } };

	drop(&d);
}

void epoch_drop_listing(struct server *s, uint64_t dir)
{
	struct drop d = { .s = s, .message = { { sizeof(d.message), NOTIFY_INVAL_INODE, 0 }, dir, 0, 0 } };

	drop(&d);
}

void epoch_drop_name(struct server *s, uint64_t parent, const char *name)
{
	struct drop d = { .s = s, .parent = parent, .name = name };

	drop(&d);
}
