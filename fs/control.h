/* SPDX-License-Identifier: MIT */
/* The control files of a mount, as the commands use them: found by option, by environment, or as what is mounted. */
#ifndef FS_CONTROL_H
#define FS_CONTROL_H

#include <stddef.h>

#include "core/page.h"

/* A command's option that names the mount; for its help and its table. */
#define CONTROL_OPTION_HELP "  --mount DIR          the mount (default: $APSYSFS_MOUNT, else the only one there is)\n"
#define CONTROL_OPTION_LONG { "mount", required_argument, NULL, 'm' }

/* The mount (NULL: the default one), in ret; of a host it has no control files. As control_find. */
int control_mount(const char *mount, char *ret, size_t size);

/*
 * The directory of the control files of the mount (NULL: the default one), in ret. 0, or -1 after saying on
 * standard error why there is none and what to do.
 */
int control_find(const char *mount, char *ret, size_t size);

/* Reads a control file whole into out. 0, or -1 after saying why not. */
int control_read(const char *control, const char *name, struct page *out);

/* Writes it; a refusal is told with the reason the mount gives. Returns 0 or -errno. */
int control_write(const char *control, const char *name, const char *text);

#endif
