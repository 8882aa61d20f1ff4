/* SPDX-License-Identifier: MIT */
/* What run keeps of the host's /sys and /dev while its own cover them. */
#ifndef FS_RUN_MOUNTS_H
#define FS_RUN_MOUNTS_H

#include "fs/dev_entries.h"
#include "fs/host_places.h"

struct run_mounts {
	struct host_places places;	/* of /sys, and of the /dev to come */
	int *clone;			/* a copy of the mount of each place of /sys; -1: none */
	size_t clones;
	struct dev_entries dev;
	bool serves_dev;		/* DEV_BACKEND_PATH is to cover /dev */
};

/* Takes all, before anything is covered. 0, or -1 after saying why not. */
int run_mounts_take(struct run_mounts *m);
/* Our file system is to have a /dev with all of the host's entries. 0, or -1 after saying why not. */
int run_mounts_serve_dev(struct run_mounts *m);
/* In another process, which serves and puts nothing back: the names stay, the mounts are let go. */
void run_mounts_let_go(struct run_mounts *m);
/* Puts it all back in its places, upon the /sys that answers now. 0, or -1 after saying why not. */
int run_mounts_put(struct run_mounts *m);

#endif
