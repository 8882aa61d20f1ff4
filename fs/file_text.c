/* SPDX-License-Identifier: MIT */
#include "fs/file_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int file_text_read(const char *path, struct page *out)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char part[4096];
	size_t n;
	int rc;

	if (!file)
		return -errno;
	errno = 0;
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		page_append(out, part, n);
	rc = ferror(file) ? -errno : 0;
	if (file != stdin)
		fclose(file);
	return rc;
}
