/* SPDX-License-Identifier: MIT */
#include "fs/ring_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fs/ops.h"

#define BATCH 16		/* entries that a queue gets at a time */
#define HEADERS 8192		/* a page for what the kernel writes apart, and one to put it together */

/* What libfuse is told instead of the kernel's number: which entry the request is in. */
#define MADE_UP (UINT64_C(1) << 62)
#define QUEUE_SHIFT 16

/* Of the FUSE protocol, 7.42; the headers of Debian 12 have no names for them. */
enum { COMMAND_REGISTER = 1, COMMAND_COMMIT_AND_FETCH = 2 };

struct command {
	uint64_t flags, commit;
	uint16_t queue;
	uint8_t padding[6];
};

struct headers {
	struct {
		uint32_t length, opcode;
		uint64_t unique;
		char rest[24];
	} in;			/* or the answer's: length, error, unique */
	char in_padding[128 - 40];
	char operation[128];
	uint64_t flags, commit;
	uint32_t payload, padding;
	uint64_t reserved;
};

#define REQUEST_HEADER 40
#define ANSWER_HEADER 16

struct ring_entry {
	uint64_t unique;	/* the kernel's number of the request in it */
	struct headers *headers;
	char *payload;
	struct iovec part[2];	/* both, for the kernel */
};

void ring_queue_init(struct ring_queue *q, struct ring *r, unsigned id)
{
	*q = (struct ring_queue){ .ring = r, .id = id, .uring.fd = -1 };
	pthread_mutex_init(&q->lock, NULL);
}

static void free_entry(struct ring_entry *e)
{
	munmap(e->headers, HEADERS + MAX_WRITE);
	free(e);
}

void ring_queue_free(struct ring_queue *q)
{
	uring_close(&q->uring);
	for (unsigned n = 0; n < q->entries; n++)
		free_entry(q->entry[n]);
	pthread_mutex_destroy(&q->lock);
}

int ring_queue_enter(struct ring_queue *q, bool wait)
{
	unsigned commands;

	pthread_mutex_lock(&q->lock);
	commands = uring_take_published(&q->uring);
	pthread_mutex_unlock(&q->lock);
	return commands || wait ? uring_enter(&q->uring, commands, wait) : 0;
}

/* --- commands; with the lock held ------------------------------------------------------------------------ */

static struct command *next_command(struct ring_queue *q, unsigned number, uint32_t operation, struct io_uring_sqe **ret)
{
	struct io_uring_sqe *sqe = uring_command(&q->uring);
	struct command *c;

	/* the kernel takes what it is called for, so then there is room */
	while (!sqe) {
		(void)uring_enter(&q->uring, uring_take_published(&q->uring), false);
		sqe = uring_command(&q->uring);
	}
	sqe->cmd_op = operation;
	sqe->user_data = number;
	c = (struct command *)(void *)((char *)sqe + 48);
	c->queue = (uint16_t)q->id;
	*ret = sqe;
	return c;
}

static struct ring_entry *new_entry(void)
{
	struct ring_entry *e = calloc(1, sizeof(*e));
	char *memory;

	if (!e)
		return NULL;
	memory = mmap(NULL, HEADERS + MAX_WRITE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		free(e);
		return NULL;
	}
	e->headers = (struct headers *)(void *)memory;
	e->payload = memory + HEADERS;
	e->part[0] = (struct iovec){ e->headers, sizeof(*e->headers) };
	e->part[1] = (struct iovec){ e->payload, MAX_WRITE };
	return e;
}

void ring_queue_grow(struct ring_queue *q)
{
	for (unsigned i = 0; i < BATCH && q->entries < RING_ENTRIES; i++) {
		struct ring_entry *e = new_entry();
		struct io_uring_sqe *sqe;

		if (!e)
			return;
		q->entry[q->entries] = e;
		(void)next_command(q, q->entries++, COMMAND_REGISTER, &sqe);
		sqe->addr = (uintptr_t)e->part;
		sqe->len = 2;
		uring_publish(&q->uring);
	}
}

/* --- answers --------------------------------------------------------------------------------------------- */

bool ring_queue_is_entry(uint64_t unique)
{
	return unique & MADE_UP;
}

unsigned ring_queue_of(uint64_t unique)
{
	return (unsigned)((unique & ~MADE_UP) >> QUEUE_SHIFT);
}

/* Into the entry, whose memory the request may still be in. Returns its length. */
static size_t fill(struct ring_entry *e, const struct iovec *part, int count)
{
	size_t length = 0;

	memcpy(e->headers, part[0].iov_base, ANSWER_HEADER);
	e->headers->in.unique = e->unique;
	for (int i = 1; i < count; i++) {
		if (part[i].iov_len > MAX_WRITE - length) {
			e->headers->in.opcode = (uint32_t)-EIO;
			length = 0;
			break;
		}
		memmove(e->payload + length, part[i].iov_base, part[i].iov_len);
		length += part[i].iov_len;
	}
	e->headers->payload = (uint32_t)length;
	return length + ANSWER_HEADER;
}

ssize_t ring_queue_answer(struct ring_queue *q, const struct iovec *part, int count)
{
	const struct headers *answer = part[0].iov_base;
	unsigned number = (unsigned)(answer->in.unique & ((1u << QUEUE_SHIFT) - 1));
	struct ring_entry *e = q->entry[number];
	size_t length = fill(e, part, count);
	struct io_uring_sqe *sqe;
	bool at_once;

	pthread_mutex_lock(&q->lock);
	next_command(q, number, COMMAND_COMMIT_AND_FETCH, &sqe)->commit = e->unique;
	uring_publish(&q->uring);
	q->taken--;
	at_once = !q->busy;
	pthread_mutex_unlock(&q->lock);
	if (at_once)
		(void)ring_queue_enter(q, false);
	return (ssize_t)length;
}

/* --- requests -------------------------------------------------------------------------------------------- */

static bool makes_sense(const struct headers *h)
{
	return h->payload <= MAX_WRITE && h->in.length >= REQUEST_HEADER + h->payload &&
	       h->in.length - REQUEST_HEADER - h->payload <= sizeof(h->operation);
}

/* It is put together in front of the payload. */
int ring_queue_request(struct ring_queue *q, unsigned entry, struct fuse_buf *ret)
{
	struct ring_entry *e = q->entry[entry];
	struct headers *h = e->headers;
	size_t operation = h->in.length - REQUEST_HEADER - h->payload;
	char *at = e->payload - operation - REQUEST_HEADER;

	if (!makes_sense(h))
		return -EPROTO;
	e->unique = h->commit;
	h->in.unique = MADE_UP | (uint64_t)q->id << QUEUE_SHIFT | entry;
	memcpy(at, h, REQUEST_HEADER);
	memcpy(at + REQUEST_HEADER, h->operation, operation);
	*ret = (struct fuse_buf){ .mem = at, .size = h->in.length, .fd = -1 };
	return 0;
}
