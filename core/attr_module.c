/* SPDX-License-Identifier: MIT */
/* /sys/module (abi.md 9). */
#include "core/attr_tables.h"
#include "core/module.h"

static const struct row modules_rows[] = {
	{ .family = &family_modules, .type = ROW_DIR, .child = DIR_MODULE, ALL_KERNELS },
};

const struct dir dir_modules = { ROWS(modules_rows), .parent = DIR_ROOT, .name = "module" };

enum { MODULE_TEXT_SIZE, MODULE_TEXT_ZERO, MODULE_TEXT_STATE, MODULE_TEXT_REFCOUNT, MODULE_TEXT_TAINT,
       MODULE_TEXT_VERSION, MODULE_TEXT_SOURCE };

static int show_module(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	switch (row->arg) {
	case MODULE_TEXT_SIZE:
		page_printf(out, "%u\n", module_size(e, n.sub));
		break;
	case MODULE_TEXT_ZERO:
		page_printf(out, "0\n");
		break;
	case MODULE_TEXT_STATE:
		page_printf(out, "live\n");
		break;
	case MODULE_TEXT_REFCOUNT:
		page_printf(out, "%u\n", module_refcount(e, n.sub));
		break;
	case MODULE_TEXT_VERSION:
		page_printf(out, "%s\n", module_version(n.sub));
		break;
	case MODULE_TEXT_SOURCE:
		page_printf(out, "%s\n", module_source_version(e));
		break;
	default:
		page_printf(out, "\n");
		break;
	}
	return 0;
}

static bool when_loadable(const struct engine *e, struct node dir, const struct row *row)
{
	return !module_builtin(dir.sub);
}

static bool when_versioned(const struct engine *e, struct node dir, const struct row *row)
{
	return module_version(dir.sub);
}

static bool when_drives(const struct engine *e, struct node dir, const struct row *row)
{
	switch (dir.sub) {
	case MODULE_ZCRYPT_CEX2A:
	case MODULE_ZCRYPT_CEX2C:
	case MODULE_ZCRYPT_CEX4:
	case MODULE_VFIO_MDEV:
	case MODULE_VFIO_AP:
		return true;
	default:
		return false;
	}
}

static bool when_parameters(const struct engine *e, struct node dir, const struct row *row)
{
	if (dir.sub == MODULE_ZCRYPT)
		return e->state->kernel != KERNEL_6_12;
	return dir.sub == MODULE_AP || dir.sub == MODULE_KVM;
}

#define MODULE_FILE(text, which, condition) \
	{ .name = text, .mode = 0444, .show = show_module, .arg = which, .when = condition, ALL_KERNELS }

static const struct row module_rows[] = {
	{ .name = "uevent", .mode = 0200, .store = store_uevent, .effect = EFFECT_UEVENT, ALL_KERNELS },
	MODULE_FILE("coresize", MODULE_TEXT_SIZE, when_loadable),
	MODULE_FILE("initsize", MODULE_TEXT_ZERO, when_loadable),
	MODULE_FILE("initstate", MODULE_TEXT_STATE, when_loadable),
	MODULE_FILE("refcnt", MODULE_TEXT_REFCOUNT, when_loadable),
	MODULE_FILE("taint", MODULE_TEXT_TAINT, when_loadable),
	MODULE_FILE("version", MODULE_TEXT_VERSION, when_versioned),
	MODULE_FILE("srcversion", MODULE_TEXT_SOURCE, when_versioned),
	{ .name = "holders", .type = ROW_DIR, .child = DIR_MODULE_HOLDERS, .when = when_loadable, ALL_KERNELS },
	{ .name = "drivers", .type = ROW_DIR, .child = DIR_MODULE_DRIVERS, .when = when_drives, ALL_KERNELS },
	{ .name = "sections", .type = ROW_DIR, .child = DIR_MODULE_SECTIONS, .when = when_loadable, ALL_KERNELS },
	{ .name = "notes", .type = ROW_DIR, .child = DIR_MODULE_NOTES, .when = when_loadable, ALL_KERNELS },
	{ .name = "parameters", .type = ROW_DIR, .child = DIR_MODULE_PARAMETERS, .when = when_parameters,
	  ALL_KERNELS },
};

const struct dir dir_module = { ROWS(module_rows), .parent = DIR_MODULES };

/* A virtual module has no sections to speak of; the directories are there for who lists them. */
const struct dir dir_module_sections = { .parent = DIR_MODULE, .name = "sections" };
const struct dir dir_module_notes = { .parent = DIR_MODULE, .name = "notes" };

static struct node target_holder(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MODULE, n.index, 0);
}

static const struct row module_holders_rows[] = {
	{ .family = &family_holders, .type = ROW_LINK, .target = target_holder, ALL_KERNELS },
};

const struct dir dir_module_holders = { ROWS(module_holders_rows), .parent = DIR_MODULE, .name = "holders" };

static struct node target_driver(const struct engine *e, struct node n, const struct row *row)
{
	return n.index == DRIVERS ? dir_node(e, DIR_MDEV_DRIVER, 0, 0) : dir_node(e, DIR_AP_DRIVER, n.index, 0);
}

static const struct row module_drivers_rows[] = {
	{ .family = &family_module_drivers, .type = ROW_LINK, .target = target_driver, ALL_KERNELS },
};

const struct dir dir_module_drivers = { ROWS(module_drivers_rows), .parent = DIR_MODULE, .name = "drivers" };
