/* SPDX-License-Identifier: MIT */
/* A backend that also has a folder with the nodes of the virtual kernel's devices, to be bound over /dev. */
#ifndef FS_DEV_BACKEND_H
#define FS_DEV_BACKEND_H

#include "core/backend.h"
#include "fs/dev_entries.h"

/* No listing has it; not below .apsysfs, which a policy may hide. */
#define DEV_BACKEND_PATH ".apsysfs-dev"

/*
 * For a command of a plain user, who can make no nodes: a file system may have them all the same. As in a /dev
 * that cannot hold devices, they say what they are and cannot be opened. Names in host are the host's own and not
 * here; host must outlive the backend. Wraps inner, which it owns when it succeeds. 0 or -ENOMEM.
 */
int dev_backend_new(struct backend *inner, const struct dev_entries *host, struct backend **ret);

#endif
