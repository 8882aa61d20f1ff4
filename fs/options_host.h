/* SPDX-License-Identifier: MIT */
/* --host: a host's own bus instead of a virtual machine's. */
#ifndef FS_OPTIONS_HOST_H
#define FS_OPTIONS_HOST_H

#include "fs/options.h"

/* Before there are threads. STATUS_OK, or another status after a message. */
int options_host_open(const struct machine_options *o, struct backend **ret);
/* Of the host's sysfs only what the rows are of. */
void options_host_serve(const char *root, struct privileges *p);

#endif
