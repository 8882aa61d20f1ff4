/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FUSE_MAGIC 0x65735546

int host_sysfs_open(struct host_sysfs *h, const char *dir)
{
	struct statfs fs;

	*h = (struct host_sysfs){ .root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	if (h->root < 0)
		return -errno;
	if (fstatfs(h->root, &fs) < 0)
		fs.f_type = 0;
	h->mounted = fs.f_type == FUSE_MAGIC;
	h->live = fs.f_type == SYSFS_MAGIC || h->mounted;
	return 0;
}

int host_sysfs_gone(const struct host_sysfs *h)
{
	struct statfs fs;

	return h->mounted && fstatfs(h->root, &fs) < 0 ? -errno : 0;
}

void host_sysfs_close(struct host_sysfs *h)
{
	if (h->root >= 0)
		close(h->root);
	h->root = -1;
}

int host_open(const struct host_sysfs *h, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, h->root, *path ? path : ".", &how, sizeof(how));

	if (fd < 0 && errno == EACCES && h->opener && !(flags & O_PATH))
		return h->opener(h->opener_ctx, path, flags);
	return fd < 0 ? -errno : (int)fd;
}

int host_stat(const struct host_sysfs *h, const char *path, struct stat *ret)
{
	int fd = host_open(h, path, O_PATH | O_NOFOLLOW), rc;

	if (fd < 0)
		return fd;
	rc = fstat(fd, ret) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* A copied tree may hold anything; a pipe must not hold us up. What is live is a file, or cannot be read. */
static int open_file(const struct host_sysfs *h, const char *path, int flags)
{
	int fd = host_open(h, path, flags | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return fd;
	if (h->live || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	return -EINVAL;
}

int host_read(const struct host_sysfs *h, const char *path, char *text, size_t size)
{
	int fd = open_file(h, path, O_RDONLY);
	ssize_t n;

	text[0] = 0;
	if (fd < 0)
		return fd;
	do
		n = read(fd, text, size - 1);
	while (n < 0 && errno == EINTR);
	n = n < 0 ? -errno : n;
	close(fd);
	text[n > 0 ? n : 0] = 0;
	return (int)n;
}

int host_readlink(const struct host_sysfs *h, const char *path, char *text, size_t size)
{
	int fd = host_open(h, path, O_PATH | O_NOFOLLOW);
	ssize_t n;

	text[0] = 0;
	if (fd < 0)
		return fd;
	n = readlinkat(fd, "", text, size - 1);
	n = n < 0 ? -errno : n;
	close(fd);
	text[n > 0 ? n : 0] = 0;
	/* of what is no link the kernel says that there is no such name */
	return n == -ENOENT ? -EINVAL : (int)n;
}

int host_open_read(const struct host_sysfs *h, const char *path)
{
	return open_file(h, path, O_RDONLY);
}

int host_open_write(const struct host_sysfs *h, const char *path)
{
	return h->live ? open_file(h, path, O_WRONLY) : -EROFS;
}

int host_write(int fd, const char *text, size_t length)
{
	ssize_t n = write(fd, text, length);

	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

int host_list(const struct host_sysfs *h, const char *path, host_name_fn *emit, void *ctx)
{
	int fd = host_open(h, path, O_RDONLY | O_DIRECTORY);
	struct dirent *entry;
	DIR *d;
	int rc;

	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d) {
		rc = -errno;
		close(fd);
		return rc;
	}
	while (errno = 0, (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			emit(ctx, entry->d_name);
	rc = -errno;
	closedir(d);
	return rc;
}
