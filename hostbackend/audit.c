/* SPDX-License-Identifier: MIT */
#include "hostbackend/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "hostbackend/audit_text.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

struct audit {
	char *place;		/* of the file, absolute; or of the socket */
	bool is_journal;
	pthread_mutex_t lock;	/* one line at a time; taken last, nothing is called under it but the kernel */
	int fd;			/* protected by lock */
};

static int open_file(const char *path)
{
	/* not to hang on a FIFO that nobody reads */
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

	return fd < 0 ? -errno : fd;
}

static int connect_journal(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

static int open_place(const struct audit *a)
{
	return a->is_journal ? connect_journal(a->place) : open_file(a->place);
}

/* A daemon leaves its folder, so the name must be good from anywhere. */
static char *absolute(const char *path)
{
	char *folder, *ret = NULL;

	if (path[0] == '/')
		return strdup(path);
	folder = getcwd(NULL, 0);
	if (folder && asprintf(&ret, "%s/%s", folder, path) < 0)
		ret = NULL;
	free(folder);
	return ret;
}

static int audit_new(const char *place, bool is_journal, struct audit **ret)
{
	struct audit *a = calloc(1, sizeof(*a));
	int rc;

	if (!a)
		return -ENOMEM;
	a->is_journal = is_journal;
	a->place = absolute(place);
	rc = a->place ? open_place(a) : -ENOMEM;
	if (rc < 0) {
		free(a->place);
		free(a);
		return rc;
	}
	a->fd = rc;
	pthread_mutex_init(&a->lock, NULL);
	*ret = a;
	return 0;
}

int audit_open_file(const char *path, struct audit **ret)
{
	return audit_new(path, false, ret);
}

int audit_open_journal(const char *socket, struct audit **ret)
{
	return audit_new(socket ? socket : JOURNAL_SOCKET, true, ret);
}

void audit_close(struct audit *a)
{
	if (!a)
		return;
	close(a->fd);
	pthread_mutex_destroy(&a->lock);
	free(a->place);
	free(a);
}

static int reopen_locked(struct audit *a)
{
	int fd = open_place(a);

	if (fd < 0)
		return fd;
	close(a->fd);
	a->fd = fd;
	return 0;
}

int audit_reopen(struct audit *a)
{
	int rc;

	pthread_mutex_lock(&a->lock);
	rc = reopen_locked(a);
	pthread_mutex_unlock(&a->lock);
	return rc;
}

/* One write, so that lines of others do not come between. A part of a line is taken back. */
static int append(int fd, const struct page *line)
{
	ssize_t n = write(fd, line->data, line->length);
	struct stat st;

	if (n == (ssize_t)line->length)
		return 0;
	if (n < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= n && ftruncate(fd, st.st_size - n) < 0)
		return -errno;
	return -ENOSPC;
}

/* The journal's native protocol: fields of a line each; JSON has no newline in it but the one at its end. */
static int send_once(int fd, const struct page *line)
{
	static const char head[] = "SYSLOG_IDENTIFIER=apsysfs\nPRIORITY=5\nMESSAGE=";
	struct iovec parts[] = { { (void *)(uintptr_t)head, sizeof(head) - 1 }, { line->data, line->length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	/* a journal that does not keep up must not hold the bus: then the write is refused */
	return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int deliver(struct audit *a, const struct page *line)
{
	int rc;

	if (!a->is_journal)
		return append(a->fd, line);
	rc = send_once(a->fd, line);
	/* it was started anew */
	if (rc == -ECONNREFUSED || rc == -ENOTCONN || rc == -ECONNRESET)
		rc = reopen_locked(a) < 0 ? rc : send_once(a->fd, line);
	return rc;
}

int audit_write(struct audit *a, const struct audit_line *line)
{
	struct page text;
	int rc = page_init_growing(&text);

	if (rc < 0)
		return rc;
	rc = audit_format(line, &text);
	if (rc == 0) {
		pthread_mutex_lock(&a->lock);
		rc = deliver(a, &text);
		pthread_mutex_unlock(&a->lock);
	}
	page_free(&text);
	return rc;
}
