/* SPDX-License-Identifier: MIT */
/* The virtual kernel: its state, the rules of its version, and what it tells the world. */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include "core/backend.h"
#include "core/journal.h"
#include "core/kernel.h"
#include "core/machine.h"
#include "core/state.h"

/* What show and store of a row return when the kernel would sleep: call again after any change. */
#define ENGINE_WAITS BACKEND_WAITS

struct engine {
	struct state *state;
	const struct kernel_rules *rules;
	struct journal *journal;	/* uevents and log lines, in order */
	uint64_t changes;		/* grows with every call that may have changed something */
	uint32_t ticket;		/* which call this is: a call that waits comes back with the same one */
	char error[512];		/* why the last control write was refused */
	int shared;			/* 1 + the file that state is mapped from, once there was a trial; 0: none */
};

#define NANOSECONDS INT64_C(1000000000)

/*
 * Boots a kernel on a machine: masks from the command line, first scan, modules unless no_modules.
 * now: ns since the epoch. Returns 0, -ENOMEM, or -EINVAL (a parameter longer than the kernel takes).
 */
int engine_boot(struct engine *e, enum kernel_id kernel, const struct machine *machine,
		const char *cmdline, int64_t now);
/*
 * Instead of booting: the state as it was saved. read fills it, zeroed, and returns 0 or -errno. -ENOMEM; -EINVAL: no state.
 * The journal is empty.
 */
int engine_restore(struct engine *e, int (*read)(void *ctx, void *bytes, size_t size), void *ctx);
void engine_load_default_modules(struct engine *e);
/* Time passes until now: resets move on, periodic scans happen when they are due. */
void engine_advance(struct engine *e, int64_t now);
/* It is now, and nothing was due meanwhile: only what moves with the clock moves on. Never backwards. */
void engine_set_now(struct engine *e, int64_t now);
/* The hardware is another one; the bus learns it in its next scan. */
void engine_set_machine(struct engine *e, const struct machine *machine);
/* When engine_advance next has something to do. */
int64_t engine_next_due(const struct engine *e);
void engine_free(struct engine *e);

/*
 * A trial: an engine with the same state at this moment, to run a write on and see what it would change. Costs what
 * is changed, not what there is. e must not change until it ends: with engine_free(trial). What it would log
 * or send is lost. -ENOMEM, or another errno where the system gives no memory file; *ret_trial is then untouched.
 */
int engine_trial_begin(struct engine *e, struct engine *ret_trial);

#endif
