/* SPDX-License-Identifier: MIT */
#include "core/journal.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EVENTS (UINT32_C(1) << 18)	/* a mask write that moves every queue of a full machine makes half of it */
#define BYTES (UINT32_C(1) << 24)
#define LOG_BYTES (UINT32_C(1) << 20)
#define PAYLOAD 4096
#define FREE (UINT32_C(1) << 20)	/* so much at the beginning is used again rather than memory that never was */
#define STEP (UINT32_C(1) << 16)	/* in which that grows */
#define RECORDS_SIZE (EVENTS * sizeof(struct record))

struct record {
	uint32_t offset;	/* in bytes[] */
	uint16_t length;
	bool compact;
};

struct journal {
	struct record *record;	/* [number % EVENTS] */
	uint8_t *bytes;
	uint64_t next, oldest, cleared;	/* event numbers; those before cleared are not printed */
	uint64_t written;	/* bytes ever written, counted with the gaps at the end of the buffer */
	uint32_t touched;	/* so many of bytes[] may ever have been written to */
	journal_unpack_fn *unpack;
	char *log;
	size_t log_length;
};

/* Untouched memory, which costs nothing until it is written to; calloc would clear what was freed before. */
static void *map(size_t size)
{
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return data == MAP_FAILED ? NULL : data;
}

static void unmap(void *data, size_t size)
{
	if (data)
		munmap(data, size);
}

struct journal *journal_new(void)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->record = map(RECORDS_SIZE);
	j->bytes = map(BYTES);
	j->log = map(LOG_BYTES);
	if (!j->record || !j->bytes || !j->log) {
		journal_free(j);
		return NULL;
	}
	return j;
}

struct journal *journal_sink(void)
{
	return calloc(1, sizeof(struct journal));
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	unmap(j->record, RECORDS_SIZE);
	unmap(j->bytes, BYTES);
	unmap(j->log, LOG_BYTES);
	free(j);
}

void journal_set_unpack(struct journal *j, journal_unpack_fn *unpack)
{
	j->unpack = unpack;
}

/* Are there records, and none of them at the beginning? Memory that is new to the process costs a page fault each. */
static bool begins_free(const struct journal *j, uint32_t at)
{
	uint32_t first = j->record[j->oldest % EVENTS].offset;

	return j->oldest < j->next && first >= FREE && first < at;
}

/* Beyond what was ever written to: from there, or at the beginning. */
static uint32_t place_beyond(struct journal *j, uint32_t at, uint32_t length)
{
	if (at + length > BYTES || begins_free(j, at)) {
		/* those behind are the oldest, and would keep what is dropped next from being seen */
		while (j->oldest < j->next && j->record[j->oldest % EVENTS].offset >= at)
			j->oldest++;
		j->written += BYTES - at;
		return 0;
	}
	while (at + length > j->touched)
		j->touched += STEP;
	return at;
}

/* Room for length bytes in one piece; records that lie there are dropped. */
static uint32_t make_room(struct journal *j, uint32_t length)
{
	uint32_t at = (uint32_t)(j->written % BYTES);

	if (at + length > j->touched)
		at = place_beyond(j, at, length);
	j->written += length;
	/* until both buffers were full once, there is nothing to drop */
	while (j->oldest < j->next && (j->written > BYTES || j->next - j->oldest == EVENTS)) {
		const struct record *r = &j->record[j->oldest % EVENTS];
		bool hit = r->offset < at + length && at < r->offset + r->length;

		if (!hit && j->next - j->oldest < EVENTS)
			break;
		j->oldest++;
	}
	return at;
}

static void append(struct journal *j, const void *data, size_t length)
{
	uint32_t at;

	if (!j->bytes)
		return;
	at = make_room(j, (uint32_t)length);
	memcpy(j->bytes + at, data, length);
	j->record[j->next % EVENTS] = (struct record){ at, (uint16_t)length, false };
	j->next++;
}

void journal_event(struct journal *j, const char *payload, size_t length)
{
	append(j, payload, length < PAYLOAD ? length : PAYLOAD);
}

void *journal_compact(struct journal *j)
{
	uint32_t at;

	if (!j->bytes)
		return NULL;
	at = make_room(j, JOURNAL_COMPACT);
	j->record[j->next % EVENTS] = (struct record){ at, JOURNAL_COMPACT, true };
	j->next++;
	return j->bytes + at;
}

uint64_t journal_next(const struct journal *j)
{
	return j->next;
}

size_t journal_payload(const struct journal *j, uint64_t n, char *payload, size_t size)
{
	const struct record *r = &j->record[n % EVENTS];
	size_t length;

	if (n < j->oldest || n >= j->next)
		return 0;
	if (r->compact)
		return j->unpack(j->bytes + r->offset, payload, size);
	length = r->length < size ? r->length : size;
	memcpy(payload, j->bytes + r->offset, length);
	return length;
}

static void print_escaped(struct page *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			page_append(out, "\\n", 2);
		else if (c == '\t')
			page_append(out, "\\t", 2);
		else if (c == '\\' || c == '\'')
			page_printf(out, "\\%c", c);
		else if (c < 32 || c >= 127)
			page_printf(out, "\\x%02x", c);
		else
			page_append(out, (const char *)&text[i], 1);
	}
}

static void print_payload(struct page *out, const char *payload, size_t length)
{
	page_append(out, "uevent", 6);
	for (size_t i = 0; i < length;) {
		size_t part = strnlen(payload + i, length - i);

		page_append(out, " ", 1);
		print_escaped(out, payload + i, part);
		i += part + 1;
	}
	page_append(out, "\n", 1);
}

void journal_print_events(const struct journal *j, struct page *out)
{
	char payload[PAYLOAD];

	for (uint64_t n = j->cleared > j->oldest ? j->cleared : j->oldest; n < j->next; n++)
		print_payload(out, payload, journal_payload(j, n, payload, sizeof(payload)));
}

void journal_clear_events(struct journal *j)
{
	j->cleared = j->next;
}

void journal_log(struct journal *j, const char *format, ...)
{
	char line[512];
	va_list args;
	int length;

	if (!j->log)
		return;
	va_start(args, format);
	length = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (length < 0)
		return;
	if (length > (int)sizeof(line) - 2)
		length = (int)sizeof(line) - 2;
	line[length++] = '\n';
	if (j->log_length + (size_t)length > LOG_BYTES) {
		/* keep the newer half: whoever reads the log wants the end */
		size_t keep = LOG_BYTES / 2;

		memmove(j->log, j->log + j->log_length - keep, keep);
		j->log_length = keep;
	}
	memcpy(j->log + j->log_length, line, (size_t)length);
	j->log_length += (size_t)length;
}

void journal_print_log(const struct journal *j, struct page *out)
{
	page_append(out, j->log, j->log_length);
}

void journal_clear_log(struct journal *j)
{
	j->log_length = 0;
}
