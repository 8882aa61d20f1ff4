/* SPDX-License-Identifier: MIT */
/* A thread that does for others, one after the other, what they must not do themselves. */
#ifndef FS_APART_H
#define FS_APART_H

#include <stdbool.h>

struct apart;

/* NULL: no memory, or no thread. It is there until the process ends. */
struct apart *apart_start(void);
/* Returns when fn has returned. Not to be called by that thread. */
void apart_do(struct apart *a, void (*fn)(void *ctx), void *ctx);
bool apart_is_self(struct apart *a);

#endif
