/* SPDX-License-Identifier: MIT */
/* Names and places: what is hidden does not exist, whatever the way there; mounts and namespaces give no right. */
#define FUSE_CONNECTIONS "/sys/fs/fuse/connections"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/attack/attack.h"

/* --- what is hidden -------------------------------------------------------------------------------------------- */

/* Not even the errno tells that it is there. */
static bool is_there(const struct attempt *a)
{
	struct stat st;
	struct statx stx;
	char text[256];
	bool found = lstat(a->path, &st) == 0 || errno != ENOENT;

	found |= open(a->path, O_RDONLY) >= 0 || errno != ENOENT;
	found |= open(a->path, O_WRONLY) >= 0 || errno != ENOENT;
	found |= open(a->path, O_PATH) >= 0 || errno != ENOENT;
	found |= access(a->path, F_OK) == 0 || errno != ENOENT;
	found |= readlink(a->path, text, sizeof(text)) >= 0 || errno != ENOENT;
	found |= statx(AT_FDCWD, a->path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_ALL, &stx) == 0;
	found |= chdir(a->path) == 0;
	found |= opendir(a->path) != NULL;
	return found;
}

static bool lists(const struct attempt *a)
{
	DIR *d = opendir(a->path);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (strstr(entry->d_name, a->text))
			return true;
	return false;
}

/* The text is found in what is shown. */
static bool shows(const struct attempt *a)
{
	char shown[8192] = "";
	int fd = open(a->path, O_RDONLY);

	return fd >= 0 && read(fd, shown, sizeof(shown) - 1) > 0 && strstr(shown, a->text);
}

static bool upwards(const struct attempt *a)
{
	int fd = open(a->path, O_PATH | O_DIRECTORY), other = open(a->path, O_RDONLY | O_DIRECTORY);
	struct open_how how = { .flags = O_WRONLY };

	if (fd < 0)
		return false;
	return openat(fd, a->text, O_WRONLY) >= 0 || openat(other, a->text, O_RDONLY) >= 0 ||
	       syscall(SYS_openat2, fd, a->text, &how, sizeof(how)) >= 0 || (fchdir(fd) == 0 && open(a->text, O_RDONLY) >= 0);
}

/* A link of his own, in a folder of his own. */
static bool by_own_link(const struct attempt *a)
{
	char name[64], target[4096];
	bool worked;
	int fd;

	snprintf(name, sizeof(name), "/tmp/apsysfs-attack-%u-%d", a->uid, (int)getpid());
	if (!getcwd(target, 2048) || snprintf(target + strlen(target), 2048, "/%s", a->path) < 0 || symlink(target, name) < 0)
		return false;
	fd = open(name, O_WRONLY);
	worked = takes(fd, a->text) || open(name, O_RDONLY) >= 0;
	unlink(name);
	return worked;
}

static bool by_handle(const struct attempt *a)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = { .handle = { .handle_bytes = MAX_HANDLE_SZ } };
	int mount_id, mount = open(".", O_RDONLY | O_DIRECTORY), fd;

	if (name_to_handle_at(AT_FDCWD, a->path, &h.handle, &mount_id, 0) < 0)
		return false;
	become(a->uid, a->flags);
	fd = open_by_handle_at(mount, &h.handle, O_WRONLY);
	if (fd < 0 && unshare(CLONE_NEWUSER) == 0)
		fd = open_by_handle_at(mount, &h.handle, O_WRONLY);
	return takes(fd, a->text);
}

/* --- namespaces and mounts ---------------------------------------------------------------------------------------- */

static bool map_to_root(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	(void)put("/proc/self/setgroups", O_WRONLY, "deny", 4);
	snprintf(map, sizeof(map), "0 %u 1", uid);
	(void)put("/proc/self/uid_map", O_WRONLY, map, strlen(map));
	snprintf(map, sizeof(map), "0 %u 1", gid);
	(void)put("/proc/self/gid_map", O_WRONLY, map, strlen(map));
	return getuid() == 0;
}

/* Root of a namespace of his own is he, and nobody else. */
static bool root_of_namespace(const struct attempt *a)
{
	char here[4096];

	if (!getcwd(here, sizeof(here)) || !map_to_root())
		return false;
	(void)mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	(void)mount("none", here, NULL, MS_REMOUNT | MS_BIND, NULL);
	return can_write(a) || chmod(a->path, 0777) == 0 || chown(a->path, 0, 0) == 0 ||
	       setxattr(a->path, "trusted.x", "x", 1, 0) == 0;
}

/* He binds the mount, or a hidden part of it, elsewhere in a namespace of his own. */
static bool bound_elsewhere(const struct attempt *a)
{
	char target[4096];

	if (!map_to_root())
		return false;
	(void)mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (mount("tmp", "/tmp", "tmpfs", 0, NULL) < 0 || mkdir("/tmp/b", 0755) < 0 || mount(".", "/tmp/b", NULL, MS_BIND | MS_REC, NULL) < 0)
		return false;
	snprintf(target, sizeof(target), "/tmp/b/%s", a->path);
	return put(target, O_WRONLY, a->text, strlen(a->text)) >= 0 ||
	       (mount(target, "/tmp/b/bus", NULL, MS_BIND, NULL) == 0 && open("/tmp/b/bus", O_WRONLY) >= 0);
}

static bool moved_mount(const struct attempt *a)
{
	int fd;

	if (!map_to_root())
		return false;
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, ".", 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_move_mount, fd, "", AT_FDCWD, "/mnt", 4 /* MOVE_MOUNT_F_EMPTY_PATH */) < 0)
		return false;
	return chdir("/mnt") == 0 && can_write(a);
}

static bool chrooted(const struct attempt *a)
{
	return map_to_root() && chroot(a->path) == 0 && chdir("/") == 0 && open(a->text, O_WRONLY) >= 0;
}

static bool unmounts(const struct attempt *a)
{
	char here[4096];

	return !getcwd(here, sizeof(here)) || umount2(here, MNT_DETACH) == 0 || umount2(here, MNT_FORCE) == 0 ||
	       mount("/tmp", here, NULL, MS_BIND, NULL) == 0 || mount("none", here, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

static bool unmounts_by_helper(const struct attempt *a)
{
	char command[9000], here[4096];

	if (!getcwd(here, sizeof(here)))
		return false;
	snprintf(command, sizeof(command), "exec 2>/dev/null; cd /; fusermount3 -u '%s' || fusermount3 -uz '%s'", here, here);
	return system(command) == 0;
}

/* --- the daemon, its files and its connection ---------------------------------------------------------------------- */

static bool aborts_connection(const struct attempt *a)
{
	char path[128];
	struct stat st;

	if (stat(".", &st) < 0)
		return false;
	snprintf(path, sizeof(path), FUSE_CONNECTIONS "/%u/%s", minor(st.st_dev), a->path);
	return put(path, O_WRONLY, "1", 1) >= 0;
}

static bool signals_daemon(const struct attempt *a)
{
	return kill(a->daemon, SIGHUP) == 0 || kill(a->daemon, SIGKILL) == 0 || kill(a->daemon, SIGSTOP) == 0 || errno != EPERM;
}

static bool enters_daemon(const struct attempt *a)
{
	char path[64], byte;
	struct iovec local = { &byte, 1 }, remote = { (void *)0x400000, 1 };

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)a->daemon, a->path);
	return open(path, O_RDWR) >= 0 || open(path, O_RDONLY | O_DIRECTORY) >= 0 ||
	       ptrace(PTRACE_ATTACH, a->daemon, 0, 0) == 0 ||
	       process_vm_readv(a->daemon, &local, 1, &remote, 1, 0) >= 0 ||
	       syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, a->daemon, 0), 3, 0) >= 0;
}

static bool reads_files_of_daemon(const struct attempt *a)
{
	char path[4200];
	char *slash;

	snprintf(path, sizeof(path) - 100, "%s", a->audit);
	slash = strrchr(path, '/');
	snprintf(slash + 1, 100, "%s", a->path);
	return (strcmp(a->path, "policy.yaml") != 0 && open(path, O_RDONLY) >= 0) || open(path, O_WRONLY) >= 0 ||
	       unlink(path) == 0 || rename(path, "/tmp/apsysfs-attack-stolen") == 0;
}

/* The host itself stands behind the policy; its modes are root's. */
static bool goes_around(const struct attempt *a)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s", a->host, a->path);
	return put(path, O_WRONLY, a->text, strlen(a->text)) >= 0;
}

#define HIDDEN_OF_FIRST \
	PATHS("devices/ap/card06", "devices/ap/card06/06.0004", "devices/ap/card06/06.0047/online", "devices/ap/card06/", \
	      "devices/ap/card06/.", "devices//ap///card06", "./devices/./ap/./card06", "bus/ap/devices/06.0004", \
	      "bus/ap/devices/card06", "bus/ap/drivers/vfio_ap/06.00ab", "bus/ap/drivers/cex4card/card06", \
	      "bus/ap/drivers/cex4queue/06.0004", MATRIX B1, MATRIX B1 "/matrix", MATRIX B1 "/remove", "bus/mdev/devices/" B1, \
	      "bus/mdev/drivers/vfio_ap_mdev/" B1, TYPE "devices/" B1, "class/mdev_bus/matrix/" B1, "devices/ap/card05/../card06/type", \
	      "devices/ap/card05/05.0004/../../card06", "bus/ap/devices/../../../devices/ap/card06", MATRIX A1 "/../" B1 "/remove", \
	      MATRIX A1 "/../../matrix/" B1, ".apsysfs", ".apsysfs/", ".apsysfs/machine", ".apsysfs/log", ".apsysfs/guests/" B1, \
	      "bus/../.apsysfs/machine", "devices/ap/card05/subsystem/devices/card06", "devices/ap/card05/subsystem/../../.apsysfs", \
	      "devices/ap/card05/driver/card06", "bus/ap/devices/card05/../../card06", "bus/ap/devices/card05/../card06", \
	      "devices/ap/card05/05.0004/driver/06.0004")

static const struct family families[] = {
	{ "what is hidden", is_there, 0, USERS(2001), HIDDEN_OF_FIRST },
	{ "what is hidden from one without a grant", is_there, 0, USERS(2003, 2009),
	  PATHS("devices/ap/card05", "devices/ap/card06/type", "bus/ap/devices/05.0004", MATRIX A1, MATRIX B1 "/remove", ".apsysfs/machine") },
	{ "hidden names in listings", lists, 0, USERS(2001, 2003),
	  PATHS("devices/ap", "bus/ap/devices", "bus/ap/drivers/cex4card", "bus/ap/drivers/cex4queue", "bus/ap/drivers/vfio_ap"), TEXTS("06") },
	{ "hidden mdevs in listings", lists, 0, USERS(2001, 2003),
	  PATHS("devices/vfio_ap/matrix", "bus/mdev/devices", TYPE "devices", "bus/mdev/drivers/vfio_ap_mdev", "devices/virtual/mdev"), TEXTS(B1) },
	{ "hidden folder in the listing", lists, 0, USERS(2001, 2003), PATHS(".", "bus/.."), TEXTS(".apsysfs") },
	{ "what is hidden in what is shown", shows, 0, USERS(2003), PATHS("bus/ap/apmask", "bus/ap/aqmask", "bus/ap/ap_usage_domain_mask", "bus/ap/ap_adapter_mask"), TEXTS("f", "1", "8") },
	{ "hidden mdevs in what is shown", shows, 0, USERS(2001), PATHS(MATRIX A1 "/matrix", MATRIX A1 "/guest_matrix"), TEXTS("06.", "00ab") },
	{ "up and elsewhere", upwards, 0, USERS(2001), PATHS("devices/ap/card05", "devices/ap/card05/05.0004"),
	  TEXTS("../card06/online", "../../card06/online", "../../../.apsysfs/machine", "../../../../.apsysfs/scan", "../../ap/card06/config") },
	{ "up from an mdev", upwards, 0, USERS(2001), PATHS(MATRIX A1), TEXTS("../" B1 "/remove", "../" B1 "/matrix", "mdev_type/devices/" B1 "/remove", "driver/" B1, "../../../../.apsysfs/log") },
	{ "other spellings of a path", can_write, DECIDED, USERS(2001),
	  PATHS("bus/ap/./../ap/apmask", "bus//ap///apmask", "devices/ap/card05/subsystem/apmask", "bus/ap/devices/card05/subsystem/apmask", "devices/ap/card05/driver/../../apmask"), TEXTS("-7", "+6") },
	{ "a file as a folder", can_write, 0, USERS(2001), PATHS("bus/ap/apmask/", "bus/ap/apmask/.", "bus/ap/apmask/../apmask"), TEXTS("-5") },
	{ "a link of his own to it", by_own_link, 0, USERS(2001, 2003), PATHS("devices/ap/card06/online", MATRIX B1 "/remove", ".apsysfs/machine"), TEXTS("0") },
	{ "by file handle", by_handle, AS_ROOT, USERS(2003), PATHS("bus/ap/apmask", MATRIX B1 "/remove", ".apsysfs/scan"), TEXTS("-7") },
	{ "another's mdev", can_write, 0, USERS(2001, 2003, 2009), PATHS(MATRIX B1 "/remove", MATRIX B1 "/assign_domain", MATRIX B1 "/ap_config"), TEXTS("1") },
	{ "another's hidden devices", can_write, 0, USERS(2001, 2003), PATHS("devices/ap/card06/online", "devices/ap/card06/06.00ab/online", "devices/ap/card06/config"), TEXTS("0") },
	{ "root of a user namespace", root_of_namespace, DECIDED, USERS(2001, 2002, 2003), PATHS("bus/ap/apmask", "bus/ap/scans"), TEXTS("-7") },
	{ "root of a user namespace, hidden", root_of_namespace, 0, USERS(2001, 2003), PATHS(MATRIX B1 "/remove", ".apsysfs/machine", "devices/ap/card06/online"), TEXTS("0") },
	{ "bound elsewhere", bound_elsewhere, DECIDED, USERS(2001, 2003), PATHS("bus/ap/apmask"), TEXTS("-7") },
	{ "bound elsewhere, hidden", bound_elsewhere, 0, USERS(2001, 2003), PATHS(MATRIX B1 "/remove", ".apsysfs/scan"), TEXTS("1") },
	{ "a mount that moved", moved_mount, 0, USERS(2001, 2003), PATHS("bus/ap/apmask", MATRIX B1 "/remove"), TEXTS("-7") },
	{ "chroot", chrooted, 0, USERS(2001), PATHS("devices/ap", MATRIX A1), TEXTS("card06/online", "../" B1 "/remove", "../../../.apsysfs/scan") },
	{ "mount and umount", unmounts, 0, USERS(2001, 2003) },
	{ "fusermount3", unmounts_by_helper, 0, USERS(2001, 2003) },
	{ "the connection", aborts_connection, 0, USERS(2001, 2003), PATHS("abort", "max_background", "congestion_threshold") },
	{ "signals to the daemon", signals_daemon, 0, USERS(2001, 2003) },
	{ "the daemon's memory and descriptors", enters_daemon, 0, USERS(2001, 2003), PATHS("mem", "fd", "fd/3", "cwd", "root", "environ") },
	{ "the daemon's files", reads_files_of_daemon, 0, USERS(2001, 2003), PATHS("audit", "owners", "policy.yaml") },
	{ "the host behind the policy", goes_around, 0, USERS(2002, 2003), PATHS("bus/ap/apmask", MATRIX A1 "/remove", ".apsysfs/scan"), TEXTS("-5") },
};

const struct families families_of_places = { families, LENGTH(families) };
