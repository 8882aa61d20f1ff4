/* SPDX-License-Identifier: MIT */
/* What is open: fstat answers for an object after it is gone, as long as somebody holds it. */
#ifndef FS_HELD_H
#define FS_HELD_H

#include "fs/server.h"

/* Lives in the open file or directory. */
struct held {
	struct held *next, *previous;	/* protected by the server's held_lock */
	uint64_t node;
	struct node_stat at_open;
	bool gone;			/* seen gone; protected by held_lock */
};

void held_add(struct server *s, struct held *h, uint64_t node, const struct node_stat *at_open);
void held_remove(struct server *s, struct held *h);

/* What a gone object that is still open was like: true and *ret filled. */
bool held_remembers(struct server *s, uint64_t node, struct node_stat *ret);

/* The node's state, or what whoever has it open remembers of it. -ENOENT: neither. */
int held_stat(struct server *s, uint64_t node, const struct caller *caller, struct node_stat *st);

/* Objects may have vanished: the kernel forgets the attributes of those that are open. */
void held_check_all(struct server *s);

#endif
