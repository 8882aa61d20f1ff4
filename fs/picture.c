/* SPDX-License-Identifier: MIT */
#include "fs/picture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 4096
#define UUID_LENGTH 36

/* What does not fit is nowhere: "" is no file. */
static const char *join(char *to, size_t size, const char *dir, const char *name)
{
	int n = snprintf(to, size, "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= size)
		*to = 0;
	return to;
}

/* The first line of a file; false: it cannot be read. */
static bool read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	return n >= 0;
}

static bool flag_is(const char *dir, const char *name, const char *value)
{
	char path[PATH_ROOM], text[32];

	return read_line(join(path, sizeof(path), dir, name), text, sizeof(text)) && strcmp(text, value) == 0;
}

static enum queue_condition condition_of(const char *dir)
{
	if (flag_is(dir, "config", "0"))
		return CONDITION_DECONFIGURED;
	if (flag_is(dir, "chkstop", "1"))
		return CONDITION_CHECKSTOPPED;
	return flag_is(dir, "online", "0") ? CONDITION_OFFLINE : CONDITION_GOOD;
}

static enum queue_owner owner_of(const char *dir)
{
	char path[PATH_ROOM], target[PATH_ROOM];
	ssize_t n;

	n = readlink(join(path, sizeof(path), dir, "driver"), target, sizeof(target) - 1);
	if (n < 0)
		return OWNER_NOBODY;
	target[n] = 0;
	return n > 8 && strcmp(target + n - 8, "/vfio_ap") == 0 ? OWNER_POOL : OWNER_HOST;
}

static void read_queue(struct picture *p, const char *card, const char *name)
{
	char dir[PATH_ROOM];
	unsigned adapter, domain;

	if (sscanf(name, "%2x.%4x", &adapter, &domain) != 2 || adapter >= AP_IDS || domain >= AP_IDS)
		return;
	join(dir, sizeof(dir), card, name);
	p->queue[adapter << 8 | domain] = (struct picture_queue){ (uint8_t)owner_of(dir), (uint8_t)condition_of(dir), 0 };
	ap_mask_set(&p->domains, domain);
}

static void read_card(struct picture *p, const char *devices, const char *name)
{
	char card[PATH_ROOM], path[PATH_ROOM];
	struct dirent *entry;
	unsigned adapter;
	DIR *d;

	if (sscanf(name, "card%2x", &adapter) != 1 || adapter >= AP_IDS)
		return;
	d = opendir(join(card, sizeof(card), devices, name));
	if (!d)
		return;
	ap_mask_set(&p->adapters, adapter);
	if (!read_line(join(path, sizeof(path), card, "type"), p->type[adapter], sizeof(p->type[adapter])))
		strcpy(p->type[adapter], "?");
	p->condition[adapter] = (uint8_t)condition_of(card);
	while ((entry = readdir(d)))
		read_queue(p, card, entry->d_name);
	closedir(d);
}

/* "05.0004", "05." or ".0004", a line each */
static void read_matrix(const char *path, struct picture_mdev *m)
{
	FILE *file = fopen(path, "re");
	char line[32];

	while (file && fgets(line, sizeof(line), file)) {
		char *dot = strchr(line, '.');

		if (!dot)
			continue;
		if (dot > line)
			ap_mask_set(&m->adapters, (unsigned)strtoul(line, NULL, 16) & 255);
		if (dot[1] && dot[1] != '\n')
			ap_mask_set(&m->domains, (unsigned)strtoul(dot + 1, NULL, 16) & 255);
	}
	if (file)
		fclose(file);
}

static int add_mdev(struct picture *p, const struct picture_mdev *m)
{
	struct picture_mdev *more = realloc(p->mdev, (p->mdevs + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->mdev = more;
	more[p->mdevs++] = *m;
	return 0;
}

static int read_mdev(struct picture *p, const char *matrix, const char *uuid)
{
	char dir[PATH_ROOM], path[PATH_ROOM];
	struct picture_mdev m = { 0 };

	memcpy(m.uuid, uuid, UUID_LENGTH);
	join(dir, sizeof(dir), matrix, uuid);
	read_matrix(join(path, sizeof(path), dir, "matrix"), &m);
	return add_mdev(p, &m);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_uuid(const struct dirent *entry)
{
	return strlen(entry->d_name) == UUID_LENGTH && entry->d_name[8] == '-';
}

static int read_mdevs(struct picture *p, const char *sys)
{
	char matrix[PATH_ROOM];
	struct dirent **entry;
	int count, rc = 0;

	count = scandir(join(matrix, sizeof(matrix), sys, "devices/vfio_ap/matrix"), &entry, is_uuid, compare_names);
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = read_mdev(p, matrix, entry[i]->d_name);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
	return rc;
}

/* Only a mount of ours tells which mdevs a guest holds. */
static void read_guests(struct picture *p, const char *sys)
{
	char path[PATH_ROOM], line[128];
	FILE *file;

	file = fopen(join(path, sizeof(path), sys, ".apsysfs/guests/control"), "re");
	while (file && fgets(line, sizeof(line), file))
		for (size_t i = 0; i < p->mdevs; i++)
			if (strncmp(line, p->mdev[i].uuid, UUID_LENGTH) == 0)
				p->mdev[i].running = true;
	if (file)
		fclose(file);
}

/* --- from the mount itself, all of one moment -------------------------------------------------------------- */

static int find_word(const char *const *words, int count, const char *word)
{
	for (int i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return 0;
}

/* "5,6,255" or "-" */
static void read_ids(const char *text, struct ap_mask *ids)
{
	char *end;

	for (; *text >= '0' && *text <= '9'; text = *end ? end + 1 : end)
		ap_mask_set(ids, (unsigned)strtoul(text, &end, 10) & 255);
}

static int take_line(struct picture *p, const char *line)
{
	static const char *const conditions[] = { "good", "offline", "deconfigured", "checkstopped" };
	static const char *const owners[] = { "", "none", "host", "vfio_ap" };
	char word[16], type[8], adapters[1024], domains[1024], uuid[40];
	unsigned adapter, domain;

	if (sscanf(line, "card %2x %7s %15s", &adapter, type, word) == 3) {
		ap_mask_set(&p->adapters, adapter);
		memcpy(p->type[adapter], type, sizeof(type));
		p->condition[adapter] = (uint8_t)find_word(conditions, 4, word);
	} else if (sscanf(line, "queue %2x.%4x %7s %15s", &adapter, &domain, type, word) == 4 && domain < AP_IDS) {
		p->queue[adapter << 8 | domain] = (struct picture_queue){ (uint8_t)find_word(owners, 4, type),
									  (uint8_t)find_word(conditions, 4, word), 0 };
		ap_mask_set(&p->domains, domain);
	} else if (sscanf(line, "mdev %39s %15s %1023s %1023s", uuid, word, adapters, domains) == 4) {
		struct picture_mdev m = { .running = strcmp(word, "running") == 0 };

		memcpy(m.uuid, uuid, UUID_LENGTH);
		read_ids(adapters, &m.adapters);
		read_ids(domains, &m.domains);
		return add_mdev(p, &m);
	}
	return 0;
}

static int compare_mdevs(const void *a, const void *b)
{
	const struct picture_mdev *x = a, *y = b;

	return strcmp(x->uuid, y->uuid);
}

/* 1: there is none, the files must tell */
static int read_overview(struct picture *p, const char *sys)
{
	char path[PATH_ROOM], line[4096];
	FILE *file = fopen(join(path, sizeof(path), sys, ".apsysfs/overview"), "re");
	int rc = 0;

	if (!file)
		return 1;
	while (rc == 0 && fgets(line, sizeof(line), file))
		rc = take_line(p, line);
	if (rc == 0 && ferror(file))
		rc = -EIO;
	fclose(file);
	if (p->mdevs)
		qsort(p->mdev, p->mdevs, sizeof(*p->mdev), compare_mdevs);
	return rc;
}

/* --- either way ------------------------------------------------------------------------------------------- */

/* Queues of vfio_ap that are assigned are their mdev's. */
static void give_queues(struct picture *p)
{
	for (size_t i = 0; i < p->mdevs; i++) {
		const struct picture_mdev *m = &p->mdev[i];

		for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1)) {
			for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1)) {
				struct picture_queue *q = &p->queue[a << 8 | d];

				if (q->owner != OWNER_POOL)
					continue;
				q->owner = OWNER_MDEV;
				q->mdev = (uint32_t)i;
			}
		}
	}
}

static int read_files(struct picture *p, const char *sys)
{
	char devices[PATH_ROOM];
	struct dirent *entry;
	DIR *d;
	int rc;

	d = opendir(join(devices, sizeof(devices), sys, "devices/ap"));
	if (!d)
		return -ENOENT;
	while ((entry = readdir(d)))
		read_card(p, devices, entry->d_name);
	closedir(d);
	rc = read_mdevs(p, sys);
	read_guests(p, sys);
	return rc;
}

int picture_read(struct picture *p, const char *sys)
{
	int rc;

	memset(p, 0, sizeof(*p));
	rc = read_overview(p, sys);
	if (rc == 1)
		rc = read_files(p, sys);
	give_queues(p);
	return rc;
}

void picture_free(struct picture *p)
{
	free(p->mdev);
}
