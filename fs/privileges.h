/* SPDX-License-Identifier: MIT */
/* What a daemon gives up once it is mounted. */
#ifndef FS_PRIVILEGES_H
#define FS_PRIVILEGES_H

#include <stdbool.h>

#define PRIVILEGES_FILES 96

/* What may be done with a file, or with all that is below a folder. */
enum file_use {
	FILE_LISTED,	/* folders are listed, nothing is read */
	FILE_READ,
	FILE_WRITTEN,	/* also made, replaced, removed */
	FILE_NODES,	/* devices and folders are made, what is no folder is removed; nothing is read */
};

/* What it goes on needing. Nothing of it: all zero. */
struct privileges {
	bool nodes;	/* CAP_MKNOD, and the calls that make device nodes */
	bool override;	/* CAP_DAC_OVERRIDE: writes in a folder of somebody else */
	bool admin;	/* CAP_SYS_ADMIN: for uevents, for passthrough of files */
	bool io_uring;	/* calls for rings that are there; none can be made */
	unsigned files;
	struct {
		enum file_use use;
		int fd;
	} file[PRIVILEGES_FILES];
	bool debug;	/* says on standard error what cannot be given up here, and why */
};

/*
 * Names a file or folder, as it stands there now: what covers its path later does not matter. What is not there, and
 * one too many, is left out, and then cannot be reached.
 */
void privileges_list(struct privileges *p, const char *path);
void privileges_read(struct privileges *p, const char *path);
void privileges_write(struct privileges *p, const char *path);
/* The folder of a file, so that the file can be replaced, or written for the first time. Also where it is a link to. */
void privileges_read_beside(struct privileges *p, const char *file);
void privileges_write_beside(struct privileges *p, const char *file);
/* An open folder in which device nodes are made and removed. */
void privileges_nodes(struct privileges *p, int folder);

/*
 * For good: capabilities, the right to gain any by executing, system calls that serving does not need (executing
 * programs among them), files other than those named, whose names are used up by it. What the kernel does not offer is
 * left as it is; that is said with debug. To be called before threads are started: they inherit all of it.
 */
void privileges_drop(struct privileges *p);
/* The names are not needed here: somebody else has dropped the rest. */
void privileges_forget(struct privileges *p);

/* --- its parts --- */

/* -errno of what the kernel refused */
int syscalls_limit(const struct privileges *p);
/* -errno; -EOPNOTSUPP: the kernel has no Landlock */
int files_limit(const struct privileges *p);

#endif
