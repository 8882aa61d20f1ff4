/* SPDX-License-Identifier: MIT */
/*
 * attack MOUNT AUDIT DAEMON HOST [STEP]: makes every attempt of the tables, or every STEPth of each family. After each
 * the host is as it was, as root sees it on HOST (MOUNT itself where the machine is behind it), and what had to be
 * decided stands in the audit. Prints each breach, and how many there were.
 */
#include "tests/attack/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_EACH 20

struct run {
	const char *mount, *host;
	struct attempt attempt;		/* what all have in common */
	int audit;
	unsigned step;
	unsigned attempts, breaches, decided;
};

/* --- for the tables ------------------------------------------------------------------------------------- */

void become(uid_t uid, unsigned flags)
{
	static const gid_t groups[] = { 0, 2001, 2002 };
	gid_t gid = flags & GROUP_OF_FIRST ? 2001 : flags & ROOTS_GROUPS ? 0 : uid;

	if (setgroups(flags & ROOTS_GROUPS ? LENGTH(groups) : 0, groups) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0) {
		perror("attack: become");
		_exit(3);
	}
	/* so that /proc/self is his */
	prctl(PR_SET_DUMPABLE, 1);
}

ssize_t put(const char *path, int flags, const void *text, size_t length)
{
	int fd = open(path, flags | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, length);
	n = n < 0 ? -errno : n;
	close(fd);
	return n;
}

bool takes(int fd, const char *text)
{
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n >= 0;
}

bool can_write(const struct attempt *a)
{
	return put(a->path, O_WRONLY, a->text, strlen(a->text)) >= 0;
}

bool send_descriptor(int socket, int fd)
{
	char byte = 'x', room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(socket, &message, 0) == 1;
}

int receive_descriptor(int socket)
{
	char byte, room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room) };
	struct cmsghdr *c;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || !(c = CMSG_FIRSTHDR(&message)))
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

/* --- one attempt ------------------------------------------------------------------------------------------ */

enum { HELD_OFF, GOT_IT, NOT_MADE };

static int make(attempt_fn *fn, const struct attempt *a)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		setpgid(0, 0);
		alarm(SECONDS_EACH);
		if (!(a->flags & AS_ROOT))
			become(a->uid, a->flags);
		_exit(fn(a) ? GOT_IT : HELD_OFF);
	}
	waitpid(child, &status, 0);
	/* what it started, it need not have ended */
	kill(-child, SIGKILL);
	if (WIFSIGNALED(status))
		printf("  (ended by signal %d)\n", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : NOT_MADE;
}

/* Is there a decision about this user in what was added to the audit since? */
static bool is_recorded(struct run *r, const struct attempt *a)
{
	static char text[8 << 20];
	char who[32];
	size_t length = 0;
	ssize_t n;

	while (length < sizeof(text) - 1 && (n = read(r->audit, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)n;
	text[length] = 0;
	snprintf(who, sizeof(who), "uid\":%u,", (unsigned)a->uid);
	return strstr(text, who) != NULL;
}

static void attack(struct run *r, const struct family *f, const struct attempt *a)
{
	size_t length_before, length_after;
	char *before = state_of(r->host, r->mount, a, &length_before), *after;
	int made = make(f->fn, a);
	bool changed, missing;

	after = state_of(r->host, r->mount, a, &length_after);
	changed = length_before != length_after || memcmp(before, after, length_after) != 0;
	missing = !is_recorded(r, a) && (a->flags & DECIDED);
	r->attempts++;
	r->decided += !!(a->flags & DECIDED);
	if (made != HELD_OFF || changed || missing) {
		r->breaches++;
		printf("breach: %s: uid %u, %s, \"%.40s\":%s%s%s%s\n", f->what, (unsigned)a->uid, a->path, a->text,
		       made == GOT_IT ? " it worked" : "", made > GOT_IT ? " it was not made" : "",
		       changed ? " the state changed" : "", missing ? " it is not in the audit" : "");
		if (changed)
			state_print_difference(before, after);
	}
	free(before);
	free(after);
}

static void attack_family(struct run *r, const struct family *f)
{
	static const char *const none[] = { "", NULL };
	unsigned number = 0;

	for (const uid_t *user = f->users; *user; user++)
		for (const char *const *path = f->paths ? f->paths : none; *path; path++)
			for (const char *const *text = f->texts ? f->texts : none; *text; text++) {
				struct attempt a = r->attempt;

				if (number++ % r->step)
					continue;
				a.uid = *user;
				a.path = *path;
				a.text = *text;
				a.flags = f->flags;
				attack(r, f, &a);
			}
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The whole tree, after each table. */
static char *compare_whole(struct run *r, char *before)
{
	size_t length;
	char *after = state_whole(r->host, &length);

	if (before && strcmp(before, after) != 0) {
		r->breaches++;
		printf("breach: the whole tree is not what it was before the table\n");
		state_print_difference(before, after);
	}
	free(before);
	return after;
}

static void attack_all(struct run *r)
{
	char *whole = compare_whole(r, NULL);

	static const struct families *const all[] = { &families_of_texts, &families_of_files, &families_of_descriptors,
						      &families_of_places, &families_of_loads };

	for (size_t i = 0; i < LENGTH(all); i++) {
		for (size_t f = 0; f < all[i]->count; f++) {
			const struct family *family = &all[i]->family[f];
			unsigned attempts = r->attempts, breaches = r->breaches;
			double began = seconds();

			attack_family(r, family);
			printf("%-60s %3u attempts, %3u breaches, %5.2f s\n", family->what, r->attempts - attempts,
			       r->breaches - breaches, seconds() - began);
		}
		whole = compare_whole(r, whole);
	}
	free(whole);
}

int main(int argc, char **argv)
{
	struct run r = { 0 };

	if (argc < 5 || argc > 6 || getuid() != 0 || chdir(argv[1]) < 0 ||
	    (r.audit = open(argv[2], O_RDONLY | O_CLOEXEC)) < 0) {
		fprintf(stderr, "Usage, as root: attack MOUNT AUDIT PID-OF-DAEMON HOST [STEP] (paths from the root)\n");
		return 2;
	}
	r.mount = argv[1];
	r.host = argv[4];
	r.step = argc > 5 ? (unsigned)atoi(argv[5]) : 1;
	r.attempt = (struct attempt){ .daemon = (pid_t)strtol(argv[3], NULL, 10), .audit = argv[2], .host = r.host };
	lseek(r.audit, 0, SEEK_END);
	attack_all(&r);
	printf("%u attempts, %u of them to be decided, %u breaches\n", r.attempts, r.decided, r.breaches);
	return r.breaches > 0;
}
