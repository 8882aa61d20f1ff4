/* SPDX-License-Identifier: MIT */
#include "fs/passthrough.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fs/server.h"

#define FILES 1024
#define PROBES 8

/* Of the FUSE protocol, 7.40; the headers of Debian 12 have no name for them. */
#define OPCODE_INIT 26
#define INIT_EXTENDED (UINT32_C(1) << 30)
#define INIT2_PASSTHROUGH (UINT32_C(1) << (37 - 32))
#define OPEN_DIRECT_IO (UINT32_C(1) << 0)
#define OPEN_PASSTHROUGH (UINT32_C(1) << 7)

struct backing_map {
	int32_t fd;
	uint32_t flags;
	uint64_t padding;
};

#define BACKING_OPEN _IOW(229, 1, struct backing_map)

struct in_header {
	uint32_t length, opcode;
	uint64_t unique, node;
	uint32_t uid, gid, pid, padding;
};

struct init_in {
	struct in_header header;
	uint32_t major, minor, max_readahead, flags, flags2;
};

struct out_header {
	uint32_t length;
	int32_t error;
	uint64_t unique;
};

struct init_out {
	uint32_t major, minor, max_readahead, flags;
	uint16_t max_background, congestion_threshold;
	uint32_t max_write, time_gran;
	uint16_t max_pages, map_alignment;
	uint32_t flags2, max_stack_depth, unused[6];
};

struct open_out {
	uint64_t handle;
	uint32_t flags;
	int32_t backing;
};

struct memory_text {
	uint64_t node;		/* whose text is in it; 0: nobody's */
	unsigned users;
	unsigned read;		/* opens before which it had been read since the one before */
	int fd;			/* 0: not made yet */
	int backing;		/* its number for the kernel */
};

struct passthrough {
	uint64_t init;		/* the number of the session's first request, if the kernel can do this; else 0 */
	atomic_bool works;
	pthread_mutex_t lock;
	unsigned files;		/* how many there may be; all below protected by lock */
	struct memory_text file[FILES];
};

/* Each file takes a descriptor: at most half of those we may have. */
static unsigned files_allowed(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return PROBES;
	if (limit.rlim_cur < 2 * FILES && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < 2 * FILES ? limit.rlim_max : 2 * FILES;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur / 2 < FILES ? (unsigned)limit.rlim_cur / 2 : FILES;
}

struct passthrough *passthrough_new(void)
{
	struct passthrough *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	p->files = files_allowed();
	return p;
}

void passthrough_free(struct passthrough *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < FILES; i++)
		if (p->file[i].fd)
			close(p->file[i].fd);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* --- the session's first exchange ------------------------------------------------------------------ */

static ssize_t read_request(int fd, void *buffer, size_t size, void *userdata)
{
	struct passthrough *p = ((struct server *)userdata)->passthrough;
	const struct init_in *in = buffer;
	ssize_t n = read(fd, buffer, size);

	if (n >= (ssize_t)sizeof(*in) && in->header.opcode == OPCODE_INIT && (in->flags & INIT_EXTENDED) &&
	    (in->flags2 & INIT2_PASSTHROUGH))
		p->init = in->header.unique;
	return n;
}

/* libfuse's answer says what it can do; what it has no word for is added. */
static ssize_t write_answer(int fd, struct iovec *part, int count, void *userdata)
{
	struct passthrough *p = ((struct server *)userdata)->passthrough;
	const struct out_header *header = part[0].iov_base;

	if (p->init && header->unique == p->init && !header->error && count == 2 &&
	    part[1].iov_len >= sizeof(struct init_out)) {
		struct init_out *out = part[1].iov_base;

		out->flags |= INIT_EXTENDED;
		out->flags2 |= INIT2_PASSTHROUGH;
		out->max_stack_depth = 1;
		p->init = 0;
		atomic_store(&p->works, true);
	}
	return writev(fd, part, count);
}

int passthrough_join(struct server *s)
{
	static const struct fuse_custom_io io = { .read = read_request, .writev = write_answer };

	return fuse_session_custom_io(s->session, &io, fuse_session_fd(s->session));
}

bool passthrough_works(const struct server *s)
{
	return s->passthrough && atomic_load(&s->passthrough->works);
}

/* --- the files ----------------------------------------------------------------------------------------- */

/* The node's file, or one that it may take. */
static struct memory_text *find(struct passthrough *p, uint64_t node)
{
	unsigned first = (unsigned)((node * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
	struct memory_text *found = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		struct memory_text *t = &p->file[(first + i) % p->files];

		if (t->node == node)
			return t;
		if (!found && !t->users)
			found = t;
	}
	return found;
}

static int make(struct server *s, struct memory_text *t)
{
	struct backing_map map = { .fd = memfd_create("apsysfs", MFD_CLOEXEC) };
	int backing = map.fd < 0 ? -1 : ioctl(fuse_session_fd(s->session), BACKING_OPEN, &map);

	if (backing <= 0) {
		int error = errno;

		if (map.fd >= 0)
			close(map.fd);
		/* not allowed: it will not be later either */
		if (error == EPERM)
			atomic_store(&s->passthrough->works, false);
		return -error;
	}
	t->fd = map.fd;
	t->backing = backing;
	return 0;
}

static bool read_lately(const struct memory_text *t)
{
	struct stat st;

	return fstat(t->fd, &st) == 0 && (st.st_atim.tv_sec || st.st_atim.tv_nsec);
}

/* The text, and no time at which it was read. */
static int fill(struct server *s, struct memory_text *t, uint64_t node, const struct caller *caller)
{
	static const struct timespec unread[2] = { { .tv_nsec = 0 }, { .tv_nsec = UTIME_OMIT } };
	char text[SYSFS_PAGE];
	struct backend_call call = { .caller = *caller, .opener = *caller };
	int rc;

	if (t->node != node) {
		page_init_fixed(&call.page, text, sizeof(text));
		rc = s->backend->ops->show(s->backend, node, &call);
		if (rc)
			return rc < 0 ? rc : -EAGAIN;
		t->node = 0;
		if (pwrite(t->fd, text, call.page.length, 0) != (ssize_t)call.page.length ||
		    ftruncate(t->fd, (off_t)call.page.length) < 0)
			return -errno;
		t->node = node;
	}
	t->read += t->users && read_lately(t);
	return futimens(t->fd, unread) < 0 ? -errno : 0;
}

struct memory_text *passthrough_open(struct server *s, uint64_t node, const struct caller *caller, unsigned *ret_mark)
{
	struct passthrough *p = s->passthrough;
	struct memory_text *t;

	pthread_mutex_lock(&p->lock);
	t = find(p, node);
	if (t && !t->fd && make(s, t) < 0)
		t = NULL;
	if (t && fill(s, t, node, caller) < 0)
		t = NULL;
	if (t) {
		t->users++;
		*ret_mark = t->read;
	}
	pthread_mutex_unlock(&p->lock);
	return t;
}

void passthrough_release(struct server *s, struct memory_text *t)
{
	pthread_mutex_lock(&s->passthrough->lock);
	t->users--;
	pthread_mutex_unlock(&s->passthrough->lock);
}

bool passthrough_was_read(struct server *s, const struct memory_text *t, unsigned mark)
{
	bool read;

	pthread_mutex_lock(&s->passthrough->lock);
	read = t->read != mark || read_lately(t);
	pthread_mutex_unlock(&s->passthrough->lock);
	return read;
}

void passthrough_drop_gone(struct server *s)
{
	struct passthrough *p = s->passthrough;
	struct node_stat st;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	for (unsigned i = 0; i < p->files; i++) {
		struct memory_text *t = &p->file[i];

		if (t->users && s->backend->ops->stat(s->backend, t->node, NULL, &st) < 0)
			(void)!ftruncate(t->fd, 0);
	}
	pthread_mutex_unlock(&p->lock);
}

int passthrough_reply_open(fuse_req_t req, uint64_t handle, const struct memory_text *t, bool direct)
{
	struct open_out out = { handle, OPEN_PASSTHROUGH | (direct ? OPEN_DIRECT_IO : 0), t->backing };

	return fuse_reply_buf(req, (const char *)&out, sizeof(out));
}
