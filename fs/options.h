/* SPDX-License-Identifier: MIT */
/* The options that say which virtual machine is meant: shared by mount and run. */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#include "core/memory_backend.h"
#include "fs/options_policy.h"
#include "fs/state_file.h"

struct guest_view;

/* The uevents of the host that --host names, for whoever passes them on. */
struct host_hearing {
	int fd;			/* of host_events_open */
	struct backend *host;	/* set by options_boot: for host_backend_hear, once the listener is set */
};

struct machine_options {
	const char *kernel;	/* --kernel; NULL: the machine file's, else the newest */
	const char *machine;	/* --machine FILE; NULL: the default machine */
	const char *scenario;	/* --scenario FILE: events besides the machine file's; NULL */
	const char *cmdline;	/* --cmdline; NULL: the machine file's */
	struct guest_view *guest;	/* run --guest: whose hardware the machine has; NULL */
	const char *trace;	/* --trace FILE */
	const char *host;	/* --host DIR: no machine, but the host's own sysfs; NULL */
	struct host_hearing *hearing;	/* run --net --host; NULL: nobody wants its uevents */
	bool virtual_clock;	/* --clock virtual */
	bool no_modules;	/* --no-modules */
	struct policy_options policy;
	bool clock_given;	/* --clock was there */
	struct state_options state;	/* --state and what belongs to it; path NULL: none */
	bool passthrough;	/* --passthrough */
	bool io_uring;		/* --io-uring */
	bool no_epoch;		/* --no-epoch */
};

/* What the machine is; and how it is kept, served and guarded. */
#define OPTIONS_HARDWARE_HELP \
	"  --kernel VERSION     the kernel to be: 4.20, 5.10, 6.1, 6.12 or 7.2 (the newest)\n" \
	"  --machine FILE       the hardware, a YAML file (default: CEX5 cards 5 and 6, four domains)\n" \
	"  --cmdline TEXT       boot parameters, such as \"ap.apmask=0xffff ap.aqmask=0x40\"\n" \
	"  --no-modules         boot with no module loaded\n"
#define OPTIONS_MACHINE_HELP \
	OPTIONS_HARDWARE_HELP \
	"  --scenario FILE      what happens to it by itself, a YAML file with events\n" \
	"  --clock real|virtual virtual: time passes only when told to (no scan by itself)\n" \
	"  --state FILE         keep the machine in FILE: it goes on where it was, also after kill -9\n" \
	"  --state-sync         each write is on the disk before it is answered (for a host that crashes)\n" \
	"  --state-limit KIB    write FILE anew after so much was recorded (1024)\n" \
	"  --passthrough        let the kernel read texts that cannot change, or a host's, by itself, see apsysfs(1)\n" \
	"  --io-uring           requests through memory shared with the kernel, see apsysfs(1)\n" \
	"  --no-epoch           tell the kernel of each name that changed, as before Linux 6.16, see apsysfs(1)\n" \
	"  --trace FILE         write down what is asked of the machine and what it answers\n" \
	"  --host DIR           no virtual machine: the AP bus of the sysfs at DIR, such as /sys\n" \
	OPTIONS_POLICY_HELP

/* getopt_long's values of these options, and their entries for its table */
enum { OPTION_KERNEL = 256, OPTION_MACHINE, OPTION_CMDLINE, OPTION_CLOCK, OPTION_NO_MODULES,
       OPTION_TRACE, OPTION_HOST, OPTION_SCENARIO, OPTION_STATE, OPTION_STATE_SYNC, OPTION_STATE_LIMIT,
       OPTION_PASSTHROUGH, OPTION_IO_URING, OPTION_NO_EPOCH };
#define OPTIONS_HARDWARE_LONG \
	{ "kernel", required_argument, NULL, OPTION_KERNEL }, \
	{ "machine", required_argument, NULL, OPTION_MACHINE }, \
	{ "cmdline", required_argument, NULL, OPTION_CMDLINE }, \
	{ "no-modules", no_argument, NULL, OPTION_NO_MODULES }
#define OPTIONS_MACHINE_LONG \
	OPTIONS_HARDWARE_LONG, \
	{ "scenario", required_argument, NULL, OPTION_SCENARIO }, \
	{ "clock", required_argument, NULL, OPTION_CLOCK }, \
	{ "state", required_argument, NULL, OPTION_STATE }, \
	{ "state-sync", no_argument, NULL, OPTION_STATE_SYNC }, \
	{ "state-limit", required_argument, NULL, OPTION_STATE_LIMIT }, \
	{ "trace", required_argument, NULL, OPTION_TRACE }, \
	{ "host", required_argument, NULL, OPTION_HOST }, \
	{ "passthrough", no_argument, NULL, OPTION_PASSTHROUGH }, \
	{ "io-uring", no_argument, NULL, OPTION_IO_URING }, \
	{ "no-epoch", no_argument, NULL, OPTION_NO_EPOCH }, \
	OPTIONS_POLICY_LONG

/* Takes one of them; false: another option. *ret_status: 0, or 2 after saying what is wrong with the value. */
bool options_take(struct machine_options *o, int option, const char *value, int *ret_status);

/* Boots the backend they describe. 0, or 1 after saying why not. */
int options_boot(const struct machine_options *o, struct backend **ret);
/* The same without a policy of the options: with this guard, which may be NULL. */
int options_boot_guarded(const struct machine_options *o, struct store_guard *guard, struct backend **ret);

/*
 * What serving it needs, and what a SIGHUP means, into the request. backend: options_boot's. To be called before the
 * daemon leaves its folder, and before anything covers what is named.
 */
void options_serve(const struct machine_options *o, struct backend *backend, struct mount_request *r);

#endif
