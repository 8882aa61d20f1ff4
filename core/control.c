/* SPDX-License-Identifier: MIT */
/* .apsysfs: what no kernel has; the commands change the virtual hardware through it (design: found by name only). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attr_tables.h"
#include "core/bus.h"
#include "core/image.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/overview.h"
#include "core/parse.h"
#include "core/scenario.h"

/* --- machine ----------------------------------------------------------------------------------- */

static int show_machine(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	machine_print(&e->state->machine, out);
	return 0;
}

/* Takes the lines that say "scan" out of the text; were there any? */
static bool take_scan_lines(char *text)
{
	bool found = false;

	for (char *line = text; *line;) {
		size_t length = strcspn(line, "\n");

		if (length == 4 && memcmp(line, "scan", 4) == 0) {
			memset(line, ' ', length);
			found = true;
		}
		line += length + (line[length] == '\n');
	}
	return found;
}

static int store_machine(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	struct machine *next = malloc(sizeof(*next));
	char *lines = strdup(text);
	struct page why;
	bool scan;
	int line = 0, rc = -ENOMEM;

	if (next && lines) {
		char reason[sizeof(e->error) - 32];

		*next = e->state->machine;
		scan = take_scan_lines(lines);
		page_init_fixed(&why, reason, sizeof(reason));
		rc = machine_edit(next, lines, &line, &why);
		page_init_fixed(&why, e->error, sizeof(e->error));
		if (rc < 0)
			page_printf(&why, "line %d: %s\n", line, reason);
		else
			engine_set_machine(e, next);
		if (rc == 0 && scan)
			scan_run(e);
	}
	free(next);
	free(lines);
	return rc;
}

static int show_error(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%s", e->error);
	return 0;
}

static int store_scan(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	scan_run(e);
	return 0;
}

static int show_scenario(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	scenario_print(e, out);
	return 0;
}

static int store_scenario(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return scenario_command(e, text);
}

/* --- what the kernel told ---------------------------------------------------------------------- */

static int show_events(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	journal_print_events(e->journal, out);
	return 0;
}

static int store_events(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	journal_clear_events(e->journal);
	return 0;
}

static int show_log(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	journal_print_log(e->journal, out);
	return 0;
}

static int store_log(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	journal_clear_log(e->journal);
	return 0;
}

/* A number that any change makes grow; poll(2) of the file waits for the next one, as sysfs_notify has it. */
static int show_changes(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%llu\n", (unsigned long long)e->changes);
	return 0;
}

static int show_overview(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	overview_print(e, out);
	return 0;
}

static int show_image(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	image_print(e, out);
	return 0;
}

/* --- modules, kernel, clock -------------------------------------------------------------------- */

static int show_modules(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	for (enum module_id m = 0; m < MODULES; m++) {
		const char *comma = "";

		if (!module_loaded(e, m) || module_builtin(m))
			continue;
		page_printf(out, "%s %u %u ", module_name(m), module_size(e, m), module_refcount(e, m));
		for (enum module_id h = 0; h < MODULES; h++) {
			if (!(module_holders(e, m) >> h & 1))
				continue;
			page_printf(out, "%s%s", comma, module_name(h));
			comma = ",";
		}
		page_printf(out, "%s\n", *comma ? "" : "-");
	}
	return 0;
}

static int store_modules(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return module_store_command(e, text);
}

/* For the readers of /proc/modules and for modinfo: no secret, so for everybody. */
static int show_proc_modules(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	module_print_loaded(e, out);
	return 0;
}

static int show_modinfo(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	for (enum module_id m = 0; m < MODULES; m++)
		if (module_exists(e, m))
			module_print_info(e, m, out);
	return 0;
}

static int show_kernel(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%s %s\n", e->rules->name, e->rules->release);
	return 0;
}

static int show_cmdline(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%s\n", e->state->boot.cmdline);
	return 0;
}

static int show_clock(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct state *s = e->state;

	page_printf(out, "%s %lld.%09lld\n", s->virtual_clock ? "virtual" : "real",
		    (long long)((s->now - s->booted) / NANOSECONDS), (long long)((s->now - s->booted) % NANOSECONDS));
	return 0;
}

/* "advance SECONDS": the virtual clock moves, and what was due happens. */
static int store_clock(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	uint64_t seconds;

	if (!e->state->virtual_clock)
		return -EOPNOTSUPP;
	if (strncmp(text, "advance ", 8) != 0 || parse_ulong(text + 8, &seconds) < 0 || seconds > 1000000)
		return -EINVAL;
	engine_advance(e, e->state->now + (int64_t)seconds * NANOSECONDS);
	return 0;
}

/* --- guests ------------------------------------------------------------------------------------ */

static int show_guests(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	for (uint32_t slot = 0; slot < e->state->mdev_high; slot++) {
		const struct mdev *m = &e->state->mdev[slot];
		char uuid[UUID_TEXT];

		if (m->phase == MDEV_FREE || !m->opened)
			continue;
		format_uuid(m->uuid, uuid);
		page_printf(out, "%s %s %s\n", uuid, m->kvm ? "kvm" : "nokvm",
			    m->phase == MDEV_LEAVING ? "leaving" : "running");
	}
	return 0;
}

static int stop_all(struct engine *e)
{
	for (uint32_t slot = 0; slot < e->state->mdev_high; slot++)
		if (e->state->mdev[slot].opened)
			guest_stop(e, slot);
	return 0;
}

/* "start UUID [nokvm]", "stop UUID", "stop all" */
static int store_guests(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	bool start = strncmp(text, "start ", 6) == 0, stop = strncmp(text, "stop ", 5) == 0;
	const char *name = text + (start ? 6 : 5), *rest;
	uint8_t uuid[16];
	int slot;

	if (stop && parse_name_is(name, "all"))
		return stop_all(e);
	if ((!start && !stop) || parse_uuid(name, uuid) < 0)
		return -EINVAL;
	slot = mdev_find(e, uuid);
	if (slot < 0)
		return slot;
	rest = name + UUID_TEXT - 1;
	if (stop)
		return parse_name_is(rest, "") ? guest_stop(e, (uint32_t)slot) : -EINVAL;
	if (!parse_name_is(rest, "") && !parse_name_is(rest, " nokvm"))
		return -EINVAL;
	return guest_start(e, (uint32_t)slot, parse_name_is(rest, ""));
}

/* The machine a guest with this mdev runs on: its adapters as the host's are, its domains. */
static int show_guest_machine(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct machine *host = &e->state->machine;
	const struct mdev *m = &e->state->mdev[n.index];
	const struct matrix *seen = e->rules->assign_hot ? &m->guest : &m->assigned;
	struct machine *guest = malloc(sizeof(*guest));

	if (!guest)
		return -ENOMEM;
	*guest = *host;
	guest->usage_domains = seen->domains;
	guest->control_domains = seen->controls;
	guest->sclp_reconfig = false;
	for (unsigned a = 0; a < AP_IDS; a++)
		if (!ap_mask_has(&seen->adapters, a))
			guest->adapter[a] = (struct machine_adapter){ 0 };
	machine_print(guest, out);
	free(guest);
	return 0;
}

/* "running" while a guest has it open */
static int show_guest_state(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%s\n", e->state->mdev[n.index].opened ? "running" : "stopped");
	return 0;
}

#define CONTROL(text, bits, shows, stores) \
	{ .name = text, .mode = bits, .show = shows, .store = stores, .effect = EFFECT_CONTROL, ALL_KERNELS }

static const struct row control_rows[] = {
	CONTROL("machine", 0600, show_machine, store_machine),
	CONTROL("error", 0400, show_error, NULL),
	CONTROL("scan", 0200, NULL, store_scan),
	CONTROL("scenario", 0600, show_scenario, store_scenario),
	CONTROL("events", 0600, show_events, store_events),
	CONTROL("log", 0600, show_log, store_log),
	CONTROL("modules", 0600, show_modules, store_modules),
	{ .name = "changes", .mode = 0400, .show = show_changes, .notifies = true, .effect = EFFECT_CONTROL, ALL_KERNELS },
	CONTROL("proc_modules", 0444, show_proc_modules, NULL),
	CONTROL("modinfo", 0444, show_modinfo, NULL),
	CONTROL("overview", 0400, show_overview, NULL),
	CONTROL("image", 0400, show_image, NULL),
	CONTROL("kernel", 0400, show_kernel, NULL),
	CONTROL("cmdline", 0400, show_cmdline, NULL),
	CONTROL("clock", 0600, show_clock, store_clock),
	{ .name = "guests", .type = ROW_DIR, .child = DIR_CONTROL_GUESTS, ALL_KERNELS },
};

const struct dir dir_control = { ROWS(control_rows), .parent = DIR_ROOT, .name = ".apsysfs" };

static const struct row control_guests_rows[] = {
	CONTROL("control", 0600, show_guests, store_guests),
	{ .family = &family_mdevs, .type = ROW_DIR, .child = DIR_CONTROL_GUEST, ALL_KERNELS },
};

const struct dir dir_control_guests = { ROWS(control_guests_rows), .parent = DIR_CONTROL, .name = "guests" };

static const struct row control_guest_rows[] = {
	CONTROL("machine", 0400, show_guest_machine, NULL),
	CONTROL("state", 0400, show_guest_state, NULL),
};

const struct dir dir_control_guest = { ROWS(control_guest_rows), .parent = DIR_CONTROL_GUESTS };
