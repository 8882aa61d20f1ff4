/* SPDX-License-Identifier: MIT */
#include "fs/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MIN 4
#define THREADS_MAX 16

/* What each request of the protocol begins with. */
struct request_header {
	uint32_t length, opcode;
	uint64_t unique, node;
	uint32_t uid, gid, pid;
};

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct request_header header_of(const struct fuse_buf *buf)
{
	/* not known while it is still in a pipe */
	if (buf->flags & FUSE_BUF_IS_FD)
		return (struct request_header){ 0 };
	return *(const struct request_header *)buf->mem;
}

static void *serve(void *arg)
{
	struct loop *l = arg;
	struct fuse_session *se = l->server->session;
	struct fuse_buf buf = { 0 };

	for (;;) {
		int rc = fuse_session_receive_buf(se, &buf);
		struct request_header header;
		uint64_t begin;

		if (rc == -EINTR || rc == -EAGAIN)
			continue;
		if (rc <= 0)
			break;
		begin = clock_ns();
		header = header_of(&buf);
		in_flight_settle(&l->server->in_flight, header.pid);
		/* before the answer, so that whoever has it finds it counted */
		stats_came(l->server->stats, header.opcode);
		fuse_session_process_buf(se, &buf);
		stats_took(l->server->stats, header.opcode, clock_ns() - begin);
	}
	free(buf.mem);
	if (atomic_fetch_sub(&l->running, 1) == 1)
		pthread_kill(l->main, SIGUSR2);
	return NULL;
}

int loop_thread_count(void)
{
	int n = 2 * get_nprocs();

	return n < THREADS_MIN ? THREADS_MIN : n > THREADS_MAX ? THREADS_MAX : n;
}

void loop_start(struct loop *l, int threads)
{
	for (int i = 0; i < threads; i++) {
		pthread_t thread;

		atomic_fetch_add(&l->running, 1);
		if (pthread_create(&thread, NULL, serve, l) != 0) {
			atomic_fetch_sub(&l->running, 1);
			break;
		}
		pthread_detach(thread);
	}
}

void loop_wait(struct loop *l, int ms)
{
	for (; ms > 0 && atomic_load(&l->running) > 0; ms--)
		usleep(1000);
}
