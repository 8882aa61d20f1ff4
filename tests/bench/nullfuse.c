/* SPDX-License-Identifier: MIT */
/*
 * nullfuse MOUNTPOINT: the floor under any FUSE server. 64 attributes file00 to file63 of a few bytes, as sysfs has
 * them (4096 bytes long, never in the page cache), served by one thread without a library and with nothing to
 * compute; all that can be cached is. Serves until it is unmounted. Root only: it mounts by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 64
#define FIRST 2			/* node of file00; the root is 1 */
#define BUFFER (1 << 20)
#define FOREVER 1000000000

static void reply(int fd, const struct fuse_in_header *in, int error, const void *data, size_t size)
{
	struct fuse_out_header out = { (uint32_t)(sizeof(out) + size), error, in->unique };
	struct iovec part[2] = { { &out, sizeof(out) }, { (void *)data, size } };

	if (writev(fd, part, size ? 2 : 1) < 0 && errno != ENOENT)
		perror("nullfuse: reply");
}

static void fill(uint64_t node, struct fuse_attr *a)
{
	*a = (struct fuse_attr){ .ino = node, .nlink = node == 1 ? 2 : 1, .blksize = 4096,
				 .mode = node == 1 ? S_IFDIR | 0755 : S_IFREG | 0644, .size = node == 1 ? 0 : 4096 };
}

static void fill_entry(uint64_t node, struct fuse_entry_out *e)
{
	*e = (struct fuse_entry_out){ .nodeid = node, .entry_valid = FOREVER, .attr_valid = FOREVER };
	if (node)
		fill(node, &e->attr);
}

static void do_init(int fd, const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_init_in *i = arg;
	struct fuse_init_out o = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_readahead = 4096,
				   .max_write = 131072, .max_background = 64, .congestion_threshold = 48, .time_gran = 1,
				   .flags = i->flags & (FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES | FUSE_PARALLEL_DIROPS |
							FUSE_NO_OPENDIR_SUPPORT | FUSE_DO_READDIRPLUS) };

	reply(fd, in, 0, &o, sizeof(o));
}

static void do_lookup(int fd, const struct fuse_in_header *in, const void *arg)
{
	struct fuse_entry_out e;
	unsigned number;

	fill_entry(sscanf(arg, "file%2u", &number) == 1 && number < FILES ? FIRST + number : 0, &e);
	reply(fd, in, 0, &e, sizeof(e));
}

static void do_getattr(int fd, const struct fuse_in_header *in, const void *arg)
{
	struct fuse_attr_out o = { .attr_valid = FOREVER };

	fill(in->nodeid, &o.attr);
	reply(fd, in, 0, &o, sizeof(o));
}

static void do_open(int fd, const struct fuse_in_header *in, const void *arg)
{
	struct fuse_open_out o = { .open_flags = FOPEN_DIRECT_IO };

	reply(fd, in, 0, &o, sizeof(o));
}

static void do_read(int fd, const struct fuse_in_header *in, const void *arg)
{
	static const char text[] = "0xffffffffffffffffffffffffffffffffffffffffffff\n";
	const struct fuse_read_in *r = arg;
	size_t length = r->offset < sizeof(text) - 1 ? sizeof(text) - 1 - r->offset : 0;

	reply(fd, in, 0, text + (length ? r->offset : 0), length < r->size ? length : r->size);
}

static void do_write(int fd, const struct fuse_in_header *in, const void *arg)
{
	struct fuse_write_out o = { .size = ((const struct fuse_write_in *)arg)->size };

	reply(fd, in, 0, &o, sizeof(o));
}

static void do_readdirplus(int fd, const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_read_in *r = arg;
	/* six characters of a name behind each, no NUL */
	_Alignas(8) unsigned char entry[FILES][FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET_DIRENTPLUS + 6)] = { 0 };
	size_t n = 0;

	for (uint64_t i = r->offset; i < FILES && (n + 1) * sizeof(*entry) <= r->size; i++, n++) {
		struct fuse_direntplus *e = (struct fuse_direntplus *)(void *)entry[n];
		char name[8];

		snprintf(name, sizeof(name), "file%02u", (unsigned)i & 63);
		fill_entry(FIRST + i, &e->entry_out);
		e->dirent.ino = FIRST + i;
		e->dirent.off = i + 1;
		e->dirent.namelen = 6;
		e->dirent.type = S_IFREG >> 12;
		memcpy(entry[n] + FUSE_NAME_OFFSET_DIRENTPLUS, name, 6);
	}
	reply(fd, in, 0, entry, n * sizeof(*entry));
}

static void do_nothing(int fd, const struct fuse_in_header *in, const void *arg)
{
	reply(fd, in, 0, NULL, 0);
}

typedef void request_fn(int fd, const struct fuse_in_header *in, const void *arg);

static request_fn *const requests[64] = {
	[FUSE_INIT] = do_init, [FUSE_LOOKUP] = do_lookup, [FUSE_GETATTR] = do_getattr, [FUSE_OPEN] = do_open,
	[FUSE_READ] = do_read, [FUSE_WRITE] = do_write, [FUSE_READDIRPLUS] = do_readdirplus,
	[FUSE_RELEASE] = do_nothing, [FUSE_RELEASEDIR] = do_nothing, [FUSE_DESTROY] = do_nothing,
};

static void serve(int fd)
{
	static char buffer[BUFFER];
	const struct fuse_in_header *in = (const void *)buffer;

	for (;;) {
		ssize_t n = read(fd, buffer, sizeof(buffer));
		request_fn *run;

		if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT))
			continue;
		if (n < (ssize_t)sizeof(*in))
			return;
		run = in->opcode < 64 ? requests[in->opcode] : NULL;
		if (run)
			run(fd, in, in + 1);
		else if (in->opcode != FUSE_FORGET && in->opcode != FUSE_BATCH_FORGET && in->opcode != FUSE_INTERRUPT)
			reply(fd, in, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	char options[64];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc != 2 || fd < 0) {
		fprintf(stderr, fd < 0 ? "nullfuse: /dev/fuse: %s\n" : "Usage: nullfuse MOUNTPOINT\n", strerror(errno));
		return 2;
	}
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("nullfuse", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		perror("nullfuse: mount");
		return 1;
	}
	serve(fd);
	return 0;
}
