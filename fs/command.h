/* SPDX-License-Identifier: MIT */
/* A subcommand: one file, one entry. */
#ifndef FS_COMMAND_H
#define FS_COMMAND_H

/* Exit statuses; run's own are 125 to 127, as env(1)'s */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

struct command {
	const char *name;
	const char *summary;	/* one line of the list that --help prints */
	const char *usage;	/* what its own --help prints, whole */
	int (*run)(int argc, char **argv);	/* argv[0]: the command's name; the exit status */
};

extern const struct command command_mount, command_policy, command_run, command_machine, command_mask, command_guest,
	command_module, command_scenario, command_show, command_doctor, command_stats,
	command_plan, command_record;

#endif
