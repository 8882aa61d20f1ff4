/* SPDX-License-Identifier: MIT */
#include "fs/session_io.h"

#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fs/ring.h"
#include "fs/server.h"

/* Of the FUSE protocol, 7.40 and 7.42; the headers of Debian 12 have no names for them. */
#define OPCODE_INIT 26
#define INIT_EXTENDED (UINT32_C(1) << 30)
#define INIT2_PASSTHROUGH (UINT32_C(1) << (37 - 32))
#define INIT2_IO_URING (UINT32_C(1) << (41 - 32))

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

static ssize_t read_request(int fd, void *buffer, size_t size, void *userdata)
{
	struct session_io *io = &((struct server *)userdata)->io;
	const struct init_in *in = buffer;
	ssize_t n = read(fd, buffer, size);

	if (n >= (ssize_t)sizeof(*in) && in->header.opcode == OPCODE_INIT) {
		io->init = in->header.unique;
		io->offered = in->flags & INIT_EXTENDED ? in->flags2 : 0;
	}
	return n;
}

/*
 * Where names are dropped one by one, whoever drops one waits for clients; if he is killed then, they wait for him, and
 * for as long as the machine runs.
 */
static uint32_t ring_flag(struct server *s)
{
	if (!s->ring)
		return 0;
	if (s->known_names)
		fprintf(stderr, "apsysfs: --io-uring: not where names are dropped one by one (in run, with --no-epoch, before Linux 6.16); mounted without\n");
	else if (!(s->io.offered & INIT2_IO_URING))
		fprintf(stderr, "apsysfs: --io-uring: the kernel does not offer it (Linux 6.16, and Y in /sys/module/fuse/parameters/enable_uring); mounted without\n");
	else if (!ring_prepare(s->ring))
		fprintf(stderr, "apsysfs: --io-uring: no thread or no memory; mounted without\n");
	else
		return INIT2_IO_URING;
	return 0;
}

/* Returns what was agreed on beyond what libfuse knows. */
static uint32_t add_to_answer(struct server *s, struct init_out *out)
{
	uint32_t flags = ring_flag(s) | (s->passthrough ? s->io.offered & INIT2_PASSTHROUGH : 0);

	if (flags)
		out->flags |= INIT_EXTENDED;
	out->flags2 |= flags;
	if (flags & INIT2_PASSTHROUGH)
		out->max_stack_depth = 1;
	return flags;
}

static ssize_t answer_first(struct server *s, int fd, struct iovec *part, int count)
{
	uint32_t flags = add_to_answer(s, part[1].iov_base);
	ssize_t n;

	s->io.init = 0;
	if (flags & INIT2_PASSTHROUGH)
		atomic_store(&s->passthrough->works, true);
	n = writev(fd, part, count);
	if (n > 0 && (flags & INIT2_IO_URING))
		ring_start(s->ring, atomic_load(&s->loop));
	return n;
}

static ssize_t write_answer(int fd, struct iovec *part, int count, void *userdata)
{
	struct server *s = userdata;
	const struct out_header *header = part[0].iov_base;

	if (ring_asked(s->ring, header->unique))
		return ring_answer(s->ring, header->unique, part, count);
	if (s->io.init && header->unique == s->io.init && !header->error && count == 2 &&
	    part[1].iov_len >= sizeof(struct init_out))
		return answer_first(s, fd, part, count);
	/* who hears of a change finds it answered */
	if (!header->unique)
		ring_flush(s->ring);
	return writev(fd, part, count);
}

int session_io_join(struct server *s)
{
	static const struct fuse_custom_io io = { .read = read_request, .writev = write_answer };

	return fuse_session_custom_io(s->session, &io, fuse_session_fd(s->session));
}
