/* SPDX-License-Identifier: MIT */
/* What a daemon gives up once it is mounted. */
#ifndef FS_PRIVILEGES_H
#define FS_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>

#define PRIVILEGES_PATHS 48

/* What it goes on needing. Nothing of it: all zero. */
struct privileges {
	bool run;				/* makes device nodes and sends uevents: keeps what that takes, and its files */
	bool override;				/* CAP_DAC_OVERRIDE: writes in a folder of somebody else */
	bool admin;				/* CAP_SYS_ADMIN: for uevents, for passthrough of files */
	unsigned reads, writes;
	const char *read[PRIVILEGES_PATHS];	/* files and folders, with all that is below them */
	const char *write[PRIVILEGES_PATHS];	/* the same, where files may also be written, made, replaced, removed */
	const char *list;			/* a folder below which all folders may be listed, and nothing read; NULL */
	bool debug;				/* says on standard error what cannot be given up here, and why */
};

/* Names a path, which must live as long as p does. One too many is left out, and then cannot be reached. */
void privileges_read(struct privileges *p, const char *path);
/* The folder of a file, so that the file can be replaced, or written for the first time. Also where it is a link to. */
void privileges_read_beside(struct privileges *p, const char *file);
void privileges_write_beside(struct privileges *p, const char *file);
/* A folder in which files are read and written as they are, which a host's sysfs has. As privileges_read. */
void privileges_write(struct privileges *p, const char *path);

/*
 * For good: capabilities, the right to gain any by executing, system calls that serving does not need (executing
 * programs among them), files other than those named. What the kernel does not offer is left as it is; that is said
 * with debug. Threads that are there keep their capabilities, but not the call that would raise them
 * (privileges_rest); the others inherit all of it.
 */
void privileges_drop(const struct privileges *p);

/* Between these two, threads are started with the effective capabilities of p alone. The mask belongs to the second. */
uint64_t privileges_rest(const struct privileges *p);
void privileges_wake(uint64_t rested);

/* --- its parts --- */

/* -errno of what the kernel refused */
int syscalls_limit(const struct privileges *p);
/* -errno; -EOPNOTSUPP: the kernel has no Landlock */
int files_limit(const struct privileges *p);

#endif
