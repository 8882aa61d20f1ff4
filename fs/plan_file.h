/* SPDX-License-Identifier: MIT */
/* What "apsysfs plan" is given: the wanted guests as YAML, and the present state as an engine. */
#ifndef FS_PLAN_FILE_H
#define FS_PLAN_FILE_H

#include "core/plan.h"

/*
 * Guests with name, uuid (else a random one), adapters, domains and control. 0 and *ret from malloc; or -EINVAL, and message
 * says FILE:LINE:COLUMN, what is wrong there and what was expected.
 */
int plan_file_load(const char *path, struct plan_wish **ret, int *ret_count, struct page *message);

/* An engine with the state of a mount of ours, the directory that has .apsysfs. 0, or -errno after a message. */
int plan_source_mount(const char *dir, struct engine *ret);

#endif
