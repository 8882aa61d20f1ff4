/* SPDX-License-Identifier: MIT */
/* Mounting a backend and serving it. */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "core/backend.h"
#include "fs/privileges.h"

struct mount_request {
	const char *mountpoint;
	struct backend *backend;
	const char *fuse_options;	/* the text of -o; NULL: none */
	bool debug;			/* libfuse's log of every request */
	bool no_epoch;			/* names are told of one by one: an epoch would lose what is mounted on some */
	void (*mounted)(void *ctx);	/* called once requests are served, before ready_fd is told; NULL */
	void *mounted_ctx;
	struct privileges needs;	/* what serving needs: all else is given up once it is mounted */
	void (*reload)(void *ctx);	/* called by the main thread on SIGHUP; NULL: a SIGHUP unmounts */
	void *reload_ctx;
	bool passthrough;		/* texts that cannot change, or a host's, may be read by the kernel alone, if it can */
	bool io_uring;			/* requests come by memory shared with the kernel, if it can */
	int ready_fd;			/* gets one byte when the mount answers; -1: nobody waits */
};

/*
 * Serves until the mount is unmounted, or the process gets SIGTERM, SIGINT or (without reload) SIGHUP, which unmount it.
 * Says on standard error what goes wrong and what to do. Returns the exit status: 0 or 1.
 */
int mount_serve(struct mount_request *r);

/* Is the directory fit to be mounted on? 0, or 1 after saying why not. */
int mount_check(const char *mountpoint);
/* Only whether there is a /dev/fuse that may be opened. */
int mount_check_device(void);

#endif
