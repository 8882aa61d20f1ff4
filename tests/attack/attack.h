/* SPDX-License-Identifier: MIT */
/*
 * What plain users try against a policy. A family is a row of a table; each of its users with each of its paths and each
 * of its texts is one attempt, made in a process of its own in the mount's top folder.
 * Users: 2001 has adapter 5 and the mdev A1, 2002 has adapter 6 and B1, 2004 may have one mdev and has none;
 * 2003 and 2009 have nothing.
 */
#ifndef TESTS_ATTACK_ATTACK_H
#define TESTS_ATTACK_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define A1 "a1000000-0000-4000-8000-000000000001"
#define B1 "b1000000-0000-4000-8000-000000000001"
#define D1 "d1000000-0000-4000-8000-000000000001"	/* what 2004 makes */
#define FREE "c0000000-0000-4000-8000-000000000001"	/* nobody's, not there */
#define MATRIX "devices/vfio_ap/matrix/"
#define TYPE MATRIX "mdev_supported_types/vfio_ap-passthrough/"
#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

enum {
	DECIDED = 1,		/* it comes as far as a store, or an open that is refused: that stands in the audit */
	AS_ROOT = 2,		/* fn begins as root, and becomes the user by itself */
	NOISY = 4,		/* uevents and the log may grow meanwhile */
	GROUP_OF_FIRST = 8,	/* his group is 2001 */
	ROOTS_GROUPS = 16,	/* his groups are root's and everybody's */
};

struct attempt {
	uid_t uid;
	const char *path, *text;	/* "": none */
	unsigned flags;
	pid_t daemon;
	const char *audit;		/* paths from the root */
	const char *host;
};

/* True: he got what he must not get. What merely changes the state need not say so. */
typedef bool attempt_fn(const struct attempt *a);

struct family {
	const char *what;
	attempt_fn *fn;
	unsigned flags;
	const uid_t *users;		/* up to a 0 */
	const char *const *paths;	/* up to a NULL; NULL: one attempt without */
	const char *const *texts;
};

#define USERS(...) .users = (const uid_t[]){ __VA_ARGS__, 0 }
#define PATHS(...) .paths = (const char *const[]){ __VA_ARGS__, NULL }
#define TEXTS(...) .texts = (const char *const[]){ __VA_ARGS__, NULL }

struct families {
	const struct family *family;
	size_t count;
};

extern const struct families families_of_texts, families_of_files, families_of_descriptors, families_of_places,
	families_of_loads;

/* Gives up root for the user. Ends the process if it cannot. */
void become(uid_t uid, unsigned flags);
/* Opens, writes once, closes: what write(2) returned, or -errno. */
ssize_t put(const char *path, int flags, const void *text, size_t length);
/* Does the opened file take the text? Closes it. */
bool takes(int fd, const char *text);
bool can_write(const struct attempt *a);	/* for tables: open, write */
/* Descriptors between processes. -1: none came. */
bool send_descriptor(int socket, int fd);
int receive_descriptor(int socket);

/* --- state.c: what there is, as root sees it on the host --- */

/* Who has what, the pools, the uevents and the log, and mode and owner of what the attempt aims at. */
char *state_of(const char *host, const char *mount, const struct attempt *a, size_t *ret_length);
/* The whole tree, which takes a while: what the narrow look misses shows there. */
char *state_whole(const char *host, size_t *ret_length);
/* Where two texts differ, a line of each. */
void state_print_difference(const char *before, const char *after);

#endif
