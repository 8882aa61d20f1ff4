/* SPDX-License-Identifier: MIT */
/* The bytes of a state file: a head, the image of the state in records, and a record for each operation since. */
#ifndef FS_STATE_FORMAT_H
#define FS_STATE_FORMAT_H

#include <stdbool.h>
#include <sys/uio.h>

#include "core/recorder.h"

struct state_head {
	char magic[16];
	uint32_t byte_order;	/* STATE_BYTE_ORDER as the machine that wrote it has it */
	uint32_t format;
	uint64_t layout, size;	/* of the image */
};

#define STATE_MAGIC "apsysfs state\n\0"
#define STATE_BYTE_ORDER UINT32_C(0x01020304)
#define STATE_FORMAT 1

/* What a record holds beside operations, whose kinds are below. */
enum { STATE_OPTIONS = 0x100, STATE_PAGES, STATE_IMAGE_END };

/* Followed by the text and a NUL. */
struct state_record {
	uint32_t length;	/* of all of it */
	uint32_t sum;		/* CRC-32 of all that follows */
	uint32_t kind;
	uint32_t ticket;
	uint64_t node;		/* pages: where in the image */
	int64_t now;
};

/* An operation as a record: its three pieces. */
void state_record_pieces(const struct operation *o, struct state_record *r, struct iovec pieces[3]);
/* The record of length bytes at most at p, with its sum right, and the NUL at its end? */
bool state_record_whole(const char *p, size_t length, struct state_record *ret);
struct operation state_record_operation(const struct state_record *r, const char *text);

/* A growing piece of file in memory. Its sums are made last: they need no lock. */
struct state_bytes {
	char *data;
	size_t length, size;
	bool failed;		/* out of memory */
};

void state_bytes_append(struct state_bytes *b, uint32_t kind, const struct operation *o);
/* Head, options, and of the image what is not zero. */
void state_bytes_image(struct state_bytes *b, const struct image *image, const char *options);
void state_bytes_sum(struct state_bytes *b);
void state_bytes_free(struct state_bytes *b);

#endif
