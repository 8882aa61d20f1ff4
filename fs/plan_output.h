/* SPDX-License-Identifier: MIT */
/* A plan that was made, and how it is printed. */
#ifndef FS_PLAN_OUTPUT_H
#define FS_PLAN_OUTPUT_H

#include "core/plan.h"

struct plan_result {
	struct plan plan;
	struct { char *path, *text; int wish; } *write;
	int writes;
};

/* The writes as a shell script; as definitions and commands of mdevctl; as JSON, or why ("": it can) it cannot be. */
void plan_print_script(const struct plan_result *r);
void plan_print_mdevctl(const struct plan_result *r);
void plan_print_json(const struct plan_result *r, const char *why);

#endif
