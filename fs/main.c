/* SPDX-License-Identifier: MIT */
/* apsysfs: the commands. */
#include <stdio.h>
#include <string.h>

#include "fs/command.h"
#include "fs/kmod.h"
#include "fs/sudo.h"

#define VERSION "0.1"

static const struct command *const commands[] = { &command_mount, &command_run,   &command_machine,
						   &command_guest, &command_module, &command_show, &command_record,
						   &command_scenario,
						   &command_mask, &command_doctor, &command_policy,
						   &command_stats,  &command_plan };
#define COMMANDS (sizeof(commands) / sizeof(*commands))

static int print_help(void)
{
	printf("Usage: apsysfs [COMMAND] [OPTIONS] ...\n"
	       "The s390 AP bus and vfio_ap sysfs, on any Linux machine.\n\nCommands:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n'apsysfs COMMAND --help' says more. Without a command: mount.\n");
	return STATUS_OK;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc > 0 && kmod_is_called(argv[0]))
		return kmod_main(argc, argv);
	if (argc > 0 && sudo_is_called(argv[0]))
		return sudo_main(argc, argv);
	if (argc < 2) {
		fprintf(stderr, "apsysfs: expected a command or a mount point; try 'apsysfs --help'\n");
		return STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_help();
	if (strcmp(argv[1], "--version") == 0) {
		printf("apsysfs %s\n", VERSION);
		return STATUS_OK;
	}
	command = find(argv[1]);
	if (command)
		return command->run(argc - 1, argv + 1);
	/* no slash and no option: more likely a mistyped command than a directory here */
	if (argv[1][0] != '-' && argc > 2 && !strchr(argv[1], '/')) {
		fprintf(stderr, "apsysfs: %s: no such command; 'apsysfs --help' lists them\n", argv[1]);
		return STATUS_USAGE;
	}
	return command_mount.run(argc, argv);
}
