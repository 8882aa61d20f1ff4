/* SPDX-License-Identifier: MIT */
/* The machine's time: periodic scans, resets that last, what is due in a scenario. */
#include <signal.h>
#include <time.h>

#include "core/memory.h"

int64_t memory_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

int64_t memory_present(const struct memory *m)
{
	return m->engine.state->virtual_clock ? m->engine.state->now : memory_clock();
}

static void advance(struct memory *m)
{
	struct aftermath after = { 0 };
	struct operation o = { .kind = OPERATION_ADVANCE };

	memory_lock_alone(m);
	o.now = memory_clock();
	if (memory_record(m, &o) == 0) {
		engine_advance(&m->engine, o.now);
		memory_settle(m, &after, true);
		memory_recorded(m);
	} else {
		/* what cannot be recorded must not happen: the clock stands until it can */
		after.due = o.now + NANOSECONDS;
	}
	memory_unlock(m);
	memory_finish(m, &after);
}

static void *clock_thread(void *arg)
{
	struct memory *m = arg;

	pthread_mutex_lock(&m->clock_lock);
	while (!m->stop) {
		struct timespec until = { .tv_sec = m->due / NANOSECONDS, .tv_nsec = m->due % NANOSECONDS };

		if (memory_clock() < m->due) {
			pthread_cond_timedwait(&m->clock_changed, &m->clock_lock, &until);
			continue;
		}
		pthread_mutex_unlock(&m->clock_lock);
		advance(m);
		pthread_mutex_lock(&m->clock_lock);
	}
	pthread_mutex_unlock(&m->clock_lock);
	return NULL;
}

/* No signal is the clock's: what it does not block would end the process by default, whatever others wait for. */
void memory_begin(struct backend *b)
{
	struct memory *m = memory_of(b);
	sigset_t all, before;

	if (m->engine.state->virtual_clock)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	m->has_clock = pthread_create(&m->clock, NULL, clock_thread, m) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void memory_clock_end(struct memory *m)
{
	if (!m->has_clock)
		return;
	pthread_mutex_lock(&m->clock_lock);
	m->stop = true;
	pthread_cond_signal(&m->clock_changed);
	pthread_mutex_unlock(&m->clock_lock);
	pthread_join(m->clock, NULL);
}
