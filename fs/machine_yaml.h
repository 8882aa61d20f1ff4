/* SPDX-License-Identifier: MIT */
/* The YAML form of a machine, over the line form of core/machine.h: what each value may be is known there alone. */
#ifndef FS_MACHINE_YAML_H
#define FS_MACHINE_YAML_H

#include "fs/machine_file.h"

/* As machine_file_load, of a text; name stands for it in messages. */
int machine_yaml_load(const char *name, const char *text, size_t length, struct machine_setup *ret,
		      struct page *message);
/* As machine_file_load_events. */
int machine_yaml_load_events(const char *name, const char *text, size_t length, struct machine_setup *ret,
			     struct page *message);

#endif
