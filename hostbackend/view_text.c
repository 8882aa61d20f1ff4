/* SPDX-License-Identifier: MIT */
/* Texts that tell of all there is, without what is hidden. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/tree.h"
#include "hostbackend/view.h"

struct text {
	const struct rights *r;
	const struct engine *e;
	struct node n;
	struct page *page;
};

typedef void filter_fn(const struct text *t, char *copy);

static void start_over(struct page *p)
{
	p->length = 0;
	p->data[0] = 0;
}

static void print_masked(const struct text *t, const char *text, const struct ap_mask *seen, const char *end)
{
	struct ap_mask mask;
	char hex[AP_MASK_TEXT];

	/* what is no mask, such as "not supported", tells of nothing */
	if (mask_parse_absolute(text, &mask) < 0) {
		page_printf(t->page, "%s%s", text, end);
		return;
	}
	ap_mask_and(&mask, seen, &mask);
	ap_mask_format(&mask, hex);
	page_printf(t->page, "%s%s", hex, end);
}

static void mask_line(const struct text *t, char *copy, const struct ap_mask *seen)
{
	copy[strcspn(copy, "\n")] = 0;
	print_masked(t, copy, seen, "\n");
}

static void adapters(const struct text *t, char *copy)
{
	mask_line(t, copy, &t->r->adapters);
}

static void domains(const struct text *t, char *copy)
{
	mask_line(t, copy, &t->r->domains);
}

static void controls(const struct text *t, char *copy)
{
	mask_line(t, copy, &t->r->controls);
}

/* As typed at boot, also relative: what of it he sees, as an absolute mask. */
static void boot_mask(const struct text *t, char *copy)
{
	bool of_adapters = strcmp(tree_row(t->n)->name, "apmask") == 0;
	struct ap_mask none, mask;
	char hex[AP_MASK_TEXT];

	ap_mask_fill(&none, false);
	copy[strcspn(copy, "\n")] = 0;
	if (mask_parse(copy, &none, t->e->rules->overflow, &mask) < 0) {
		page_printf(t->page, "(null)\n");
		return;
	}
	ap_mask_and(&mask, of_adapters ? &t->r->adapters : &t->r->domains, &mask);
	ap_mask_format(&mask, hex);
	page_printf(t->page, "%s\n", hex);
}

static void default_domain(const struct text *t, char *copy)
{
	int domain = atoi(copy);
	bool hidden = domain >= 0 && domain < AP_IDS && !ap_mask_has(&t->r->domains, (unsigned)domain);

	page_printf(t->page, "%d\n", hidden ? -1 : domain);
}

static void bindings(const struct text *t, char *copy)
{
	const struct state *s = t->e->state;
	unsigned bound = 0, total = 0;

	for (unsigned q = 0; q < QUEUES; q += s->card[q >> 8].life.born ? 1 : AP_IDS) {
		if (!s->queue[q].life.born || !rights_see_queue(t->r, q))
			continue;
		total++;
		bound += s->queue[q].driver != DRIVER_NONE;
	}
	page_printf(t->page, "%u/%u%s\n", bound, total, s->scanned && bound == total ? " (complete)" : "");
}

/* A line of matrix: "05.0004", or "05." or ".0004" where there is only one of both. */
static bool sees_apqn(const struct rights *r, const char *line)
{
	unsigned adapter, domain;

	if (*line == '.')
		return sscanf(line, ".%4x", &domain) == 1 && domain < AP_IDS && ap_mask_has(&r->domains, domain);
	if (sscanf(line, "%2x.%4x", &adapter, &domain) == 2)
		return adapter < AP_IDS && domain < AP_IDS && rights_see_queue(r, adapter << 8 | domain);
	return sscanf(line, "%2x", &adapter) == 1 && ap_mask_has(&r->adapters, adapter);
}

static bool sees_control(const struct rights *r, const char *line)
{
	unsigned domain;

	return sscanf(line, "%4x", &domain) == 1 && domain < AP_IDS && ap_mask_has(&r->controls, domain);
}

/* "UUID kvm running" */
static void lines(const struct text *t, char *copy, bool (*sees)(const struct rights *r, const char *line))
{
	for (char *line; (line = strsep(&copy, "\n"));)
		if (*line && sees(t->r, line))
			page_printf(t->page, "%s\n", line);
}

static void apqns(const struct text *t, char *copy)
{
	lines(t, copy, sees_apqn);
}

static void control_list(const struct text *t, char *copy)
{
	lines(t, copy, sees_control);
}

static void guests(const struct text *t, char *copy)
{
	for (char *line; (line = strsep(&copy, "\n"));) {
		uint8_t uuid[16];
		int slot = parse_uuid(line, uuid) < 0 ? -1 : mdev_find(t->e, uuid);

		if (slot >= 0 && rights_see_mdev(t->r, t->e, (uint32_t)slot))
			page_printf(t->page, "%s\n", line);
	}
}

static void config(const struct text *t, char *copy)
{
	const struct ap_mask *seen[] = { &t->r->adapters, &t->r->domains, &t->r->controls };

	copy[strcspn(copy, "\n")] = 0;
	for (int i = 0; i < 3 && copy; i++)
		print_masked(t, strsep(&copy, ","), seen[i], i < 2 ? "," : "\n");
}

/* As many as he may still create, as if there were none but those he sees. */
static void available(const struct text *t, char *copy)
{
	unsigned limit = rights_mdev_limit(t->r), has = owners_count(t->r->owners, t->e, t->r->uid);
	unsigned left = limit > has ? limit - has : 0, there = (unsigned)strtoul(copy, NULL, 10);

	for (uint32_t slot = 0; left > there && slot < t->e->state->mdev_high; slot++)
		there += t->e->state->mdev[slot].phase != MDEV_FREE && !rights_see_mdev(t->r, t->e, slot);
	page_printf(t->page, "%u\n", left < there ? left : there);
}

static void refcount(const struct text *t, char *copy)
{
	unsigned count = (unsigned)strtoul(copy, NULL, 10);

	for (uint32_t slot = 0; t->n.sub == MODULE_VFIO_AP && slot < t->e->state->mdev_high; slot++)
		if (t->e->state->mdev[slot].opened && !rights_see_mdev(t->r, t->e, slot) && count)
			count--;
	page_printf(t->page, "%u\n", count);
}

static const struct {
	enum dir_kind kind;
	const char *name;
	filter_fn *filter;
} filters[] = {
	{ DIR_BUS_AP, "apmask", adapters },
	{ DIR_BUS_AP, "aqmask", domains },
	{ DIR_BUS_AP, "ap_adapter_mask", adapters },
	{ DIR_BUS_AP, "ap_usage_domain_mask", domains },
	{ DIR_BUS_AP, "ap_control_domain_mask", controls },
	{ DIR_BUS_AP, "ap_domain", default_domain },
	{ DIR_BUS_AP, "bindings", bindings },
	{ DIR_MDEV, "matrix", apqns },
	{ DIR_MDEV, "guest_matrix", apqns },
	{ DIR_MDEV, "control_domains", control_list },
	{ DIR_MDEV, "ap_config", config },
	{ DIR_TYPE, "available_instances", available },
	{ DIR_ZCRYPT_NODE, "apmask", adapters },
	{ DIR_ZCRYPT_NODE, "aqmask", domains },
	{ DIR_ZCRYPT_NODE, "admask", controls },
	{ DIR_MODULE, "refcnt", refcount },
	{ DIR_MODULE_PARAMETERS, "apmask", boot_mask },
	{ DIR_MODULE_PARAMETERS, "aqmask", boot_mask },
	{ DIR_MODULE_PARAMETERS, "domain", default_domain },
	{ DIR_CONTROL_GUESTS, "control", guests },
};

static filter_fn *filter_of(struct node n)
{
	const struct row *row = tree_row(n);

	for (size_t i = 0; row && row->name && i < sizeof(filters) / sizeof(*filters); i++)
		if (filters[i].kind == n.kind && strcmp(filters[i].name, row->name) == 0)
			return filters[i].filter;
	return NULL;
}

bool view_may_filter(struct node n)
{
	return filter_of(n) != NULL;
}

bool view_filters(const struct rights *r, struct node n)
{
	filter_fn *filter = filter_of(n);

	/* a limit is one also for him who sees all */
	return filter && (!r->sees_all || (filter == available && rights_mdev_limit(r) != UINT32_MAX));
}

void view_filter(const struct rights *r, const struct engine *e, struct node n, struct page *page)
{
	struct text t = { r, e, n, page };
	char *copy = strdup(page->data);

	start_over(page);
	/* without memory nothing is told rather than too much */
	if (copy)
		filter_of(n)(&t, copy);
	free(copy);
}
