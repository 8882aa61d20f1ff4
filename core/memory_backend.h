/* SPDX-License-Identifier: MIT */
/* The virtual machine behind core/backend.h: engine, tree, lock, scans by the clock. */
#ifndef CORE_MEMORY_BACKEND_H
#define CORE_MEMORY_BACKEND_H

#include "core/backend.h"
#include "core/guard.h"
#include "core/kernel.h"
#include "core/machine.h"
#include "core/recorder.h"

struct memory_options {
	enum kernel_id kernel;
	const struct machine *machine;
	const char *cmdline;	/* boot parameters such as "ap.apmask=0xffff"; NULL: none */
	const char *scenario;	/* events, as core/scenario.h has them; NULL: none */
	bool no_modules;	/* boot with no module loaded */
	struct store_guard *guard;	/* asked before each store, a policy's; NULL: all may happen */
	const char *state;	/* what restore_state is given after boot; NULL: nothing */
	struct page *message;	/* why restore_state refused it; NULL: nobody asks */
	bool virtual_clock;	/* time stands still but for the control file: no periodic scan */
	const struct image_source *image;	/* instead of booting: as it was; NULL. The five above are then in it */
};

/*
 * Boots the machine, whose time stands still until ops->begin. Returns 0, -ENOMEM, -EINVAL (cmdline, scenario; or state,
 * then message says why), -ENOSPC (more events than there is room for), or what the image says. Free with ops->destroy.
 */
int memory_backend_new(const struct memory_options *options, struct backend **ret);

#endif
