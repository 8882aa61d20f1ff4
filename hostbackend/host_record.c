/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/binding.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/restore.h"
#include "core/tree.h"
#include "hostbackend/host_machine.h"

struct recording {
	struct host_record *record;
	struct host_mirror *mirror;
	struct engine booted;	/* what the record gives so far */
};

static void note(void *ctx, const char *path, int error, const char *expected)
{
	struct page *notes = ctx;

	if (expected)
		page_printf(notes, "%s: not understood; expected %s\n", path, expected);
	else
		page_printf(notes, "%s: not read: %s\n", path, strerror(-error));
}

/* Adds lines to the record, and to the machine that shows what is still missing. */
static void add(struct recording *r, const char *lines)
{
	char text[512];
	struct page why;

	page_init_fixed(&why, text, sizeof(text));
	page_append(&r->record->state, lines, strlen(lines));
	if (restore_state(&r->booted, lines, &why) < 0)
		page_printf(&r->record->notes, "cannot be reproduced: %s\n", text);
}

static void write_cmdline(const struct recording *r)
{
	const struct boot *boot = &r->mirror->engine.state->boot;
	struct page *out = &r->record->cmdline;

	if (boot->has_apmask)
		page_printf(out, " ap.apmask=%s", boot->apmask);
	if (boot->has_aqmask)
		page_printf(out, " ap.aqmask=%s", boot->aqmask);
	if (boot->poll_thread)
		page_printf(out, " ap.poll_thread=%d", boot->poll_thread);
	if (boot->useirq != 1)
		page_printf(out, " ap.useirq=%d", boot->useirq);
	if (out->length)
		memmove(out->data, out->data + 1, out->length--);
}

/* With the parameters that are not as the module has them by itself. */
static void print_module(struct recording *r, enum module_id module, struct page *out)
{
	const struct dir *parameters = dir_get(DIR_MODULE_PARAMETERS);
	char dir[HOST_PATH], path[HOST_PATH], want[64], have[64];
	struct page shown;
	struct node n;

	page_printf(out, "module %s", module_name(module));
	(void)module_load(&r->booted, module);
	snprintf(dir, sizeof(dir), "module/%s/parameters", module_name(module));
	for (const struct row *row = parameters->rows; row < parameters->rows + parameters->count; row++) {
		page_init_fixed(&shown, have, sizeof(have));
		if (tree_lookup(&r->booted, host_join(path, dir, row->name), &n) < 0 || tree_row(n) != row ||
		    tree_show(&r->booted, n, &shown) < 0 || !host_text(r->mirror, dir, row->name, want, sizeof(want)))
			continue;
		have[strcspn(have, "\n")] = 0;
		if (strcmp(want, have) != 0 && !strpbrk(want, " \n"))
			page_printf(out, " %s=%s", row->name, want);
	}
	page_printf(out, "\n");
}

/* All that is loaded, each behind what it needs; what is built in brings that with it. */
static void add_modules(struct recording *r)
{
	const struct engine *e = &r->mirror->engine;
	bool progress;

	do {
		progress = false;
		for (enum module_id module = 0; module < MODULES; module++) {
			struct page line;

			if (!module_loaded(e, module) || module_builtin(module) || module_loaded(&r->booted, module))
				continue;
			if (!module_can_load(&r->booted, module) || page_init_growing(&line) < 0)
				continue;
			print_module(r, module, &line);
			add(r, line.data);
			page_free(&line);
			progress = true;
		}
	} while (progress);
	for (enum module_id module = 0; module < MODULES; module++)
		if (module_loaded(e, module) && !module_loaded(&r->booted, module))
			page_printf(&r->record->notes, "module/%s: left out: modules that it needs are not loaded\n",
				    module_name(module));
}

static void add_devices(struct recording *r)
{
	const struct engine *want = &r->mirror->engine;
	struct page lines;

	if (page_init_growing(&lines) < 0)
		return;
	for (uint32_t device = 0; device < DEVICES; device++) {
		bool there = device_exists(want, device);

		if (there && device_exists(&r->booted, device))
			restore_print_device(want, &r->booted, device, &lines);
		else if (there || device_exists(&r->booted, device))
			page_printf(&r->record->notes, "%s %02x.%04x: cannot be %s\n", device < QUEUES ? "queue" : "card",
				    device < QUEUES ? device >> 8 : device - QUEUES, device < QUEUES ? device & 255 : 0,
				    there ? "reproduced: the bus would not take it" : "left out");
	}
	add(r, lines.data);
	page_free(&lines);
}

static void add_nodes(struct recording *r)
{
	struct page line;

	for (unsigned minor = 0; minor < ZCRYPT_NODES; minor++) {
		if (!r->mirror->engine.state->node[minor].name[0] || page_init_growing(&line) < 0)
			continue;
		restore_print_node(&r->mirror->engine, minor, &line);
		add(r, line.data);
		page_free(&line);
	}
}

/* Does the matrix and who is bound say what the guest gets? The machine that was restored so far answers. */
static bool guest_follows(struct recording *r, uint32_t slot)
{
	const struct mdev *want = &r->mirror->engine.state->mdev[slot];
	struct mdev *trial = &r->booted.state->mdev[MDEVS - 1];

	if (!r->booted.rules->assign_hot)
		return true;
	/* a slot that is never used: nothing but the matrix is looked at */
	*trial = (struct mdev){ .assigned = want->assigned };
	if (want->phase == MDEV_BOUND)
		filter_all(&r->booted, MDEVS - 1);
	return memcmp(&trial->guest, &want->guest, sizeof(trial->guest)) == 0;
}

static void add_mdev(struct recording *r, uint32_t slot)
{
	const struct mdev *m = &r->mirror->engine.state->mdev[slot];
	char uuid[UUID_TEXT];
	struct page line;

	format_uuid(m->uuid, uuid);
	if (m->phase == MDEV_LEAVING)
		page_printf(&r->record->notes, "mdev %s: is being removed; recorded as unbound\n", uuid);
	if (page_init_growing(&line) < 0)
		return;
	restore_print_mdev(&r->mirror->engine, slot, !guest_follows(r, slot), &line);
	add(r, line.data);
	page_free(&line);
}

static void add_state(struct recording *r)
{
	const struct state *s = r->mirror->engine.state;
	struct page line;

	add_modules(r);
	if (page_init_growing(&line) < 0)
		return;
	restore_print_bus(&r->mirror->engine, &line);
	add(r, line.data);
	page_free(&line);
	add_devices(r);
	add_nodes(r);
	for (uint32_t slot = 0; slot < s->mdev_high; slot++)
		if (s->mdev[slot].phase != MDEV_FREE)
			add_mdev(r, slot);
}

static void note_unknown(const struct recording *r)
{
	const struct state *s = r->mirror->engine.state;
	struct page *notes = &r->record->notes;

	if (r->mirror->guests_unknown)
		page_printf(notes, "guests: which of %d mdevs are in use is not shown; guessed from vfio_ap's refcnt\n",
			    r->mirror->guests_unknown);
	if (r->mirror->engine.rules->limits_by_tapq)
		page_printf(notes, "max_adapter, max_domain: not shown by this kernel; taken for 255\n");
	if (!s->qci)
		page_printf(notes, "qci: the machine has none; its domains are those that queues have\n");
	for (int a = ap_mask_next(&s->host_adapters, 0); a >= 0; a = ap_mask_next(&s->host_adapters, (unsigned)a + 1))
		if (!s->card[a].life.born)
			page_printf(notes, "adapter 0x%02x: configured, but the bus has no card; its type is not known\n",
				    (unsigned)a);
}

static int record(const struct host_sysfs *sys, struct host_record *ret, struct engine *ret_engine)
{
	struct recording r = { .record = ret, .mirror = malloc(sizeof(*r.mirror)) };
	int rc = r.mirror ? host_mirror_init(r.mirror, sys) : -ENOMEM;

	if (rc < 0) {
		free(r.mirror);
		return rc;
	}
	r.mirror->complain = note;
	r.mirror->complain_ctx = &ret->notes;
	host_scan_all(r.mirror, HOST_RECORD);
	ret->kernel = r.mirror->engine.state->kernel;
	ret->machine = r.mirror->engine.state->machine;
	write_cmdline(&r);
	rc = engine_boot(&r.booted, ret->kernel, &ret->machine, ret->cmdline.data, r.mirror->engine.state->now);
	if (rc == 0) {
		add_state(&r);
		note_unknown(&r);
		*ret_engine = r.booted;
	}
	host_mirror_free(r.mirror);
	free(r.mirror);
	return rc;
}

int host_record_engine(const char *dir, struct host_record *ret, struct engine *ret_engine)
{
	struct host_sysfs sys;
	int rc = host_sysfs_open(&sys, dir);

	if (rc < 0)
		return rc;
	memset(ret, 0, sizeof(*ret));
	if (page_init_growing(&ret->cmdline) < 0 || page_init_growing(&ret->state) < 0 ||
	    page_init_growing(&ret->notes) < 0)
		rc = -ENOMEM;
	if (rc == 0)
		rc = record(&sys, ret, ret_engine);
	host_sysfs_close(&sys);
	if (rc < 0)
		host_record_free(ret);
	return rc;
}

int host_record(const char *dir, struct host_record *ret)
{
	struct engine engine;
	int rc = host_record_engine(dir, ret, &engine);

	if (rc == 0)
		engine_free(&engine);
	return rc;
}

void host_record_free(struct host_record *r)
{
	page_free(&r->cmdline);
	page_free(&r->state);
	page_free(&r->notes);
}
