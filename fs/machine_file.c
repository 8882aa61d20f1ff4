/* SPDX-License-Identifier: MIT */
#include "fs/machine_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/file_text.h"
#include "fs/machine_yaml.h"
#include "fs/state_yaml.h"
#include "fs/yaml_place.h"

/* What .apsysfs/machine and "apsysfs machine show --lines" print begins so, and may be given back. */
static bool is_line_form(const char *text)
{
	return strncmp(text, "new\n", 4) == 0;
}

static int load_lines(const char *path, const char *text, struct machine_setup *ret, struct page *message)
{
	char reason[256];
	struct page why;
	int line, rc;

	page_init_fixed(&why, reason, sizeof(reason));
	rc = machine_edit(&ret->machine, text, &line, &why);
	if (rc < 0)
		page_printf(message, "%s:%d: %s", path, line, reason);
	return rc;
}

/* The whole file. 0, or -EINVAL after saying why there is none. */
static int read_text(const char *path, struct page *text, struct page *message)
{
	int rc = page_init_growing(text);

	if (rc == 0)
		rc = file_text_read(path, text);
	if (rc == 0)
		return 0;
	page_printf(message, "%s: %s", path, strerror(-rc));
	page_free(text);
	return -EINVAL;
}

int machine_file_load_events(const char *path, struct machine_setup *ret, struct page *message)
{
	struct page text;
	int rc = read_text(path, &text, message);

	if (rc < 0)
		return rc;
	rc = machine_yaml_load_events(path, text.data, text.length, ret, message);
	page_free(&text);
	return rc;
}

int machine_file_load(const char *path, struct machine_setup *ret, struct page *message)
{
	struct page text;
	int rc = read_text(path, &text, message);

	if (rc < 0)
		return rc;
	if (is_line_form(text.data))
		rc = load_lines(path, text.data, ret, message);
	else
		rc = machine_yaml_load(path, text.data, text.length, ret, message);
	page_free(&text);
	return rc;
}

void machine_file_explain(const char *path, const char *why, struct page *message)
{
	char where[64];
	struct page text;
	struct yaml_place place;

	snprintf(where, sizeof(where), "%.*s", (int)strcspn(why, ":"), why);
	if (strcmp(path, "-") == 0 || page_init_growing(&text) < 0) {
		page_printf(message, "%s: %s", path, why);
		return;
	}
	(void)file_text_read(path, &text);
	place = yaml_place_of(text.data, text.length, where);
	page_printf(message, "%s:%zu:%zu: %s", path, place.line, place.column, why);
	page_free(&text);
}

void machine_file_free(struct machine_setup *s)
{
	free(s->cmdline);
	s->cmdline = NULL;
	free(s->state);
	s->state = NULL;
	free(s->events);
	s->events = NULL;
}

/* --- writing -------------------------------------------------------------------------------------- */

static void print_ids(const char *key, const struct ap_mask *ids, struct page *out)
{
	const char *comma = "";

	page_printf(out, "%s: [", key);
	for (int i = ap_mask_next(ids, 0); i >= 0; i = ap_mask_next(ids, (unsigned)i + 1)) {
		int last = i;

		while (last + 1 < AP_IDS && ap_mask_has(ids, (unsigned)last + 1))
			last++;
		if (last > i)
			page_printf(out, "%s0x%02x-0x%02x", comma, (unsigned)i, (unsigned)last);
		else
			page_printf(out, "%s0x%02x", comma, (unsigned)i);
		comma = ", ";
		i = last;
	}
	page_printf(out, "]\n");
}

static void print_mode(uint32_t functions, struct page *out)
{
	if (functions == AP_FUNCTIONS_CCA)
		page_printf(out, ", mode: cca");
	else if (functions == AP_FUNCTIONS_ACCEL)
		page_printf(out, ", mode: accel");
	else if (functions == AP_FUNCTIONS_EP11)
		page_printf(out, ", mode: ep11");
	else
		page_printf(out, ", mode: 0x%08x", functions);
}

static void print_adapter(unsigned id, const struct machine_adapter *a, struct page *out)
{
	static const char *const states[] = { "online", "deconfigured", "checkstopped" };
	const struct { const char *key; uint32_t value, usual; } field[] = {
		{ "depth", a->depth + 1u, 8 }, { "ml", a->message_limit, 0 },	{ "bs", a->bind_state, 0 },
		{ "nd", a->domain_limit, 255 }, { "rate", a->load.rate, 0 }, { "pending", a->load.pending, 0 },
		{ "wave", a->load.wave, 0 },
	};

	page_printf(out, "  - { id: 0x%02x, type: ", id);
	if (a->type >= 10 && a->type <= 14)
		page_printf(out, "CEX%u", a->type - 6u);
	else
		page_printf(out, "%u", a->type);
	print_mode(a->functions, out);
	if (a->state != ADAPTER_ONLINE)
		page_printf(out, ", state: %s", states[a->state]);
	for (size_t i = 0; i < sizeof(field) / sizeof(*field); i++)
		if (field[i].value != field[i].usual)
			page_printf(out, ", %s: %u", field[i].key, field[i].value);
	if (*a->serial)
		page_printf(out, ", serial: \"%s\"", a->serial);
	page_printf(out, " }\n");
}

static void print_queue(const struct machine *m, unsigned queue, struct page *out)
{
	const struct machine_load *load = machine_load_of(m, queue);

	if (m->queue_rc[queue])
		page_printf(out, ", rc: %u", m->queue_rc[queue]);
	if (m->load_slot[queue])
		page_printf(out, ", rate: %u, pending: %u, wave: %u", load->rate, load->pending, load->wave);
}

static void print_queues(const struct machine *m, unsigned adapter, struct page *out, bool *any)
{
	const uint8_t *rc = &m->queue_rc[adapter << 8], *slot = &m->load_slot[adapter << 8];

	for (unsigned first = 0, last; first < AP_IDS; first = last + 1) {
		last = first;
		while (last + 1 < AP_IDS && rc[last + 1] == rc[first] && slot[last + 1] == slot[first])
			last++;
		if (!rc[first] && !slot[first])
			continue;
		page_printf(out, "%s  - { queue: \"0x%02x.0x%02x", *any ? "" : "queues:\n", adapter, first);
		*any = true;
		if (last > first)
			page_printf(out, "-0x%02x", last);
		page_append(out, "\"", 1);
		print_queue(m, adapter << 8 | first, out);
		page_printf(out, " }\n");
	}
}

static void print_settings(const struct machine *m, struct page *out)
{
	const struct { const char *key; bool value; } flag[] = {
		{ "qci", m->qci },   { "apsc", m->apsc },   { "apxa", m->apxa },
		{ "qact", m->qact }, { "rc8a", m->rc8a },   { "apsb", m->apsb },
		{ "sclp_reconfig", m->sclp_reconfig },	    { "no_reply", m->no_reply },
		{ "secure_guest", m->secure_guest },
	};

	page_printf(out, "max_adapter: %u\nmax_domain: %u\n", m->max_adapter, m->max_domain);
	for (size_t i = 0; i < sizeof(flag) / sizeof(*flag); i++)
		page_printf(out, "%s: %s\n", flag[i].key, flag[i].value ? "true" : "false");
	page_printf(out, "reset_delay: %u\n", m->reset_delay);
	if (m->associate_delay)
		page_printf(out, "associate_delay: %u\n", m->associate_delay);
}

/* Within single quotes only they are special. */
static void print_cmdline(const char *text, struct page *out)
{
	page_printf(out, "cmdline: '");
	for (; *text; text++)
		page_printf(out, *text == '\'' ? "''" : "%c", *text);
	page_printf(out, "'\n");
}

void machine_file_print(const struct machine_setup *s, struct page *out)
{
	const struct machine *m = &s->machine;
	bool any = false;

	if (s->has_kernel)
		page_printf(out, "kernel: \"%s\"\n", kernel_rules(s->kernel)->name);
	if (s->cmdline && *s->cmdline)
		print_cmdline(s->cmdline, out);
	print_settings(m, out);
	print_ids("usage", &m->usage_domains, out);
	print_ids("control", &m->control_domains, out);
	for (unsigned a = 0; a < AP_IDS; a++) {
		if (!m->adapter[a].present)
			continue;
		if (!any)
			page_printf(out, "adapters:\n");
		any = true;
		print_adapter(a, &m->adapter[a], out);
	}
	any = false;
	for (unsigned a = 0; a < AP_IDS; a++)
		print_queues(m, a, out, &any);
	if (s->state)
		state_yaml_print(s->state, out);
}
