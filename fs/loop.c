/* SPDX-License-Identifier: MIT */
#include "fs/loop_thread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "fs/ring.h"

#define THREADS_MIN 4
#define THREADS_MAX 16
#define TICK_NS 4000000		/* how often the minder looks, while there are requests */
#define IDLE_TICKS 250		/* without a request, then it sleeps */

/* What each request of the protocol begins with. */
struct request_header {
	uint32_t length, opcode;
	uint64_t unique, node;
	uint32_t uid, gid, pid;
};

struct loop {
	struct server *server;
	pthread_t main;
	atomic_int running;
	struct loop_thread thread[THREADS_MAX];
	unsigned threads;
	atomic_bool minder_sleeps;

	pthread_mutex_t lock;
	pthread_cond_t place;		/* there is one among the readers, or all ends */
	pthread_cond_t request;		/* came after a pause, or all ends */
	atomic_uint readers;		/* threads that read or carry out what they have read; changed under lock */
	atomic_uint wanted;		/* changed under lock; the sum of the next three */
	unsigned steady;		/* what the load asks for; protected by lock, as the rest */
	unsigned stuck;			/* readers that the minder found in one request twice */
	unsigned waiting;		/* between loop_begin_wait and loop_end_wait */
	bool ended;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- how many read ---------------------------------------------------------------------------------- */

/* Call with the lock held. */
static void want(struct loop *l)
{
	unsigned n = l->steady + l->stuck + l->waiting;

	atomic_store(&l->wanted, n < l->threads ? n : l->threads);
	for (unsigned i = atomic_load(&l->readers); i < n && i < l->threads; i++)
		pthread_cond_signal(&l->place);
}

static void end(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->ended = true;
	pthread_cond_broadcast(&l->place);
	pthread_cond_signal(&l->request);
	pthread_mutex_unlock(&l->lock);
}

/* Becomes a reader as soon as one is missing; false: it is over. */
static bool take_place(struct loop *l)
{
	bool ended;

	pthread_mutex_lock(&l->lock);
	while (!l->ended && atomic_load(&l->readers) >= atomic_load(&l->wanted))
		pthread_cond_wait(&l->place, &l->lock);
	ended = l->ended;
	if (!ended)
		atomic_fetch_add(&l->readers, 1);
	pthread_mutex_unlock(&l->lock);
	return !ended;
}

/* Is there one reader too many? Then he who asks is none any more. */
static bool give_place(struct loop *l)
{
	bool give;

	if (atomic_load_explicit(&l->readers, memory_order_relaxed) <=
	    atomic_load_explicit(&l->wanted, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&l->lock);
	give = atomic_load(&l->readers) > atomic_load(&l->wanted);
	if (give)
		atomic_fetch_sub(&l->readers, 1);
	pthread_mutex_unlock(&l->lock);
	return give;
}

static void add_waiting(struct loop *l, unsigned n)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->waiting += n;
	want(l);
	pthread_mutex_unlock(&l->lock);
}

void loop_begin_wait(struct loop *l)
{
	if (l && l->server->ring)
		ring_begin_wait(l->server->ring);
	add_waiting(l, 1);
}

void loop_end_wait(struct loop *l)
{
	add_waiting(l, -1u);
}

/* --- the minder --------------------------------------------------------------------------------------- */

struct load {
	uint64_t time, cpu, served;
};

static uint64_t served(const struct loop *l)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < l->threads; i++)
		sum += atomic_load_explicit(&l->thread[i].served, memory_order_relaxed);
	return l->server->ring ? sum + ring_served(l->server->ring) : sum;
}

bool loop_thread_is_stuck(struct loop_thread *t)
{
	uint64_t now = atomic_load(&t->busy) ? atomic_load(&t->served) : LOOP_NOT_BUSY;
	bool stuck = now != LOOP_NOT_BUSY && now == t->seen;

	t->seen = now;
	return stuck;
}

static unsigned count_stuck(struct loop *l)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l->threads; i++)
		n += loop_thread_is_stuck(&l->thread[i]);
	return n;
}

/* One more reader where those there are hardly ever pause, one less where one less would have time enough. */
static unsigned steady(const struct loop *l, uint64_t cpu, uint64_t time)
{
	if (cpu > time / 4 * 3 * l->steady && l->steady < l->threads)
		return l->steady + 1;
	if (l->steady > 1 && cpu < time / 2 * (l->steady - 1))
		return l->steady - 1;
	return l->steady;
}

static struct load load_of(const struct loop *l)
{
	return (struct load){ clock_ns(CLOCK_MONOTONIC), clock_ns(CLOCK_PROCESS_CPUTIME_ID), served(l) };
}

static void look(struct loop *l, struct load *last)
{
	struct load now = load_of(l);

	pthread_mutex_lock(&l->lock);
	l->stuck = count_stuck(l);
	l->steady = steady(l, now.cpu - last->cpu, now.time - last->time);
	want(l);
	pthread_mutex_unlock(&l->lock);
	if (l->server->ring)
		ring_look(l->server->ring);
	*last = now;
}

/* Until the next request; false: it is over. */
static bool sleep_long(struct loop *l)
{
	bool ended;

	pthread_mutex_lock(&l->lock);
	atomic_store(&l->minder_sleeps, true);
	while (atomic_load(&l->minder_sleeps) && !l->ended)
		pthread_cond_wait(&l->request, &l->lock);
	ended = l->ended;
	pthread_mutex_unlock(&l->lock);
	return !ended;
}

static void wake_minder(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	atomic_store(&l->minder_sleeps, false);
	pthread_cond_signal(&l->request);
	pthread_mutex_unlock(&l->lock);
}

static void *mind(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };
	struct loop *l = arg;

	while (sleep_long(l)) {
		struct load last = load_of(l);

		for (unsigned idle = 0; idle < IDLE_TICKS || l->stuck; idle++) {
			uint64_t before = last.served;

			nanosleep(&tick, NULL);
			look(l, &last);
			if (last.served != before)
				idle = 0;
		}
	}
	return NULL;
}

/* --- serving ------------------------------------------------------------------------------------------- */

static struct request_header header_of(const struct fuse_buf *buf)
{
	/* not known while it is still in a pipe */
	if (buf->flags & FUSE_BUF_IS_FD)
		return (struct request_header){ 0 };
	return *(const struct request_header *)buf->mem;
}

void loop_serve(struct loop_thread *t, const struct fuse_buf *buf)
{
	struct server *s = t->loop->server;
	struct request_header header = header_of(buf);
	uint64_t begin = clock_ns(CLOCK_MONOTONIC);

	atomic_store_explicit(&t->busy, true, memory_order_relaxed);
	if (atomic_load_explicit(&t->loop->minder_sleeps, memory_order_relaxed))
		wake_minder(t->loop);
	in_flight_settle(&s->in_flight, header.pid);
	/* before the answer, so that whoever has it finds it counted */
	stats_came(s->stats, header.opcode);
	fuse_session_process_buf(s->session, buf);
	stats_took(s->stats, header.opcode, clock_ns(CLOCK_MONOTONIC) - begin);
	atomic_fetch_add_explicit(&t->served, 1, memory_order_relaxed);
	atomic_store_explicit(&t->busy, false, memory_order_relaxed);
}

static bool read_requests(struct loop_thread *t, struct fuse_buf *buf)
{
	int rc;

	do {
		rc = fuse_session_receive_buf(t->loop->server->session, buf);
		if (rc > 0)
			loop_serve(t, buf);
		else if (rc != -EINTR && rc != -EAGAIN)
			return false;
	} while (!give_place(t->loop));
	return true;
}

static void *serve(void *arg)
{
	struct loop_thread *t = arg;
	struct loop *l = t->loop;
	struct fuse_buf buf = { 0 };

	while (take_place(l) && read_requests(t, &buf))
		;
	free(buf.mem);
	loop_leave(l);
	return NULL;
}

void loop_leave(struct loop *l)
{
	end(l);
	if (atomic_fetch_sub(&l->running, 1) == 1)
		pthread_kill(l->main, SIGUSR2);
}

int loop_thread_count(void)
{
	int n = 2 * get_nprocs();

	return n < THREADS_MIN ? THREADS_MIN : n > THREADS_MAX ? THREADS_MAX : n;
}

static bool start(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, arg) != 0)
		return false;
	pthread_detach(thread);
	return true;
}

bool loop_start_thread(struct loop *l, void *(*run)(void *), void *arg)
{
	bool started;

	atomic_fetch_add(&l->running, 1);
	started = start(run, arg);
	if (!started)
		atomic_fetch_sub(&l->running, 1);
	return started;
}

struct loop *loop_start(struct server *s, int threads)
{
	struct loop *l = aligned_alloc(_Alignof(struct loop), sizeof(*l));

	if (!l)
		return NULL;
	*l = (struct loop){ .server = s, .main = pthread_self(), .threads = (unsigned)threads, .steady = 1, .wanted = 1 };
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->place, NULL);
	pthread_cond_init(&l->request, NULL);
	s->loop = l;
	/* without a minder nobody would see that more are needed */
	if (!start(mind, l))
		l->wanted = l->steady = l->threads;
	for (unsigned i = 0; i < l->threads; i++) {
		l->thread[i] = (struct loop_thread){ .loop = l, .seen = LOOP_NOT_BUSY };
		if (!loop_start_thread(l, serve, &l->thread[i]))
			break;
	}
	return l;
}

void loop_wait(struct loop *l, int ms)
{
	for (; ms > 0 && atomic_load(&l->running) > 0; ms--)
		usleep(1000);
}
