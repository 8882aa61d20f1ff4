/* SPDX-License-Identifier: MIT */
/* The upper directories, /sys/class and /sys/devices/virtual (abi.md 7, 8). */
#include <errno.h>

#include "core/attr_tables.h"
#include "core/module.h"
#include "core/parse.h"

#define DIRECTORY(text, kind) { .name = text, .type = ROW_DIR, .child = kind, ALL_KERNELS }

static const struct row root_rows[] = {
	DIRECTORY("bus", DIR_BUS), DIRECTORY("class", DIR_CLASS), DIRECTORY("devices", DIR_DEVICES),
	DIRECTORY("kernel", DIR_KERNEL), DIRECTORY("module", DIR_MODULES),
	{ .name = ".apsysfs", .type = ROW_DIR, .child = DIR_CONTROL, .hidden = true, ALL_KERNELS },
};

static const struct row bus_rows[] = {
	DIRECTORY("ap", DIR_BUS_AP), DIRECTORY("mdev", DIR_BUS_MDEV),
	{ .name = "matrix", .type = ROW_DIR, .child = DIR_BUS_MATRIX, SINCE(KERNEL_5_10) },
};

static const struct row class_rows[] = {
	DIRECTORY("mdev_bus", DIR_CLASS_MDEV_BUS), DIRECTORY("zcrypt", DIR_CLASS_ZCRYPT),
	DIRECTORY("vfio", DIR_CLASS_VFIO), DIRECTORY("misc", DIR_CLASS_MISC),
	{ .name = "vfio-dev", .type = ROW_DIR, .child = DIR_CLASS_VFIO_DEV, SINCE(KERNEL_6_1) },
};

static const struct row devices_rows[] = {
	DIRECTORY("ap", DIR_AP), DIRECTORY("vfio_ap", DIR_VFIO_AP), DIRECTORY("virtual", DIR_VIRTUAL),
};

static const struct row virtual_rows[] = {
	DIRECTORY("misc", DIR_MISC), DIRECTORY("zcrypt", DIR_ZCRYPT), DIRECTORY("vfio", DIR_VFIO),
};

static const struct row kernel_rows[] = { DIRECTORY("iommu_groups", DIR_IOMMU_GROUPS) };

const struct dir dir_root = { ROWS(root_rows), .parent = DIR_ROOT, .name = "" };
const struct dir dir_bus = { ROWS(bus_rows), .parent = DIR_ROOT, .name = "bus" };
const struct dir dir_class = { ROWS(class_rows), .parent = DIR_ROOT, .name = "class" };
const struct dir dir_devices = { ROWS(devices_rows), .parent = DIR_ROOT, .name = "devices" };
const struct dir dir_virtual = { ROWS(virtual_rows), .parent = DIR_DEVICES, .name = "virtual" };
const struct dir dir_kernel = { ROWS(kernel_rows), .parent = DIR_ROOT, .name = "kernel" };

static bool when_matrix(const struct engine *e, struct node dir, const struct row *row)
{
	return module_loaded(e, MODULE_VFIO_AP);
}

static const struct row class_mdev_bus_rows[] = {
	{ .name = "matrix", .type = ROW_LINK, .target = target_kind, .arg = DIR_MATRIX, .when = when_matrix,
	  ALL_KERNELS },
};

const struct dir dir_class_mdev_bus = { ROWS(class_mdev_bus_rows), .parent = DIR_CLASS, .name = "mdev_bus" };

static int show_io_error(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	return -EIO;
}

static int store_node(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return row->arg ? zcrypt_store_destroy(e, text) : zcrypt_store_create(e, text);
}

static struct node target_node(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_ZCRYPT_NODE, 0, n.index);
}

static const struct row class_zcrypt_rows[] = {
	{ .name = "create", .mode = 0600, .show = show_io_error, .store = store_node, .arg = 0,
	  .effect = EFFECT_ZCRYPT_NODE, ALL_KERNELS },
	{ .name = "destroy", .mode = 0600, .show = show_io_error, .store = store_node, .arg = 1,
	  .effect = EFFECT_ZCRYPT_NODE, ALL_KERNELS },
	{ .family = &family_zcrypt_nodes, .type = ROW_LINK, .target = target_node, ALL_KERNELS },
};

const struct dir dir_class_zcrypt = { ROWS(class_zcrypt_rows), .parent = DIR_CLASS, .name = "zcrypt" };

static struct node target_group_device(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_GROUP_DEVICE, 0, n.index);
}

static const struct row class_vfio_rows[] = {
	{ .family = &family_groups, .type = ROW_LINK, .target = target_group_device, ALL_KERNELS },
};

const struct dir dir_class_vfio = { ROWS(class_vfio_rows), .parent = DIR_CLASS, .name = "vfio" };

static struct node target_vfio_dev(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_VFIO_DEV, 0, n.index);
}

static const struct row class_vfio_dev_rows[] = {
	{ .family = &family_vfio_devs, .type = ROW_LINK, .target = target_vfio_dev, SINCE(KERNEL_6_1) },
};

const struct dir dir_class_vfio_dev = { ROWS(class_vfio_dev_rows), .parent = DIR_CLASS, .name = "vfio-dev" };

/* arg of the rows of misc devices, and the index of their directories */
enum { MISC_Z90CRYPT, MISC_VFIO, MISC_KVM };

static struct node target_misc(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MISC_DEVICE, 0, (unsigned)row->arg);
}

static bool when_misc(const struct engine *e, struct node dir, const struct row *row)
{
	return dir_node(e, DIR_MISC_DEVICE, 0, (unsigned)row->arg).reuse != 0;
}

#define MISC_LINK(text, which) \
	{ .name = text, .type = ROW_LINK, .target = target_misc, .arg = which, .when = when_misc, ALL_KERNELS }
#define MISC_DIR(text, which) { .name = text, .type = ROW_DIR, .child = DIR_MISC_DEVICE, .arg = which, ALL_KERNELS }

static const struct row class_misc_rows[] = {
	MISC_LINK("z90crypt", MISC_Z90CRYPT), MISC_LINK("vfio", MISC_VFIO), MISC_LINK("kvm", MISC_KVM),
};

static const struct row misc_rows[] = {
	MISC_DIR("z90crypt", MISC_Z90CRYPT), MISC_DIR("vfio", MISC_VFIO), MISC_DIR("kvm", MISC_KVM),
};

const struct dir dir_class_misc = { ROWS(class_misc_rows), .parent = DIR_CLASS, .name = "misc" };
const struct dir dir_misc = { ROWS(misc_rows), .parent = DIR_VIRTUAL, .name = "misc" };

static int show_dev(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	static const unsigned misc[] = { [MISC_VFIO] = 196, [MISC_KVM] = 232 };

	if (n.kind == DIR_ZCRYPT_NODE)
		page_printf(out, "%u:%u\n", ZCRYPT_MAJOR, n.index);
	else if (n.kind == DIR_GROUP_DEVICE)
		page_printf(out, "%u:%u\n", VFIO_MAJOR, n.index);
	else
		page_printf(out, "10:%u\n", n.index == MISC_Z90CRYPT ? e->rules->misc_minor : misc[n.index]);
	return 0;
}

#define DEVICE_FILES(class) \
	{ .name = "dev", .mode = 0444, .show = show_dev, .constant = true, ALL_KERNELS }, \
	{ .name = "uevent", .mode = 0644, .show = show_uevent, .store = store_uevent, .effect = EFFECT_UEVENT, \
	  ALL_KERNELS }, \
	{ .name = "subsystem", .type = ROW_LINK, .target = target_kind, .arg = class, ALL_KERNELS }, \
	{ .name = "power", .type = ROW_DIR, .child = DIR_POWER, UNTIL(KERNEL_4_20) }

static const struct row misc_device_rows[] = { DEVICE_FILES(DIR_CLASS_MISC) };

const struct dir dir_misc_device = { ROWS(misc_device_rows), .parent = DIR_MISC };

static const struct row zcrypt_rows[] = {
	{ .family = &family_zcrypt_nodes, .type = ROW_DIR, .child = DIR_ZCRYPT_NODE, ALL_KERNELS },
};

const struct dir dir_zcrypt = { ROWS(zcrypt_rows), .parent = DIR_VIRTUAL, .name = "zcrypt" };

static struct ap_mask *node_mask(struct engine *e, struct node n, int which)
{
	struct zcrypt_node *node = &e->state->node[n.index];
	struct ap_mask *const masks[] = { &node->ioctls, &node->adapters, &node->domains, &node->admin };

	return masks[which];
}

static int show_node_mask(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	char text[AP_MASK_TEXT];

	ap_mask_format(node_mask(e, n, row->arg), text);
	page_printf(out, "%s\n", text);
	return 0;
}

static int store_node_mask(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return zcrypt_store_mask(e, node_mask(e, n, row->arg), text);
}

#define NODE_MASK(text, which, kernels) \
	{ .name = text, .mode = 0644, .show = show_node_mask, .store = store_node_mask, .arg = which, \
	  .effect = EFFECT_ZCRYPT_NODE, kernels }

static const struct row zcrypt_node_rows[] = {
	DEVICE_FILES(DIR_CLASS_ZCRYPT),
	NODE_MASK("ioctlmask", 0, ALL_KERNELS),
	NODE_MASK("apmask", 1, ALL_KERNELS),
	NODE_MASK("aqmask", 2, ALL_KERNELS),
	NODE_MASK("admask", 3, SINCE(KERNEL_6_1)),
};

const struct dir dir_zcrypt_node = { ROWS(zcrypt_node_rows), .parent = DIR_ZCRYPT };

static const struct row vfio_rows[] = {
	{ .family = &family_groups, .type = ROW_DIR, .child = DIR_GROUP_DEVICE, ALL_KERNELS },
};

const struct dir dir_vfio = { ROWS(vfio_rows), .parent = DIR_VIRTUAL, .name = "vfio" };

static const struct row group_device_rows[] = { DEVICE_FILES(DIR_CLASS_VFIO) };

const struct dir dir_group_device = { ROWS(group_device_rows), .parent = DIR_VFIO };

/* 4.20: run-time power management, of devices that have none */
static int show_power(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	static const char *const texts[] = { "auto", "0", "unsupported", "0" };

	page_printf(out, "%s\n", texts[row->arg]);
	return 0;
}

static int store_power(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	if (row->arg)
		return -EIO;
	return parse_name_is(text, "auto") || parse_name_is(text, "on") ? 0 : -EINVAL;
}

static const struct row power_rows[] = {
	{ .name = "autosuspend_delay_ms", .mode = 0644, .show = show_io_error, .store = store_power, .arg = 1,
	  UNTIL(KERNEL_4_20) },
	{ .name = "control", .mode = 0644, .show = show_power, .store = store_power, .arg = 0, UNTIL(KERNEL_4_20) },
	{ .name = "runtime_active_time", .mode = 0444, .show = show_power, .arg = 1, UNTIL(KERNEL_4_20) },
	{ .name = "runtime_status", .mode = 0444, .show = show_power, .arg = 2, UNTIL(KERNEL_4_20) },
	{ .name = "runtime_suspended_time", .mode = 0444, .show = show_power, .arg = 3, UNTIL(KERNEL_4_20) },
};

const struct dir dir_power = { ROWS(power_rows), .parent = DIR_AP, .name = "power" };
