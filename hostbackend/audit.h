/* SPDX-License-Identifier: MIT */
/* One line of JSON for each decision of the policy: apsysfs-audit(5) says what is in it. */
#ifndef HOSTBACKEND_AUDIT_H
#define HOSTBACKEND_AUDIT_H

#include <stddef.h>

#include "core/backend.h"

struct audit;

enum audit_outcome {
	AUDIT_ALLOWED,		/* goes to the backend; result: what the trial returned, or BACKEND_WAITS */
	AUDIT_WOULD_ALLOW,	/* the same, but with --dry-run: goes nowhere */
	AUDIT_REFUSED,		/* the policy refused; result: the errno the caller gets */
	AUDIT_RESULT,		/* it was let through, and returned something else than the trial said */
	AUDIT_OPEN_REFUSED,	/* open for writing: nothing in the policy could ever let a write through */
	AUDIT_POLICY,		/* the policy itself: read, reloaded, or refused for the reason */
};

struct audit_line {
	enum audit_outcome outcome;
	struct caller caller;	/* who writes */
	struct caller opener;	/* who opened the file */
	const char *command;	/* of the caller; NULL: audit_write finds out by pid, if it can */
	const char *path;	/* "/bus/ap/apmask" */
	const char *text;	/* what was written, length bytes of anything; NULL: nothing was */
	size_t length;
	const char *before;	/* what the write changes, in words, as it was ... */
	const char *after;	/* ... and as it becomes; NULL: nothing */
	const char *rule;	/* name of the grant that decides; NULL: none does */
	const char *reason;	/* why it was refused; NULL */
	int result;
};

/*
 * Writes the line, whole or not at all, with the time. Called from any thread, with a backend's lock held: quick, and it
 * calls no backend. 0; or -errno when it cannot be recorded: then the write must not happen.
 */
int audit_write(struct audit *a, const struct audit_line *line);

/* Appends to a file, made with mode 0600 if it is not there. -errno of open(2), -ENOMEM. */
int audit_open_file(const char *path, struct audit **ret);
/* Sends to the journal; socket: of another one, NULL: the system's. -errno of connect(2): nobody listens; -ENOMEM. */
int audit_open_journal(const char *socket, struct audit **ret);
/* Opens the file anew, which somebody may have moved away; the journal: connects anew. -errno: goes on with the old. */
int audit_reopen(struct audit *a);
void audit_close(struct audit *a);

#endif
