/* SPDX-License-Identifier: MIT */
#include "fs/uevent_netlink.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/netlink.h>

int uevent_netlink_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

int uevent_netlink_send(int fd, const char *payload, size_t length)
{
	/* types below 16 are control messages, acknowledged and dropped */
	struct nlmsghdr header = { .nlmsg_len = (uint32_t)(NLMSG_HDRLEN + length), .nlmsg_type = NLMSG_MIN_TYPE,
				   .nlmsg_flags = NLM_F_REQUEST };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec part[] = { { &header, NLMSG_HDRLEN }, { (void *)payload, length } };
	struct msghdr message = { .msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = part,
				  .msg_iovlen = 2 };

	return sendmsg(fd, &message, 0) < 0 ? -errno : 0;
}
