/* SPDX-License-Identifier: MIT */
/*
 * Who walks through directories, and whether he looks at what is in them. The kernel asks for a listing's attributes
 * along with its names without knowing what the names are for; each that it is given costs it an inode, and time.
 * Whoever only wants names (find, ls) is given the names of files alone; whoever then asks for one of them (ls -l,
 * grep -r) is given all from the next directory on.
 */
#ifndef FS_WALKERS_H
#define FS_WALKERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define WALKERS 64

struct walkers {
	struct walker {
		atomic_uint thread;
		atomic_uint credit;		/* so many listings more come with attributes */
		atomic_uint_least64_t dir;	/* the last that came without */
	} walker[WALKERS];
};

/* The thread begins (or goes on with) the listing of a directory: are the attributes of its files to come along? */
bool walkers_want_attributes(struct walkers *w, uint32_t thread, uint64_t dir, bool begins);
/* The thread asks for a name in a directory. */
void walkers_look_up(struct walkers *w, uint32_t thread, uint64_t dir);

#endif
