/* SPDX-License-Identifier: MIT */
#include "fs/state_format.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PAGE 4096u
#define RUN (256 * PAGE)	/* of pages in one record */
#define SUMMED offsetof(struct state_record, kind)

static const char nul[1];

void state_record_pieces(const struct operation *o, struct state_record *r, struct iovec pieces[3])
{
	uLong sum;

	*r = (struct state_record){ .length = (uint32_t)(sizeof(*r) + o->length + 1), .kind = o->kind, .ticket = o->ticket,
				    .node = o->node, .now = o->now };
	sum = crc32(0, (const Bytef *)r + SUMMED, sizeof(*r) - SUMMED);
	if (o->length)
		sum = crc32(sum, (const Bytef *)o->text, (uInt)o->length);
	r->sum = (uint32_t)crc32(sum, (const Bytef *)nul, 1);
	pieces[0] = (struct iovec){ r, sizeof(*r) };
	pieces[1] = (struct iovec){ (void *)(uintptr_t)o->text, o->length };
	pieces[2] = (struct iovec){ (void *)(uintptr_t)nul, 1 };
}

bool state_record_whole(const char *p, size_t length, struct state_record *ret)
{
	if (length < sizeof(*ret) + 1)
		return false;
	memcpy(ret, p, sizeof(*ret));
	return ret->length > sizeof(*ret) && ret->length <= length && !p[ret->length - 1] &&
	       ret->sum == (uint32_t)crc32(0, (const Bytef *)p + SUMMED, (uInt)(ret->length - SUMMED));
}

struct operation state_record_operation(const struct state_record *r, const char *text)
{
	return (struct operation){ .kind = (enum operation_kind)r->kind, .ticket = r->ticket, .node = r->node,
				   .now = r->now, .text = text, .length = r->length - sizeof(*r) - 1 };
}

/* --- an image ------------------------------------------------------------------------------------ */

static void append(struct state_bytes *b, const void *data, size_t length)
{
	if (b->length + length > b->size) {
		size_t size = 2 * b->size + length + RUN;
		char *larger = b->failed ? NULL : realloc(b->data, size);

		if (!larger) {
			b->failed = true;
			return;
		}
		b->data = larger;
		b->size = size;
	}
	if (length)
		memcpy(b->data + b->length, data, length);
	b->length += length;
}

void state_bytes_append(struct state_bytes *b, uint32_t kind, const struct operation *o)
{
	struct state_record r = { .length = (uint32_t)(sizeof(r) + o->length + 1), .kind = kind, .ticket = o->ticket,
				  .node = o->node, .now = o->now };

	append(b, &r, sizeof(r));
	append(b, o->text, o->length);
	append(b, nul, 1);
}

static bool is_zero(const char *page, size_t length)
{
	return page[0] == 0 && memcmp(page, page + 1, length - 1) == 0;
}

static size_t page_length(const struct image *image, size_t at)
{
	return image->size - at < PAGE ? image->size - at : PAGE;
}

void state_bytes_image(struct state_bytes *b, const struct image *image, const char *options)
{
	struct state_head head = { .magic = STATE_MAGIC, .byte_order = STATE_BYTE_ORDER, .format = STATE_FORMAT,
				   .layout = image->layout, .size = image->size };
	const char *bytes = image->bytes;

	append(b, &head, sizeof(head));
	state_bytes_append(b, STATE_OPTIONS, &(struct operation){ .text = options, .length = strlen(options) });
	for (size_t at = 0, end; at < image->size; at = end) {
		end = at;
		while (end < image->size && end - at < RUN && !is_zero(bytes + end, page_length(image, end)))
			end += page_length(image, end);
		if (end > at)
			state_bytes_append(b, STATE_PAGES,
					   &(struct operation){ .node = at, .text = bytes + at, .length = end - at });
		else
			end += page_length(image, end);
	}
}

void state_bytes_sum(struct state_bytes *b)
{
	struct state_record r;

	for (size_t at = sizeof(struct state_head); at < b->length; at += r.length) {
		memcpy(&r, b->data + at, sizeof(r));
		r.sum = (uint32_t)crc32(0, (const Bytef *)b->data + at + SUMMED, (uInt)(r.length - SUMMED));
		memcpy(b->data + at, &r, sizeof(r));
	}
}

void state_bytes_free(struct state_bytes *b)
{
	free(b->data);
	*b = (struct state_bytes){ 0 };
}
