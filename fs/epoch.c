/* SPDX-License-Identifier: MIT */
#include "fs/epoch.h"

#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

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

static bool send(struct server *s, const void *message, size_t length)
{
	return write(fuse_session_fd(s->session), message, length) == (ssize_t)length;
}

static bool send_epoch(struct server *s)
{
	struct out_header h = { sizeof(h), NOTIFY_INC_EPOCH, 0 };

	return send(s, &h, sizeof(h));
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
	struct inval_inode m = { { sizeof(m), NOTIFY_INVAL_INODE, 0 }, node, -1, 0 };

	/* refused when the kernel does not know the inode: then there is nothing to drop */
	(void)send(s, &m, sizeof(m));
}

void epoch_drop_listing(struct server *s, uint64_t dir)
{
	struct inval_inode m = { { sizeof(m), NOTIFY_INVAL_INODE, 0 }, dir, 0, 0 };

	(void)send(s, &m, sizeof(m));
}

void epoch_drop_name(struct server *s, uint64_t parent, const char *name)
{
	/* refused when the kernel does not know it */
	(void)fuse_lowlevel_notify_inval_entry(s->session, parent, name, strlen(name));
}
