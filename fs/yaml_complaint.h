/* SPDX-License-Identifier: MIT */
/* What libcyaml has to say of a text that it cannot take. */
#ifndef FS_YAML_COMPLAINT_H
#define FS_YAML_COMPLAINT_H

#include <cyaml/cyaml.h>

/* All 0 at first. */
struct yaml_complaint {
	char what[256];		/* "": nothing */
	unsigned line, column;	/* from 1; 0: not known */
};

/* A cyaml_log_fn_t; ctx: a yaml_complaint. */
void yaml_complaint_note(cyaml_log_t level, void *ctx, const char *format, va_list args);

#endif
