/* SPDX-License-Identifier: MIT */
#include "fs/machine_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_all(FILE *file, struct page *out)
{
	char part[4096];
	size_t n;

	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		page_append(out, part, n);
	return ferror(file) ? -EIO : 0;
}

int machine_file_load(const char *path, struct machine_setup *ret, struct page *message)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct page text, why;
	char reason[256];
	int rc, line = 0;

	if (!file) {
		page_printf(message, "%s: %s", path, strerror(errno));
		return -EINVAL;
	}
	rc = page_init_growing(&text);
	if (rc == 0)
		rc = read_all(file, &text);
	page_init_fixed(&why, reason, sizeof(reason));
	if (rc == 0)
		rc = machine_edit(&ret->machine, text.data, &line, &why);
	if (rc < 0)
		page_printf(message, "%s:%d: %s", path, line, reason);
	page_free(&text);
	if (file != stdin)
		fclose(file);
	return rc;
}

void machine_file_free(struct machine_setup *s)
{
	free(s->cmdline);
	s->cmdline = NULL;
}
