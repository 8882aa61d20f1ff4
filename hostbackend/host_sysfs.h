/* SPDX-License-Identifier: MIT */
/*
 * The files of a host's sysfs: the real one, a mounted one, or a copied directory tree. Everything goes through one
 * directory descriptor and stays beneath it; no link is ever followed.
 */
#ifndef HOSTBACKEND_HOST_SYSFS_H
#define HOSTBACKEND_HOST_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct host_sysfs {
	int root;
	bool mounted;	/* a FUSE mount, whose server may go */
	bool live;	/* a sysfs or a FUSE mount: a write is a store. Else a copy, which nobody answers for */
	/* Asked where this process may not open: a descriptor, or -errno. NULL: nobody is. From any thread. */
	int (*opener)(void *ctx, const char *path, int flags);
	void *opener_ctx;
};

/* Returns 0 or -errno of opening the directory. */
int host_sysfs_open(struct host_sysfs *h, const char *dir);
void host_sysfs_close(struct host_sysfs *h);
/* 0; -ENOTCONN: it was a mount whose server is gone, for good: what the kernel remembers of it tells nothing. */
int host_sysfs_gone(const struct host_sysfs *h);

/* Paths are below the root, without a slash in front; "" is the root itself. All return -errno when they fail. */

/* Of the entry itself, also where it is a link. */
int host_stat(const struct host_sysfs *h, const char *path, struct stat *ret);
/* One open, one read: at most size - 1 bytes and a NUL come to text. Returns how many. -EINVAL, -EISDIR: not a file. */
int host_read(const struct host_sysfs *h, const char *path, char *text, size_t size);
/* The text of a link, NUL terminated. Returns its length. */
int host_readlink(const struct host_sysfs *h, const char *path, char *text, size_t size);
/* A descriptor of whatever it is, but of no link; flags as open(2)'s. */
int host_open(const struct host_sysfs *h, const char *path, int flags);
/* A descriptor for reading, as often as one likes. */
int host_open_read(const struct host_sysfs *h, const char *path);
/* A descriptor for one host_write; stays with the object that the path now means. */
int host_open_write(const struct host_sysfs *h, const char *path);
/* One write(2): 0, or the host's errno. A write that took only a part is -EIO. */
int host_write(int fd, const char *text, size_t length);

typedef void host_name_fn(void *ctx, const char *name);
/* Every name in a directory but . and .. */
int host_list(const struct host_sysfs *h, const char *path, host_name_fn *emit, void *ctx);

#endif
