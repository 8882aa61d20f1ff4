/* SPDX-License-Identifier: MIT */
#include "fs/passthrough.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fs/server.h"

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
#define BACKING_CLOSE _IOW(229, 2, uint32_t)

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

struct passthrough *passthrough_new(void)
{
	struct passthrough *p = calloc(1, sizeof(*p));

	if (p)
		p->files = passed_files_new();
	if (p && p->files)
		return p;
	free(p);
	return NULL;
}

void passthrough_free(struct passthrough *p)
{
	if (p)
		passed_files_free(p->files);
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

/* --- files by their numbers ---------------------------------------------------------------------------- */

int passthrough_backing(struct server *s, int fd)
{
	struct backing_map map = { .fd = fd };
	int backing = ioctl(fuse_session_fd(s->session), BACKING_OPEN, &map);

	if (backing > 0)
		return backing;
	/* not allowed: it will not be later either */
	if (backing < 0 && errno == EPERM)
		atomic_store(&s->passthrough->works, false);
	return backing < 0 ? -errno : -EIO;
}

void passthrough_backing_close(struct server *s, int backing)
{
	uint32_t number = (uint32_t)backing;

	(void)ioctl(fuse_session_fd(s->session), BACKING_CLOSE, &number);
}

int passthrough_reply_open(fuse_req_t req, uint64_t handle, const struct passed_file *f, bool direct)
{
	struct open_out out = { handle, OPEN_PASSTHROUGH | (direct ? OPEN_DIRECT_IO : 0), passed_file_backing(f) };

	return fuse_reply_buf(req, (const char *)&out, sizeof(out));
}
