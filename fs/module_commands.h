/* SPDX-License-Identifier: MIT */
/* modprobe and its like inside 'apsysfs run': our program over the host's files, which are kept beside it. */
#ifndef FS_MODULE_COMMANDS_H
#define FS_MODULE_COMMANDS_H

#include <limits.h>
#include <stdbool.h>

#define MODULE_COMMANDS 8

/* A file of the host, kept as a mount of its own. */
struct kept_file {
	char label[64];		/* its name where it is kept */
	int clone;		/* of its mount */
};

struct module_commands {
	char cover[MODULE_COMMANDS][PATH_MAX];	/* files that our program is bound over */
	unsigned covers;
	struct kept_file kept[MODULE_COMMANDS];
	unsigned kept_count;
	char link[MODULE_COMMANDS][PATH_MAX];	/* of the name with this number: what the host's is; "" none */
	bool needs_path;	/* a name cannot be covered: only $PATH leads to ours */
};

/* Looks what the host has. Before /sys is covered. */
void module_commands_find(struct module_commands *c);
/*
 * Puts ours in front, once our /sys is there; also over /proc/modules, if the host has one. Says so on standard
 * error if something is in the way: the host's commands then stay as they are.
 */
void module_commands_install(struct module_commands *c);
/* Sets $PATH of the command to be, if that is needed. */
void module_commands_set_path(const struct module_commands *c);

#endif
