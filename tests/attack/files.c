/* SPDX-License-Identifier: MIT */
/* What can be done to a file besides reading and writing it: none of it does anything, or is for him. */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/attack/attack.h"

static bool changes_mode(const struct attempt *a) { return chmod(a->path, 0777) == 0; }
static bool changes_owner(const struct attempt *a) { return lchown(a->path, getuid(), getgid()) == 0; }
static bool unlinks(const struct attempt *a) { return unlink(a->path) == 0; }
static bool removes_dir(const struct attempt *a) { return rmdir(a->path) == 0; }
static bool renames(const struct attempt *a) { return rename(a->path, "bus/ap/renamed") == 0; }
static bool renames_over(const struct attempt *a) { return rename(a->path, "bus/ap/aqmask") == 0; }
static bool hard_links(const struct attempt *a) { return link(a->path, "bus/ap/linked") == 0; }

static bool exchanges(const struct attempt *a)
{
	return renameat2(AT_FDCWD, a->path, AT_FDCWD, "bus/ap/aqmask", RENAME_EXCHANGE) == 0;
}

static bool links_out(const struct attempt *a)
{
	char name[64];

	snprintf(name, sizeof(name), "/tmp/apsysfs-attack-%d", (int)getpid());
	return link(a->path, name) == 0 || linkat(AT_FDCWD, a->path, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool changes_times(const struct attempt *a)
{
	static const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };

	return utimensat(AT_FDCWD, a->path, times, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool sets_xattr(const struct attempt *a)
{
	static const char *const names[] = { "user.x", "trusted.x", "security.capability", "security.x",
					     "system.posix_acl_access", "system.posix_acl_default" };
	bool worked = false;

	for (size_t i = 0; i < LENGTH(names); i++)
		worked |= setxattr(a->path, names[i], "x", 1, 0) == 0;
	return worked || removexattr(a->path, "user.x") == 0 || removexattr(a->path, "trusted.x") == 0;
}

static const char *intruder(const struct attempt *a, char name[4096])
{
	snprintf(name, 4096, "%s/intruder", a->path);
	return name;
}

static bool creates(const struct attempt *a)
{
	char name[4096];

	return open(intruder(a, name), O_WRONLY | O_CREAT, 0777) >= 0 || mkdir(name, 0777) == 0 ||
	       symlink("/etc/shadow", name) == 0 || mknod(name, S_IFIFO | 0666, 0) == 0 ||
	       mknod(name, S_IFCHR | 0666, 0x103) == 0 || open(a->path, O_TMPFILE | O_WRONLY, 0600) >= 0;
}

/* --- sizes -------------------------------------------------------------------------------------------------- */

static bool truncates(const struct attempt *a)
{
	int fd = open(a->path, O_WRONLY | O_TRUNC);

	(void)!truncate(a->path, 0);
	(void)!truncate(a->path, 1 << 20);
	if (fd >= 0) {
		(void)!ftruncate(fd, 1);
		(void)fallocate(fd, 0, 0, 1 << 20);
		(void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096);
		close(fd);
	}
	/* sysfs lets whoever may write do that, and it does nothing */
	return false;
}

/* --- other ways to write -------------------------------------------------------------------------------------- */

static bool appends(const struct attempt *a)
{
	return put(a->path, O_RDWR | O_APPEND | O_TRUNC | O_SYNC, a->text, strlen(a->text)) >= 0;
}

static bool at_offsets(const struct attempt *a)
{
	static const off_t offsets[] = { 1, 4095, 4096, 4097, INT64_C(1) << 31, INT64_C(1) << 40 };
	int fd = open(a->path, O_WRONLY);
	bool worked = fd < 0 ? false : lseek(fd, 100, SEEK_SET) == 100 && write(fd, a->text, strlen(a->text)) >= 0;

	for (size_t i = 0; fd >= 0 && i < LENGTH(offsets); i++)
		worked |= pwrite(fd, a->text, strlen(a->text), offsets[i]) >= 0;
	return worked;
}

static bool splices(const struct attempt *a)
{
	int fd = open(a->path, O_WRONLY), pair[2], memory = memfd_create("text", 0);
	size_t length = strlen(a->text);
	bool worked;

	if (fd < 0 || pipe(pair) < 0 || memory < 0 || write(memory, a->text, length) < 0 || write(pair[1], a->text, length) < 0)
		return false;
	worked = splice(pair[0], NULL, fd, NULL, length, 0) > 0;
	lseek(memory, 0, SEEK_SET);
	worked |= sendfile(fd, memory, NULL, length) > 0;
	return worked | (copy_file_range(memory, &(off64_t){ 0 }, fd, NULL, length, 0) > 0);
}

static bool asynchronously(const struct attempt *a)
{
	int fd = open(a->path, O_WRONLY);
	struct iocb one = { .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = (uint32_t)fd,
			    .aio_buf = (uint64_t)(uintptr_t)a->text, .aio_nbytes = strlen(a->text) }, *list[] = { &one };
	struct io_event event = { 0 };
	aio_context_t context = 0;

	if (fd < 0 || syscall(SYS_io_setup, 1, &context) < 0 || syscall(SYS_io_submit, context, 1, list) != 1)
		return false;
	return syscall(SYS_io_getevents, context, 1, 1, &event, NULL) == 1 && (int64_t)event.res >= 0;
}

static bool direct(const struct attempt *a)
{
	static char page[8192] __attribute__((aligned(4096)));

	strcpy(page, a->text);
	return put(a->path, O_WRONLY | O_DIRECT, page, 4096) >= 0;
}

/* Sysfs maps no attribute; a private copy could only show him what he may read. */
static bool maps(const struct attempt *a)
{
	int fd = open(a->path, O_RDWR);
	char *map = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return false;
	memcpy(map, a->text, strlen(a->text));
	msync(map, 4096, MS_SYNC);
	munmap(map, 4096);
	return true;
}

/* What needs only a descriptor: nothing answers, nothing hangs. */
static bool other_calls(const struct attempt *a)
{
	char room[256] = "";
	int fd = open(a->path, O_RDONLY), worked = 0;
	struct statx stx;

	if (fd < 0)
		return false;
	for (unsigned long request = 0; request < 4; request++)
		worked |= ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 'A', request, sizeof(room)), room) >= 0;
	(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN | POLLPRI }, 1, 0);
	(void)statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_ALL, &stx);
	(void)lseek(fd, -1, SEEK_END);
	(void)lseek(fd, 0, SEEK_DATA);
	(void)fsync(fd);
	(void)flock(fd, LOCK_EX | LOCK_NB);
	(void)fcntl(fd, F_SETLEASE, F_RDLCK);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
	return worked;
}

#define SEEN_OF_FIRST \
	PATHS("bus/ap/apmask", "bus/ap", MATRIX A1 "/assign_adapter", MATRIX A1, "devices/ap/card05/online", "devices/ap/card05", \
	      "bus/ap/devices/card05")
#define SEEN_OF_SECOND PATHS("bus/ap/apmask", "devices/ap/card06/online", MATRIX B1 "/remove", MATRIX B1)

static const struct family families[] = {
	{ "chmod", changes_mode, 0, USERS(2001), SEEN_OF_FIRST },
	{ "chmod, one who may only look", changes_mode, 0, USERS(2002, 2003), SEEN_OF_SECOND },
	{ "chown", changes_owner, 0, USERS(2001), SEEN_OF_FIRST },
	{ "unlink", unlinks, 0, USERS(2001), SEEN_OF_FIRST },
	{ "rmdir", removes_dir, 0, USERS(2001), PATHS("bus/ap", MATRIX A1, "devices/ap/card05", ".") },
	{ "rename", renames, 0, USERS(2001), SEEN_OF_FIRST },
	{ "rename over another", renames_over, 0, USERS(2001), PATHS("bus/ap/apmask", MATRIX A1 "/remove") },
	{ "rename with exchange", exchanges, 0, USERS(2001), PATHS("bus/ap/apmask", MATRIX A1 "/remove") },
	{ "link", hard_links, 0, USERS(2001), SEEN_OF_FIRST },
	{ "link to elsewhere", links_out, 0, USERS(2001), PATHS("bus/ap/apmask", MATRIX A1 "/remove") },
	{ "utimes", changes_times, 0, USERS(2001), SEEN_OF_FIRST },
	{ "xattrs", sets_xattr, 0, USERS(2001), SEEN_OF_FIRST },
	{ "create, mkdir, symlink, mknod, O_TMPFILE", creates, 0, USERS(2001), PATHS(".", "bus/ap", MATRIX A1, "devices/ap/card05", "bus") },
	{ "truncate, fallocate", truncates, 0, USERS(2001, 2003), PATHS("bus/ap/apmask", MATRIX A1 "/assign_adapter", "devices/ap/card05/online") },
	{ "O_APPEND and O_TRUNC", appends, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "+6") },
	{ "pwrite at offsets, lseek", at_offsets, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "0x0") },
	{ "pwrite at offsets, own mdev", at_offsets, DECIDED, USERS(2001), PATHS(MATRIX A1 "/assign_adapter"), TEXTS("6") },
	{ "splice, sendfile, copy_file_range", splices, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "+6") },
	{ "asynchronous write", asynchronously, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7", "+6") },
	{ "O_DIRECT", direct, 0, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7") },
	{ "mmap", maps, 0, USERS(2001), PATHS("bus/ap/apmask", "devices/ap/card05/online"), TEXTS("-7") },
	{ "ioctl, poll, statx, leases, locks", other_calls, 0, USERS(2001, 2003), PATHS("bus/ap/apmask", "bus/ap", "devices/ap/card05/online") },
};

const struct families families_of_files = { families, LENGTH(families) };
