/* SPDX-License-Identifier: MIT */
/* What modules the virtual kernel of this /sys has, and in which state. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "fs/kmod.h"

static int read_text(const char *path, struct page *out)
{
	char part[16384];
	ssize_t n;
	int rc = page_init_growing(out), fd;

	if (rc < 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		page_free(out);
		return rc;
	}
	while (rc == 0 && (n = read(fd, part, sizeof(part))) != 0) {
		if (n < 0)
			rc = -errno;
		else
			page_append(out, part, (size_t)n);
	}
	close(fd);
	return rc;
}

const char *kmod_value(const char **position, const char *key, int *ret_length)
{
	size_t length = strlen(key);

	/* an empty line ends the module's paragraph */
	while (**position && **position != '\n') {
		const char *line = *position;
		size_t rest = strcspn(line, "\n");

		*position = line + rest + (line[rest] == '\n');
		if (rest >= length + 2 && memcmp(line, key, length) == 0 && memcmp(line + length, ": ", 2) == 0) {
			*ret_length = (int)(rest - length - 2);
			return line + length + 2;
		}
	}
	return NULL;
}

static void add_module(struct kmod *k, const char *info)
{
	struct kmod_module *m = &k->module[k->count];
	const char *position = info, *name;
	int length;

	name = kmod_value(&position, "name", &length);
	if (!name || length >= KMOD_NAME || k->count == KMOD_MODULES)
		return;
	*m = (struct kmod_module){ .info = info };
	memcpy(m->name, name, (size_t)length);
	position = info;
	name = kmod_value(&position, "filename", &length);
	m->builtin = !name || *name == '(';
	k->count++;
}

/* "vfio 65536 1 vfio_ap, Live 0x0000000000000000" */
static void take_loaded(struct kmod *k, const char *line)
{
	char name[KMOD_NAME], holders[256];
	unsigned long size, refcount;
	struct kmod_module *m;

	if (sscanf(line, "%55s %lu %lu %255s", name, &size, &refcount, holders) != 4)
		return;
	m = kmod_find(k, name);
	if (!m)
		return;
	m->loaded = true;
	m->size = size;
	m->refcount = refcount;
	holders[strlen(holders) - 1] = 0;
	memcpy(m->holders, holders, sizeof(holders));
}

void kmod_refresh(struct kmod *k)
{
	struct page text;

	for (unsigned i = 0; i < k->count; i++)
		k->module[i].loaded = false;
	if (read_text(KMOD_CONTROL "/proc_modules", &text) < 0)
		return;
	for (char *line = text.data, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = 0;
		take_loaded(k, line);
	}
	page_free(&text);
}

int kmod_read(struct kmod *k)
{
	int rc = read_text(KMOD_CONTROL "/modinfo", &k->info);

	if (rc < 0)
		return rc;
	for (const char *at = k->info.data, *end; (end = strstr(at, "\n\n")); at = end + 2)
		add_module(k, at);
	kmod_refresh(k);
	return 0;
}

static bool same_name(const char *typed, size_t length, const char *name)
{
	for (size_t i = 0; i < length; i++)
		if (!name[i] || (typed[i] != name[i] && !(typed[i] == '-' && name[i] == '_')))
			return false;
	return !name[length];
}

static struct kmod_module *find(struct kmod *k, const char *name, size_t length)
{
	for (unsigned i = 0; i < k->count; i++)
		if (same_name(name, length, k->module[i].name))
			return &k->module[i];
	return NULL;
}

struct kmod_module *kmod_find(struct kmod *k, const char *name)
{
	return find(k, name, strlen(name));
}

static bool has_alias(const struct kmod_module *m, const char *name)
{
	const char *position = m->info, *value;
	char pattern[256];
	int length;

	while ((value = kmod_value(&position, "alias", &length))) {
		snprintf(pattern, sizeof(pattern), "%.*s", length, value);
		if (fnmatch(pattern, name, 0) == 0)
			return true;
	}
	return false;
}

struct kmod_module *kmod_lookup(struct kmod *k, const char *name)
{
	struct kmod_module *m = kmod_find(k, name);

	for (unsigned i = 0; !m && i < k->count; i++)
		if (has_alias(&k->module[i], name))
			m = &k->module[i];
	return m;
}

struct kmod_module *kmod_find_file(struct kmod *k, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *end = strstr(name, ".ko");

	if (!end || (strcmp(end, ".ko") != 0 && strcmp(end, ".ko.gz") != 0 && strcmp(end, ".ko.xz") != 0 &&
		     strcmp(end, ".ko.zst") != 0))
		return NULL;
	return find(k, name, (size_t)(end - name));
}

void kmod_path(const struct kmod_module *m, char *ret, size_t size)
{
	const char *position = m->info, *file;
	struct utsname name;
	int length = 0;

	uname(&name);
	file = kmod_value(&position, "filename", &length);
	if (m->builtin)
		snprintf(ret, size, "(builtin)");
	else
		snprintf(ret, size, "/lib/modules/%s/kernel/%.*s", name.release, length, file);
}

static int command(const char *verb, const struct kmod_module *m, const char *parameters)
{
	char *text;
	int fd = open(KMOD_CONTROL "/modules", O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	if (asprintf(&text, "%s %s%s%s", verb, m->name, *parameters ? " " : "", parameters) < 0) {
		close(fd);
		return -ENOMEM;
	}
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	free(text);
	close(fd);
	return rc;
}

int kmod_load(const struct kmod_module *m, const char *parameters)
{
	return command("load", m, parameters);
}

int kmod_unload(const struct kmod_module *m)
{
	return command("unload", m, "");
}
