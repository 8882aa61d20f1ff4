/* SPDX-License-Identifier: MIT */
#include "fs/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fs/state_format.h"
#include "fs/thread.h"

#define LIMIT (1024ul * 1024)
#define SPENT_LIMIT INT64_C(100000000)	/* ns of work that a start would have to do again before a new image is due */

struct state_file {
	struct recorder recorder;	/* first */
	struct state_options options;
	struct backend *backend;
	char *path, *began;		/* began: the options the machine was booted with */
	int dir;
	char name[NAME_MAX + 1], name_new[NAME_MAX + 5];
	/* as it was found */
	const char *map;
	size_t length, image_end;

	/* under the backend's lock */
	int64_t started, spent;

	pthread_mutex_t lock;
	/* protected by lock */
	int fd;
	off_t end, image_from;		/* where the next record comes; where the operations begin */
	off_t retry;			/* no new image before the file is as long */
	bool busy;			/* a thread writes the image */
	struct state_bytes image;
	off_t tail;			/* what the image does not have begins here */
};

static int complain(const struct state_file *f, const char *what, const char *advice)
{
	fprintf(stderr, "apsysfs: --state %s: %s; %s\n", f->path, what, advice);
	return -1;
}

static int64_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* --- writing ------------------------------------------------------------------------------------- */

static int write_at(int fd, const char *data, size_t length, off_t at)
{
	while (length) {
		ssize_t n = pwrite(fd, data, length, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

/* All or nothing; lock held. */
static int append(struct state_file *f, const struct operation *o)
{
	struct state_record r;
	struct iovec pieces[3];
	ssize_t n;
	int rc = 0;

	state_record_pieces(o, &r, pieces);
	n = pwritev(f->fd, pieces, 3, f->end);
	if (n < 0)
		rc = -errno;
	else if (n < (ssize_t)r.length)
		rc = -ENOSPC;
	if (rc == 0 && f->options.sync && fdatasync(f->fd) < 0)
		rc = -errno;
	if (rc == 0)
		f->end += (off_t)r.length;
	else if (ftruncate(f->fd, f->end) < 0)
		rc = -EIO;
	return rc;
}

/* --- a new image --------------------------------------------------------------------------------- */

static int copy_tail(struct state_file *f, int fd, off_t to)
{
	char part[65536];

	for (off_t at = f->tail; at < f->end;) {
		ssize_t n = pread(f->fd, part, sizeof(part), at);
		int rc;

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		rc = write_at(fd, part, (size_t)n, to);
		if (rc < 0)
			return rc;
		at += n;
		to += n;
	}
	return f->options.sync && fdatasync(fd) < 0 ? -errno : 0;
}

/* The new file is complete on the disk but for what was recorded meanwhile: it takes the place of the old. */
static int replace(struct state_file *f, int fd)
{
	off_t length = (off_t)f->image.length;
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = copy_tail(f, fd, length);
	if (rc == 0 && renameat(f->dir, f->name_new, f->dir, f->name) < 0)
		rc = -errno;
	if (rc == 0 && f->options.sync)
		fsync(f->dir);
	if (rc == 0) {
		close(f->fd);
		f->fd = fd;
		f->end = length + f->end - f->tail;
		f->image_from = f->retry = length;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

static int write_image(struct state_file *f)
{
	int fd, rc;

	if (f->image.failed)
		return -ENOMEM;
	state_bytes_sum(&f->image);
	fd = openat(f->dir, f->name_new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* whoever opens it once it has its name must find it taken */
	rc = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : write_at(fd, f->image.data, f->image.length, 0);
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	if (rc == 0)
		rc = replace(f, fd);
	if (rc < 0) {
		close(fd);
		unlinkat(f->dir, f->name_new, 0);
	}
	return rc;
}

/* lock held: the image is written, or will not be. */
static void end_image(struct state_file *f, int rc)
{
	if (rc < 0) {
		fprintf(stderr, "apsysfs: --state %s: writing a new image: %s; the old one stays, with more to do at the next start\n",
			f->path, strerror(-rc));
		f->retry = f->end;
	}
	state_bytes_free(&f->image);
	f->busy = false;
}

static void *image_thread(void *arg)
{
	struct state_file *f = arg;
	int rc = write_image(f);

	pthread_mutex_lock(&f->lock);
	end_image(f, rc);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* lock held. A thread for each image, so that it has what limits those that serve. */
static void begin_image(struct state_file *f)
{
	int rc;

	f->busy = true;
	rc = thread_start(image_thread, f);
	if (rc < 0)
		end_image(f, rc);
}

static void take_operation(void *ctx, const struct operation *o)
{
	state_bytes_append(ctx, o->kind, o);
}

/* Backend locked: its state goes into memory, and a thread takes it from there. */
static void take_image(struct state_file *f)
{
	struct image image = recorder_image(f->backend);

	state_bytes_image(&f->image, &image, f->began);
	recorder_image_rest(f->backend, take_operation, &f->image);
	state_bytes_append(&f->image, STATE_IMAGE_END, &(struct operation){ 0 });
	f->tail = f->end;
}

static bool image_due(const struct state_file *f)
{
	off_t recorded = f->end - f->retry;

	return !f->busy && (recorded > (off_t)f->options.limit || (f->spent > SPENT_LIMIT && f->retry == f->image_from));
}

static int record(struct recorder *recorder, const struct operation *o)
{
	struct state_file *f = (struct state_file *)recorder;
	int rc;

	pthread_mutex_lock(&f->lock);
	if (image_due(f)) {
		take_image(f);
		f->spent = 0;
		begin_image(f);
	}
	rc = append(f, o);
	pthread_mutex_unlock(&f->lock);
	f->started = monotonic();
	return rc;
}

static void done(struct recorder *recorder)
{
	struct state_file *f = (struct state_file *)recorder;

	f->spent += monotonic() - f->started;
}

/* --- opening ------------------------------------------------------------------------------------- */

/* Its directory and name; a link stays one, what it means is replaced. -1 after a message. */
static int locate(struct state_file *f, const char *path)
{
	char *real = realpath(path, NULL), *copy;

	f->path = real ? real : strdup(path);
	copy = f->path ? strdup(f->path) : NULL;
	if (!copy)
		return -1;
	snprintf(f->name, sizeof(f->name), "%s", basename(copy));
	snprintf(f->name_new, sizeof(f->name_new), "%s.new", f->name);
	/* basename() may have cut it */
	memcpy(copy, f->path, strlen(f->path) + 1);
	f->dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	return f->dir < 0 ? complain(f, strerror(errno), "its directory must exist") : 0;
}

/* Opens it and takes the lock; a daemon that replaces the file meanwhile has the lock of the new one too. */
static int open_locked(struct state_file *f)
{
	struct stat opened, named;

	do {
		f->fd = openat(f->dir, f->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
		if (f->fd < 0)
			return complain(f, strerror(errno), "it must be a file that you may read and write");
		if (fstat(f->fd, &opened) < 0 || !S_ISREG(opened.st_mode))
			return complain(f, "is not a regular file", "name another");
		if (flock(f->fd, LOCK_EX | LOCK_NB) < 0)
			return complain(f, errno == EWOULDBLOCK ? "is in use by another apsysfs" : strerror(errno),
					"end that first, or name another file");
		if (fstatat(f->dir, f->name, &named, 0) == 0 && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
			break;
		close(f->fd);
	} while (true);
	f->length = (size_t)opened.st_size;
	return 0;
}

static int check_head(const struct state_file *f)
{
	struct state_head head;
	struct image image = image_format();

	if (f->length < sizeof(head) || memcmp(f->map, STATE_MAGIC, sizeof(head.magic)) != 0)
		return complain(f, "is not a state of apsysfs", "name another file, or one that does not exist yet");
	memcpy(&head, f->map, sizeof(head));
	if (head.byte_order != STATE_BYTE_ORDER)
		return complain(f, "was written on a machine with another byte order", "use it there");
	if (head.format != STATE_FORMAT || head.layout != image.layout || head.size != image.size)
		return complain(f, "was written by another version of apsysfs",
				"use that one to mount it, 'apsysfs machine show' there keeps the hardware; or begin anew with another file");
	return 0;
}

/* The image must be whole: it had its name only once it was. */
static int check_image(struct state_file *f)
{
	struct state_record r = { 0 };

	f->image_end = sizeof(struct state_head);
	while (r.kind != STATE_IMAGE_END) {
		const char *text = f->map + f->image_end + sizeof(r);

		if (!state_record_whole(f->map + f->image_end, f->length - f->image_end, &r))
			return complain(f, "is damaged", "restore a copy, or begin anew with another file");
		if (r.kind == STATE_OPTIONS && !f->began)
			f->began = strdup(text);
		f->image_end += r.length;
	}
	return f->began ? 0 : complain(f, "is damaged", "restore a copy, or begin anew with another file");
}

int state_file_open(const struct state_options *options, struct state_file **ret)
{
	struct state_file *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	/* lives as long as the process: the backend, which ends with it, records here */
	*ret = f;
	f->options = *options;
	if (!f->options.limit)
		f->options.limit = LIMIT;
	pthread_mutex_init(&f->lock, NULL);
	/* a file that may not grow is an error of the write, not the end of the daemon */
	signal(SIGXFSZ, SIG_IGN);
	if (locate(f, options->path) < 0 || open_locked(f) < 0)
		return -1;
	if (f->length == 0)
		return 0;
	f->map = mmap(NULL, f->length, PROT_READ, MAP_PRIVATE, f->fd, 0);
	if (f->map == MAP_FAILED)
		return complain(f, strerror(errno), "it cannot be read");
	return check_head(f) < 0 ? -1 : check_image(f);
}

const char *state_file_options(const struct state_file *f)
{
	return f->began;
}

/* --- reading ------------------------------------------------------------------------------------- */

static int read_image(void *ctx, void *bytes, size_t size)
{
	struct state_file *f = ctx;
	struct state_record r;

	for (size_t at = sizeof(struct state_head); at < f->image_end; at += r.length) {
		struct operation o;

		memcpy(&r, f->map + at, sizeof(r));
		o = state_record_operation(&r, f->map + at + sizeof(r));
		if (r.kind != STATE_PAGES)
			continue;
		if (o.node > size || o.length > size - o.node)
			return -EINVAL;
		memcpy((char *)bytes + o.node, o.text, o.length);
	}
	return 0;
}

struct image_source state_file_image(struct state_file *f)
{
	return (struct image_source){ read_image, f };
}

static bool is_operation(uint32_t kind)
{
	return kind <= OPERATION_LOG;
}

/* Returns where what is whole ends. */
static size_t replay(struct state_file *f)
{
	size_t at = sizeof(struct state_head);
	struct state_record r;

	while (at < f->length && state_record_whole(f->map + at, f->length - at, &r)) {
		if (is_operation(r.kind)) {
			struct operation o = state_record_operation(&r, f->map + at + sizeof(r));

			recorder_replay(f->backend, &o);
		}
		at += r.length;
	}
	return at;
}

/* Only the last record can be cut: the daemon died while it wrote it, so it was answered to nobody. */
static int cut(struct state_file *f, size_t whole)
{
	if (whole == f->length)
		return 0;
	fprintf(stderr, "apsysfs: --state %s: the last %zu bytes are no whole record: cut off\n", f->path, f->length - whole);
	return ftruncate(f->fd, (off_t)whole) < 0 ? complain(f, strerror(errno), "it must be writable") : 0;
}

static int begin_again(struct state_file *f)
{
	int64_t started = monotonic();
	size_t whole = replay(f);

	f->spent = monotonic() - started;
	f->end = (off_t)whole;
	f->image_from = f->retry = (off_t)f->image_end;
	if (cut(f, whole) < 0)
		return -1;
	munmap((void *)(uintptr_t)f->map, f->length);
	f->map = NULL;
	return 0;
}

static int begin_new(struct state_file *f, const char *options)
{
	int rc;

	f->began = strdup(options);
	if (!f->began)
		return -1;
	take_image(f);
	rc = write_image(f);
	state_bytes_free(&f->image);
	return rc < 0 ? complain(f, strerror(-rc), "it must be writable, with room for the machine") : 0;
}

int state_file_begin(struct state_file *f, struct backend *b, const char *options)
{
	int rc;

	f->backend = b;
	f->recorder = (struct recorder){ record, done };
	unlinkat(f->dir, f->name_new, 0);
	if ((f->began ? begin_again(f) : begin_new(f, options)) < 0)
		return -1;
	rc = recorder_begin(b, &f->recorder);
	return rc < 0 ? complain(f, strerror(-rc), "it must be writable") : 0;
}
