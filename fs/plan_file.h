/* SPDX-License-Identifier: MIT */
/* What "apsysfs plan" is given: the wanted guests as YAML, and the present state as an engine. */
#ifndef FS_PLAN_FILE_H
#define FS_PLAN_FILE_H

#include <stdbool.h>

#include "core/plan.h"

/*
 * Guests with name, uuid (else a random one), adapters, domains and control. 0 and *ret from malloc; or -EINVAL, and message
 * says FILE:LINE:COLUMN, what is wrong there and what was expected.
 */
int plan_file_load(const char *path, struct plan_wish **ret, int *ret_count, struct page *message);

/*
 * An engine in the state of a mount of ours, of a host's sysfs or of a copy of one: the directory that has bus/ap. What is not
 * known of it is told. 0, or -errno after a message.
 */
int plan_source_tree(const char *dir, struct engine *ret);
/* One in the state of a machine after boot: of a machine file (NULL: the default one), on this kernel (NULL: the file's). */
int plan_source_machine(const char *path, const char *kernel, struct engine *ret);

#endif
