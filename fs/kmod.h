/* SPDX-License-Identifier: MIT */
/*
 * modprobe, insmod, rmmod, lsmod and modinfo for the virtual kernel's modules, inside 'apsysfs run': the program
 * called by such a name. What is not about our modules goes to the host's own command, unchanged.
 */
#ifndef FS_KMOD_H
#define FS_KMOD_H

#include <stdbool.h>

#include "core/page.h"

#define KMOD_MODULES 32
#define KMOD_NAME 56	/* MODULE_NAME_LEN */

/* Where run keeps the commands' other names, and below it the host's own ones. */
#define KMOD_BIN "/sys/.apsysfs/bin"
#define KMOD_HOST KMOD_BIN "/host"
#define KMOD_CONTROL "/sys/.apsysfs"

struct kmod_module {
	char name[KMOD_NAME];
	const char *info;	/* its paragraph of "key: value" lines */
	bool builtin, loaded;
	unsigned long size, refcount;
	char holders[256];	/* names and commas, as /proc/modules has them, without the last comma */
	bool visited;		/* of a walk over what it needs */
};

struct kmod {
	const char *program;	/* the name in messages: modprobe, ... */
	struct page info;
	struct kmod_module module[KMOD_MODULES];
	unsigned count;
};

/* The names that the program answers to. NULL ends the list. */
extern const char *const kmod_names[];

/* Is argv[0] one of them? */
bool kmod_is_called(const char *argv0);
/* Runs it; the exit status, as kmod's. */
int kmod_main(int argc, char **argv);

/* --- the commands, each in a file --- */
int kmod_modprobe(struct kmod *k, int argc, char **argv);
int kmod_insmod(struct kmod *k, int argc, char **argv);
int kmod_rmmod(struct kmod *k, int argc, char **argv);
int kmod_lsmod(struct kmod *k, int argc, char **argv);
int kmod_modinfo(struct kmod *k, int argc, char **argv);

/* --- what there is: kmod_list.c --- */

/* Reads what the virtual kernel has. 0, or -errno: no virtual kernel in /sys. */
int kmod_read(struct kmod *k);
/* Reads again what is loaded. */
void kmod_refresh(struct kmod *k);
/* By name, - as _; NULL: not ours. */
struct kmod_module *kmod_find(struct kmod *k, const char *name);
/* Also by an alias, such as ap:t0B. */
struct kmod_module *kmod_lookup(struct kmod *k, const char *name);
/* By the name of a file, NAME.ko and what it may be packed as. */
struct kmod_module *kmod_find_file(struct kmod *k, const char *path);
/* The next value of a key, NULL at the end; *position starts as m->info. Its length in *ret_length. */
const char *kmod_value(const char **position, const char *key, int *ret_length);
/* The file's path as modprobe prints it. */
void kmod_path(const struct kmod_module *m, char *ret, size_t size);
/* Loads with parameters, unloads; -errno as the system call has it (-EPERM: not root). */
int kmod_load(const struct kmod_module *m, const char *parameters);
int kmod_unload(const struct kmod_module *m);

/* --- the host's own commands: kmod_host.c --- */

bool kmod_host_has(const char *program);
/* Becomes the host's command; returns only if there is none. */
void kmod_host_become(const char *program, char **argv);
/* Runs it and waits; its exit status, or 1 if there is none. */
int kmod_host_run(const char *program, char **argv);

/* "PROGRAM: ERROR: ..." on standard error. */
void kmod_error(const struct kmod *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
