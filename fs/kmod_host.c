/* SPDX-License-Identifier: MIT */
/* The host's own module commands, as 'apsysfs run' kept them. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/kmod.h"

static void path_of(const char *program, char ret[128])
{
	snprintf(ret, 128, KMOD_HOST "/%s", program);
}

bool kmod_host_has(const char *program)
{
	char path[128];

	path_of(program, path);
	return access(path, X_OK) == 0;
}

void kmod_host_become(const char *program, char **argv)
{
	char path[128];

	path_of(program, path);
	execv(path, argv);
}

int kmod_host_run(const char *program, char **argv)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		kmod_host_become(program, argv);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
