/* SPDX-License-Identifier: MIT */
/* The state of a mount, a host or a copy of its sysfs, or of a machine file, as an engine of our own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/image.h"
#include "core/restore.h"
#include "fs/control.h"
#include "fs/machine_file.h"
#include "fs/plan_file.h"
#include "hostbackend/host_record.h"

/* A mount of ours tells its whole state, of one moment. 1: it does not, the files must. */
static int read_image(const char *dir, struct engine *ret)
{
	char control[4200], path[4200];
	struct page bytes;
	int rc;

	snprintf(control, sizeof(control), "%s/.apsysfs", dir);
	if (snprintf(path, sizeof(path), "%s/image", control) >= (int)sizeof(path) || access(path, R_OK) < 0)
		return 1;
	if (page_init_growing(&bytes) < 0)
		return -ENOMEM;
	rc = control_read(control, "image", &bytes) == 0 ? image_boot(bytes.data, bytes.length, ret) : 1;
	page_free(&bytes);
	/* a daemon of another build */
	return rc == -EINVAL ? 1 : rc;
}

static void print_notes(const char *dir, const char *notes)
{
	for (; *notes; notes += strcspn(notes, "\n"), notes += *notes == '\n')
		fprintf(stderr, "apsysfs plan: note: %s: %.*s\n", dir, (int)strcspn(notes, "\n"), notes);
}

static int read_tree(const char *dir, struct engine *ret)
{
	struct host_record *r = malloc(sizeof(*r));
	int rc = r ? host_record_engine(dir, r, ret) : -ENOMEM;

	if (rc == 0) {
		print_notes(dir, r->notes.data);
		host_record_free(r);
	}
	free(r);
	return rc;
}

int plan_source_tree(const char *dir, struct engine *ret)
{
	int rc = read_image(dir, ret);

	if (rc == 1)
		rc = read_tree(dir, ret);
	if (rc == -ENOENT)
		fprintf(stderr, "apsysfs plan: %s: has no bus/ap; name a directory that has with --sys\n", dir);
	else if (rc < 0)
		fprintf(stderr, "apsysfs plan: %s: cannot read its state: %s\n", dir, strerror(-rc));
	return rc;
}

static int boot(const char *path, const struct machine_setup *setup, struct engine *ret, struct page *message)
{
	char text[512];
	struct page why;
	int rc = engine_boot(ret, setup->kernel, &setup->machine, setup->cmdline, NANOSECONDS);

	if (rc < 0) {
		page_printf(message, "%s: cmdline: expected parameters of the module ap", path);
		return rc;
	}
	page_init_fixed(&why, text, sizeof(text));
	if (!setup->has_modules)
		engine_load_default_modules(ret);
	if (setup->state)
		rc = restore_state(ret, setup->state, &why);
	if (rc < 0) {
		machine_file_explain(path, text, message);
		engine_free(ret);
	}
	return rc;
}

int plan_source_machine(const char *path, const char *kernel, struct engine *ret)
{
	struct machine_setup *setup = calloc(1, sizeof(*setup));
	char text[1024];
	struct page message;
	int rc;

	if (!setup)
		return -ENOMEM;
	page_init_fixed(&message, text, sizeof(text));
	setup->kernel = KERNEL_NEWEST;
	machine_init_default(&setup->machine);
	rc = path ? machine_file_load(path, setup, &message) : 0;
	if (rc == 0 && kernel)
		rc = kernel_from_name(kernel, &setup->kernel);
	if (rc == 0)
		rc = boot(path, setup, ret, &message);
	if (rc < 0)
		fprintf(stderr, "apsysfs plan: %s\n", text);
	machine_file_free(setup);
	free(setup);
	return rc;
}
