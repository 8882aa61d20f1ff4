/* SPDX-License-Identifier: MIT */
/* Descriptors that change hands, users that change, objects that change behind a descriptor. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/attack/attack.h"

/* --- whoever opens, another writes: both must be allowed to ----------------------------------------------- */

/* A log that root gives him as standard output, say. */
static bool inherited(const struct attempt *a)
{
	int fd = open(a->path, O_WRONLY);

	become(a->uid, a->flags);
	return takes(fd, a->text);
}

static bool inherited_reopened(const struct attempt *a)
{
	char link[64];
	int fd = open(a->path, O_RDWR);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	become(a->uid, a->flags);
	return put(link, O_WRONLY, a->text, strlen(a->text)) >= 0 || put(link, O_RDWR, a->text, strlen(a->text)) >= 0;
}

static bool path_only_reopened(const struct attempt *a)
{
	char link[64];
	int fd = open(a->path, O_PATH);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	become(a->uid, a->flags);
	return put(link, O_WRONLY, a->text, strlen(a->text)) >= 0;
}

static bool read_only_reopened(const struct attempt *a)
{
	char link[64];
	int fd = open(a->path, O_RDONLY);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return put(link, O_WRONLY, a->text, strlen(a->text)) >= 0;
}

/* Passes what one opened to the other, who writes. Then both are gone. */
static bool passes(const struct attempt *a, uid_t opener, uid_t writer)
{
	int pair[2], status = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return false;
	child = fork();
	if (child == 0) {
		int fd;

		become(opener, a->flags);
		fd = open(a->path, O_WRONLY);
		_exit(fd >= 0 && send_descriptor(pair[0], fd) ? 0 : 1);
	}
	waitpid(child, &status, 0);
	close(pair[0]);
	if (status != 0)
		return false;
	become(writer, a->flags);
	return takes(receive_descriptor(pair[1]), a->text);
}

/* He opens, and has somebody mightier write. */
static bool deputy_root(const struct attempt *a) { return passes(a, a->uid, 0); }
static bool deputy_second(const struct attempt *a) { return passes(a, a->uid, 2002); }
/* Somebody mightier opens, and he writes. */
static bool given_by_root(const struct attempt *a) { return passes(a, 0, a->uid); }
static bool given_by_first(const struct attempt *a) { return passes(a, 2001, a->uid); }

/* Opened as the first tenant, who may; then he is another. */
static bool becomes_another(const struct attempt *a)
{
	int fd;

	if (setresgid(2001, 2001, 2001) < 0 || setresuid(2001, 2001, 0) < 0)
		return false;
	fd = open(a->path, O_WRONLY);
	if (setresuid(0, 0, 0) < 0)
		return false;
	become(a->uid, a->flags);
	return takes(fd, a->text);
}

/* A child that was not there when it was opened writes as another. */
static bool forks(const struct attempt *a)
{
	int fd, status;

	if (setresuid(2001, 2001, 0) < 0)
		return false;
	fd = open(a->path, O_WRONLY);
	if (setresuid(0, 0, 0) < 0)
		return false;
	if (fork() == 0) {
		become(a->uid, a->flags);
		_exit(takes(fd, a->text));
	}
	return wait(&status) > 0 && status != 0;
}

/* --- what a descriptor shows ---------------------------------------------------------------------------------- */

/* Root began to read; the rest of root's text is not for him. text: what must not be found. */
static bool reads_on(const struct attempt *a)
{
	char shown[8192] = "";
	int fd = open(a->path, O_RDONLY);

	if (fd < 0 || read(fd, shown, 2) != 2)
		return false;
	become(a->uid, a->flags);
	memset(shown, 0, sizeof(shown));
	return pread(fd, shown, sizeof(shown) - 1, 2) > 0 && strstr(shown, a->text);
}

/* Root listed a folder; what is hidden is not in what he reads of it. */
static bool lists_on(const struct attempt *a)
{
	DIR *d = opendir(a->path);
	struct dirent *entry = d ? readdir(d) : NULL;
	struct stat st;

	become(a->uid, a->flags);
	if (!entry)
		return false;
	rewinddir(d);
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, a->text) == 0)
			return true;
	return fstatat(dirfd(d), a->text, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A folder of root's, which he does not see, as a place to start from. */
static bool starts_in(const struct attempt *a)
{
	int dir = open(a->path, O_RDONLY | O_DIRECTORY), path = open(a->path, O_PATH | O_DIRECTORY);

	if (dir < 0)
		return false;
	become(a->uid, a->flags);
	return openat(dir, a->text, O_RDONLY) >= 0 || openat(path, a->text, O_WRONLY) >= 0 ||
	       openat(dir, a->text, O_WRONLY) >= 0 ||
	       (fchdir(dir) == 0 && open(a->text, O_RDONLY) >= 0);
}

static bool works_in_root_folder(const struct attempt *a)
{
	if (chdir(a->path) < 0)
		return false;
	become(a->uid, a->flags);
	return open(a->text, O_RDONLY) >= 0 || open(a->text, O_WRONLY) >= 0;
}

static void map_refused(int signal)
{
	_exit(0);
}

/* Private maps of two users share pages: his has not what root's shows. That there are none is as good. */
static bool maps_beside_root(const struct attempt *a)
{
	int pair[2], fd = open(a->path, O_RDONLY), status;
	char *map, shown[4097] = "", byte = 'x';

	if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return false;
	signal(SIGBUS, map_refused);
	if (fork() == 0) {
		int own;

		become(a->uid, a->flags);
		own = open(a->path, O_RDONLY);
		map = own < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, own, 0);
		if (map == MAP_FAILED || write(pair[1], "x", 1) != 1 || read(pair[1], &byte, 1) != 1)
			_exit(0);
		memcpy(shown, map, 4096);
		_exit(strstr(shown, a->text) != NULL);
	}
	close(pair[1]);
	if (read(pair[0], &byte, 1) == 1) {
		map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map != MAP_FAILED)
			byte = *(volatile char *)map;
		(void)!write(pair[0], "x", 1);
	}
	return wait(&status) > 0 && status != 0;
}

/* --- objects that go and come ---------------------------------------------------------------------------------- */

static void in_child(uid_t uid, const char *path, const char *text)
{
	pid_t child = fork();

	if (child == 0) {
		become(uid, 0);
		_exit(put(path, O_WRONLY, text, strlen(text)) < 0);
	}
	waitpid(child, NULL, 0);
}

/*
 * He makes an mdev, opens its files, removes it; root makes one of the same name. Not one of his descriptors is of
 * root's mdev, and it is not his.
 */
static bool remade(const struct attempt *a)
{
	static const char *const files[] = { MATRIX D1 "/assign_adapter", MATRIX D1 "/remove", MATRIX D1 "/assign_domain",
					     MATRIX D1 "/uevent" };
	int fd[LENGTH(files)], dir, status = 0;
	pid_t child;

	in_child(a->uid, TYPE "create", D1);
	if (setresuid(a->uid, a->uid, 0) < 0)
		return false;
	for (size_t i = 0; i < LENGTH(files); i++)
		fd[i] = open(files[i], O_WRONLY);
	dir = open(MATRIX D1, O_RDONLY | O_DIRECTORY);
	if (setresuid(0, 0, 0) < 0)
		return false;
	if (fd[0] < 0 || fd[1] < 0 || dir < 0)
		return true;
	in_child(a->uid, MATRIX D1 "/remove", "1");
	in_child(0, TYPE "create", D1);
	child = fork();
	if (child == 0) {
		bool worked = false;

		become(a->uid, a->flags);
		for (size_t i = 0; i < LENGTH(files); i++)
			worked |= fd[i] >= 0 && write(fd[i], i == 1 ? "1" : "5", 1) >= 0;
		worked |= openat(dir, "remove", O_WRONLY) >= 0 || openat(dir, "matrix", O_RDONLY) >= 0;
		worked |= access(MATRIX D1, F_OK) == 0 || open(MATRIX D1 "/matrix", O_RDONLY) >= 0;
		_exit(worked);
	}
	waitpid(child, &status, 0);
	/* it is still there, and empty */
	if (access(MATRIX D1 "/remove", F_OK) < 0)
		status = 1;
	in_child(0, MATRIX D1 "/remove", "1");
	return status != 0;
}

/* One thread exchanges the text while others write it: what was judged is what is done. */
static bool text_that_moves(const struct attempt *a)
{
	char *text = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec began, now;
	pid_t mover = fork();

	if (mover == 0)
		for (;;) {
			memcpy(text, "+255", 5);
			memcpy(text, a->text, strlen(a->text) + 1);
		}
	clock_gettime(CLOCK_MONOTONIC, &began);
	do {
		(void)put(a->path, O_WRONLY, text, 4);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000 < 700);
	kill(mover, SIGKILL);
	return false;
}

#define OPENED_BY_ROOT \
	PATHS("bus/ap/apmask", MATRIX A1 "/remove", "devices/ap/card05/online", "devices/ap/card06/config", "bus/ap/scans", \
	      MATRIX B1 "/assign_domain", ".apsysfs/machine", ".apsysfs/guests/control")

static const struct family families[] = {
	{ "root opened, he writes", inherited, DECIDED | AS_ROOT, USERS(2003), PATHS("bus/ap/apmask", MATRIX A1 "/remove", "devices/ap/card05/online"), TEXTS("-5", "0") },
	{ "root opened, he writes: what he may see", inherited, DECIDED | AS_ROOT, USERS(2001, 2002), PATHS("bus/ap/apmask"), TEXTS("-7", "+6") },
	{ "root opened, another's mdev", inherited, DECIDED | AS_ROOT, USERS(2002), PATHS(MATRIX A1 "/remove", MATRIX A1 "/unassign_adapter"), TEXTS("1", "5") },
	{ "root opened, he opens it anew", inherited_reopened, AS_ROOT, USERS(2002, 2003), OPENED_BY_ROOT, TEXTS("1") },
	{ "root's O_PATH, he opens it", path_only_reopened, AS_ROOT, USERS(2002, 2003), OPENED_BY_ROOT, TEXTS("1") },
	{ "opened for reading, anew for writing", read_only_reopened, DECIDED, USERS(2002, 2003), PATHS("bus/ap/apmask"), TEXTS("-5") },
	{ "he opens, root writes", deputy_root, DECIDED | AS_ROOT, USERS(2001), PATHS("bus/ap/apmask", MATRIX A1 "/assign_adapter"), TEXTS("+6", "6") },
	{ "he opens, another tenant writes", deputy_second, DECIDED | AS_ROOT, USERS(2001), PATHS("bus/ap/apmask", MATRIX A1 "/remove", "devices/ap/card05/online"), TEXTS("0") },
	{ "root passes a descriptor, he writes", given_by_root, AS_ROOT, USERS(2002, 2003), PATHS("bus/ap/apmask", MATRIX A1 "/remove", "devices/ap/card05/online", ".apsysfs/scan"), TEXTS("0") },
	{ "a tenant passes a descriptor", given_by_first, DECIDED | AS_ROOT, USERS(2002, 2003), PATHS("bus/ap/apmask", MATRIX A1 "/remove", "devices/ap/card05/online"), TEXTS("0") },
	{ "of the same group, and not he", given_by_first, DECIDED | AS_ROOT | GROUP_OF_FIRST, USERS(2009), PATHS("bus/ap/apmask", MATRIX A1 "/remove"), TEXTS("-7") },
	{ "opened, then another user", becomes_another, DECIDED | AS_ROOT, USERS(2002, 2003, 2009), PATHS("bus/ap/apmask", MATRIX A1 "/remove"), TEXTS("-7") },
	{ "opened, then another user of the group", becomes_another, DECIDED | AS_ROOT | GROUP_OF_FIRST, USERS(2009), PATHS("bus/ap/apmask", MATRIX A1 "/remove"), TEXTS("-7") },
	{ "opened, a child of another user writes", forks, DECIDED | AS_ROOT, USERS(2002, 2003), PATHS("bus/ap/apmask", MATRIX A1 "/remove"), TEXTS("-7") },
	{ "in the groups of root", can_write, DECIDED | ROOTS_GROUPS, USERS(2009), PATHS("bus/ap/apmask", "bus/ap/scans"), TEXTS("-5") },
	{ "of the first one's group", can_write, DECIDED | GROUP_OF_FIRST, USERS(2009), PATHS("bus/ap/apmask", TYPE "create"), TEXTS("-5", FREE) },
	{ "the rest of what root began to read", reads_on, AS_ROOT, USERS(2003), PATHS("bus/ap/apmask", "bus/ap/aqmask"), TEXTS("f") },
	{ "the rest of what root began to list", lists_on, AS_ROOT, USERS(2001), PATHS("devices/ap", "bus/ap/devices"), TEXTS("card06") },
	{ "the rest of the mdevs root listed", lists_on, AS_ROOT, USERS(2001), PATHS("devices/vfio_ap/matrix", "bus/mdev/devices"), TEXTS(B1) },
	{ "from a folder of root's", starts_in, AS_ROOT, USERS(2001), PATHS("devices/ap/card06", "devices/ap/card06/06.00ab"), TEXTS("online", "hwtype", "../card06/online", "uevent") },
	{ "from an mdev's folder of root's", starts_in, AS_ROOT, USERS(2001), PATHS(MATRIX B1), TEXTS("remove", "matrix", "../" B1 "/remove") },
	{ "from .apsysfs of root's", starts_in, AS_ROOT, USERS(2001, 2003), PATHS(".apsysfs"), TEXTS("machine", "scan", "log", "guests/control") },
	{ "works in a folder of root's", works_in_root_folder, AS_ROOT, USERS(2001), PATHS("devices/ap/card06", MATRIX B1, ".apsysfs"), TEXTS("online", "remove", "machine") },
	{ "a private map beside root's", maps_beside_root, AS_ROOT, USERS(2003), PATHS("bus/ap/apmask"), TEXTS("f") },
	{ "an mdev removed, and made anew by root", remade, AS_ROOT | NOISY | DECIDED, USERS(2004) },
	{ "a text that changes while it is written", text_that_moves, DECIDED, USERS(2001), PATHS("bus/ap/apmask"), TEXTS("-7,5", "+6,6") },
};

const struct families families_of_descriptors = { families, LENGTH(families) };
