/* SPDX-License-Identifier: MIT */
/*
 * What a tenant reads against what there is: the same entries but those that name hidden things, the same texts but for what
 * they say of hidden things. And across a change of hidden things only: not a byte may differ.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/policy/policy.h"

/* --- entries ------------------------------------------------------------------------------------------------------- */

static bool sees_group(const struct view *v, unsigned group)
{
	for (unsigned i = 0; i < UUIDS; i++) {
		const char *link = text_of(v->all, MATRIX "%s/iommu_group", uuids[i]);

		if (link && (unsigned)atoi(strrchr(link, '/') + 1) == group)
			return sees_mdev(&v->p, i);
	}
	return false;
}

static bool sees_any_group(const struct view *v)
{
	for (unsigned i = 0; i < UUIDS; i++)
		if (sees_mdev(&v->p, i) && text_of(v->all, MATRIX "%s/iommu_group", uuids[i]))
			return true;
	return false;
}

/* One part of a path or of a link: "card05", "05.0004", a UUID, or nothing to hide. */
static bool shows_part(const struct view *v, const char *part)
{
	unsigned adapter, domain, uuid = uuid_of(part);
	char check[16];

	if (uuid < UUIDS)
		return sees_mdev(&v->p, uuid);
	if (sscanf(part, "%2x.%4x", &adapter, &domain) == 2) {
		snprintf(check, sizeof(check), "%02x.%04x", adapter, domain);
		return strcmp(part, check) != 0 || sees_queue(&v->p, adapter, domain);
	}
	return sscanf(part, "card%2x", &adapter) != 1 || strlen(part) != 6 || sees_adapter(&v->p, adapter);
}

static bool shows_parts(const struct view *v, const char *path)
{
	char part[256];
	int length;

	for (; *path; path += length + (path[length] == '/')) {
		length = (int)strcspn(path, "/");
		snprintf(part, sizeof(part), "%.*s", length, path);
		if (!shows_part(v, part))
			return false;
	}
	return true;
}

static bool shows_control(const struct view *v, const char *path)
{
	bool machine = may(&v->p, MACHINE), guest = may(&v->p, GUEST);

	/* a guest's machine, as the host's, only with the action machine */
	if (strcmp(path, ".apsysfs") == 0 || strcmp(path, ".apsysfs/guests") == 0 || strcmp(path, ".apsysfs/guests/control") == 0)
		return machine || guest;
	return machine;
}

static bool shows(const struct view *v, const char *path, const char *link)
{
	unsigned group;

	if (begins(path, ".apsysfs"))
		return shows_control(v, path) && shows_parts(v, path);
	if (sscanf(path, "kernel/iommu_groups/%u", &group) == 1 || sscanf(path, "devices/virtual/vfio/%u", &group) == 1 ||
	    sscanf(path, "class/vfio/%u", &group) == 1)
		return sees_group(v, group);
	if (strcmp(path, "devices/virtual/vfio") == 0)
		return sees_any_group(v);
	if (strcmp(path, "bus/ap/bindings_complete_count") == 0)
		return sees_all_queues(&v->p);
	/* where a link leads must be there; other texts name what they name */
	return shows_parts(v, path) && (!begins(link, "../") || shows_parts(v, link));
}

/* --- texts --------------------------------------------------------------------------------------------------------- */

typedef bool sees_fn(const struct person *p, unsigned id);

static void mask_text(const struct view *v, const char *text, sees_fn *sees, struct page *out)
{
	struct ids mask;

	if (!begins(text, "0x")) {
		page_printf(out, "%.*s", (int)strcspn(text, ",\n"), text);
		return;
	}
	read_mask(text, &mask);
	page_printf(out, "0x");
	for (unsigned i = 0; i < AP_IDS; i += 4) {
		unsigned digit = 0;

		for (unsigned j = i; j < i + 4; j++)
			digit = 2 * digit + (mask.has[j] && sees(&v->p, j));
		page_printf(out, "%x", digit);
	}
}

/* Queues that are there for him, and those of them with a driver. */
static void bindings_text(const struct view *v, struct page *out)
{
	unsigned bound = 0, total = 0;

	for (size_t i = 0; i < v->all->count; i++) {
		const char *path = text_path(v->all, i);
		unsigned adapter, domain;
		int end = 0;

		if (sscanf(path, "devices/ap/card%2x/%*2x.%4x%n", &adapter, &domain, &end) != 2 || path[end] ||
		    !sees_queue(&v->p, adapter, domain))
			continue;
		total++;
		bound += text_of(v->all, "%s/driver", path) != NULL;
	}
	page_printf(out, "%u/%u%s\n", bound, total, bound == total ? " (complete)" : "");
}

static bool shows_line(const struct view *v, const char *name, const char *line)
{
	unsigned adapter, domain;

	if (strcmp(name, "control_domains") == 0)
		return sees_control(&v->p, (unsigned)strtoul(line, NULL, 16));
	if (strcmp(name, "control") == 0)
		return sees_mdev(&v->p, uuid_of(line));
	if (sscanf(line, "%2x.%4x", &adapter, &domain) == 2)
		return sees_queue(&v->p, adapter, domain);
	if (*line == '.')
		return sees_domain(&v->p, (unsigned)strtoul(line + 1, NULL, 16));
	return sees_adapter(&v->p, (unsigned)strtoul(line, NULL, 16));
}

static void lines_text(const struct view *v, const char *name, const char *text, struct page *out)
{
	for (size_t length; *text; text += length) {
		char line[128];

		length = strcspn(text, "\n") + 1;
		snprintf(line, sizeof(line), "%.*s", (int)length - 1, text);
		if (shows_line(v, name, line))
			page_printf(out, "%s\n", line);
	}
}

static void config_text(const struct view *v, const char *text, struct page *out)
{
	sees_fn *const sees[] = { sees_adapter, sees_domain, sees_control };

	for (int i = 0; i < 3; i++) {
		mask_text(v, text, sees[i], out);
		page_printf(out, "%s", i < 2 ? "," : "\n");
		text = strchr(text, i < 2 ? ',' : '\n') + 1;
	}
}

static void number_text(const struct view *v, const char *name, const char *text, struct page *out)
{
	int number = atoi(text), limit = limit_of(&v->p);

	if (strcmp(name, "available_instances") == 0) {
		for (unsigned i = 0; limit >= 0 && i < UUIDS; i++)
			limit -= is_there(v->all, i) && owner_of(v->p.w, i) == v->p.uid && limit > 0;
		for (unsigned i = 0; i < UUIDS; i++)
			number += is_there(v->all, i) && !sees_mdev(&v->p, i);
		number = limit >= 0 && limit < number ? limit : number;
	} else if (strcmp(name, "refcnt") == 0) {
		for (unsigned i = 0; i < UUIDS; i++)
			number -= guest_of(v->all, i) && !sees_mdev(&v->p, i);
	} else if (number >= 0 && !sees_domain(&v->p, (unsigned)number)) {
		number = -1;
	}
	page_printf(out, "%d\n", number);
}

static bool sees_whole_card(const struct view *v, unsigned adapter)
{
	for (unsigned d = 0; d < AP_IDS; d++)
		if (!sees_queue(&v->p, adapter, d))
			return false;
	return true;
}

/* What goes through a card, as far as it goes through queues that are there for him. */
static bool is_count_of_card(const struct view *v, const char *path, unsigned *ret)
{
	unsigned adapter;
	int end = 0;

	if (sscanf(path, "devices/ap/card%2x/%n", &adapter, &end) != 1 || !end || sees_whole_card(v, adapter))
		return false;
	*ret = adapter;
	path += end;
	return strcmp(path, "request_count") == 0 || strcmp(path, "requestq_count") == 0 || strcmp(path, "pendingq_count") == 0 ||
	       strcmp(path, "load") == 0;
}

static void count_text(const struct view *v, unsigned adapter, const char *name, struct page *out)
{
	unsigned long sum = 0;

	for (unsigned d = 0; d < AP_IDS; d++) {
		const char *text = text_of(v->all, "devices/ap/card%02x/%02x.%04x/%s", adapter, adapter, d, name);

		if (text && sees_queue(&v->p, adapter, d))
			sum += strtoul(text, NULL, 10);
	}
	page_printf(out, "%lu\n", sum);
}

static bool is_mask(const char *path, sees_fn **ret)
{
	static const struct { const char *end; sees_fn *sees; } masks[] = {
		{ "/apmask", sees_adapter }, { "/ap_adapter_mask", sees_adapter }, { "/aqmask", sees_domain },
		{ "/ap_usage_domain_mask", sees_domain }, { "/ap_control_domain_mask", sees_control }, { "/admask", sees_control },
	};

	for (size_t i = 0; i < LENGTH(masks); i++) {
		*ret = masks[i].sees;
		if (ends(path, masks[i].end))
			return true;
	}
	return false;
}

/* Whom a policy lets write, the file's mode must not hinder, unless that is what the policy wants. */
static const char *expected_writes(const struct view *v, const char *path)
{
	struct wish x = { .length = 0 };
	struct attempt a = { .p = v->p, .x = &x, .before = v->all };

	snprintf(x.path, sizeof(x.path), "%.*s", (int)(strstr(path, " (writes)") - path), path);
	if (!may_write_here(&a))
		return "not from him";
	return v->p.uid == 0 || v->p.leaves_to_modes ? "by its mode" : "as from its owner";
}

static void expected_text(const struct view *v, const char *path, const char *text, struct page *out)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	bool of_mdev = begins(path, MATRIX) && mdev_of_path(path) < UUIDS;
	unsigned adapter;
	sees_fn *sees;

	if (ends(path, " (writes)")) {
		page_printf(out, "%s", expected_writes(v, path));
	} else if (is_mask(path, &sees)) {
		mask_text(v, text, sees, out);
		page_printf(out, "\n");
	} else if (is_count_of_card(v, path, &adapter)) {
		count_text(v, adapter, name, out);
	} else if (strcmp(path, "bus/ap/bindings") == 0) {
		bindings_text(v, out);
	} else if (ends(path, "/available_instances") || strcmp(path, "module/vfio_ap/refcnt") == 0 ||
		   strcmp(path, "bus/ap/ap_domain") == 0 || strcmp(path, "module/ap/parameters/domain") == 0) {
		number_text(v, name, text, out);
	} else if (of_mdev && strcmp(name, "ap_config") == 0) {
		config_text(v, text, out);
	} else if ((of_mdev && (ends(name, "matrix") || strcmp(name, "control_domains") == 0)) ||
		   strcmp(path, ".apsysfs/guests/control") == 0) {
		lines_text(v, name, text, out);
	} else {
		page_printf(out, "%s", text);
	}
}

static void expect(const struct view *v, struct texts *ret)
{
	ret->count = 0;
	ret->data.length = 0;
	for (size_t i = 0; i < v->all->count; i++) {
		const char *path = text_path(v->all, i), *text = text_at(v->all, i);
		char expected[SYSFS_PAGE];
		struct page out;

		if (!shows(v, path, text))
			continue;
		page_init_fixed(&out, expected, sizeof(expected));
		expected[0] = 0;
		expected_text(v, path, text, &out);
		texts_keep(ret, path, expected);
	}
	texts_sort(ret);
}

/* --- all of it ----------------------------------------------------------------------------------------------------- */

static bool equal(const char *what, const struct texts *wanted, const struct texts *got)
{
	size_t i = 0, j = 0;
	unsigned wrong = 0;

	while (i < wanted->count || j < got->count) {
		int order = i == wanted->count ? 1 : j == got->count ? -1 : strcmp(text_path(wanted, i), text_path(got, j));
		const char *path = order <= 0 ? text_path(wanted, i) : text_path(got, j);
		const char *a = order <= 0 ? text_at(wanted, i++) : "(not there)";
		const char *b = order >= 0 ? text_at(got, j++) : "(not there)";

		if (strcmp(a, b) == 0 || wrong++ >= 5)
			continue;
		printf("view: %s: %s: \"%s\", but he reads \"%s\"\n", what, path, a, b);
	}
	return !wrong;
}

bool check_view(struct views *x, struct world *w, const struct caller *c)
{
	struct view v = { person_of(w, c), &x->all };
	bool good = read_view(x->whole, NULL, &x->all) && read_view(x->tenants, c, &x->before), moved = false;

	expect(&v, &x->after);
	good = equal("expected", &x->after, &x->before) && good;
	for (int i = 0; i < 20 && !moved && has_place(w); i++)
		moved = move_hidden(w, &v);
	if (!moved)
		return good;
	x->moved++;
	good = read_view(x->tenants, c, &x->after) && good;
	return equal("nothing that he sees has changed", &x->before, &x->after) && good;
}
