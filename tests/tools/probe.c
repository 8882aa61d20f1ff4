/* SPDX-License-Identifier: MIT */
/*
 * probe COMMAND ARGUMENT...: one system call, or a few on one descriptor, and a line that says what they
 * gave. The lines are those of the recordings in tests/corpus; FORMAT.md there explains them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define BUFFER (1 << 20)
#define RUN 70		/* so many equal characters are written as c{xN} */
#define TREE_VALUE 16384

static char buffer[BUFFER];

/* --- writing and reading bytes ------------------------------------------------------------------ */

static const char *error_name(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "E?";
}

static void print_byte(unsigned char c)
{
	static const char special[] = "\n\t\\'";
	static const char letter[] = "nt\\'";
	const char *at = c ? strchr(special, c) : NULL;

	if (at)
		printf("\\%c", letter[at - special]);
	else if (c == 0)
		printf("\\0");
	else if (c < ' ' || c > '~')
		printf("\\x%02x", c);
	else
		putchar(c);
}

/* A long run: its character stands as it is, or as \xHH where quotes could not hold it. */
static void print_run(unsigned char c, size_t length)
{
	if (c < ' ' || c > '~' || c == '\'' || c == '\\')
		printf("\\x%02x{x%zu}", c, length);
	else
		printf("%c{x%zu}", c, length);
}

static void print_bytes(const char *bytes, size_t length)
{
	putchar('\'');
	for (size_t i = 0, run; i < length; i += run) {
		for (run = 1; i + run < length && bytes[i + run] == bytes[i]; run++)
			;
		if (run >= RUN)
			print_run((unsigned char)bytes[i], run);
		else
			for (size_t k = 0; k < run; k++)
				print_byte((unsigned char)bytes[i]);
	}
	putchar('\'');
}

static void print_result(long result)
{
	if (result < 0)
		printf(" -> -1 %s", error_name(errno));
	else
		printf(" -> %ld", result);
}

static void print_read(long result)
{
	print_result(result);
	if (result < 0)
		return;
	putchar(' ');
	print_bytes(buffer, (size_t)result);
}

/* "\n" and the like become bytes, in place; returns the length. */
static size_t decode(char *text)
{
	char *to = text;

	for (char *from = text; *from; from++) {
		char hex[3] = { 0 };

		if (from[0] != '\\' || !from[1]) {
			*to++ = *from;
			continue;
		}
		switch (*++from) {
		case 'n':
			*to++ = '\n';
			break;
		case 't':
			*to++ = '\t';
			break;
		case 'r':
			*to++ = '\r';
			break;
		case '0':
			*to++ = 0;
			break;
		case 'x':
			memcpy(hex, from + 1, strnlen(from + 1, 2));
			*to++ = (char)strtol(hex, NULL, 16);
			from += strlen(hex);
			break;
		default:
			*to++ = *from;
		}
	}
	*to = 0;
	return (size_t)(to - text);
}

/* --- w, r --------------------------------------------------------------------------------------- */

static int do_write(int argc, char **argv)
{
	char *bytes = strdup(argc > 2 ? argv[2] : "");
	size_t length = decode(bytes);
	int fd = open(argv[1], O_WRONLY);
	long result;

	printf("w %s ", argv[1]);
	print_bytes(bytes, length);
	if (fd < 0) {
		printf(" -> open -1 %s\n", error_name(errno));
		free(bytes);
		return 1;
	}
	result = write(fd, bytes, length);
	print_result(result);
	putchar('\n');
	free(bytes);
	return result < 0;
}

static int do_read(int argc, char **argv)
{
	int fd = open(argv[1], O_RDONLY);
	long result;

	printf("r %s", argv[1]);
	if (fd < 0) {
		printf(" -> open -1 %s\n", error_name(errno));
		return 1;
	}
	result = read(fd, buffer, argc > 2 ? strtoul(argv[2], NULL, 0) : BUFFER);
	print_read(result);
	putchar('\n');
	return result < 0;
}

/* --- st, t, tc, ls_ ------------------------------------------------------------------------------- */

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "dir";
	case S_IFLNK:
		return "link";
	case S_IFREG:
		return "file";
	case S_IFCHR:
		return "chr";
	case S_IFBLK:
		return "blk";
	default:
		return "other";
	}
}

static void print_stat(const char *path, const struct stat *st)
{
	char target[4096];
	ssize_t n;

	printf("%s %s %04o size=%lld uid=%u gid=%u nlink=%lu blksize=%ld blocks=%lld", path, type_name(st->st_mode),
	       st->st_mode & 07777, (long long)st->st_size, st->st_uid, st->st_gid, (unsigned long)st->st_nlink,
	       (long)st->st_blksize, (long long)st->st_blocks);
	if (S_ISCHR(st->st_mode))
		printf(" rdev=%u:%u", major(st->st_rdev), minor(st->st_rdev));
	if (S_ISLNK(st->st_mode) && (n = readlink(path, target, sizeof(target))) >= 0)
		printf(" -> %.*s", (int)n, target);
	putchar('\n');
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted; the count, or -1 with errno. */
static int list(const char *path, char ***ret)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char **name = NULL;
	int count = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if ((count & (count + 1)) == 0 || !name)
			name = realloc(name, (size_t)(2 * count + 2) * sizeof(*name));
		name[count++] = strdup(entry->d_name);
	}
	closedir(dir);
	if (count)
		qsort(name, (size_t)count, sizeof(*name), compare_names);
	*ret = name;
	return count;
}

static void print_content(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	long result;

	if (fd < 0) {
		printf("  = open -1 %s\n", error_name(errno));
		return;
	}
	result = read(fd, buffer, BUFFER);
	if (result < 0) {
		printf("  = read -1 %s\n", error_name(errno));
	} else {
		printf("  = %ld ", result);
		print_bytes(buffer, (size_t)(result < TREE_VALUE ? result : TREE_VALUE));
		putchar('\n');
	}
	close(fd);
}

/* What the linker put into a module is the recording machine's own (FORMAT.md). */
static int left_out(const char *path, const char *name)
{
	return strncmp(path, "/sys/module/", 12) == 0 && (strcmp(name, "sections") == 0 || strcmp(name, "notes") == 0);
}

static void walk(const char *path, int contents)
{
	char **name = NULL;
	struct stat st;
	int count;

	if (lstat(path, &st) < 0) {
		printf("%s lstat -1 %s\n", path, error_name(errno));
		return;
	}
	print_stat(path, &st);
	if (contents && S_ISREG(st.st_mode) && st.st_mode & 0444)
		print_content(path);
	if (!S_ISDIR(st.st_mode))
		return;
	count = list(path, &name);
	if (count < 0)
		printf("%s opendir -1 %s\n", path, error_name(errno));
	for (int i = 0; i < count; i++) {
		char below[4096];

		snprintf(below, sizeof(below), "%s/%s", path, name[i]);
		if (!left_out(path, name[i]))
			walk(below, contents);
		free(name[i]);
	}
	free(name);
}

static int do_tree(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		walk(argv[i], strcmp(argv[0], "tc") == 0);
	return 0;
}

static int do_list(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char **name = NULL;
		int count = list(argv[i], &name);

		printf("ls %s ->", argv[i]);
		if (count < 0)
			printf(" -1 %s\n", error_name(errno));
		for (int k = 0; k < count; k++) {
			printf(" %s", name[k]);
			free(name[k]);
		}
		free(name);
		if (count >= 0)
			putchar('\n');
	}
	return 0;
}

static int do_stat(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat st;

		printf("st ");
		if (lstat(argv[i], &st) < 0)
			printf("%s -> -1 %s\n", argv[i], error_name(errno));
		else
			print_stat(argv[i], &st);
	}
	return 0;
}

/* --- x: operations on one descriptor -------------------------------------------------------------- */

static int open_flags(const char *text)
{
	static const struct { const char *name; int flag; } known[] = {
		{ "r", O_RDONLY }, { "w", O_WRONLY }, { "rw", O_RDWR }, { "CREAT", O_CREAT }, { "EXCL", O_EXCL },
		{ "TRUNC", O_TRUNC }, { "APPEND", O_APPEND }, { "DIRECTORY", O_DIRECTORY }, { "DIRECT", O_DIRECT },
		{ "NOFOLLOW", O_NOFOLLOW }, { "PATH", O_PATH }, { "NONBLOCK", O_NONBLOCK }, { "TMPFILE", O_TMPFILE },
		{ "SYNC", O_SYNC },
	};
	char *copy = strdup(text), *rest = copy, *word;
	int flags = 0;

	while ((word = strsep(&rest, "|")))
		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
			if (strcmp(word, known[i].name) == 0)
				flags |= known[i].flag;
	free(copy);
	return flags;
}

static long map_shared(int fd)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -1;
	munmap(at, 4096);
	return 0;
}

static void operate_fstat(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		print_result(-1);
	else
		printf(" -> %04o size=%lld nlink=%lu", st.st_mode & 07777, (long long)st.st_size,
		       (unsigned long)st.st_nlink);
}

static void operate_poll(int fd, const char *timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLPRI | POLLOUT };

	printf(" -> %d", poll(&p, 1, atoi(timeout)));
	printf(" revents=0x%x", (unsigned)p.revents);
}

static long write_repeated(int fd, const char *length, char c)
{
	size_t n = strtoul(length, NULL, 0);

	memset(buffer, c, n);
	return write(fd, buffer, n);
}

static long run_shell(const char *command)
{
	fflush(stdout);
	return system(command);
}

/* One operation NAME[:A[:B]]; false: there is none of this name. */
static int operate(int fd, const char *name, char *a, char *b)
{
	long number = a ? (long)strtoll(a, NULL, 0) : 0;

	if (strcmp(name, "r") == 0)
		print_read(read(fd, buffer, (size_t)number));
	else if (strcmp(name, "pr") == 0)
		print_read(pread(fd, buffer, strtoul(b, NULL, 0), number));
	else if (strcmp(name, "w") == 0)
		print_result(write(fd, a, decode(a)));
	else if (strcmp(name, "pw") == 0)
		print_result(pwrite(fd, b, decode(b), number));
	else if (strcmp(name, "wl") == 0)
		print_result(write_repeated(fd, a, *b));
	else if (strcmp(name, "s") == 0)
		print_result(lseek(fd, number, atoi(b)));
	else if (strcmp(name, "ft") == 0)
		print_result(ftruncate(fd, number));
	else if (strcmp(name, "fsync") == 0)
		print_result(fsync(fd));
	else if (strcmp(name, "fallocate") == 0)
		print_result(fallocate(fd, 0, 0, 4096));
	else if (strcmp(name, "ioctl") == 0)
		print_result(ioctl(fd, (unsigned long)number, 0));
	else if (strcmp(name, "sleep") == 0)
		print_result(usleep((useconds_t)number * 1000));
	else if (strcmp(name, "mmap") == 0)
		print_result(map_shared(fd));
	else if (strcmp(name, "fstat") == 0)
		operate_fstat(fd);
	else if (strcmp(name, "poll") == 0)
		operate_poll(fd, a);
	else if (strcmp(name, "sh") == 0)
		print_result(run_shell(a));
	else
		return 0;
	return 1;
}

static int takes_two(const char *name)
{
	return strcmp(name, "pr") == 0 || strcmp(name, "pw") == 0 || strcmp(name, "wl") == 0 || strcmp(name, "s") == 0;
}

static int do_operations(int argc, char **argv)
{
	int fd = open(argv[1], open_flags(argv[2]), 0644);

	printf("x %s %s", argv[1], argv[2]);
	if (fd < 0) {
		printf(" -> open -1 %s\n", error_name(errno));
		return 1;
	}
	for (int i = 3; i < argc; i++) {
		char *rest = strdup(argv[i]), *name = strsep(&rest, ":");
		char *a = rest && takes_two(name) ? strsep(&rest, ":") : rest;

		printf(" ; %s", argv[i]);
		if (!operate(fd, name, a, rest)) {
			fprintf(stderr, "probe: %s: no such operation\n", argv[i]);
			return 2;
		}
		free(name);
	}
	putchar('\n');
	return 0;
}

/* --- s: system calls on a path ---------------------------------------------------------------------- */

static int print_statfs(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return -1;
	printf(" -> type=0x%lx bsize=%ld namelen=%ld\n", (long)fs.f_type, (long)fs.f_bsize, (long)fs.f_namelen);
	return 0;
}

static int print_link(const char *path)
{
	ssize_t n = readlink(path, buffer, BUFFER);

	if (n < 0)
		return -1;
	print_read(n);
	putchar('\n');
	return 0;
}

static int print_real_path(const char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		return -1;
	printf(" -> %s\n", real);
	free(real);
	return 0;
}

/* Calls whose result is a number; -2: not one of them. */
static long path_call(const char *call, const char *path, const char *a, const char *b)
{
	if (strcmp(call, "chmod") == 0)
		return chmod(path, (mode_t)strtoul(a, NULL, 8));
	if (strcmp(call, "chown") == 0)
		return chown(path, (uid_t)atoi(a), (gid_t)atoi(b));
	if (strcmp(call, "mkdir") == 0)
		return mkdir(path, 0755);
	if (strcmp(call, "rmdir") == 0)
		return rmdir(path);
	if (strcmp(call, "unlink") == 0)
		return unlink(path);
	if (strcmp(call, "rename") == 0)
		return rename(path, a);
	if (strcmp(call, "link") == 0)
		return link(path, a);
	if (strcmp(call, "symlink") == 0)
		return symlink(path, a);
	if (strcmp(call, "truncate") == 0)
		return truncate(path, atoll(a));
	if (strcmp(call, "mknod") == 0)
		return mknod(path, S_IFREG | 0644, 0);
	if (strcmp(call, "access") == 0)
		return access(path, atoi(a));
	if (strcmp(call, "utimes") == 0)
		return utimes(path, NULL);
	if (strcmp(call, "setxattr") == 0)
		return setxattr(path, a, "1", 1, 0);
	if (strcmp(call, "getxattr") == 0)
		return getxattr(path, a, buffer, BUFFER);
	if (strcmp(call, "listxattr") == 0)
		return listxattr(path, buffer, BUFFER);
	if (strcmp(call, "chdir") == 0)
		return chdir(path);
	return -2;
}

static int do_path_call(int argc, char **argv)
{
	long result = -1;

	printf("s");
	for (int i = 1; i < argc; i++)
		printf(" %s", argv[i]);
	if (strcmp(argv[1], "statfs") == 0) {
		if (print_statfs(argv[2]) == 0)
			return 0;
	} else if (strcmp(argv[1], "readlink") == 0) {
		if (print_link(argv[2]) == 0)
			return 0;
	} else if (strcmp(argv[1], "realpath") == 0) {
		if (print_real_path(argv[2]) == 0)
			return 0;
	} else {
		result = path_call(argv[1], argv[2], argc > 3 ? argv[3] : NULL, argc > 4 ? argv[4] : NULL);
		if (result == -2) {
			fprintf(stderr, "probe: %s: no such call\n", argv[1]);
			return 2;
		}
	}
	print_result(result);
	putchar('\n');
	return result < 0;
}

/* --- the commands ------------------------------------------------------------------------------------ */

static int run(int argc, char **argv);

static int do_as(int argc, char **argv)
{
	id_t id = (id_t)atoi(argv[1]);

	printf("[uid %u] ", id);
	if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0) {
		printf("cannot: %s\n", error_name(errno));
		return 1;
	}
	return run(argc - 2, argv + 2);
}

static const struct { const char *name; int (*run)(int argc, char **argv); int least; } commands[] = {
	{ "w", do_write, 2 }, { "r", do_read, 2 }, { "t", do_tree, 2 }, { "tc", do_tree, 2 }, { "ls_", do_list, 2 },
	{ "st", do_stat, 2 }, { "x", do_operations, 3 }, { "s", do_path_call, 3 }, { "as", do_as, 3 },
};

static int run(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (argc >= commands[i].least && strcmp(argv[0], commands[i].name) == 0)
			return commands[i].run(argc, argv);
	fprintf(stderr, "probe: %s: no such command, or too few arguments\n", argc ? argv[0] : "");
	return 2;
}

int main(int argc, char **argv)
{
	return run(argc - 1, argv + 1);
}
