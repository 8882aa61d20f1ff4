/* SPDX-License-Identifier: MIT */
/* The virtual hardware for programs: every value, schema/machine.json. */
#ifndef FS_MACHINE_JSON_H
#define FS_MACHINE_JSON_H

#include "core/machine.h"

void machine_json_print(const struct machine *m, struct page *out);

#endif
