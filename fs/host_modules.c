/* SPDX-License-Identifier: MIT */
#include "fs/host_modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs/host_places.h"

int host_modules_open(void)
{
	int fd = open("/proc/modules", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void print_line(const char *line, size_t length, struct page *out)
{
	char path[128];

	snprintf(path, sizeof(path), "module/%.*s", (int)strcspn(line, " "), line);
	if (!host_places_is_ours(path))
		page_append(out, line, length);
}

void host_modules_print(int fd, struct page *out)
{
	struct page text;
	char part[16384];
	ssize_t n;

	if (page_init_growing(&text) < 0)
		return;
	while ((n = pread(fd, part, sizeof(part), (off_t)text.length)) > 0)
		page_append(&text, part, (size_t)n);
	for (const char *line = text.data, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		end += *end == '\n';
		print_line(line, (size_t)(end - line), out);
	}
	page_free(&text);
}
