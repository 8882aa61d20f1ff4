/* SPDX-License-Identifier: MIT */
/* A /dev for one command: the host's, and the nodes of the virtual kernel's devices, which come and go with them. */
#ifndef FS_DEV_NODES_H
#define FS_DEV_NODES_H

#include <stddef.h>

#include "core/backend.h"
#include "fs/dev_entries.h"

/*
 * Puts a file system over /dev that has all its entries, taken before. Where the host lets nobody make nodes (a user
 * namespace), /dev stays as it is. A node there says what it is and cannot be opened, since nothing is behind it, and the
 * host may use its numbers for something else. Returns a descriptor of the folder, or -1: no nodes.
 */
int dev_nodes_cover(const struct dev_entries *host);
/* The nodes of what is there already. */
void dev_nodes_make(int dir, struct backend *b);
/* A uevent: makes or removes the node that it tells of. */
void dev_nodes_event(int dir, const char *payload, size_t length);

#endif
