/* SPDX-License-Identifier: MIT */
/*
 * state_kill APSYSFS KERNEL [ROUNDS [SEED]]: mounts a machine that is kept in a file, writes to it from several
 * threads, kills the daemon with SIGKILL at a random moment, mounts it again and compares: what was answered is there,
 * and what was under way is there whole or not at all. Works in the present directory.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITERS 4
#define READY_MS 10000

extern char **environ;

/* What belongs to one writer: 16 adapters and domains from 16 * its number on, an mdev, two cards. */
struct owned {
	uint32_t pool;		/* its bits of apmask */
	uint32_t mdev;		/* is there */
	uint32_t adapters, domains, controls;	/* of the mdev */
	uint32_t cards;		/* one bit each */
};

struct writer {
	struct run *run;
	unsigned number, random;
	pthread_t thread;
	struct owned answered, underway;	/* equal, unless the last write got no answer */
	unsigned long writes, refused;
};

struct run {
	const char *program, *kernel;
	struct writer writer[WRITERS];
	unsigned random;
	pid_t daemon;
	atomic_bool killed;
	unsigned long images, bad;
	ino_t inode;
	int64_t start_sum, start_max;
};

static int64_t milliseconds10(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(10000) + t.tv_nsec / 100000;
}

static unsigned pick(unsigned *random, unsigned below)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random % below;
}

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

static const char *uuid_of(const struct writer *w)
{
	static const char *const uuids[WRITERS] = {
		"62177883-f1bb-47f0-914d-32a22e3a8804", "ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1",
		"8f1e1c3c-9d0c-4d1a-8a3d-3d3d5b0f4c2e", "00000000-0000-4000-8000-000000000001",
	};

	return uuids[w->number];
}

/* 0 or -errno */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static void get(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		fail("%s: %s", path, strerror(errno));
	text[n] = 0;
	close(fd);
}

/* --- what is there ------------------------------------------------------------------------------- */

/* The writer's 16 bits of a mask as text: the first number is the leftmost bit. */
static uint32_t bits_of(const char *mask, const struct writer *w)
{
	char digits[5] = { 0 };

	memcpy(digits, mask + 2 + 4 * w->number, 4);
	return (uint32_t)strtoul(digits, NULL, 16);
}

static struct owned look(const struct writer *w)
{
	struct owned o = { 0 };
	char path[256], text[4096];
	const char *comma;
	struct stat st;

	get("m/bus/ap/apmask", text, sizeof(text));
	o.pool = bits_of(text, w);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "m/devices/ap/card%02x", 100 + 2 * w->number + i);
		o.cards |= stat(path, &st) == 0 ? 1u << i : 0;
	}
	snprintf(path, sizeof(path), "m/devices/vfio_ap/matrix/%s", uuid_of(w));
	o.mdev = stat(path, &st) == 0;
	if (!o.mdev)
		return o;
	strcat(path, "/ap_config");
	get(path, text, sizeof(text));
	o.adapters = bits_of(text, w);
	comma = strchr(text, ',') + 1;
	o.domains = bits_of(comma, w);
	o.controls = bits_of(strchr(comma, ',') + 1, w);
	return o;
}

/* --- writing ------------------------------------------------------------------------------------- */

static void print_mask(char *text, size_t size, uint32_t bits, const struct writer *w)
{
	char digits[65];

	memset(digits, '0', 64);
	digits[64] = 0;
	for (int i = 0; i < 4; i++)
		digits[4 * w->number + (unsigned)i] = "0123456789abcdef"[bits >> (12 - 4 * i) & 15];
	snprintf(text, size, "0x%s", digits);
}

static int write_pool(struct writer *w, struct owned *next)
{
	char text[256] = "";

	next->pool = pick(&w->random, 0x10000);
	for (unsigned i = 0; i < 16; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%c%u", i ? "," : "",
			 next->pool >> (15 - i) & 1 ? '+' : '-', 16 * w->number + i);
	return put("m/bus/ap/apmask", text);
}

static int write_mdev(struct writer *w, struct owned *next)
{
	char path[256];

	if (w->answered.mdev) {
		*next = (struct owned){ .pool = next->pool, .cards = next->cards };
		snprintf(path, sizeof(path), "m/devices/vfio_ap/matrix/%s/remove", uuid_of(w));
		return put(path, "1");
	}
	next->mdev = 1;
	return put("m/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create", uuid_of(w));
}

static int write_config(struct writer *w, struct owned *next)
{
	char path[256], text[256];

	next->adapters = pick(&w->random, 0x10000) & ~next->pool & 0xffff;
	next->domains = pick(&w->random, 0x10000);
	next->controls = pick(&w->random, 0x10000);
	print_mask(text, 80, next->adapters, w);
	strcat(text, ",");
	print_mask(text + strlen(text), 80, next->domains, w);
	strcat(text, ",");
	print_mask(text + strlen(text), 80, next->controls, w);
	snprintf(path, sizeof(path), "m/devices/vfio_ap/matrix/%s/ap_config", uuid_of(w));
	return put(path, text);
}

static int write_control(struct writer *w, struct owned *next)
{
	unsigned domain = pick(&w->random, 16);
	char path[256], text[16];
	bool assigned = next->controls >> (15 - domain) & 1;

	next->controls ^= 1u << (15 - domain);
	snprintf(path, sizeof(path), "m/devices/vfio_ap/matrix/%s/%sassign_control_domain", uuid_of(w), assigned ? "un" : "");
	snprintf(text, sizeof(text), "%u", 16 * w->number + domain);
	return put(path, text);
}

static int write_cards(struct writer *w, struct owned *next)
{
	unsigned id = 100 + 2 * w->number;
	char text[256];

	next->cards = w->answered.cards ? 0 : 3;
	snprintf(text, sizeof(text), next->cards ? "adapter %u type=CEX8P\nadapter %u type=CEX7C\nscan\n" : "adapter %u remove\nadapter %u remove\nscan\n",
		 id, id + 1);
	return put("m/.apsysfs/machine", text);
}

static void *write_on(void *arg)
{
	static int (*const kinds[])(struct writer *, struct owned *) = { write_pool, write_pool, write_config, write_config,
									 write_control, write_mdev, write_cards };
	struct writer *w = arg;

	for (;;) {
		unsigned kind = pick(&w->random, sizeof(kinds) / sizeof(*kinds));
		struct owned next = w->answered;
		int rc;

		if (!next.mdev && (kinds[kind] == write_config || kinds[kind] == write_control))
			continue;
		rc = kinds[kind](w, &next);
		if (rc < 0 && atomic_load(&w->run->killed)) {
			w->underway = next;
			return NULL;
		}
		w->writes++;
		w->refused += rc < 0;
		if (rc == 0)
			w->answered = w->underway = next;
		else if (rc != -EADDRINUSE && rc != -EBUSY)
			fail("writer %u, kind %u: %s", w->number, kind, strerror(-rc));
	}
}

/* --- the daemon ---------------------------------------------------------------------------------- */

static void unmount(void)
{
	char *argv[] = { "fusermount3", "-uzq", "m", NULL };
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0)
		waitpid(pid, NULL, 0);
}

static void start(struct run *r)
{
	char *argv[] = { (char *)(uintptr_t)r->program, "mount", "-f", "--kernel", (char *)(uintptr_t)r->kernel,
			 "--state", "kept", "--state-limit", "4", "m", NULL };
	int64_t began = milliseconds10(), took;
	struct stat st;

	atomic_store(&r->killed, false);
	if (posix_spawn(&r->daemon, argv[0], NULL, NULL, argv, environ) != 0)
		fail("cannot start %s", argv[0]);
	while (stat("m/.apsysfs/kernel", &st) < 0) {
		if (waitpid(r->daemon, NULL, WNOHANG) == r->daemon || milliseconds10() - began > 10 * READY_MS)
			fail("the daemon did not start");
		usleep(300);
	}
	took = milliseconds10() - began;
	r->start_sum += took;
	if (took > r->start_max)
		r->start_max = took;
	if (stat("kept", &st) == 0 && st.st_ino != r->inode) {
		r->images += r->inode != 0;
		r->inode = st.st_ino;
	}
}

static void end(struct run *r)
{
	atomic_store(&r->killed, true);
	kill(r->daemon, SIGKILL);
	waitpid(r->daemon, NULL, 0);
	unmount();
}

/* --- rounds -------------------------------------------------------------------------------------- */

static void print_owned(const char *what, const struct owned *o)
{
	fprintf(stderr, "  %s: pool %04x, mdev %u (%04x %04x %04x), cards %u\n", what, o->pool, o->mdev, o->adapters, o->domains,
		o->controls, o->cards);
}

static void compare(struct run *r, unsigned round)
{
	for (unsigned i = 0; i < WRITERS; i++) {
		struct writer *w = &r->writer[i];
		struct owned found = look(w);

		if (memcmp(&found, &w->answered, sizeof(found)) != 0 && memcmp(&found, &w->underway, sizeof(found)) != 0) {
			fprintf(stderr, "round %u, writer %u:\n", round, i);
			print_owned("answered ", &w->answered);
			print_owned("under way", &w->underway);
			print_owned("found    ", &found);
			r->bad++;
		}
		w->answered = w->underway = found;
	}
}

static void play(struct run *r, unsigned round)
{
	start(r);
	if (round)
		compare(r, round);
	for (unsigned i = 0; i < WRITERS; i++) {
		struct writer *w = &r->writer[i];

		if (!round)
			w->answered = w->underway = look(w);
		pthread_create(&w->thread, NULL, write_on, w);
	}
	usleep(1000 + pick(&r->random, 40000));
	end(r);
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(r->writer[i].thread, NULL);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 3 ? (unsigned)atoi(argv[3]) : 100;
	unsigned seed = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 0) : (unsigned)time(NULL);
	unsigned long writes = 0, refused = 0;
	struct run run = { 0 };

	if (argc < 3 || rounds < 1)
		fail("Usage: state_kill APSYSFS KERNEL [ROUNDS [SEED]]");
	printf("kernel %s, %u kills, seed %u\n", argv[2], rounds, seed);
	fflush(stdout);
	run.program = argv[1];
	run.kernel = argv[2];
	run.random = seed | 1;
	mkdir("m", 0755);
	for (unsigned i = 0; i < WRITERS; i++)
		run.writer[i] = (struct writer){ .run = &run, .number = i, .random = (seed + 77 * i) | 1 };
	for (unsigned round = 0; round < rounds; round++)
		play(&run, round);
	start(&run);
	compare(&run, rounds);
	end(&run);
	for (unsigned i = 0; i < WRITERS; i++) {
		writes += run.writer[i].writes;
		refused += run.writer[i].refused;
	}
	printf("%lu writes answered, %lu of them refused; %lu starts found a newer image; ready after %.1f ms, at most %.1f; %lu wrong\n", writes,
	       refused, run.images, (double)run.start_sum / (rounds + 1) / 10, (double)run.start_max / 10, run.bad);
	return run.bad != 0 || run.images == 0;
}
