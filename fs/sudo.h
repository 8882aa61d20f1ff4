/* SPDX-License-Identifier: MIT */
/*
 * sudo inside a plain user's 'apsysfs run'. There he is root already, and the host's sudo, which belongs to somebody who
 * does not exist there, refuses its work: scripts that call it would fail. Ours runs what it is given.
 */
#ifndef FS_SUDO_H
#define FS_SUDO_H

#include <stdbool.h>

/* Is argv[0] its name? */
bool sudo_is_called(const char *argv0);
/* Runs it: the command's exit status, or 1 after saying why not. */
int sudo_main(int argc, char **argv);
/* Puts ours over the host's, if it has one. Once module_commands_install has put our program into its place. */
void sudo_install(void);

#endif
