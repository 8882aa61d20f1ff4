/* SPDX-License-Identifier: MIT */
/*
 * host_race HOST-MASK OUR-MASK WRITES: user 2001, who is granted 5 and 16 to 31, writes WRITES masks through us, while root
 * changes 64 to 255 on the host itself. After each of root's writes his bits are as he wrote them, until his next:
 * nobody else may change one.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MASK_TEXT 66	/* "0x" and 64 digits */
#define OF_ROOT 16	/* the digit from which on they are root's: 64 / 4 */

struct shared {
	atomic_bool over;
	atomic_ulong taken, refused;
};

static unsigned pick(unsigned *random, unsigned below)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random % below;
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static void get(const char *path, char text[MASK_TEXT + 2])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, MASK_TEXT + 1);

	if (n < MASK_TEXT) {
		perror(path);
		exit(1);
	}
	text[MASK_TEXT] = 0;
	close(fd);
}

/* Root's own: 16 of his bits anew, as edits, and a look at all of his. */
static unsigned long host_writes(const char *path, const struct shared *s, unsigned long *ret_writes)
{
	char before[MASK_TEXT + 2], after[MASK_TEXT + 2];
	unsigned random = 4711;
	unsigned long wrong = 0;

	get(path, before);
	for (*ret_writes = 0; !atomic_load(&s->over); ++*ret_writes) {
		char text[256] = "";

		for (int i = 0; i < 16; i++) {
			unsigned id = 64 + pick(&random, 192), digit = 2 + id / 4;
			bool set = pick(&random, 2);
			int value = (int)strtol((char[]){ before[digit], 0 }, NULL, 16), bit = 8 >> id % 4;

			sprintf(text + strlen(text), "%s%c%u", i ? "," : "", set ? '+' : '-', id);
			before[digit] = "0123456789abcdef"[set ? value | bit : value & ~bit];
		}
		if (put(path, text) < 0)
			wrong++;
		for (int look = 0; look < 3; look++) {
			/* so that a whole mask of his is often right when it is judged, and not any more after that */
			usleep(look ? pick(&random, 8000) : 0);
			get(path, after);
			if (strcmp(before + 2 + OF_ROOT, after + 2 + OF_ROOT) == 0)
				continue;
			printf("write %lu of root: %s\n     is now: %s\n", *ret_writes, before, after);
			memcpy(before, after, sizeof(before));
			wrong++;
		}
	}
	return wrong;
}

/* The whole mask as he last saw it, with his bits anew: where root's have moved since, that is refused. */
static void make_absolute(const char *path, unsigned *random, char text[256])
{
	char mask[MASK_TEXT + 2];

	get(path, mask);
	for (int i = 0; i < 4; i++)
		mask[2 + 4 + i] = "0123456789abcdef"[pick(random, 16)];
	strcpy(text, mask);
}

static void tenant_writes(const char *host, const char *ours, unsigned long writes, struct shared *s)
{
	unsigned random = 1234567;

	if (setgroups(0, NULL) < 0 || setgid(2001) < 0 || setuid(2001) < 0)
		_exit(1);
	while (atomic_load(&s->taken) < writes) {
		char text[256];
		unsigned first = 16 + pick(&random, 16), last = first + pick(&random, 32 - first);

		if (pick(&random, 3) == 0)
			make_absolute(host, &random, text);
		else
			snprintf(text, sizeof(text), "%c%u-%u,%c5,%c%u", pick(&random, 2) ? '+' : '-', first, last,
				 pick(&random, 2) ? '+' : '-', pick(&random, 2) ? '+' : '-', 16 + pick(&random, 16));
		if (put(ours, text) == 0)
			atomic_fetch_add(&s->taken, 1);
		else
			atomic_fetch_add(&s->refused, 1);
	}
	atomic_store(&s->over, true);
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long writes = argc > 3 ? strtoul(argv[3], NULL, 0) : 0, by_root, wrong;
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t tenant;
	int status;

	if (!writes || s == MAP_FAILED) {
		fprintf(stderr, "Usage, as root: host_race HOST-MASK OUR-MASK WRITES\n");
		return 2;
	}
	tenant = fork();
	if (tenant == 0)
		tenant_writes(argv[1], argv[2], writes, s);
	wrong = host_writes(argv[1], s, &by_root);
	waitpid(tenant, &status, 0);
	printf("%lu writes taken, %lu refused, while root made %lu: %lu wrong\n", atomic_load(&s->taken), atomic_load(&s->refused),
	       by_root, wrong);
	return wrong || status || by_root < 20;
}
