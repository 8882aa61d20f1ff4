/* SPDX-License-Identifier: MIT */
#include "fs/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -errno : 0;
}

static int complain(const char *what, int error, const char *advice)
{
	fprintf(stderr, "apsysfs run: %s: %s; %s\n", what, strerror(error), advice);
	return -1;
}

/* We are root in there: sysfs is root's, and a mount needs it. */
static int map_ids(uid_t uid, gid_t gid)
{
	char map[64];

	if (write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
		return complain("/proc/self/setgroups", errno, "is /proc mounted?");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (write_file("/proc/self/uid_map", map) < 0)
		return complain("mapping the user", errno, "the host forbids it; run as root");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	if (write_file("/proc/self/gid_map", map) < 0)
		return complain("mapping the group", errno, "the host forbids it; run as root");
	return 0;
}

static int enter_user(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (uid == 0)
		return 0;
	if (unshare(CLONE_NEWUSER) < 0)
		return complain("user namespaces are not available to you", errno,
				"allow them (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, "
				"kernel.apparmor_restrict_unprivileged_userns), or run as root");
	return map_ids(uid, gid);
}

int namespace_enter(bool network)
{
	int flags = CLONE_NEWNS | CLONE_NEWPID | (network ? CLONE_NEWNET : 0);

	if (enter_user() < 0)
		return -1;
	if (unshare(flags) < 0)
		return complain("private namespaces are not available", errno,
				"a container needs the right to unshare (CAP_SYS_ADMIN, seccomp profile)");
	/* nothing that happens to mounts in here may be seen outside */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return complain("making mounts private", errno, "is / a mount of this namespace?");
	return 0;
}

int namespace_mount_proc(void)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return complain("mounting /proc", errno,
				"something is mounted below /proc (as in containers); run outside of it, or as its root");
	return 0;
}

void namespace_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) {
		request.ifr_flags |= IFF_UP;
		(void)ioctl(fd, SIOCSIFFLAGS, &request);
	}
	close(fd);
}
