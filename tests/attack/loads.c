/* SPDX-License-Identifier: MIT */
/* Much of everything, and much at once: nobody else is kept waiting, and nothing gets through. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/attack/attack.h"

#define PATIENCE 5.0	/* seconds in which root must be served */
#define GREED 0.7	/* seconds for which one goes on taking more */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Root looks at, reads and writes something: is he kept waiting, or refused? */
static bool root_is_hindered(const char *what)
{
	double began = seconds();
	char text[128];
	int fd = open("bus/ap/apmask", O_RDONLY);
	bool served = fd >= 0 && read(fd, text, sizeof(text)) > 0 && put("bus/ap/apmask", O_WRONLY, "+255", 4) == 4 &&
		      access("devices/ap/card06", F_OK) == 0;

	close(fd);
	if (!served || seconds() - began > PATIENCE)
		printf("  %s: root %s after %.2f s\n", what, served ? "was served" : "was not served", seconds() - began);
	return !served || seconds() - began > PATIENCE;
}

/* Runs hog as the user until root has been served; it says with a byte that it has all it wants. */
static bool beside(const struct attempt *a, void hog(const struct attempt *a))
{
	int pair[2];
	char byte;
	bool hindered;
	pid_t child;

	if (pipe(pair) < 0)
		return true;
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		become(a->uid, a->flags);
		dup2(pair[1], STDOUT_FILENO);
		hog(a);
		(void)!write(STDOUT_FILENO, "x", 1);
		for (;;)
			pause();
	}
	close(pair[1]);
	(void)!read(pair[0], &byte, 1);
	hindered = root_is_hindered(a->path);
	kill(-child, SIGKILL);
	waitpid(child, NULL, 0);
	return hindered;
}

static void hold_descriptors(const struct attempt *a)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < 2000 ? limit.rlim_max : 2000;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (double until = seconds() + GREED; seconds() < until && open(a->path, O_RDONLY) >= 0;)
		;
}

static bool descriptors(const struct attempt *a) { return beside(a, hold_descriptors); }

/* Half read, so that each has its text. */
static void hold_readers(const struct attempt *a)
{
	double until = seconds() + GREED;
	char byte;

	for (int i = 0; i < 1000 && seconds() < until; i++)
		(void)!read(open(a->path, O_RDONLY), &byte, 1);
}

static bool readers(const struct attempt *a) { return beside(a, hold_readers); }

static void hold_listings(const struct attempt *a)
{
	double until = seconds() + GREED;

	for (int i = 0; i < 500 && seconds() < until; i++) {
		DIR *d = opendir(a->path);

		if (d)
			(void)!readdir(d);
	}
}

static bool listings(const struct attempt *a) { return beside(a, hold_listings); }

static void hold_polls(const struct attempt *a)
{
	double until = seconds() + GREED;

	for (int i = 0; i < 500 && seconds() < until; i++) {
		struct pollfd p = { .fd = open(a->path, O_RDONLY), .events = POLLPRI };

		(void)poll(&p, 1, 0);
	}
}

static bool polls(const struct attempt *a) { return beside(a, hold_polls); }

/* Eight processes that do nothing but write, and one that lists. */
static void flood(const struct attempt *a)
{
	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			for (;;)
				(void)put(a->path, O_WRONLY, a->text, strlen(a->text));
	if (fork() == 0)
		for (;;) {
			DIR *d = opendir("devices/ap");

			while (d && readdir(d))
				;
			if (d)
				closedir(d);
		}
	usleep(200000);
}

static bool floods(const struct attempt *a) { return beside(a, flood); }

static void flood_huge(const struct attempt *a)
{
	static char bytes[1 << 20];

	memset(bytes, '-', sizeof(bytes));
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			for (;;)
				(void)put(a->path, O_WRONLY, bytes, sizeof(bytes));
	usleep(200000);
}

static bool floods_huge(const struct attempt *a) { return beside(a, flood_huge); }

/* --- much at once -------------------------------------------------------------------------------------------------- */

/* Several at the same time: none gets through, each is judged. */
static bool races(const struct attempt *a)
{
	int status, worked = 0;

	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			int through = 0;

			for (int n = 0; n < 10; n++)
				through |= can_write(a);
			_exit(through);
		}
	while (wait(&status) > 0)
		worked |= status;
	return worked != 0;
}

/* More at once than the limit: the count is right whoever is first. Those made he removes himself. */
static bool races_for_limit(const struct attempt *a)
{
	int status, made = 0;

	for (unsigned i = 0; i < 8; i++)
		if (fork() == 0) {
			char uuid[64];
			bool worked = false;

			for (unsigned n = 0; n < 2; n++) {
				snprintf(uuid, sizeof(uuid), "d1000000-0000-4000-8000-0000000001%02x", 2 * i + n);
				worked |= put(a->path, O_WRONLY, uuid, strlen(uuid)) >= 0;
			}
			_exit(worked);
		}
	while (wait(&status) > 0)
		made += status != 0;
	for (unsigned n = 0; n < 16; n++) {
		char path[160];

		snprintf(path, sizeof(path), MATRIX "d1000000-0000-4000-8000-0000000001%02x/remove", n);
		(void)put(path, O_WRONLY, "1", 1);
	}
	return made > 1;
}

/* Made and removed over and over: what is counted comes back to where it was. */
static bool many_lives(const struct attempt *a)
{
	double until = seconds() + GREED;

	for (int i = 0; i < 50 && seconds() < until; i++) {
		(void)put(a->path, O_WRONLY, D1, strlen(D1));
		(void)put(MATRIX D1 "/remove", O_WRONLY, "1", 1);
	}
	return put(a->path, O_WRONLY, D1, strlen(D1)) < 0 || put(MATRIX D1 "/remove", O_WRONLY, "1", 1) < 0;
}

static const struct family families[] = {
	{ "all descriptors", descriptors, AS_ROOT, USERS(2001, 2003), PATHS("bus/ap/apmask", "bus/ap") },
	{ "many half-read files", readers, AS_ROOT, USERS(2001), PATHS("bus/ap/apmask", MATRIX A1 "/matrix") },
	{ "hundreds of listings", listings, AS_ROOT, USERS(2001), PATHS("bus/ap/devices", "devices/ap") },
	{ "hundreds of polls", polls, AS_ROOT, USERS(2001), PATHS("bus/ap/apmask") },
	{ "a flood of writes", floods, AS_ROOT | DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7") },
	{ "a flood of opens that are refused", floods, AS_ROOT | DECIDED, USERS(2003), PATHS("bus/ap/apmask"), TEXTS("-7") },
	{ "a flood of huge writes", floods_huge, AS_ROOT | DECIDED, USERS(2001), PATHS("bus/ap/apmask") },
	{ "writes at the same time", races, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "+6") },
	{ "mdevs at the same time", races_for_limit, DECIDED | NOISY, USERS(2004), PATHS(TYPE "create") },
	{ "one mdev over and over", many_lives, DECIDED | NOISY, USERS(2004), PATHS(TYPE "create") },
};

const struct families families_of_loads = { families, LENGTH(families) };
