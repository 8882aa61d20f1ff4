/* SPDX-License-Identifier: MIT */
/* Uevents that reach udev: sent to the kernel, which broadcasts them in our network namespace. */
#ifndef FS_UEVENT_NETLINK_H
#define FS_UEVENT_NETLINK_H

#include <stddef.h>

/* A socket, or -errno. Works for root of the network namespace only. */
int uevent_netlink_open(void);
/* payload: "action@path" NUL "KEY=VALUE" NUL ...; the kernel adds SEQNUM. Returns 0 or -errno. */
int uevent_netlink_send(int fd, const char *payload, size_t length);

#endif
