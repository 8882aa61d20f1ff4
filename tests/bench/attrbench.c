/* SPDX-License-Identifier: MIT */
/*
 * attrbench [OPTION...] KIND LABEL PATH [KIND LABEL PATH ...]: how often a second an operation on a tree like sysfs
 * can be done. Targets of one kind are measured in turn, round by round, so that what disturbs the machine
 * disturbs all of them; then the next kind's.
 *
 *	--rounds N	(15)		--seconds S	of each sample (0.1)
 *	--threads N	(1)		--count N	exactly N operations a sample, instead of a time; no warming up
 *	--value TEXT	what kind write writes (0)
 *
 * KIND: see the table at the end. A line for each sample: KIND LABEL ROUND OPS_PER_SECOND P50_US P99_US, with tabs.
 * Exits with 1 if an operation failed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LATENCIES (1u << 18)	/* kept of each thread and sample */
#define THREADS_MAX 64
#define TARGETS_MAX 64
#define ROUNDS_MAX 1000

struct target {
	const struct kind *kind;
	const char *label, *path;
};

struct options {
	int rounds, threads;
	double seconds;
	unsigned long count;
	const char *value;
};

struct worker {
	const struct target *target;
	const struct options *options;
	pthread_barrier_t *start;
	pthread_t thread;
	int fd;			/* kind pread: the open file */
	unsigned long done, failed;
	int error;		/* of the last that failed */
	uint64_t begin, end;	/* ns */
	uint32_t *latency;
	size_t latencies;
};

struct kind {
	const char *name;
	bool (*run)(struct worker *w);	/* false: failed, errno says why */
	bool slow;			/* one operation is a whole sample */
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- the operations ------------------------------------------------------------------------------- */

static bool finish(int fd, bool good)
{
	int error = errno;

	close(fd);
	errno = error;
	return good;
}

static bool run_open(struct worker *w)
{
	int fd = open(w->target->path, O_RDONLY);

	return fd >= 0 && finish(fd, true);
}

static bool run_read(struct worker *w)
{
	char buffer[4096];
	int fd = open(w->target->path, O_RDONLY);

	return fd >= 0 && finish(fd, read(fd, buffer, sizeof(buffer)) >= 0);
}

static bool run_cat(struct worker *w)
{
	char buffer[4096];
	int fd = open(w->target->path, O_RDONLY);

	return fd >= 0 && finish(fd, read(fd, buffer, sizeof(buffer)) >= 0 && read(fd, buffer, sizeof(buffer)) == 0);
}

static bool run_pread(struct worker *w)
{
	char buffer[4096];

	if (w->fd < 0)
		w->fd = open(w->target->path, O_RDONLY);
	return w->fd >= 0 && pread(w->fd, buffer, sizeof(buffer), 0) >= 0;
}

static bool run_write(struct worker *w)
{
	const char *text = w->options->value;
	int fd = open(w->target->path, O_WRONLY);

	return fd >= 0 && finish(fd, write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static bool run_stat(struct worker *w)
{
	struct stat st;

	return lstat(w->target->path, &st) == 0;
}

static bool run_missing(struct worker *w)
{
	struct stat st;

	return lstat(w->target->path, &st) < 0 && errno == ENOENT;
}

static bool run_link(struct worker *w)
{
	char buffer[4096];

	return readlink(w->target->path, buffer, sizeof(buffer)) > 0;
}

static bool run_list(struct worker *w)
{
	static _Thread_local char buffer[32768];
	int fd = open(w->target->path, O_RDONLY | O_DIRECTORY);
	long n;

	if (fd < 0)
		return false;
	do
		n = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
	while (n > 0);
	return finish(fd, n == 0);
}

enum walk { WALK_NAMES, WALK_STAT, WALK_TEXTS };

/* Walks a tree: names only, each entry's lstat, or each readable file's text. */
static bool walk(int at, const char *path, enum walk what)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char buffer[8192];
	bool good = true;

	if (!dir)
		return false;
	for (struct dirent *e; good && (e = readdir(dir));) {
		struct stat st;
		int file;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type == DT_DIR)
			good = walk(fd, e->d_name, what);
		else if (what == WALK_STAT)
			good = fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
		else if (what == WALK_TEXTS && e->d_type == DT_REG &&
			 (file = openat(fd, e->d_name, O_RDONLY | O_NONBLOCK)) >= 0) {
			while (read(file, buffer, sizeof(buffer)) > 0)
				;
			close(file);
		}
	}
	closedir(dir);
	return good;
}

static bool run_names(struct worker *w)
{
	return walk(AT_FDCWD, w->target->path, WALK_NAMES);
}

static bool run_find(struct worker *w)
{
	return walk(AT_FDCWD, w->target->path, WALK_STAT);
}

static bool run_grep(struct worker *w)
{
	return walk(AT_FDCWD, w->target->path, WALK_TEXTS);
}

static const struct kind kinds[] = {
	{ "open", run_open, false },	/* open, close */
	{ "read", run_read, false },	/* open, read, close */
	{ "cat", run_cat, false },	/* the same with a second read, which finds the end */
	{ "pread", run_pread, false },	/* a read from 0 of a file that stays open */
	{ "write", run_write, false },	/* open, write, close */
	{ "stat", run_stat, false },
	{ "missing", run_missing, false }, /* stat of a name that is not there */
	{ "link", run_link, false },	/* readlink */
	{ "list", run_list, false },	/* open, read all entries, close */
	{ "names", run_names, true },	/* the names of all below, as find does */
	{ "find", run_find, true },	/* lstat of all below, as find -size does */
	{ "grep", run_grep, true },	/* all texts below */
};

/* --- a sample ---------------------------------------------------------------------------------------- */

static void *work(void *arg)
{
	struct worker *w = arg;
	const struct options *o = w->options;
	uint64_t limit = (uint64_t)(o->seconds * 1e9), last;

	pthread_barrier_wait(w->start);
	last = w->begin = now();
	do {
		if (!w->target->kind->run(w)) {
			w->failed++;
			w->error = errno;
		}
		w->end = now();
		w->done++;
		if (w->latencies < LATENCIES)
			w->latency[w->latencies++] = w->end - last > UINT32_MAX ? UINT32_MAX : (uint32_t)(w->end - last);
		last = w->end;
	} while (o->count ? w->done < o->count : !w->target->kind->slow && w->end - w->begin < limit);
	if (w->fd >= 0)
		close(w->fd);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const struct target *t, int round, struct worker *worker, int threads)
{
	uint64_t begin = UINT64_MAX, end = 0;
	unsigned long done = 0;
	uint32_t *all = worker[0].latency;
	size_t n = 0;

	for (int i = 0; i < threads; i++) {
		begin = worker[i].begin < begin ? worker[i].begin : begin;
		end = worker[i].end > end ? worker[i].end : end;
		done += worker[i].done;
		memmove(all + n, worker[i].latency, worker[i].latencies * sizeof(*all));
		n += worker[i].latencies;
	}
	qsort(all, n, sizeof(*all), compare);
	printf("%s\t%s\t%d\t%.2f\t%.2f\t%.2f\n", t->kind->name, t->label, round,
	       (double)done / ((double)(end - begin) / 1e9), all[n / 2] / 1e3, all[n * 99 / 100] / 1e3);
	fflush(stdout);
}

/* One sample; quiet: to warm up. false: operations failed. */
static bool sample(const struct target *t, const struct options *o, int round, uint32_t *pool, bool quiet)
{
	struct worker worker[THREADS_MAX];
	pthread_barrier_t start;
	unsigned long failed = 0;
	int error = 0;

	pthread_barrier_init(&start, NULL, (unsigned)o->threads);
	for (int i = 0; i < o->threads; i++) {
		worker[i] = (struct worker){ .target = t, .options = o, .start = &start, .fd = -1,
					     .latency = pool + (size_t)i * LATENCIES };
		pthread_create(&worker[i].thread, NULL, work, &worker[i]);
	}
	for (int i = 0; i < o->threads; i++) {
		pthread_join(worker[i].thread, NULL);
		failed += worker[i].failed;
		error = worker[i].failed ? worker[i].error : error;
	}
	pthread_barrier_destroy(&start);
	if (failed)
		fprintf(stderr, "attrbench: %s %s: %lu failed: %s\n", t->kind->name, t->path, failed, strerror(error));
	if (!quiet)
		report(t, round, worker, o->threads);
	return failed == 0;
}

static bool run_kind(const struct kind *kind, const struct target *target, int targets, const struct options *o,
		     uint32_t *pool)
{
	struct options warm = *o;
	bool good = true;

	warm.seconds /= 4;
	for (int round = o->count ? 0 : -1; round < o->rounds; round++)
		for (int i = 0; i < targets; i++)
			if (target[i].kind == kind)
				good &= sample(&target[i], round < 0 ? &warm : o, round, pool, round < 0);
	return good;
}

/* --- the command line ------------------------------------------------------------------------------------ */

static int usage(const char *what)
{
	fprintf(stderr, "attrbench: %s: expected [--rounds N] [--seconds S] [--threads N] [--count N] [--value TEXT] "
			"KIND LABEL PATH ...; see tests/bench/attrbench.c\n",
		what);
	return 2;
}

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static bool take_option(struct options *o, const char *name, const char *value)
{
	if (strcmp(name, "--rounds") == 0)
		o->rounds = atoi(value);
	else if (strcmp(name, "--seconds") == 0)
		o->seconds = atof(value);
	else if (strcmp(name, "--threads") == 0)
		o->threads = atoi(value);
	else if (strcmp(name, "--count") == 0)
		o->count = strtoul(value, NULL, 10);
	else if (strcmp(name, "--value") == 0)
		o->value = value;
	else
		return false;
	return o->rounds > 0 && o->rounds <= ROUNDS_MAX && o->threads > 0 && o->threads <= THREADS_MAX;
}

int main(int argc, char **argv)
{
	struct options o = { .rounds = 15, .threads = 1, .seconds = 0.1, .value = "0" };
	struct target target[TARGETS_MAX];
	uint32_t *pool;
	bool good = true;
	int targets = 0, i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		if (!take_option(&o, argv[i], argv[i + 1]))
			return usage(argv[i]);
	for (; i + 2 < argc && targets < TARGETS_MAX; i += 3) {
		target[targets] = (struct target){ find_kind(argv[i]), argv[i + 1], argv[i + 2] };
		if (!target[targets++].kind)
			return usage(argv[i]);
	}
	if (i != argc || !targets)
		return usage(i < argc ? argv[i] : "no target");
	pool = calloc((size_t)o.threads * LATENCIES, sizeof(*pool));
	if (!pool)
		return 1;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		good &= run_kind(&kinds[k], target, targets, &o, pool);
	free(pool);
	return !good;
}
