/* SPDX-License-Identifier: MIT */
/*
 * fairness [ROUNDS]: who reads without a pause does not keep a writer out, and who writes so does not keep a reader
 * out. Counts, for each call of the one, how many calls of the others were answered meanwhile. The mean counts: a
 * thread may be put aside before it asks, which says nothing of the lock. (Where the lock itself prefers readers, one
 * of 200 writes waited for 13,000,000 reads; here the worst of them wait for a handful.)
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_backend.h"

#define ROUNDS 200
#define CROWD 8
#define BOUND 40000	/* a processor taken away a dozen times in 200 calls comes to some 10,000 */

struct lab {
	struct backend *backend;
	uint64_t node;
	atomic_bool stop;
	atomic_uint ready;
	atomic_ulong answered;	/* calls of the crowd */
	bool crowd_stores;
};

static int call(struct lab *l, bool store)
{
	char text[SYSFS_PAGE] = "30";
	struct backend_call c = { 0 };

	page_init_fixed(&c.page, text, sizeof(text));
	if (!store)
		return l->backend->ops->show(l->backend, l->node, &c);
	memcpy(text, "30", 3);
	c.page.length = 2;
	return l->backend->ops->store(l->backend, l->node, &c);
}

static void *never_rest(void *arg)
{
	struct lab *l = arg;

	atomic_fetch_add(&l->ready, 1);
	while (!atomic_load(&l->stop))
		if (call(l, l->crowd_stores) == 0)
			atomic_fetch_add(&l->answered, 1);
	return NULL;
}

/* How many of the crowd were answered before one call was, on average. */
static unsigned long among_crowd(struct lab *l, bool crowd_stores, unsigned rounds)
{
	unsigned long sum = 0, worst = 0;
	pthread_t crowd[CROWD];

	l->crowd_stores = crowd_stores;
	atomic_store(&l->stop, false);
	atomic_store(&l->ready, 0);
	for (int i = 0; i < CROWD; i++)
		pthread_create(&crowd[i], NULL, never_rest, l);
	while (atomic_load(&l->ready) < CROWD)
		;
	for (unsigned i = 0; i < rounds; i++) {
		unsigned long before = atomic_load(&l->answered), waited;

		if (call(l, !crowd_stores) < 0)
			abort();
		waited = atomic_load(&l->answered) - before;
		sum += waited;
		worst = waited > worst ? waited : worst;
	}
	atomic_store(&l->stop, true);
	for (int i = 0; i < CROWD; i++)
		pthread_join(crowd[i], NULL);
	printf("fairness: a %s among %d %s: %.1f of theirs before it (mean of %u; the worst %lu), at most %d\n",
	       crowd_stores ? "read" : "write", CROWD, crowd_stores ? "writers" : "readers", (double)sum / rounds, rounds, worst, BOUND);
	return sum / rounds;
}

static uint64_t find(struct backend *b, const char *const *path)
{
	uint64_t node = BACKEND_ROOT;

	for (; *path; path++)
		if (b->ops->find(b, node, *path, NULL, &node) < 0)
			abort();
	return node;
}

int main(int argc, char **argv)
{
	static const char *const path[] = { "bus", "ap", "config_time", NULL };
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS;
	struct lab l = { 0 };
	struct machine machine;
	struct memory_options options = { .kernel = KERNEL_NEWEST, .machine = &machine };
	unsigned long writer, reader;

	machine_init_default(&machine);
	if (!rounds || memory_backend_new(&options, &l.backend) < 0)
		return 2;
	l.backend->ops->begin(l.backend);
	l.node = find(l.backend, path);
	writer = among_crowd(&l, false, rounds);
	reader = among_crowd(&l, true, rounds);
	l.backend->ops->destroy(l.backend);
	return writer > BOUND || reader > BOUND;
}
