/* SPDX-License-Identifier: MIT */
/* What the kernel tells the world, in order: uevents, kept compact until someone reads them; and its log. */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/page.h"

struct journal;

/* Returns NULL when out of memory. */
struct journal *journal_new(void);
/* One that keeps nothing: for a trial. NULL: out of memory. */
struct journal *journal_sink(void);
void journal_free(struct journal *j);

/* Appends one event: "action@path" NUL "KEY=VALUE" NUL ... as on netlink, without SEQNUM. The oldest go when it is full. */
void journal_event(struct journal *j, const char *payload, size_t length);
/*
 * A device event of the AP bus, unpacked by the function given to journal_set_unpack when it is read. Returns where the
 * caller puts its JOURNAL_COMPACT bytes; NULL: nothing is kept.
 */
#define JOURNAL_COMPACT 10
void *journal_compact(struct journal *j);
typedef size_t journal_unpack_fn(const void *record, char *payload, size_t size);
void journal_set_unpack(struct journal *j, journal_unpack_fn *unpack);

/* How many events there ever were: the number of the next one. */
uint64_t journal_next(const struct journal *j);
/* The payload of event number n; 0 if it is gone or not yet there. At most size bytes. */
size_t journal_payload(const struct journal *j, uint64_t n, char *payload, size_t size);
/* All that are kept since the last clear: a line each, "uevent action@path KEY=VALUE ...", \n \t \\ \' \0 \xHH escaped. */
void journal_print_events(const struct journal *j, struct page *out);
void journal_clear_events(struct journal *j);

/* One line of the kernel's log, without time stamp and newline. */
void journal_log(struct journal *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
void journal_print_log(const struct journal *j, struct page *out);
void journal_clear_log(struct journal *j);

#endif
