/* SPDX-License-Identifier: MIT */
/*
 * moments MOUNT: whoever reads a directory in parts, while cards come and go between two of them, gets all of one
 * moment: that of his first part; and what the kernel keeps of it is never put together of two. For parts of several
 * sizes, with slow readers beside others. Prints what was done; exits with 1 if anything was wrong.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMES 16384
#define CARDS 12	/* 0x10 and on */
#define DOMAINS 4

struct reader {
	int fd;
	size_t part;		/* bytes asked for at a time */
	char names[NAMES];	/* a blank behind each */
};

static int mount_fd;
static unsigned listings, wrong;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void begin(struct reader *r, const char *path, size_t part)
{
	r->part = part;
	r->names[0] = 0;
	r->fd = openat(mount_fd, path, O_RDONLY | O_DIRECTORY);
	if (r->fd < 0)
		die(path);
}

/* false: the end */
static bool read_part(struct reader *r)
{
	_Alignas(struct dirent64) char buffer[65536];
	long n = syscall(SYS_getdents64, r->fd, buffer, r->part);
	size_t length = strlen(r->names);

	if (n < 0)
		die("getdents64");
	for (long at = 0; at < n;) {
		struct dirent64 *entry = (struct dirent64 *)(buffer + at);

		length += (size_t)snprintf(r->names + length, NAMES - length, "%s ", entry->d_name);
		if (length >= NAMES)
			exit(1);
		at += entry->d_reclen;
	}
	return n > 0;
}

static void read_rest(struct reader *r)
{
	while (read_part(r))
		;
	close(r->fd);
	listings++;
}

static void read_all(struct reader *r, const char *path, size_t part)
{
	begin(r, path, part);
	read_rest(r);
}

static void change(const char *line)
{
	int fd = openat(mount_fd, ".apsysfs/machine", O_WRONLY);

	if (fd < 0 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		die(line);
	close(fd);
}

static void expect(const char *what, const char *path, const struct reader *r, const struct reader *wanted)
{
	if (strcmp(r->names, wanted->names) == 0)
		return;
	if (wrong++ < 10)
		fprintf(stderr, "wrong: %s, %s in parts of %zu:\n  is     %s\n  wanted %s\n", what, path, r->part, r->names,
			wanted->names);
}

/* Every directory below, so that what was kept of others has to be given up. */
static void walk(int fd, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int below;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || !depth)
			continue;
		below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (below >= 0)
			walk(below, depth - 1);
	}
	if (dir)
		closedir(dir);
	else
		close(fd);
}

/* there: what the path has with and without the change; the present state is [0]. */
static void read_across(const char *path, size_t part, const char *line, const struct reader there[2])
{
	static struct reader first, kept, other;
	bool walked = part == 4096;

	/* one that asks us, one that reads what the kernel keeps */
	begin(&first, path, part);
	read_part(&first);
	read_all(&other, path, part);
	expect("a second reader", path, &other, &there[0]);
	begin(&kept, path, part);
	read_part(&kept);
	if (walked)
		walk(openat(mount_fd, ".", O_RDONLY | O_DIRECTORY), 6);
	change(line);
	if (part < 1024)
		read_part(&first);
	begin(&other, path, part);
	read_part(&other);
	read_rest(&first);
	expect("one who began before the change", path, &first, &there[0]);
	read_rest(&other);
	expect("one who began after the change", path, &other, &there[1]);
	read_rest(&kept);
	expect("one who began with what was kept", path, &kept, &there[0]);
	for (int i = 0; i < 3; i++) {
		read_all(&other, path, i ? 65536 : part);
		expect("one who came later", path, &other, &there[1]);
	}
}

/* Who goes back to the beginning sees the present, by a descriptor that he had before. */
static void rewind_across(const char *path, const char *line, const struct reader there[2])
{
	static struct reader r;

	begin(&r, path, 65536);
	while (read_part(&r))
		;
	expect("one to go back", path, &r, &there[0]);
	change(line);
	r.names[0] = 0;
	if (lseek(r.fd, 0, SEEK_SET) != 0)
		die("lseek");
	read_rest(&r);
	expect("one who went back", path, &r, &there[1]);
}

/* The two states that the lines lead to and back from. */
static void check(const char *path, const char *there, const char *back)
{
	static const size_t parts[] = { 48, 80, 280, 1000, 4096, 32768 };
	static struct reader state[2], swapped[2];

	read_all(&state[0], path, 65536);
	change(there);
	read_all(&state[1], path, 65536);
	change(back);
	if (strcmp(state[0].names, state[1].names) == 0) {
		fprintf(stderr, "%s is the same after \"%s\"\n", path, there);
		exit(1);
	}
	swapped[0] = state[1];
	swapped[1] = state[0];
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		read_across(path, parts[i], there, state);
		read_across(path, parts[i], back, swapped);
	}
	rewind_across(path, there, state);
	rewind_across(path, back, swapped);
}

int main(int argc, char **argv)
{
	char line[1024] = "new\n";
	size_t length = strlen(line);

	mount_fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;
	if (mount_fd < 0)
		return 2;
	for (int d = 0; d < DOMAINS; d++)
		length += (size_t)snprintf(line + length, sizeof(line) - length, "domain add %d\n", d);
	for (int c = 0; c < CARDS; c++)
		length += (size_t)snprintf(line + length, sizeof(line) - length, "adapter %d type=11 func=cca\n", 0x10 + c);
	snprintf(line + length, sizeof(line) - length, "scan\n");
	change(line);
	check("bus/ap/devices", "adapter 0x12 remove\nadapter 0x1a remove\nscan\n",
	      "adapter 0x12 type=11 func=cca\nadapter 0x1a type=11 func=cca\nscan\n");
	check("devices/ap", "adapter 0x13 remove\nadapter 0x30 type=12 func=ep11\nscan\n",
	      "adapter 0x30 remove\nadapter 0x13 type=11 func=cca\nscan\n");
	check("devices/ap/card14", "domain remove 2\nscan\n", "domain add 2\nscan\n");
	printf("moments: %u listings read in parts, %u wrong\n", listings, wrong);
	return wrong != 0;
}
