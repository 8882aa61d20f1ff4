/* SPDX-License-Identifier: MIT */
/* What the host has in /dev, to be put into another folder that takes its place. */
#ifndef FS_DEV_ENTRIES_H
#define FS_DEV_ENTRIES_H

#include <limits.h>
#include <stdbool.h>

struct dev_entry {
	char name[NAME_MAX + 1];
	char *target;		/* a link's text; NULL: no link */
	int clone;		/* a copy of its mount; -1: a link */
	bool directory;
};

struct dev_entries {
	struct dev_entry *entry;
	int count;
};

/*
 * Takes those that are not the virtual kernel's, before /dev is covered. Opening ptmx works in the folder that has pts
 * beside it, and not where it is bound: ours is a link to the one in .host, a copy of the whole. 0 or -errno
 */
int dev_entries_take(struct dev_entries *d);
/* Puts them into an empty folder that can be written to. */
void dev_entries_put(const struct dev_entries *d, int dir);
/* Puts them upon what the folder has by their names. */
void dev_entries_attach(const struct dev_entries *d, int dir);
/* Has the host this name? */
bool dev_entries_has(const struct dev_entries *d, const char *name);
/* The names stay, the mounts do not: nothing can be attached any more. */
void dev_entries_let_go(struct dev_entries *d);
void dev_entries_free(struct dev_entries *d);

#endif
