/* SPDX-License-Identifier: MIT */
/* apsysfs run: a command whose /sys has a virtual AP bus. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/dev_backend.h"
#include "fs/dev_nodes.h"
#include "fs/forward.h"
#include "fs/guest_view.h"
#include "fs/merged_backend.h"
#include "fs/module_commands.h"
#include "fs/mount.h"
#include "fs/namespace.h"
#include "fs/options.h"
#include "fs/run_mounts.h"
#include "fs/sudo.h"
#include "fs/uevent_netlink.h"
#include "hostbackend/host_backend.h"
#include "hostbackend/host_events.h"

/* As env(1) and timeout(1) have them */
enum { STATUS_OWN_FAILURE = 125, STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127 };

#define BINDS_MAX 32

struct run_options {
	struct machine_options machine;
	const char *guest;
	bool network;
	bool plain;		/* whoever calls it is not root */
	int dev;		/* the folder of a /dev of its own, -1: the host's */
	const char *bind[BINDS_MAX];
	unsigned binds;
};

static const char usage[] =
	"Usage: apsysfs run [OPTIONS] [--] COMMAND [ARGUMENT...]\n"
	"Run a command with a virtual s390 AP bus in its /sys. Works as root and as a plain user;\n"
	"all is gone when the command ends.\n\n"
	OPTIONS_MACHINE_HELP
	"  --net                an own network namespace, in which uevents reach udev and its like\n"
	"  --bind SRC:DST       bind SRC over DST for the command, such as ./defs:/etc/mdevctl.d\n"
	"  --guest UUID         the /sys of a guest that holds this mdev of the present mount, and follows what it has\n"
	"  -h, --help           this text\n\n"
	"/dev has the nodes of the virtual kernel (z90crypt, vfio, zcryptctl's); they can be looked at, not opened.\n"
	"It is the host's own with --host.\n"
	"For a plain user, who is root in there, sudo runs what it is given.\n"
	"In there $APSYSFS_MOUNT names the mount, so 'apsysfs machine' and the others need no option.\n"
	"Exit status: the command's; 125 if apsysfs fails, 126 if the command cannot be executed, 127 if it is not found.\n";

static int parse(int argc, char **argv, struct run_options *o)
{
	enum { OPTION_NET = 1000, OPTION_BIND, OPTION_GUEST };
	static const struct option longs[] = { OPTIONS_MACHINE_LONG,
					       { "net", no_argument, NULL, OPTION_NET },
					       { "bind", required_argument, NULL, OPTION_BIND },
					       { "guest", required_argument, NULL, OPTION_GUEST },
					       { "help", no_argument, NULL, 'h' }, { 0 } };
	int option, status;

	while ((option = getopt_long(argc, argv, "+h", longs, NULL)) != -1) {
		if (options_take(&o->machine, option, optarg, &status)) {
			if (status)
				return STATUS_OWN_FAILURE;
			continue;
		}
		switch (option) {
		case OPTION_NET:
			o->network = true;
			break;
		case OPTION_BIND:
			if (!strchr(optarg, ':') || o->binds == BINDS_MAX) {
				fprintf(stderr, "apsysfs run: --bind %s: expected SRC:DST\n", optarg);
				return STATUS_OWN_FAILURE;
			}
			o->bind[o->binds++] = optarg;
			break;
		case OPTION_GUEST:
			o->guest = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(STATUS_OK);
		default:
			fprintf(stderr, "Try 'apsysfs run --help'.\n");
			return STATUS_OWN_FAILURE;
		}
	}
	if (optind == argc) {
		fprintf(stderr, "apsysfs run: expected a command; try 'apsysfs run --help'\n");
		return STATUS_OWN_FAILURE;
	}
	return 0;
}

static int bind_one(const char *text)
{
	const char *colon = strchr(text, ':');
	char source[4096];

	snprintf(source, sizeof(source), "%.*s", (int)(colon - text), text);
	if (mount(source, colon + 1, NULL, MS_BIND | MS_REC, NULL) == 0)
		return 0;
	fprintf(stderr, "apsysfs run: --bind %s: %s; both must exist, and be of one kind\n", text, strerror(errno));
	return -1;
}

/* --- the server ---------------------------------------------------------------------------------- */

/* Where uevents go; -1: nowhere */
struct sinks {
	int netlink, dev;
};

static void send_uevent(void *ctx, const char *payload, size_t length)
{
	const struct sinks *s = ctx;

	/* as devtmpfs: the node is there when the event tells of it */
	if (s->dev >= 0)
		dev_nodes_event(s->dev, payload, length);
	if (s->netlink >= 0)
		(void)uevent_netlink_send(s->netlink, payload, length);
}

static void open_sinks(struct sinks *s, const struct run_options *o, struct backend *memory)
{
	*s = (struct sinks){ -1, o->dev };
	if (o->network) {
		s->netlink = uevent_netlink_open();
		if (s->netlink < 0)
			fprintf(stderr, "apsysfs run: no uevents: netlink: %s\n", strerror(-s->netlink));
	}
	memory->listener.uevent = send_uevent;
	memory->listener.uevent_ctx = s;
	if (s->dev >= 0)
		dev_nodes_make(s->dev, memory);
}

static void hear_host(void *ctx)
{
	const struct host_hearing *hearing = ctx;
	int rc = host_backend_hear(hearing->host, hearing->fd);

	if (rc < 0)
		fprintf(stderr, "apsysfs run: no uevents of the host: %s\n", strerror(-rc));
}

struct following {
	struct guest_view *guest;
	struct backend *backend;
};

static void follow_guest(void *ctx)
{
	const struct following *f = ctx;

	guest_view_follow(f->guest, f->backend);
}

/* The FUSE daemon: in a session of its own, so that the terminal's signals are the command's. */
static int serve(struct run_options *o, struct run_mounts *mounts, int ready_fd)
{
	struct mount_request request = { .mountpoint = "/sys", .no_epoch = true,
					 .passthrough = o->machine.passthrough,
					 .io_uring = o->machine.io_uring, .ready_fd = ready_fd };
	struct following following;
	struct backend *memory;
	struct sinks sinks;
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	run_mounts_let_go(mounts);
	if (o->guest && !(o->machine.guest = guest_view_open(o->guest)))
		return STATUS_OWN_FAILURE;
	if (options_boot(&o->machine, &memory))
		return STATUS_OWN_FAILURE;
	options_serve(&o->machine, memory, &request);
	request.backend = memory;
	rc = mounts->serves_dev ? dev_backend_new(memory, &mounts->dev, &request.backend) : 0;
	if (rc == 0)
		rc = merged_backend_new(request.backend, &mounts->places, &request.backend);
	if (rc < 0) {
		fprintf(stderr, "apsysfs run: merging with the host's /sys: %s\n", strerror(-rc));
		return STATUS_OWN_FAILURE;
	}
	open_sinks(&sinks, o, memory);
	/* for as long as the command runs */
	if (sinks.dev >= 0)
		privileges_nodes(&request.needs, sinks.dev);
	/* the kernel asks whoever sends an event, each time */
	request.needs.admin |= sinks.netlink >= 0;
	following = (struct following){ o->machine.guest, memory };
	if (o->guest) {
		request.mounted = follow_guest;
		request.mounted_ctx = &following;
	} else if (o->machine.hearing) {
		request.mounted = hear_host;
		request.mounted_ctx = o->machine.hearing;
	}
	return mount_serve(&request);
}

/* --- the command ---------------------------------------------------------------------------------- */

static void execute(char **argv, const struct forward *signals)
{
	setenv("APSYSFS_MOUNT", "/sys", 1);
	/* FUSE cannot pass for sysfs by its type, which libudev would check */
	setenv("SYSTEMD_DEVICE_VERIFY_SYSFS", "0", 1);
	forward_restore(signals);
	execvp(argv[0], argv);
	fprintf(stderr, "apsysfs run: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

/* A /dev with the virtual kernel's nodes: its own where they can be made, else the file system's. -1 after a message. */
static int cover_dev(struct run_options *o, struct run_mounts *mounts)
{
	o->dev = -1;
	if (o->machine.host)
		return 0;
	o->dev = dev_nodes_cover(&mounts->dev);
	return o->dev >= 0 ? 0 : run_mounts_serve_dev(mounts);
}

/* Covers /sys, and /dev. 0 or -1 after a message. */
static int cover_sys(struct run_options *o, const struct forward *signals)
{
	struct run_mounts mounts;
	int fds[2];
	pid_t server;

	if (run_mounts_take(&mounts) < 0 || cover_dev(o, &mounts) < 0)
		return -1;
	if (pipe2(fds, O_CLOEXEC) < 0 || (server = fork()) < 0) {
		perror("apsysfs run: cannot start the server");
		return -1;
	}
	if (server == 0) {
		close(fds[0]);
		_exit(serve(o, &mounts, fds[1]));
	}
	close(fds[1]);
	if (!forward_wait_ready(signals, fds[0])) {
		waitpid(server, NULL, 0);
		return -1;
	}
	close(fds[0]);
	return run_mounts_put(&mounts);
}

/* The exit status of the child. */
static int wait_for(pid_t child)
{
	int status = forward_until_end(child);

	return status < 0 ? STATUS_OWN_FAILURE : status;
}

/* The first process of the namespace: when it ends, all others do. */
static int init(struct run_options *o, char **argv, const struct forward *signals)
{
	struct module_commands modules;
	pid_t command;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (namespace_mount_proc() < 0)
		return STATUS_OWN_FAILURE;
	if (o->network)
		namespace_loopback_up();
	module_commands_find(&modules);
	if (cover_sys(o, signals) < 0)
		return STATUS_OWN_FAILURE;
	module_commands_install(&modules);
	module_commands_set_path(&modules);
	if (o->plain && !o->machine.host)
		sudo_install();
	/* last: they may cover the machine file */
	for (unsigned i = 0; i < o->binds; i++)
		if (bind_one(o->bind[i]) < 0)
			return STATUS_OWN_FAILURE;
	command = fork();
	if (command < 0) {
		perror("apsysfs run: fork");
		return STATUS_OWN_FAILURE;
	}
	if (command == 0)
		execute(argv, signals);
	return wait_for(command);
}

/* The host's uevents are those of the network namespace that is left now. */
static void open_hearing(struct run_options *o, struct host_hearing *hearing)
{
	*hearing = (struct host_hearing){ .fd = host_events_open() };
	if (hearing->fd < 0)
		fprintf(stderr, "apsysfs run: no uevents of the host: netlink: %s\n", strerror(-hearing->fd));
	else
		o->machine.hearing = hearing;
}

static int run(int argc, char **argv)
{
	struct run_options o = { 0 };
	struct host_hearing hearing;
	struct forward signals;
	pid_t child;
	int status = parse(argc, argv, &o);

	if (status)
		return status;
	if (mount_check_device())
		return STATUS_OWN_FAILURE;
	o.plain = geteuid() != 0;
	if (o.network && o.machine.host)
		open_hearing(&o, &hearing);
	if (namespace_enter(o.network) < 0)
		return STATUS_OWN_FAILURE;
	forward_begin(&signals);
	fflush(NULL);
	child = fork();
	if (child < 0) {
		perror("apsysfs run: fork");
		return STATUS_OWN_FAILURE;
	}
	if (child == 0)
		_exit(init(&o, argv + optind, &signals));
	return wait_for(child);
}

const struct command command_run = { "run", "run a command with a virtual AP bus in its /sys", usage, run };
