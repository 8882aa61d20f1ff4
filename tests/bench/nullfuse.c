/* SPDX-License-Identifier: MIT */
/*
 * nullfuse MOUNTPOINT [DIRECTORIES FILES [names]]: the floor under any FUSE server. 64 attributes file00 to file63 of a
 * few bytes, as sysfs has them (4096 bytes long, never in the page cache), served by one thread without a library and
 * with nothing to compute; all that can be cached is. Also a directory "tree" of DIRECTORIES with FILES (64 at most)
 * attributes each; names: listings tell nothing of files but their names. Serves until it is unmounted. Root only: it
 * mounts by itself.
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
#define TREE 256		/* node of "tree"; its directory d is TREE * (d + 2), and that one's files follow it */
#define NAME 16			/* room for a name */
#define BUFFER (1 << 20)
#define FOREVER 1000000000

static void reply(int fd, const struct fuse_in_header *in, int error, const void *data, size_t size)
{
	struct fuse_out_header out = { (uint32_t)(sizeof(out) + size), error, in->unique };
	struct iovec part[2] = { { &out, sizeof(out) }, { (void *)data, size } };

	if (writev(fd, part, size ? 2 : 1) < 0 && errno != ENOENT)
		perror("nullfuse: reply");
}

/* Of the tree; set before anything is served. */
static struct {
	unsigned directories, files;
	bool names;
} tree;

static bool is_directory(uint64_t node)
{
	return node == FUSE_ROOT_ID || node % TREE == 0;
}

static void fill(uint64_t node, struct fuse_attr *a)
{
	bool dir = is_directory(node);

	*a = (struct fuse_attr){ .ino = node, .nlink = dir ? 2 : 1, .blksize = 4096,
				 .mode = dir ? S_IFDIR | 0755 : S_IFREG | 0644, .size = dir ? 0 : 4096 };
}

static void fill_entry(uint64_t node, struct fuse_entry_out *e)
{
	*e = (struct fuse_entry_out){ .nodeid = node, .entry_valid = FOREVER, .attr_valid = FOREVER };
	if (node)
		fill(node, &e->attr);
}

/* Entry number i of a directory: its node, 0 behind the last, and its name. */
static uint64_t entry_of(uint64_t dir, uint64_t i, char name[static NAME])
{
	unsigned files = dir == FUSE_ROOT_ID ? FILES : dir == TREE ? 0 : tree.files;

	if (i < files) {
		memcpy(name, "file", 4);
		name[4] = (char)('0' + i / 10);
		name[5] = (char)('0' + i % 10);
		name[6] = 0;
		return dir == FUSE_ROOT_ID ? FIRST + i : dir + 1 + i;
	}
	if (dir == FUSE_ROOT_ID && i == FILES && tree.directories) {
		memcpy(name, "tree", 5);
		return TREE;
	}
	if (dir != TREE || i >= tree.directories)
		return 0;
	snprintf(name, NAME, "dir%05u", (unsigned)i);
	return TREE * (i + 2);
}

static uint64_t find(uint64_t dir, const char *name)
{
	char own[NAME];
	unsigned number;
	uint64_t node;

	if (strcmp(name, "tree") == 0)
		return entry_of(dir, FILES, own);
	if (sscanf(name, dir == TREE ? "dir%5u" : "file%2u", &number) != 1)
		return 0;
	node = entry_of(dir, number, own);
	return node && strcmp(name, own) == 0 ? node : 0;
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

	fill_entry(find(in->nodeid, arg), &e);
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
	static _Alignas(8) unsigned char data[BUFFER];
	const struct fuse_read_in *r = arg;
	char name[NAME];
	size_t length = 0;
	uint64_t node;

	for (uint64_t i = r->offset; (node = entry_of(in->nodeid, i, name)) != 0; i++) {
		struct fuse_direntplus *e = (struct fuse_direntplus *)(void *)(data + length);
		size_t n = strlen(name), size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET_DIRENTPLUS + n);

		if (length + size > r->size || length + size > sizeof(data))
			break;
		memset(e, 0, size);
		if (!tree.names || is_directory(node))
			fill_entry(node, &e->entry_out);
		e->dirent.ino = node;
		e->dirent.off = i + 1;
		e->dirent.namelen = (uint32_t)n;
		e->dirent.type = (uint32_t)(is_directory(node) ? S_IFDIR : S_IFREG) >> 12;
		memcpy(data + length + FUSE_NAME_OFFSET_DIRENTPLUS, name, n);
		length += size;
	}
	reply(fd, in, 0, data, length);
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

	if ((argc != 2 && argc != 4 && argc != 5) || fd < 0) {
		fprintf(stderr, fd < 0 ? "nullfuse: /dev/fuse: %s\n" : "Usage: nullfuse MOUNTPOINT [DIRECTORIES FILES [names]]\n",
			strerror(errno));
		return 2;
	}
	if (argc >= 4) {
		tree.names = argc == 5 && strcmp(argv[4], "names") == 0;
		tree.directories = (unsigned)atoi(argv[2]) % 100000;
		tree.files = (unsigned)atoi(argv[3]) % (FILES + 1);
	}
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("nullfuse", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		perror("nullfuse: mount");
		return 1;
	}
	serve(fd);
	return 0;
}
