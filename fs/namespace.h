/* SPDX-License-Identifier: MIT */
/* A private user, mount, process and network namespace for run. */
#ifndef FS_NAMESPACE_H
#define FS_NAMESPACE_H

#include <stdbool.h>

/*
 * Leaves the host's namespaces: always mounts and processes (those of children), users unless root,
 * the network if asked. 0, or -1 after saying what the host forbids and what to do about it.
 */
int namespace_enter(bool network);

/* In the first child: a /proc that shows its processes. 0, or -1 after saying why not. */
int namespace_mount_proc(void);

/* The new network's own interface, lo, comes up. Failing is no harm. */
void namespace_loopback_up(void);

#endif
