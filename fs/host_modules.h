/* SPDX-License-Identifier: MIT */
/* The host's modules, as what is bound over /proc/modules shows them behind ours. */
#ifndef FS_HOST_MODULES_H
#define FS_HOST_MODULES_H

#include "core/page.h"

/* Opens /proc/modules, before it is covered; -errno (-ENOENT: the host's kernel has no modules). */
int host_modules_open(void);
/* Appends its lines as they are now, without those of modules that the virtual kernel has or may have. */
void host_modules_print(int fd, struct page *out);

#endif
