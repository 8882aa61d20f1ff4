/* SPDX-License-Identifier: MIT */
/* The hardware as a guest sees it that holds an mdev of another mount, and what becomes of it there. */
#ifndef FS_GUEST_VIEW_H
#define FS_GUEST_VIEW_H

#include "core/backend.h"
#include "core/machine.h"

struct guest_view;

/* Opens it while the other mount can still be reached by its path. NULL after saying why not. */
struct guest_view *guest_view_open(const char *uuid);
/* The guest's hardware at this moment. 0, or -1 after saying why not. */
int guest_view_machine(struct guest_view *g, struct machine *ret);
/*
 * From now on the backend, booted with that hardware, follows: each change of what the guest has is put into its
 * control file and scanned for, as firmware tells a guest's AP bus. A guest that stops, and one whose mdev goes,
 * loses all. Call when the backend has its listener; starts a thread, which owns g.
 */
void guest_view_follow(struct guest_view *g, struct backend *b);

#endif
