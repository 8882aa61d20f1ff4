/* SPDX-License-Identifier: MIT */
/* apsysfs mount: the tree at a mount point of the user's. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/mount.h"
#include "fs/options.h"

struct mount_options {
	struct machine_options machine;
	const char *fuse_options;
	bool foreground, debug;
};

static const char usage[] =
	"Usage: apsysfs [mount] [OPTIONS] MOUNTPOINT\n"
	"Mount a virtual s390 AP bus, shaped like /sys. Returns when the mount answers.\n\n"
	OPTIONS_MACHINE_HELP
	"  -f                   stay in the foreground\n"
	"  -d                   log every request (implies -f)\n"
	"  -o OPTIONS           options for FUSE, see fuse(8)\n"
	"  -h, --help           this text\n\n"
	"Unmount with: fusermount3 -u MOUNTPOINT, or end the process.\n"
	"Exit status: 0 mounted, 1 not, 2 usage.\n";

static int parse(int argc, char **argv, struct mount_options *o)
{
	static const struct option longs[] = { OPTIONS_MACHINE_LONG, { "help", no_argument, NULL, 'h' }, { 0 } };
	int option, status;

	while ((option = getopt_long(argc, argv, "+fdo:h", longs, NULL)) != -1) {
		if (options_take(&o->machine, option, optarg, &status)) {
			if (status)
				return status;
			continue;
		}
		switch (option) {
		case 'f':
			o->foreground = true;
			break;
		case 'd':
			o->foreground = o->debug = true;
			break;
		case 'o':
			o->fuse_options = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(STATUS_OK);
		default:
			fprintf(stderr, "Try 'apsysfs mount --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind != argc - 1) {
		fprintf(stderr, "apsysfs mount: expected one mount point; try 'apsysfs mount --help'\n");
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

/* Waits for the byte; without it, the daemon's exit status says why. */
static int wait_for_daemon(pid_t daemon, int fd)
{
	char byte;
	int status;

	if (read(fd, &byte, 1) == 1)
		return STATUS_OK;
	if (waitpid(daemon, &status, 0) < 0 || !WIFEXITED(status))
		return STATUS_FAILED;
	return WEXITSTATUS(status) ? WEXITSTATUS(status) : STATUS_FAILED;
}

static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	if (chdir("/") < 0)
		perror("apsysfs: chdir /");
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
}

/* background: leaves the terminal once all that was named by the user's words is read. */
static int serve(const struct mount_options *o, const char *mountpoint, int ready_fd, bool background)
{
	struct mount_request request = { .mountpoint = mountpoint, .fuse_options = o->fuse_options,
					 .debug = o->debug, .needs.debug = o->debug,
					 .passthrough = o->machine.passthrough, .io_uring = o->machine.io_uring,
					 .no_epoch = o->machine.no_epoch, .ready_fd = ready_fd };
	int status = options_boot(&o->machine, &request.backend);

	if (status == STATUS_OK)
		options_serve(&o->machine, request.backend, &request);
	if (status == STATUS_OK && background)
		leave_terminal();
	return status ? status : mount_serve(&request);
}

static int serve_in_background(const struct mount_options *o, const char *mountpoint)
{
	int fds[2];
	pid_t daemon;
	int status;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) < 0 || (daemon = fork()) < 0) {
		perror("apsysfs: cannot start the daemon");
		return STATUS_FAILED;
	}
	if (daemon > 0) {
		close(fds[1]);
		return wait_for_daemon(daemon, fds[0]);
	}
	close(fds[0]);
	status = serve(o, mountpoint, fds[1], true);
	exit(status);
}

static int run(int argc, char **argv)
{
	struct mount_options o = { 0 };
	int status = parse(argc, argv, &o);
	char *mountpoint;

	if (status)
		return status;
	if (mount_check(argv[optind]))
		return STATUS_FAILED;
	mountpoint = realpath(argv[optind], NULL);
	if (!mountpoint) {
		perror(argv[optind]);
		return STATUS_FAILED;
	}
	status = o.foreground ? serve(&o, mountpoint, -1, false) : serve_in_background(&o, mountpoint);
	free(mountpoint);
	return status;
}

const struct command command_mount = { "mount", "mount a virtual AP bus", usage, run };
