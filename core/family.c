/* SPDX-License-Identifier: MIT */
/* Children that come in numbers: how they are walked, found by name, and named. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attr.h"
#include "core/binding.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/parse.h"

/* A decimal number as it is printed: no sign, no zero in front; -ENOENT. */
static int parse_plain(const char *text)
{
	char check[16];
	long value = strtol(text, NULL, 10);

	if (value < 0 || value >= MDEVS)
		return -ENOENT;
	snprintf(check, sizeof(check), "%ld", value);
	return strcmp(check, text) == 0 ? (int)value : -ENOENT;
}

/* --- drivers of the AP bus: child is the driver's number --- */

static void walk_drivers(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (enum driver_id d = DRIVER_NONE + 1; d < DRIVERS; d++)
		if (driver_present(e, d))
			emit(ctx, d);
}

static int find_driver(const struct engine *e, struct node dir, const char *name)
{
	for (enum driver_id d = DRIVER_NONE + 1; d < DRIVERS; d++)
		if (driver_present(e, d) && strcmp(driver_get(d)->name, name) == 0)
			return (int)d;
	return -ENOENT;
}

static void name_driver(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	page_printf(out, "%s", driver_get(child)->name);
}

const struct row_family family_drivers = { walk_drivers, find_driver, name_driver, true, NULL };

/* --- devices of the bus, cards and queues: links, one row for each of both --- */

/* By hand: a walk of a full machine names hundreds of thousands. */
static const char hex[] = "0123456789abcdef";

static void name_card(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	const char name[] = { 'c', 'a', 'r', 'd', hex[child >> 4 & 15], hex[child & 15] };

	page_append(out, name, sizeof(name));
}

static void name_queue(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	const char name[] = { hex[child >> 12 & 15], hex[child >> 8 & 15], '.', '0', '0',
			      hex[child >> 4 & 15], hex[child & 15] };

	page_append(out, name, sizeof(name));
}

static void walk_cards(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t a = 0; a < AP_IDS; a++)
		if (e->state->card[a].life.born)
			emit(ctx, a);
}

static int find_card(const struct engine *e, struct node dir, const char *name)
{
	uint32_t device;

	if (strncmp(name, "card", 4) != 0 || strchr(name, '\n') || device_from_text(e, name, &device) < 0)
		return -ENOENT;
	return (int)(device - QUEUES);
}

const struct row_family family_cards = { walk_cards, find_card, name_card, false, NULL };

static int find_any_queue(const struct engine *e, const char *name)
{
	unsigned adapter, domain;

	if (parse_apqn(name, &adapter, &domain) < 0)
		return -ENOENT;
	return e->state->queue[adapter << 8 | domain].life.born ? (int)(adapter << 8 | domain) : -ENOENT;
}

static void walk_queues(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t q = (uint32_t)dir.index << 8; q < ((uint32_t)dir.index + 1) << 8; q++)
		if (e->state->queue[q].life.born)
			emit(ctx, q);
}

static int find_queue(const struct engine *e, struct node dir, const char *name)
{
	int queue = find_any_queue(e, name);

	return queue >= 0 && queue >> 8 == dir.index ? queue : -ENOENT;
}

const struct row_family family_queues = { walk_queues, find_queue, name_queue, false, NULL };

static void walk_all_queues(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t a = 0; a < AP_IDS; a++)
		if (e->state->card[a].life.born)
			walk_queues(e, (struct node){ .index = (uint16_t)a }, emit, ctx);
}

static int find_bus_queue(const struct engine *e, struct node dir, const char *name)
{
	return find_any_queue(e, name);
}

const struct row_family family_bus_queues = { walk_all_queues, find_bus_queue, name_queue, false, NULL };

/* Bound to the driver whose directory it is; a driver has cards or queues. */
static void walk_driver_devices(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	const struct ring *bound = &e->state->bound[dir.sub];
	const struct ring_link *link = e->state->bound_link;

	for (uint32_t d = ring_first(bound, link); d != bound->head; d = link[d].next)
		emit(ctx, d < QUEUES ? d : d - QUEUES);
}

static int find_driver_card(const struct engine *e, struct node dir, const char *name)
{
	int card = find_card(e, dir, name);

	return card >= 0 && e->state->card[card].driver == dir.sub ? card : -ENOENT;
}

static int find_driver_queue(const struct engine *e, struct node dir, const char *name)
{
	int queue = find_any_queue(e, name);

	return queue >= 0 && e->state->queue[queue].driver == dir.sub ? queue : -ENOENT;
}

const struct row_family family_driver_cards = { walk_driver_devices, find_driver_card, name_card, false, NULL };
const struct row_family family_driver_queues = { walk_driver_devices, find_driver_queue, name_queue, false, NULL };

/* --- mdevs: child is the slot --- */

static void walk_phase(const struct engine *e, unsigned phases, row_emit_fn *emit, void *ctx)
{
	const struct state *s = e->state;

	for (uint32_t word = 0; word * 64 < s->mdev_high; word++) {
		for (uint64_t bits = s->slots_used[word]; bits; bits &= bits - 1) {
			uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);

			if (phases & 1u << s->mdev[slot].phase)
				emit(ctx, slot);
		}
	}
}

static int find_phase(const struct engine *e, unsigned phases, const char *name)
{
	char canonical[UUID_TEXT];
	uint8_t uuid[16];
	int slot;

	if (strlen(name) != UUID_TEXT - 1 || parse_uuid(name, uuid) < 0)
		return -ENOENT;
	format_uuid(uuid, canonical);
	slot = mdev_find(e, uuid);
	if (slot < 0 || strcmp(canonical, name) != 0 || !(phases & 1u << e->state->mdev[slot].phase))
		return -ENOENT;
	return slot;
}

static void name_mdev(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	char uuid[UUID_TEXT];

	format_uuid(e->state->mdev[child].uuid, uuid);
	page_printf(out, "%s", uuid);
}

enum {
	PHASES_ALL = 1 << MDEV_UNBOUND | 1 << MDEV_BOUND | 1 << MDEV_LEAVING,
	PHASES_LISTED = 1 << MDEV_UNBOUND | 1 << MDEV_BOUND,
	PHASES_BOUND = 1 << MDEV_BOUND,
};

static void walk_mdevs(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	walk_phase(e, PHASES_ALL, emit, ctx);
}

static int find_mdev(const struct engine *e, struct node dir, const char *name)
{
	return find_phase(e, PHASES_ALL, name);
}

/* Each entry below an mdev is found by way of their directory, whose links are counted then. */
static uint32_t count_mdevs(const struct engine *e, struct node dir)
{
	return e->state->mdev_count;
}

const struct row_family family_mdevs = { walk_mdevs, find_mdev, name_mdev, false, count_mdevs };

static void walk_listed(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	walk_phase(e, PHASES_LISTED, emit, ctx);
}

static int find_listed(const struct engine *e, struct node dir, const char *name)
{
	return find_phase(e, PHASES_LISTED, name);
}

const struct row_family family_listed_mdevs = { walk_listed, find_listed, name_mdev, false, NULL };

static void walk_bound(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	walk_phase(e, PHASES_BOUND, emit, ctx);
}

static int find_bound(const struct engine *e, struct node dir, const char *name)
{
	return find_phase(e, PHASES_BOUND, name);
}

const struct row_family family_bound_mdevs = { walk_bound, find_bound, name_mdev, false, NULL };

/* --- iommu groups: child is the group's number --- */

static void walk_groups(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t word = 0; word < MDEVS / 64; word++)
		for (uint64_t bits = e->state->groups_used[word]; bits; bits &= bits - 1)
			emit(ctx, word * 64 + (uint32_t)__builtin_ctzll(bits));
}

static int find_group(const struct engine *e, struct node dir, const char *name)
{
	int group = parse_plain(name);

	if (group < 0 || !(e->state->groups_used[group / 64] >> (group % 64) & 1))
		return -ENOENT;
	return group;
}

static void name_number(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	page_printf(out, "%u", child);
}

static uint32_t count_groups(const struct engine *e, struct node dir)
{
	return e->state->group_count;
}

const struct row_family family_groups = { walk_groups, find_group, name_number, false, count_groups };

static void walk_group_member(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	emit(ctx, dir.index);
}

static void name_group_member(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	name_mdev(e, dir, e->state->group_slot[child], out);
}

static int find_group_member(const struct engine *e, struct node dir, const char *name)
{
	int slot = find_phase(e, PHASES_ALL, name);

	return slot >= 0 && e->state->group_slot[dir.index] == slot ? dir.index : -ENOENT;
}

const struct row_family family_group_member = { walk_group_member, find_group_member, name_group_member, false, NULL };

/* --- vfio-dev: child is the mdev's slot --- */

static void name_vfio_dev(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	page_printf(out, "vfio%u", e->state->mdev[child].device);
}

static void walk_vfio_devs(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t word = 0; word < MDEVS / 64; word++)
		for (uint64_t bits = e->state->devices_used[word]; bits; bits &= bits - 1)
			emit(ctx, e->state->device_slot[word * 64 + (uint32_t)__builtin_ctzll(bits)]);
}

static int find_vfio_dev(const struct engine *e, struct node dir, const char *name)
{
	int device = strncmp(name, "vfio", 4) == 0 ? parse_plain(name + 4) : -ENOENT;

	if (device < 0 || !(e->state->devices_used[device / 64] >> (device % 64) & 1))
		return -ENOENT;
	return e->state->device_slot[device];
}

const struct row_family family_vfio_devs = { walk_vfio_devs, find_vfio_dev, name_vfio_dev, false, NULL };

static void walk_own_vfio_dev(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	emit(ctx, dir.index);
}

static int find_own_vfio_dev(const struct engine *e, struct node dir, const char *name)
{
	return find_vfio_dev(e, dir, name) == dir.index ? dir.index : -ENOENT;
}

const struct row_family family_own_vfio_dev = { walk_own_vfio_dev, find_own_vfio_dev, name_vfio_dev, false, NULL };

/* --- zcrypt nodes: child is the minor --- */

static void walk_nodes(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t i = 0; i < ZCRYPT_NODES; i++)
		if (e->state->node[i].name[0])
			emit(ctx, i);
}

static void name_node(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	char name[ZCRYPT_NODE_NAME];

	zcrypt_sysfs_name(e, child, name);
	page_printf(out, "%s", name);
}

static int find_node(const struct engine *e, struct node dir, const char *name)
{
	char shown[ZCRYPT_NODE_NAME];

	for (unsigned i = 0; i < ZCRYPT_NODES; i++) {
		if (!e->state->node[i].name[0])
			continue;
		zcrypt_sysfs_name(e, i, shown);
		if (strcmp(shown, name) == 0)
			return (int)i;
	}
	return -ENOENT;
}

const struct row_family family_zcrypt_nodes = { walk_nodes, find_node, name_node, false, NULL };

/* --- modules: child is the module's number --- */

static void walk_modules(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (enum module_id m = 0; m < MODULES; m++)
		if (module_loaded(e, m))
			emit(ctx, m);
}

static int find_module(const struct engine *e, struct node dir, const char *name)
{
	for (enum module_id m = 0; m < MODULES; m++)
		if (module_loaded(e, m) && strcmp(module_name(m), name) == 0)
			return (int)m;
	return -ENOENT;
}

static void name_module(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	page_printf(out, "%s", module_name(child));
}

const struct row_family family_modules = { walk_modules, find_module, name_module, true, NULL };

static void walk_holders(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t holders = module_holders(e, dir.sub); holders; holders &= holders - 1)
		emit(ctx, (uint32_t)__builtin_ctz(holders));
}

static int find_holder(const struct engine *e, struct node dir, const char *name)
{
	int module = find_module(e, dir, name);

	return module >= 0 && module_holders(e, dir.sub) >> module & 1 ? module : -ENOENT;
}

const struct row_family family_holders = { walk_holders, find_holder, name_module, false, NULL };

/* A module's drivers: of the AP bus by number, DRIVERS for that of the mdev bus. */
static bool module_has_driver(const struct engine *e, enum module_id module, uint32_t driver)
{
	enum module_id mdev_driver = e->rules->mdev_driver_attributes ? MODULE_VFIO_AP : MODULE_VFIO_MDEV;

	if (driver == DRIVERS)
		return module == mdev_driver;
	return driver != DRIVER_NONE && driver_get(driver)->module == module;
}

static void walk_module_drivers(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx)
{
	for (uint32_t d = 0; d <= DRIVERS; d++)
		if (module_has_driver(e, dir.sub, d))
			emit(ctx, d);
}

static void name_module_driver(const struct engine *e, struct node dir, uint32_t child, struct page *out)
{
	if (child == DRIVERS)
		page_printf(out, "mdev:%s", mdev_driver_name(e));
	else
		page_printf(out, "ap:%s", driver_get(child)->name);
}

static int find_module_driver(const struct engine *e, struct node dir, const char *name)
{
	char text[64];
	struct page out;

	for (uint32_t d = 0; d <= DRIVERS; d++) {
		if (!module_has_driver(e, dir.sub, d))
			continue;
		page_init_fixed(&out, text, sizeof(text));
		name_module_driver(e, dir, d, &out);
		if (strcmp(text, name) == 0)
			return (int)d;
	}
	return -ENOENT;
}

const struct row_family family_module_drivers = { walk_module_drivers, find_module_driver, name_module_driver,
						  false, NULL };
