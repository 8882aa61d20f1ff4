/* SPDX-License-Identifier: MIT */
/*
 * races MOUNT SECONDS: clients of a mount that must never see a wrong thing, however fast it is: while cards come and
 * go, readers and askers of sizes of each class of attribute, and listers. The classes: constant of a device, of the
 * bus, of a module's type, of several lines, a mask; written to: numbers, words, flags that are a state, masks of 198
 * characters. And whoever made a change finds it at once: by name, in a listing, and in one of a directory that was open
 * before. Prints what was done; exits with 1 if anything was wrong.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEXTS 2
#define CARD "card09"
#define MATRIX "devices/vfio_ap/matrix/"
#define TYPE MATRIX "mdev_supported_types/vfio_ap-passthrough/"
#define UUID "62177883-f1bb-47f0-914d-32a22e3a8804"
#define NONE "0x0000000000000000000000000000000000000000000000000000000000000000"
#define ALL "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

/* An attribute, and the only texts that it may have; none: what it had at the beginning. */
struct subject {
	const char *path;
	const char *text[TEXTS];
	bool written;		/* its texts are also written to it, in turn */
};

static const struct subject subjects[] = {
	{ "devices/ap/card05/hwtype", { "11\n", "11\n" }, false },
	{ "devices/ap/card05/type", { "CEX5C\n", "CEX5C\n" }, false },
	{ "bus/ap/ap_max_domain_id", { "255\n", "255\n" }, false },
	{ "bus/ap/config_time", { "31\n", "119\n" }, true },
	{ "devices/ap/card05/05.0004/driver_override", { "\n", "vfio_ap\n" }, true },
	{ "devices/ap/card06/online", { "0\n", "1\n" }, true },
	{ MATRIX UUID "/ap_config", { NONE "," NONE "," NONE "\n", NONE "," NONE "," ALL "\n" }, true },
	{ "devices/ap/card05/uevent", { NULL, NULL }, false },
	{ "bus/ap/apmask", { NULL, NULL }, false },
	{ TYPE "available_instances", { NULL, NULL }, false },
};
#define SUBJECTS (sizeof(subjects) / sizeof(*subjects))

struct run {
	int mount;		/* the mount's directory */
	atomic_bool stop;
	char first[SUBJECTS][4097];	/* texts of the beginning */
	atomic_ulong reads, sizes, listings, changes, writes, wrong;
};

struct worker {
	struct run *run;
	const struct subject *subject;
	pthread_t thread;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct run *r, const char *format, ...)
{
	va_list args;

	if (atomic_fetch_add(&r->wrong, 1) >= 10)
		return;
	va_start(args, format);
	fprintf(stderr, "wrong: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
}

/* The text, from one read; -1: an error. */
static ssize_t read_text(const struct run *r, const char *path, char text[4097])
{
	int fd = openat(r->mount, path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, 4096);
	close(fd);
	text[n < 0 ? 0 : n] = 0;
	return n;
}

static bool write_text(const struct run *r, const char *path, const char *text)
{
	int fd = openat(r->mount, path, O_WRONLY);
	bool good;

	if (fd < 0)
		return false;
	good = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return good;
}

static bool allowed(const struct run *r, const struct subject *s, const char *text)
{
	if (!s->text[0])
		return strcmp(r->first[s - subjects], text) == 0;
	for (int i = 0; i < TEXTS; i++)
		if (strcmp(s->text[i], text) == 0)
			return true;
	return false;
}

static void *read_subject(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;
	char text[4097];
	int kept = openat(r->mount, w->subject->path, O_RDONLY);

	while (!atomic_load(&r->stop)) {
		ssize_t n = read_text(r, w->subject->path, text);

		if (n < 0 || (size_t)n != strlen(text) || !allowed(r, w->subject, text))
			wrong(r, "%s: %zd bytes, \"%s\"", w->subject->path, n, text);
		n = pread(kept, text, 4096, 0);
		text[n < 0 ? 0 : n] = 0;
		if (n < 0 || (size_t)n != strlen(text) || !allowed(r, w->subject, text))
			wrong(r, "%s, kept open: %zd bytes, \"%s\"", w->subject->path, n, text);
		atomic_fetch_add(&r->reads, 2);
	}
	close(kept);
	return NULL;
}

static void *ask_sizes(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;

	while (!atomic_load(&r->stop)) {
		for (size_t i = 0; i < SUBJECTS; i++) {
			struct statx st;

			if (statx(r->mount, subjects[i].path, 0, STATX_SIZE, &st) < 0 || st.stx_size != 4096)
				wrong(r, "%s: size %llu", subjects[i].path, (unsigned long long)st.stx_size);
			atomic_fetch_add(&r->sizes, 1);
		}
	}
	return NULL;
}

static void *write_subjects(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;

	for (unsigned turn = 0; !atomic_load(&r->stop); turn++) {
		for (size_t i = 0; i < SUBJECTS; i++) {
			const struct subject *s = &subjects[i];
			const char *text = s->text[turn % TEXTS];
			char found[4097];

			if (!s->written)
				continue;
			if (!write_text(r, s->path, text))
				wrong(r, "%s: write: %s", s->path, strerror(errno));
			else if (read_text(r, s->path, found) < 0 || strcmp(found, text) != 0)
				wrong(r, "%s: wrote \"%s\", read \"%s\"", s->path, text, found);
			atomic_fetch_add(&r->writes, 1);
		}
	}
	return NULL;
}

/* How often the name is in the open directory, read from its beginning. */
static int count_name(DIR *d, const char *name)
{
	int count = 0;

	rewinddir(d);
	for (struct dirent *e; (e = readdir(d));)
		count += strcmp(e->d_name, name) == 0;
	return count;
}

static DIR *open_dir(const struct run *r, const char *path)
{
	int fd = openat(r->mount, path, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? NULL : fdopendir(fd);
}

static int count_by_path(const struct run *r, const char *path, const char *name)
{
	DIR *d = open_dir(r, path);
	int count = d ? count_name(d, name) : -1;

	if (d)
		closedir(d);
	return count;
}

static void *list(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;

	while (!atomic_load(&r->stop)) {
		int count = count_by_path(r, "devices/ap", "card05");

		if (count != 1)
			wrong(r, "card05 is listed %d times", count);
		count = count_by_path(r, "bus/ap/devices", CARD);
		if (count != 0 && count != 1)
			wrong(r, CARD " is listed %d times", count);
		atomic_fetch_add(&r->listings, 2);
	}
	return NULL;
}

static void check_card(struct run *r, DIR *kept, int there)
{
	struct stat st;
	int found = fstatat(r->mount, "devices/ap/" CARD, &st, 0) == 0;
	int listed = count_by_path(r, "devices/ap", CARD), linked = count_by_path(r, "bus/ap/devices", CARD);
	int again = count_name(kept, CARD);

	if (found != there || listed != there || linked != there || again != there)
		wrong(r, CARD " %s: found %d, listed %d, linked %d, in the open directory %d", there ? "came" : "went",
		      found, listed, linked, again);
}

static void *change(void *arg)
{
	struct worker *w = arg;
	struct run *r = w->run;
	DIR *kept = open_dir(r, "devices/ap");

	while (kept && !atomic_load(&r->stop)) {
		if (!write_text(r, ".apsysfs/machine", "adapter 9 type=CEX8C\nscan\n"))
			wrong(r, "plugging: %s", strerror(errno));
		check_card(r, kept, 1);
		if (!write_text(r, ".apsysfs/machine", "adapter 9 remove\nscan\n"))
			wrong(r, "unplugging: %s", strerror(errno));
		check_card(r, kept, 0);
		atomic_fetch_add(&r->changes, 2);
	}
	if (kept)
		closedir(kept);
	return NULL;
}

/* So that all subjects are there, and have one of their texts. */
static bool prepare(struct run *r)
{
	if (!write_text(r, TYPE "create", UUID)) {
		perror("races: " TYPE "create");
		return false;
	}
	for (size_t i = 0; i < SUBJECTS; i++) {
		if (subjects[i].written && !write_text(r, subjects[i].path, subjects[i].text[0])) {
			perror(subjects[i].path);
			return false;
		}
		if (read_text(r, subjects[i].path, r->first[i]) <= 0) {
			perror(subjects[i].path);
			return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	static void *(*const others[])(void *) = { ask_sizes, write_subjects, list, list, change };
	enum { OTHERS = sizeof(others) / sizeof(*others) };
	struct run r = { .mount = argc == 3 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1 };
	struct worker worker[SUBJECTS + OTHERS];

	if (r.mount < 0) {
		fprintf(stderr, "Usage: races MOUNT SECONDS\n");
		return 2;
	}
	if (!prepare(&r))
		return 2;
	for (size_t i = 0; i < SUBJECTS + OTHERS; i++) {
		worker[i] = (struct worker){ .run = &r, .subject = i < SUBJECTS ? &subjects[i] : NULL };
		pthread_create(&worker[i].thread, NULL, i < SUBJECTS ? read_subject : others[i - SUBJECTS], &worker[i]);
	}
	sleep((unsigned)atoi(argv[2]));
	atomic_store(&r.stop, true);
	for (size_t i = 0; i < SUBJECTS + OTHERS; i++)
		pthread_join(worker[i].thread, NULL);
	printf("%lu reads, %lu sizes, %lu listings, %lu writes, %lu changes: %lu wrong\n", atomic_load(&r.reads),
	       atomic_load(&r.sizes), atomic_load(&r.listings), atomic_load(&r.writes), atomic_load(&r.changes),
	       atomic_load(&r.wrong));
	return atomic_load(&r.wrong) || !atomic_load(&r.changes);
}
