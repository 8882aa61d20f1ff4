/* SPDX-License-Identifier: MIT */
/* Machine files: the virtual hardware as YAML. */
#ifndef FS_MACHINE_FILE_H
#define FS_MACHINE_FILE_H

#include "core/kernel.h"
#include "core/machine.h"

struct machine_setup {
	struct machine machine;
	enum kernel_id kernel;
	bool has_kernel;
	char *cmdline;		/* NULL: none; from malloc */
	char *state;		/* what restore_state takes; NULL: as boot leaves it; from malloc */
	bool has_modules;	/* state says which modules are loaded */
	char *events;		/* a scenario, as core/scenario.h has it; NULL: none; from malloc */
};

/*
 * Reads a file ("-": standard input). Returns 0; or -EINVAL, and message says FILE:LINE:COLUMN, what is
 * wrong there and what was expected; or -errno of reading, said likewise.
 */
int machine_file_load(const char *path, struct machine_setup *ret, struct page *message);
/* Why the file's state was refused, "PATH: WHY" as restore_state says it, with the place in the file in front. */
void machine_file_explain(const char *path, const char *why, struct page *message);
/* Reads a scenario: YAML with events alone. What was in ret->events stays in front. Likewise. */
int machine_file_load_events(const char *path, struct machine_setup *ret, struct page *message);
void machine_file_free(struct machine_setup *s);

/* Writes YAML that loads back equal. */
void machine_file_print(const struct machine_setup *s, struct page *out);

#endif
