/* SPDX-License-Identifier: MIT */
/* The state of a mount as an engine of our own: its hardware booted, and what was done since done again. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mdev.h"
#include "core/parse.h"
#include "core/tree.h"
#include "fs/control.h"
#include "fs/picture.h"
#include "fs/plan_file.h"

static int echo(struct engine *e, const char *path, const char *text)
{
	struct node n;
	int rc = tree_lookup(e, path, &n);

	e->ticket++;
	if (rc == 0)
		rc = tree_store(e, n, text, strlen(text));
	if (rc == 0)
		return 0;
	fprintf(stderr, "apsysfs plan: the mount's state cannot be followed: echo %s > %s: %s\n", text, path,
		rc == ENGINE_WAITS ? "would wait" : strerror(-rc));
	return rc < 0 ? rc : -EBUSY;
}

static int read_text(const char *dir, const char *name, char *text, size_t size)
{
	char path[4300];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "re");
	if (!file)
		return -ENOENT;
	n = fread(text, 1, size - 1, file);
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	fclose(file);
	return 0;
}

static int boot(const char *dir, struct engine *e)
{
	char control[4200], text[64], reason[256];
	struct machine *machine = calloc(1, sizeof(*machine));
	struct page lines, why;
	enum kernel_id kernel;
	int line, rc = -ENOMEM;

	snprintf(control, sizeof(control), "%s/.apsysfs", dir);
	page_init_fixed(&why, reason, sizeof(reason));
	if (!machine || page_init_growing(&lines) < 0) {
		free(machine);
		return rc;
	}
	rc = read_text(control, "kernel", text, sizeof(text));
	text[strcspn(text, " ")] = 0;
	if (rc == 0)
		rc = control_read(control, "machine", &lines);
	if (rc == 0)
		rc = kernel_from_name(text, &kernel);
	if (rc == 0)
		rc = machine_edit(machine, lines.data, &line, &why);
	if (rc == 0)
		rc = engine_boot(e, kernel, machine, NULL, NANOSECONDS);
	if (rc == 0)
		engine_load_default_modules(e);
	page_free(&lines);
	free(machine);
	return rc;
}

static int copy_mask(const char *dir, const char *path, struct engine *e)
{
	char text[128];
	int rc = read_text(dir, path, text, sizeof(text));

	return rc < 0 ? rc : echo(e, path, text);
}

static int copy_overrides(const char *dir, const struct picture *p, struct engine *e)
{
	int rc = 0;

	for (unsigned q = 0; rc == 0 && q < AP_IDS * AP_IDS; q++) {
		char path[64], text[SYSFS_PAGE];

		if (p->queue[q].owner == OWNER_ABSENT)
			continue;
		snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/driver_override", q >> 8, q >> 8, q & 0xff);
		if (read_text(dir, path, text, sizeof(text)) == 0 && *text && strcmp(text, "(null)") != 0)
			rc = echo(e, path, text);
	}
	return rc;
}

static int assign_each(struct engine *e, const char *uuid, const char *kind, const struct ap_mask *ids)
{
	char path[128], text[8];
	int rc = 0;

	snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/assign_%s", uuid, kind);
	for (unsigned i = 0; rc == 0 && i < AP_IDS; i++) {
		snprintf(text, sizeof(text), "%u", i);
		if (ap_mask_has(ids, i))
			rc = echo(e, path, text);
	}
	return rc;
}

static struct ap_mask read_controls(const char *dir, const char *uuid)
{
	struct ap_mask controls = { 0 };
	char path[4300];
	unsigned id;
	FILE *file;

	snprintf(path, sizeof(path), "%s/devices/vfio_ap/matrix/%s/control_domains", dir, uuid);
	file = fopen(path, "re");
	while (file && fscanf(file, "%x", &id) == 1 && id < AP_IDS)
		ap_mask_set(&controls, id);
	if (file)
		fclose(file);
	return controls;
}

static int copy_mdev(const char *dir, const struct picture_mdev *m, struct engine *e)
{
	struct ap_mask controls = read_controls(dir, m->uuid);
	char text[64];
	int rc = echo(e, "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create", m->uuid);

	if (rc == 0)
		rc = assign_each(e, m->uuid, "adapter", &m->adapters);
	if (rc == 0)
		rc = assign_each(e, m->uuid, "domain", &m->domains);
	if (rc == 0)
		rc = assign_each(e, m->uuid, "control_domain", &controls);
	if (rc || !m->running)
		return rc;
	snprintf(text, sizeof(text), "start %s", m->uuid);
	return echo(e, ".apsysfs/guests/control", text);
}

int plan_source_mount(const char *dir, struct engine *ret)
{
	struct picture *p = calloc(1, sizeof(*p));
	int rc = p ? picture_read(p, dir) : -ENOMEM;

	if (rc == 0)
		rc = boot(dir, ret);
	if (rc < 0) {
		fprintf(stderr, "apsysfs plan: %s: cannot read its state: %s\n", dir, strerror(-rc));
		free(p);
		return rc;
	}
	/* overrides last: they lock the masks */
	rc = copy_mask(dir, "bus/ap/apmask", ret);
	if (rc == 0)
		rc = copy_mask(dir, "bus/ap/aqmask", ret);
	for (size_t i = 0; rc == 0 && i < p->mdevs; i++)
		rc = copy_mdev(dir, &p->mdev[i], ret);
	if (rc == 0)
		rc = copy_overrides(dir, p, ret);
	picture_free(p);
	free(p);
	if (rc < 0)
		engine_free(ret);
	return rc;
}
