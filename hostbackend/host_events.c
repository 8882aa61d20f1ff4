/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_events.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "core/module.h"

#define MESSAGE 8192		/* a kernel's is at most 2 KiB and a header */
#define KERNEL_GROUP 1		/* 2 is udev's */
#define RECEIVE_BUFFER (1 << 20)

struct host_events {
	int fd, stop;
	pthread_t thread;
	host_event_fn *fn;
	void *ctx;
	char message[MESSAGE], payload[MESSAGE];
};

int host_events_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT), size = RECEIVE_BUFFER;

	if (fd < 0)
		return -errno;
	/* a scan makes hundreds at once; how much the host allows is up to it */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

/* The object itself, or one below it. */
static bool is_below(const char *path, const char *object)
{
	size_t length = strlen(object);

	return strncmp(path, object, length) == 0 && (!path[length] || path[length] == '/');
}

bool host_events_are_ours(const char *payload)
{
	static const char *const objects[] = {
		"/devices/ap", "/devices/vfio_ap", "/devices/virtual/zcrypt", "/devices/virtual/vfio",
		"/devices/virtual/misc/z90crypt", "/devices/virtual/misc/vfio", "/devices/virtual/misc/kvm", "/bus/ap",
		"/bus/mdev", "/bus/matrix", "/class/zcrypt", "/class/mdev_bus", "/class/vfio", "/class/vfio-dev",
		"/kernel/iommu_groups",
	};
	const char *path = strchr(payload, '@');

	if (!path)
		return false;
	path++;
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++)
		if (is_below(path, objects[i]))
			return true;
	if (strncmp(path, "/module/", 8) != 0)
		return false;
	for (enum module_id m = 0; m < MODULES; m++)
		if (is_below(path + 8, module_name(m)))
			return true;
	return false;
}

bool host_events_take(const char *message, size_t length, struct page *out)
{
	const char *end = message + length;

	/* udev's own begin with "libudev", and what is cut is no event */
	if (!length || end[-1] || !strchr(message, '@'))
		return false;
	for (const char *part = message; part < end; part += strlen(part) + 1)
		if (strncmp(part, "SEQNUM=", 7) != 0)
			page_append(out, part, strlen(part) + 1);
	return true;
}

static void receive(struct host_events *e)
{
	struct sockaddr_nl from = { 0 };
	struct iovec part = { e->message, sizeof(e->message) };
	struct msghdr header = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n = recvmsg(e->fd, &header, 0);
	struct page out;

	/* only the kernel's: any root may send to the group. ENOBUFS: some were lost, as udev would lose them. */
	if (n <= 0 || from.nl_pid != 0 || (header.msg_flags & MSG_TRUNC))
		return;
	page_init_fixed(&out, e->payload, sizeof(e->payload));
	if (host_events_take(e->message, (size_t)n, &out) && host_events_are_ours(e->payload))
		e->fn(e->ctx, e->payload, out.length);
}

static void *listen_thread(void *arg)
{
	struct host_events *e = arg;
	struct pollfd fds[] = { { .fd = e->fd, .events = POLLIN }, { .fd = e->stop, .events = POLLIN } };

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (fds[1].revents)
			return NULL;
		if (fds[0].revents)
			receive(e);
	}
}

/* No signal is its. */
static int start_thread(struct host_events *e)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&e->thread, NULL, listen_thread, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

int host_events_start(int fd, host_event_fn *fn, void *ctx, struct host_events **ret)
{
	struct host_events *e = calloc(1, sizeof(*e));
	int rc = -ENOMEM;

	if (e) {
		e->fd = fd;
		e->fn = fn;
		e->ctx = ctx;
		e->stop = eventfd(0, EFD_CLOEXEC);
		rc = e->stop < 0 ? -errno : start_thread(e);
	}
	if (rc < 0) {
		if (e && e->stop >= 0)
			close(e->stop);
		close(fd);
		free(e);
		return rc;
	}
	*ret = e;
	return 0;
}

void host_events_stop(struct host_events *e)
{
	if (!e)
		return;
	(void)eventfd_write(e->stop, 1);
	pthread_join(e->thread, NULL);
	close(e->stop);
	close(e->fd);
	free(e);
}
