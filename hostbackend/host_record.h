/* SPDX-License-Identifier: MIT */
/* A host's AP bus as a machine, and what to restore on it, so that it looks the same. */
#ifndef HOSTBACKEND_HOST_RECORD_H
#define HOSTBACKEND_HOST_RECORD_H

#include "core/engine.h"
#include "core/kernel.h"
#include "core/machine.h"
#include "core/page.h"

struct host_record {
	enum kernel_id kernel;
	struct machine machine;
	struct page cmdline;
	struct page state;	/* for core/restore.h */
	struct page notes;	/* a line each: what could not be read, is not known or cannot be reproduced */
};

/* dir: what has bus/ap below it. Returns 0, -ENOENT (no AP bus there), -errno of opening it, -ENOMEM. */
int host_record(const char *dir, struct host_record *ret);
/* The same, and a machine that was booted so and restored: to try on it what the host would answer. */
int host_record_engine(const char *dir, struct host_record *ret, struct engine *ret_engine);
void host_record_free(struct host_record *r);

#endif
