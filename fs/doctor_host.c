/* SPDX-License-Identifier: MIT */
/* What the host has of what apsysfs needs. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/page.h"
#include "fs/doctor.h"
#include "fs/uevent_netlink.h"

static void say(finding_fn *take, void *ctx, enum finding_level level, const char *what, const char *state,
		const char *advice)
{
	take(ctx, &(struct finding){ level, what, state, level == FINDING_OK ? NULL : advice });
}

/* --- fuse ---------------------------------------------------------------------------------------- */

static const char *device_advice(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "let users open it: chmod 666 /dev/fuse, or a udev rule with MODE=\"0666\"; in a container, allow the device";
	case ENODEV:
	case ENXIO:
		return "the kernel has no fuse now: modprobe fuse";
	default:
		return "modprobe fuse; in a container, give it the device (--device /dev/fuse)";
	}
}

static void check_helper(finding_fn *take, void *ctx)
{
	struct stat st;

	if (geteuid() == 0)
		say(take, ctx, FINDING_OK, "fusermount3", "not needed by root", NULL);
	else if (stat("/usr/bin/fusermount3", &st) < 0 && stat("/bin/fusermount3", &st) < 0)
		say(take, ctx, FINDING_WRONG, "fusermount3", "not found",
		    "install it (Debian: apt-get install fuse3); 'run' works without it");
	else if (!(st.st_mode & S_ISUID) || st.st_uid != 0)
		say(take, ctx, FINDING_WRONG, "fusermount3", "is not set-user-ID root",
		    "reinstall fuse3, or mount as root; 'run' works without it");
	else
		say(take, ctx, FINDING_OK, "fusermount3", "installed", NULL);
}

void doctor_check_fuse(finding_fn *take, void *ctx)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), error = errno;

	if (fd < 0)
		say(take, ctx, FINDING_WRONG, "/dev/fuse", strerror(error), device_advice(error));
	else
		say(take, ctx, FINDING_OK, "/dev/fuse", "can be opened", NULL);
	if (fd >= 0)
		close(fd);
	check_helper(take, ctx);
}

/* --- namespaces ---------------------------------------------------------------------------------- */

/* How far a child came on run's way, and what stopped it. */
enum step { STEP_USER, STEP_PRIVATE, STEP_MOUNT, STEP_PROC, STEP_NET, STEP_EVENT, STEPS };

struct outcome {
	enum step step;		/* STEPS: all of them */
	int error;
};

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static int enter_user(void)
{
	char map[32];

	if (geteuid() == 0)
		return 0;
	snprintf(map, sizeof(map), "0 %u 1", geteuid());
	return unshare(CLONE_NEWUSER) < 0 ? -errno : write_text("/proc/self/uid_map", map);
}

/* In the pid namespace that was made: /proc is of it. */
static int mount_proc(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ? errno : 0);
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return -EAGAIN;
	return -WEXITSTATUS(status);
}

static int send_event(void)
{
	static const char event[] = "change@/devices/ap\0ACTION=change\0DEVPATH=/devices/ap\0SUBSYSTEM=ap";
	int fd = uevent_netlink_open(), rc;

	if (fd < 0)
		return fd;
	rc = uevent_netlink_send(fd, event, sizeof(event));
	close(fd);
	return rc < 0 ? rc : 0;
}

static int take_step(enum step step)
{
	switch (step) {
	case STEP_USER:
		return enter_user();
	case STEP_PRIVATE:
		return unshare(CLONE_NEWNS | CLONE_NEWPID) < 0 ? -errno : 0;
	case STEP_MOUNT:
		return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
	case STEP_PROC:
		return mount_proc();
	case STEP_NET:
		return unshare(CLONE_NEWNET) < 0 ? -errno : 0;
	default:
		return send_event();
	}
}

static void walk(struct outcome *o)
{
	for (o->step = STEP_USER; o->step < STEPS; o->step++) {
		o->error = -take_step(o->step);
		if (o->error)
			return;
	}
}

static struct outcome try_namespaces(void)
{
	struct outcome o = { STEP_USER, EAGAIN };
	int fds[2];
	pid_t child;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return o;
	child = fork();
	if (child == 0) {
		walk(&o);
		_exit(write(fds[1], &o, sizeof(o)) != sizeof(o));
	}
	close(fds[1]);
	if (child > 0) {
		if (read(fds[0], &o, sizeof(o)) != sizeof(o))
			o = (struct outcome){ STEP_USER, EAGAIN };
		waitpid(child, NULL, 0);
	}
	close(fds[0]);
	return o;
}

static bool setting_is(const char *path, char value)
{
	char first = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is = fd >= 0 && read(fd, &first, 1) == 1 && first == value;

	if (fd >= 0)
		close(fd);
	return is;
}

/* The settings that are in the way, each with the command that mends it. */
static void user_advice(struct page *out)
{
	static const struct {
		const char *path;
		char bad;
		const char *mend;
	} settings[] = {
		{ "/proc/sys/user/max_user_namespaces", '0', "sysctl -w user.max_user_namespaces=10000" },
		{ "/proc/sys/kernel/unprivileged_userns_clone", '0', "sysctl -w kernel.unprivileged_userns_clone=1" },
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1',
		  "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (or an AppArmor profile with 'userns,')" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (setting_is(settings[i].path, settings[i].bad))
			page_printf(out, "%s as root; ", settings[i].mend);
	if (!out->length)
		page_printf(out, "a container or a security module forbids them: let its profile allow unshare and mount; ");
	page_printf(out, "or use 'run' as root");
}

static void say_blocked(finding_fn *take, void *ctx, const struct outcome *o)
{
	static const char *const steps[] = { "user namespaces", "mount and process namespaces", "private mounts",
					     "a /proc of its own" };
	char state[256], text[1024];
	struct page advice;

	snprintf(state, sizeof(state), "'run' gets no %s: %s", steps[o->step] + (strncmp(steps[o->step], "a ", 2) == 0 ? 2 : 0),
		 strerror(o->error));
	page_init_fixed(&advice, text, sizeof(text));
	if (o->step == STEP_PROC)
		page_printf(&advice, "something is mounted below /proc, as in containers: run outside of it, or unmask /proc");
	else if (geteuid())
		user_advice(&advice);
	else
		page_printf(&advice, "a container needs CAP_SYS_ADMIN and a seccomp profile that lets unshare and mount "
				     "through; also sysctl user.max_mnt_namespaces and user.max_pid_namespaces");
	say(take, ctx, FINDING_WRONG, "namespaces", state, text);
}

void doctor_check_namespaces(finding_fn *take, void *ctx)
{
	struct outcome o = try_namespaces();
	char state[256];

	if (o.step < STEP_NET) {
		say_blocked(take, ctx, &o);
		return;
	}
	say(take, ctx, FINDING_OK, "namespaces", "'run' can have its own", NULL);
	snprintf(state, sizeof(state), "%s: %s", o.step == STEP_NET ? "no network namespace" : "no uevents by netlink",
		 strerror(o.error));
	if (o.step == STEPS)
		say(take, ctx, FINDING_OK, "uevents", "'run --net' can send them", NULL);
	else
		say(take, ctx, FINDING_NOTE, "uevents", state,
		    "'run --net' would be without them, and udev would see nothing; sysctl user.max_net_namespaces, or "
		    "CAP_NET_ADMIN for the container; .apsysfs/events lists them all the same");
}

/* --- what works with less ------------------------------------------------------------------------ */

static void check_kernel(finding_fn *take, void *ctx)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) == 2 && (major > 6 || (major == 6 && minor >= 16)))
		say(take, ctx, FINDING_OK, "kernel", name.release, NULL);
	else
		say(take, ctx, FINDING_NOTE, "kernel", name.release,
		    "before Linux 6.16 no name can be cached (no FUSE_NOTIFY_INC_EPOCH): each part of a path costs a request "
		    "to the daemon, each time; all else is the same");
}

static void check_modules(finding_fn *take, void *ctx)
{
	if (access("/sbin/modprobe", X_OK) < 0 && access("/usr/sbin/modprobe", X_OK) < 0)
		say(take, ctx, FINDING_NOTE, "kmod", "there is no /sbin/modprobe",
		    "in 'run' modprobe and its like are found by $PATH alone; for scripts with the whole path install it "
		    "(Debian: apt-get install kmod)");
	else
		say(take, ctx, FINDING_OK, "kmod", "installed", NULL);
	if (access("/proc/modules", F_OK) < 0)
		say(take, ctx, FINDING_NOTE, "/proc/modules", "this kernel has no modules",
		    "nor has /proc in 'run' that file; lsmod and /sys/module tell the same");
	else
		say(take, ctx, FINDING_OK, "/proc/modules", "can be covered", NULL);
}

/* Not a fault: sysfs is all there without them. */
static void check_nodes(finding_fn *take, void *ctx)
{
	say(take, ctx, FINDING_OK, "nodes in /dev", "'run' has them, to be looked at", NULL);
}

void doctor_check_comfort(finding_fn *take, void *ctx)
{
	check_nodes(take, ctx);
	check_kernel(take, ctx);
	check_modules(take, ctx);
}
