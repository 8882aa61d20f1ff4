/* SPDX-License-Identifier: MIT */
/* The events of a machine file or scenario, as YAML has them. */
#ifndef FS_SCENARIO_YAML_H
#define FS_SCENARIO_YAML_H

#include <cyaml/cyaml.h>

#include "core/page.h"

struct yaml_event {
	char *after, *every, *write, *text, *mdev, *guest, *always;
	char **actions;
	unsigned actions_count;
};

extern const cyaml_schema_value_t yaml_event_schema;

/*
 * Appends the event as a line of core/scenario_event.h. 0; or -EINVAL, message says why, and what (80 bytes) where below the
 * event: "do.2", "" for the event as a whole.
 */
int yaml_event_print(const struct yaml_event *y, struct page *out, char *what, struct page *message);

#endif
