/* SPDX-License-Identifier: MIT */
#include "fs/mount.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "fs/loop.h"
#include "fs/ops.h"
#include "fs/ring.h"
#include "fs/unmounter.h"

#define FUSE_SUPER_MAGIC 0x65735546
#define BIG_ALLOCATION (256 * 1024)
#define LEAVE_MS 500	/* how long threads in open files may take to notice that the mount is gone */

static void leaving_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR2);
}

static void say_ready(const struct mount_request *r)
{
	struct statfs fs;

	/* the first answer through the mount proves it before anybody is told */
	if (r->ready_fd < 0)
		return;
	if (statfs(r->mountpoint, &fs) < 0) {
		perror("apsysfs: the mount does not answer");
		return;
	}
	if (write(r->ready_fd, "+", 1) != 1)
		perror("apsysfs: telling that the mount is ready");
}

static struct fuse_session *new_session(const struct mount_request *r, struct server *s)
{
	char options[1024];
	char *argv[] = { "apsysfs", "-o", options, r->debug ? "-d" : NULL, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(r->debug ? 4 : 3, argv);
	struct fuse_session *se;

	snprintf(options, sizeof(options), "fsname=apsysfs,subtype=apsysfs%s%s%s%s",
		 r->backend->traits.views_differ ? "" : ",default_permissions", geteuid() == 0 ? ",allow_other" : "", r->fuse_options ? "," : "",
		 r->fuse_options ? r->fuse_options : "");
	se = fuse_session_new(&args, &server_ops, sizeof(server_ops), s);
	fuse_opt_free_args(&args);
	return se;
}

/* A SIGHUP is a request to read files anew where there is somebody who does; all else ends the mount. */
static void wait_for_end(const struct mount_request *r, struct server *s)
{
	sigset_t set;
	int signal;

	leaving_signals(&set);
	do {
		sigwait(&set, &signal);
		if (signal == SIGHUP && r->reload) {
			r->reload(r->reload_ctx);
			atomic_fetch_add(&s->views, 1);
		}
	} while (signal == SIGHUP && r->reload);
}

/* Now, while all may still be asked of the kernel. */
static void open_ring(struct server *s)
{
	int rc = s->ring ? ring_open(s->ring, fuse_session_fd(s->session)) : 0;

	if (rc == 0)
		return;
	fprintf(stderr, "apsysfs: --io-uring: %s; mounted without\n",
		rc == -EPERM ? "not allowed here (kernel.io_uring_disabled, or a container's seccomp)" : strerror(-rc));
	ring_free(s->ring);
	s->ring = NULL;
}

static int mount_session(const struct mount_request *r, struct server *s)
{
	s->session = new_session(r, s);
	if (!s->session) {
		fprintf(stderr, "apsysfs: option -o \"%s\" is not one that FUSE knows; see fuse(8)\n",
			r->fuse_options ? r->fuse_options : "");
		return -1;
	}
	if (fuse_session_mount(s->session, r->mountpoint) != 0) {
		fprintf(stderr, "apsysfs: cannot mount on %s; see the message above\n", r->mountpoint);
		fuse_session_destroy(s->session);
		return -1;
	}
	open_ring(s);
	if ((s->passthrough || s->ring) && session_io_join(s) < 0) {
		fprintf(stderr, "apsysfs: this libfuse cannot be joined in; mounted without --passthrough and --io-uring\n");
		ring_free(s->ring);
		s->ring = NULL;
	}
	return 0;
}

/* Somebody else unmounted: there may be another mount on the same directory by now, which is not ours to unmount. */
static bool is_mounted(const struct server *s)
{
	struct pollfd device = { .fd = fuse_session_fd(s->session) };

	return poll(&device, 1, 0) == 0 || !(device.revents & POLLERR);
}

static void serve_session(struct mount_request *r, struct server *s, int threads, struct unmounter *u)
{
	struct loop *l;

	privileges_drop(&r->needs);
	r->backend->ops->begin(r->backend);
	l = loop_start(s, threads);
	if (!l) {
		fprintf(stderr, "apsysfs: out of memory\n");
		unmounter_unmount(u);
		return;
	}
	if (r->mounted)
		r->mounted(r->mounted_ctx);
	say_ready(r);
	wait_for_end(r, s);
	/* not by libfuse, which would want rights that are given up */
	if (is_mounted(s))
		unmounter_unmount(u);
	else
		unmounter_stop(u);
	loop_wait(l, LEAVE_MS);
}

/*
 * A listing of 65,000 names needs some megabytes for a moment. By default the C library would take that for a habit
 * after the first, and keep as much in every thread.
 */
static void keep_little(void)
{
	mallopt(M_MMAP_THRESHOLD, BIG_ALLOCATION);
	mallopt(M_TRIM_THRESHOLD, 2 * BIG_ALLOCATION);
}

int mount_serve(struct mount_request *r)
{
	/* asked before the mount: the C library reads the number of CPUs from /sys, which may be what is mounted on */
	int threads = loop_thread_count();
	struct server *s = malloc(sizeof(*s));
	struct unmounter unmounter;
	sigset_t set;

	keep_little();
	/* before the mount is there, so that a signal cannot leave it behind */
	leaving_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (!s || server_init(s, r->backend) < 0) {
		fprintf(stderr, "apsysfs: out of memory\n");
		return 1;
	}
	s->no_epoch = r->no_epoch;
	if (r->passthrough)
		s->passthrough = passthrough_new();
	if (r->io_uring)
		s->ring = ring_new();
	if (unmounter_start(&unmounter, r->mountpoint) < 0 || mount_session(r, s) < 0) {
		server_destroy(s);
		free(s);
		return 1;
	}
	serve_session(r, s, threads, &unmounter);
	/* threads may still sit in requests of files that somebody has open: the process ends, and with it they */
	return 0;
}

static int complain(const char *mountpoint, const char *what, const char *advice)
{
	fprintf(stderr, "apsysfs: %s: %s; %s\n", mountpoint, what, advice);
	return 1;
}

int mount_check_device(void)
{
	if (access("/dev/fuse", F_OK) < 0)
		return complain("/dev/fuse", strerror(errno), "load the fuse module (modprobe fuse), or give the container the device");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return complain("/dev/fuse", strerror(errno), "it should be readable and writable by you (mode 0666)");
	return 0;
}

int mount_check(const char *mountpoint)
{
	struct stat st;
	struct statfs fs;

	if (mount_check_device())
		return 1;
	if (stat(mountpoint, &st) < 0) {
		if (errno == ENOENT)
			return complain(mountpoint, "does not exist", "make it first: mkdir -p it");
		if (errno == ENOTCONN)
			return complain(mountpoint, "holds a dead mount", "remove it: fusermount3 -u it");
		return complain(mountpoint, strerror(errno), "choose a directory you can reach");
	}
	if (!S_ISDIR(st.st_mode))
		return complain(mountpoint, "is not a directory", "choose an empty directory");
	if (statfs(mountpoint, &fs) < 0 && errno == ENOTCONN)
		return complain(mountpoint, "holds a dead mount", "remove it: fusermount3 -uz it");
	if (statfs(mountpoint, &fs) == 0 && fs.f_type == FUSE_SUPER_MAGIC && st.st_ino == BACKEND_ROOT)
		return complain(mountpoint, "has a FUSE file system mounted already", "unmount it first: fusermount3 -u it");
	return 0;
}
