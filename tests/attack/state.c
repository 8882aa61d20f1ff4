/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/attack/attack.h"

static const char *const facts[] = { ".apsysfs/overview", "bus/ap/apmask", "bus/ap/aqmask" };

static const char *const noises[] = { ".apsysfs/events", ".apsysfs/log" };

static void add_text(FILE *out, const char *dir, const char *name)
{
	char path[4096], text[65536];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	fprintf(out, "%s: ", name);
	while (fd >= 0 && (n = read(fd, text, sizeof(text))) > 0)
		fwrite(text, 1, (size_t)n, out);
	fprintf(out, "%s\n", n < 0 ? strerror(errno) : "");
	if (fd >= 0)
		close(fd);
}

/* What chmod and its like could change, of the file that was aimed at. */
static void add_metadata(FILE *out, const char *mount, const char *path)
{
	char full[4096], list[1024] = "";
	struct stat st;
	ssize_t n;

	snprintf(full, sizeof(full), "%s/%s", mount, path);
	if (lstat(full, &st) < 0)
		return;
	n = S_ISLNK(st.st_mode) ? 0 : listxattr(full, list, sizeof(list));
	fprintf(out, "%s %o %u %u %lu %ld xattrs %zd\n", path, st.st_mode, st.st_uid, st.st_gid, (unsigned long)st.st_nlink,
		(long)st.st_size, n);
}

static FILE *begin(char **text, size_t *length)
{
	FILE *out;

	*text = NULL;
	out = open_memstream(text, length);
	if (!out)
		abort();
	return out;
}

char *state_of(const char *host, const char *mount, const struct attempt *a, size_t *ret_length)
{
	char *text;
	FILE *out = begin(&text, ret_length);

	for (size_t i = 0; i < LENGTH(facts); i++)
		add_text(out, host, facts[i]);
	for (size_t i = 0; !(a->flags & NOISY) && i < LENGTH(noises); i++)
		add_text(out, host, noises[i]);
	if (*a->path)
		add_metadata(out, mount, a->path);
	fclose(out);
	return text;
}

/* What reading itself changes, or counts, is no part of it. */
static bool is_moving(const char *name)
{
	return strcmp(name, "request_count") == 0 || strcmp(name, "requestq_count") == 0 || strcmp(name, "pendingq_count") == 0;
}

static void walk(FILE *out, const char *host, const char *dir)
{
	char path[4096];
	struct dirent **names = NULL;
	int count;

	snprintf(path, sizeof(path), "%s/%s", host, dir);
	count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;
		char child[2048], target[1024] = "";
		struct stat st;

		snprintf(child, sizeof(child), "%s/%s", dir, name);
		snprintf(path, sizeof(path), "%s/%s", host, child);
		if (name[0] != '.' && strlen(child) < sizeof(child) - 1 && lstat(path, &st) == 0) {
			(void)(S_ISLNK(st.st_mode) && readlink(path, target, sizeof(target) - 1) > 0);
			fprintf(out, "%s %o %u:%u %s\n", child, st.st_mode, st.st_uid, st.st_gid, target);
			if (S_ISDIR(st.st_mode))
				walk(out, host, child);
			else if (S_ISREG(st.st_mode) && (st.st_mode & 0444) && !is_moving(name))
				add_text(out, host, child);
		}
		free(names[i]);
	}
	free(names);
}

char *state_whole(const char *host, size_t *ret_length)
{
	static const char *const parts[] = { "bus", "class", "devices", "kernel", "module" };
	char *text;
	FILE *out = begin(&text, ret_length);

	add_text(out, host, ".apsysfs/machine");
	add_text(out, host, ".apsysfs/modules");
	for (size_t i = 0; i < LENGTH(parts); i++)
		walk(out, host, parts[i]);
	fclose(out);
	return text;
}

void state_print_difference(const char *before, const char *after)
{
	while (*before && *after) {
		size_t b = strcspn(before, "\n"), a = strcspn(after, "\n");

		if (a != b || memcmp(before, after, a) != 0) {
			printf("    - %.*s\n    + %.*s\n", (int)(b > 100 ? 100 : b), before, (int)(a > 100 ? 100 : a), after);
			return;
		}
		before += b + (before[b] == '\n');
		after += a + (after[a] == '\n');
	}
	printf("    - %.60s\n    + %.60s\n", before, after);
}
