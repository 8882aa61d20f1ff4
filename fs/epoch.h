/* SPDX-License-Identifier: MIT */
/* Telling the kernel what it may no longer believe: one message drops every cached name (Linux 6.16). */
#ifndef FS_EPOCH_H
#define FS_EPOCH_H

#include "fs/server.h"

/* Does this kernel know the message? To be called once the session is mounted. */
bool epoch_probe(struct server *s);
/* Every cached name is looked up anew from now on. Cheap: 16 bytes, no lock taken. */
void epoch_bump(struct server *s);
/* The kernel's copy of one node's attributes is no longer right. */
void epoch_drop_attributes(struct server *s, uint64_t node);
/* Nor are they and the listing of a directory. Waits for nobody: a directory's pages are never locked for long. */
void epoch_drop_listing(struct server *s, uint64_t dir);
/* The kernel's copy of one name. Waits for the lookups in that directory that are under way. */
void epoch_drop_name(struct server *s, uint64_t parent, const char *name);

#endif
