/* SPDX-License-Identifier: MIT */
#include "hostbackend/owners.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mdev.h"
#include "core/parse.h"

struct owner {
	uint8_t uuid[16];
	uint32_t uid;
	uint32_t slot, born;	/* which life of which slot; born 0: read from the file, not yet seen alive */
};

struct owners {
	struct owner *owner;
	unsigned count, size;
	int folder;		/* -1: in memory only */
	char *name;		/* in the folder */
};

static struct owner *find(const struct owners *o, const uint8_t uuid[16])
{
	for (unsigned i = 0; i < o->count; i++)
		if (memcmp(o->owner[i].uuid, uuid, 16) == 0)
			return &o->owner[i];
	return NULL;
}

static bool lives(const struct owner *w, const struct engine *e)
{
	int slot = mdev_find(e, w->uuid);

	return slot >= 0 && (!w->born || (w->slot == (uint32_t)slot && w->born == e->state->mdev[slot].life.born));
}

uint32_t owners_of(const struct owners *o, const struct engine *e, uint32_t slot)
{
	const struct owner *w = o->count ? find(o, e->state->mdev[slot].uuid) : NULL;

	return w && lives(w, e) ? w->uid : 0;
}

unsigned owners_count(const struct owners *o, const struct engine *e, uint32_t uid)
{
	unsigned his = 0, others = 0;

	for (unsigned i = 0; i < o->count; i++) {
		bool there = lives(&o->owner[i], e);

		his += there && o->owner[i].uid == uid;
		others += there && o->owner[i].uid != uid;
	}
	/* root has also those that nobody is known to have */
	return uid ? his : e->state->mdev_count - others;
}

/* --- the file -------------------------------------------------------------------------------------- */

static void print(const struct owners *o, struct page *out)
{
	for (unsigned i = 0; i < o->count; i++) {
		char uuid[UUID_TEXT];

		format_uuid(o->owner[i].uuid, uuid);
		page_printf(out, "%s %u\n", uuid, o->owner[i].uid);
	}
}

static int write_file(const struct owners *o, const char *temporary, const struct page *text)
{
	int fd = openat(o->folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), rc = 0;

	if (fd < 0)
		return -errno;
	/* not synced: mdevs do not outlive the kernel either, only this daemon */
	if (write(fd, text->data, text->length) != (ssize_t)text->length)
		rc = errno ? -errno : -ENOSPC;
	close(fd);
	if (rc == 0 && renameat(o->folder, temporary, o->folder, o->name) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(o->folder, temporary, 0);
	return rc;
}

static int save(const struct owners *o)
{
	char temporary[300];
	struct page text;
	int rc;

	if (o->folder < 0)
		return 0;
	rc = page_init_growing(&text);
	if (rc < 0)
		return rc;
	errno = 0;
	print(o, &text);
	snprintf(temporary, sizeof(temporary), "%.250s.new", o->name);
	rc = write_file(o, temporary, &text);
	page_free(&text);
	return rc;
}

static int add(struct owners *o, const struct owner *added)
{
	struct owner *w = find(o, added->uuid);

	if (!w && o->count == o->size) {
		unsigned size = o->size ? 2 * o->size : 16;
		struct owner *moved = realloc(o->owner, size * sizeof(*moved));

		if (!moved)
			return -ENOMEM;
		o->owner = moved;
		o->size = size;
	}
	if (!w)
		w = &o->owner[o->count++];
	*w = *added;
	return 0;
}

/* True: some were gone. Those that are there are known by their life from now on. */
static bool drop_gone(struct owners *o, const struct engine *e)
{
	unsigned kept = 0, before = o->count;

	for (unsigned i = 0; i < o->count; i++) {
		struct owner w = o->owner[i];

		if (!lives(&w, e))
			continue;
		w.slot = (uint32_t)mdev_find(e, w.uuid);
		w.born = e->state->mdev[w.slot].life.born;
		o->owner[kept++] = w;
	}
	o->count = kept;
	return kept != before;
}

int owners_set(struct owners *o, const struct engine *e, uint32_t slot, uint32_t uid)
{
	const struct mdev *m = &e->state->mdev[slot];
	struct owner w = { .uid = uid, .slot = slot, .born = m->life.born };
	int rc;

	memcpy(w.uuid, m->uuid, sizeof(w.uuid));
	drop_gone(o, e);
	rc = add(o, &w);
	if (rc == 0)
		rc = save(o);
	if (rc < 0 && find(o, m->uuid))
		*find(o, m->uuid) = o->owner[--o->count];
	return rc;
}

int owners_prune(struct owners *o, const struct engine *e)
{
	return o->count && drop_gone(o, e) ? save(o) : 0;
}

static int parse_line(struct owners *o, char *line)
{
	struct owner w = { 0 };
	uint64_t uid;

	line[strcspn(line, "\n")] = 0;
	if (strlen(line) < UUID_TEXT || line[UUID_TEXT - 1] != ' ' || parse_uuid(line, w.uuid) < 0 ||
	    parse_ulong(line + UUID_TEXT, &uid) < 0 || uid >= UINT32_MAX)
		return -EINVAL;
	w.uid = (uint32_t)uid;
	return add(o, &w);
}

static int read_lines(struct owners *o, const char *file, struct page *message)
{
	int fd = openat(o->folder, o->name, O_RDONLY | O_CLOEXEC);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	char line[128];
	unsigned number = 0;
	int rc = 0;

	if (!in)
		return errno == ENOENT ? 0 : -errno;
	while (rc == 0 && fgets(line, sizeof(line), in)) {
		number++;
		rc = parse_line(o, line);
	}
	fclose(in);
	if (rc == -EINVAL)
		page_printf(message, "%s:%u: expected \"UUID UID\"", file, number);
	return rc;
}

static int open_folder(struct owners *o, const char *file)
{
	char *copy = strdup(file), *other = strdup(file);
	int rc = copy && other ? 0 : -ENOMEM;

	if (rc == 0) {
		o->folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = o->folder < 0 ? -errno : 0;
		o->name = strdup(basename(other));
		if (!o->name)
			rc = -ENOMEM;
	}
	free(copy);
	free(other);
	return rc;
}

int owners_open(const char *file, struct owners **ret, struct page *message)
{
	struct owners *o = calloc(1, sizeof(*o));
	int rc = 0;

	if (!o)
		return -ENOMEM;
	o->folder = -1;
	if (file)
		rc = open_folder(o, file);
	if (rc == 0 && file)
		rc = read_lines(o, file, message);
	/* better now than when the first one is created */
	if (rc == 0 && file)
		rc = save(o);
	if (rc < 0) {
		if (rc != -EINVAL)
			page_printf(message, "%s: %s", file, strerror(-rc));
		owners_free(o);
		return rc;
	}
	*ret = o;
	return 0;
}

void owners_free(struct owners *o)
{
	if (!o)
		return;
	if (o->folder >= 0)
		close(o->folder);
	free(o->name);
	free(o->owner);
	free(o);
}
