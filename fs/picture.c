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

static int add_mdev(struct picture *p, const char *matrix, const char *uuid)
{
	struct picture_mdev *more = realloc(p->mdev, (p->mdevs + 1) * sizeof(*more)), *m;
	char dir[PATH_ROOM], path[PATH_ROOM];

	if (!more)
		return -ENOMEM;
	p->mdev = more;
	m = &more[p->mdevs];
	*m = (struct picture_mdev){ 0 };
	memcpy(m->uuid, uuid, UUID_LENGTH);
	join(dir, sizeof(dir), matrix, uuid);
	read_matrix(join(path, sizeof(path), dir, "matrix"), m);
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1)) {
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1)) {
			struct picture_queue *q = &p->queue[a << 8 | d];

			if (q->owner != OWNER_POOL)
				continue;
			q->owner = OWNER_MDEV;
			q->mdev = (uint32_t)p->mdevs;
		}
	}
	p->mdevs++;
	return 0;
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
			rc = add_mdev(p, matrix, entry[i]->d_name);
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

int picture_read(struct picture *p, const char *sys)
{
	char devices[PATH_ROOM];
	struct dirent *entry;
	DIR *d;
	int rc;

	memset(p, 0, sizeof(*p));
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

void picture_free(struct picture *p)
{
	free(p->mdev);
}
