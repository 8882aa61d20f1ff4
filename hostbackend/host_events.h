/* SPDX-License-Identifier: MIT */
/* A host's uevents, as its kernel broadcasts them: those of objects that the rows are about. */
#ifndef HOSTBACKEND_HOST_EVENTS_H
#define HOSTBACKEND_HOST_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/page.h"

struct host_events;

/* payload: "add@/devices/ap/card05" NUL "ACTION=add" NUL ..., without the SEQNUM that each network namespace counts itself. */
typedef void host_event_fn(void *ctx, const char *payload, size_t length);

/* A socket that hears the present network namespace's uevents from now on, wherever it is read. -errno */
int host_events_open(void);

/* Has a thread call fn for each event of ours, in order. Owns fd from then on. -ENOMEM, -EAGAIN */
int host_events_start(int fd, host_event_fn *fn, void *ctx, struct host_events **ret);
/* fn is not called any more once it returns. NULL: nothing. */
void host_events_stop(struct host_events *e);

/* Is it about an object of ours? */
bool host_events_are_ours(const char *payload);
/* Puts the message into out without its SEQNUM. False: it is no uevent of a kernel's. */
bool host_events_take(const char *message, size_t length, struct page *out);

#endif
