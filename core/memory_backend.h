/* SPDX-License-Identifier: MIT */
/* The virtual machine behind core/backend.h: engine, tree, lock, scans by the clock. */
#ifndef CORE_MEMORY_BACKEND_H
#define CORE_MEMORY_BACKEND_H

#include "core/backend.h"
#include "core/machine.h"

enum kernel_id { KERNEL_4_20, KERNEL_5_10, KERNEL_6_1, KERNEL_6_12, KERNEL_7_2, KERNELS };
#define KERNEL_NEWEST KERNEL_7_2

/* "4.20" ... "7.2" and back; -EINVAL for another text. */
int kernel_from_name(const char *name, enum kernel_id *ret);
const char *kernel_name(enum kernel_id kernel);

struct memory_options {
	enum kernel_id kernel;
	const struct machine *machine;
	const char *cmdline;	/* boot parameters such as "ap.apmask=0xffff"; NULL: none */
	bool no_modules;	/* boot with no module loaded */
	bool virtual_clock;	/* time stands still but for the control file: no periodic scan */
};

/* Boots the machine. Returns 0, -ENOMEM, or -EINVAL (cmdline). Free with ops->destroy. */
int memory_backend_new(const struct memory_options *options, struct backend **ret);

#endif
