/* SPDX-License-Identifier: MIT */
/* bus/mdev, bus/matrix and kernel/iommu_groups (abi.md 7). */
#include <errno.h>

#include "core/attr_tables.h"
#include "core/mdev.h"
#include "core/parse.h"

static int show_autoprobe(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%d\n", n.kind == DIR_BUS_MDEV ? e->state->mdev_autoprobe : e->state->matrix_autoprobe);
	return 0;
}

static int store_autoprobe(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	if (n.kind == DIR_BUS_MDEV)
		e->state->mdev_autoprobe = *text != '0';
	else
		e->state->matrix_autoprobe = *text != '0';
	return 0;
}

static int store_probe(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	if (n.kind == DIR_BUS_MDEV)
		return mdev_store_probe(e, text);
	/* the matrix bus has one device, and that has its driver */
	return parse_name_is(text, "matrix") ? 0 : -ENODEV;
}

#define BUS_FILES(kernels) \
	{ .name = "uevent", .mode = 0200, .store = store_uevent, .effect = EFFECT_UEVENT, kernels }, \
	{ .name = "drivers_probe", .mode = 0200, .store = store_probe, .effect = EFFECT_MDEV, kernels }, \
	{ .name = "drivers_autoprobe", .mode = 0644, .show = show_autoprobe, .store = store_autoprobe, \
	  .effect = EFFECT_BUS_SETTING, kernels }

static const struct row bus_mdev_rows[] = {
	BUS_FILES(ALL_KERNELS),
	{ .name = "devices", .type = ROW_DIR, .child = DIR_MDEV_DEVICES, ALL_KERNELS },
	{ .name = "drivers", .type = ROW_DIR, .child = DIR_MDEV_DRIVERS, ALL_KERNELS },
};

const struct dir dir_bus_mdev = { ROWS(bus_mdev_rows), .parent = DIR_BUS, .name = "mdev" };

static struct node target_mdev(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MDEV, 0, n.index);
}

static const struct row mdev_devices_rows[] = {
	{ .family = &family_listed_mdevs, .type = ROW_LINK, .target = target_mdev, ALL_KERNELS },
};

const struct dir dir_mdev_devices = { ROWS(mdev_devices_rows), .parent = DIR_BUS_MDEV, .name = "devices" };

static const struct row mdev_drivers_rows[] = {
	{ .name = "vfio_mdev", .type = ROW_DIR, .child = DIR_MDEV_DRIVER, UNTIL(KERNEL_5_10) },
	{ .name = "vfio_ap_mdev", .type = ROW_DIR, .child = DIR_MDEV_DRIVER, SINCE(KERNEL_6_1) },
};

const struct dir dir_mdev_drivers = { ROWS(mdev_drivers_rows), .parent = DIR_BUS_MDEV, .name = "drivers" };

static int store_bind(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return mdev_store_bind(e, text);
}

static int store_unbind(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return mdev_store_unbind(e, text);
}

static struct node target_module(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MODULE, e->rules->mdev_driver_attributes ? MODULE_VFIO_AP : MODULE_VFIO_MDEV, 0);
}

static const struct row mdev_driver_rows[] = {
	{ .name = "bind", .mode = 0200, .store = store_bind, .effect = EFFECT_MDEV, ALL_KERNELS },
	{ .name = "unbind", .mode = 0200, .store = store_unbind, .effect = EFFECT_MDEV, ALL_KERNELS },
	{ .name = "uevent", .mode = 0200, .store = store_uevent, .effect = EFFECT_UEVENT, ALL_KERNELS },
	{ .name = "module", .type = ROW_LINK, .target = target_module, ALL_KERNELS },
	{ .family = &family_bound_mdevs, .type = ROW_LINK, .target = target_mdev, ALL_KERNELS },
};

/* its name is its row's: two kernels, two names */
const struct dir dir_mdev_driver = { ROWS(mdev_driver_rows), .parent = DIR_MDEV_DRIVERS };

static const struct row bus_matrix_rows[] = {
	BUS_FILES(SINCE(KERNEL_5_10)),
	{ .name = "devices", .type = ROW_DIR, .child = DIR_MATRIX_DEVICES, SINCE(KERNEL_5_10) },
	{ .name = "drivers", .type = ROW_DIR, .child = DIR_MATRIX_DRIVERS, SINCE(KERNEL_5_10) },
};

const struct dir dir_bus_matrix = { ROWS(bus_matrix_rows), .parent = DIR_BUS, .name = "matrix" };

static const struct row matrix_devices_rows[] = {
	{ .name = "matrix", .type = ROW_LINK, .target = target_kind, .arg = DIR_MATRIX, SINCE(KERNEL_5_10) },
};

const struct dir dir_matrix_devices = { ROWS(matrix_devices_rows), .parent = DIR_BUS_MATRIX, .name = "devices" };

static const struct row matrix_drivers_rows[] = {
	{ .name = "vfio_ap", .type = ROW_DIR, .child = DIR_MATRIX_DRIVER, SINCE(KERNEL_5_10) },
};

const struct dir dir_matrix_drivers = { ROWS(matrix_drivers_rows), .parent = DIR_BUS_MATRIX, .name = "drivers" };

static const struct row matrix_driver_rows[] = {
	{ .name = "uevent", .mode = 0200, .store = store_uevent, .effect = EFFECT_UEVENT, SINCE(KERNEL_5_10) },
	{ .name = "matrix", .type = ROW_LINK, .target = target_kind, .arg = DIR_MATRIX, SINCE(KERNEL_5_10) },
};

const struct dir dir_matrix_driver = { ROWS(matrix_driver_rows), .parent = DIR_MATRIX_DRIVERS, .name = "vfio_ap" };

static const struct row iommu_groups_rows[] = {
	{ .family = &family_groups, .type = ROW_DIR, .child = DIR_IOMMU_GROUP, ALL_KERNELS },
};

const struct dir dir_iommu_groups = { ROWS(iommu_groups_rows), .parent = DIR_KERNEL, .name = "iommu_groups" };

static int show_group_text(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%s\n", row->arg ? "vfio-noiommu" : "unknown");
	return 0;
}

/* A group without an IOMMU domain has no other type to take. */
static int store_group_type(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return -EINVAL;
}

static const struct row iommu_group_rows[] = {
	{ .name = "devices", .type = ROW_DIR, .child = DIR_GROUP_MEMBERS, ALL_KERNELS },
	{ .name = "reserved_regions", .mode = 0444, .show = show_empty, .constant = true, ALL_KERNELS },
	{ .name = "type", .mode = 0444, .show = show_group_text, .constant = true, UNTIL(KERNEL_5_10) },
	{ .name = "type", .mode = 0644, .show = show_group_text, .store = store_group_type, SINCE(KERNEL_6_1) },
	{ .name = "name", .mode = 0444, .show = show_group_text, .arg = 1, .constant = true, SINCE(KERNEL_6_1) },
};

const struct dir dir_iommu_group = { ROWS(iommu_group_rows), .parent = DIR_IOMMU_GROUPS };

static struct node target_member(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MDEV, 0, e->state->group_slot[n.index]);
}

static const struct row group_members_rows[] = {
	{ .family = &family_group_member, .type = ROW_LINK, .target = target_member, ALL_KERNELS },
};

const struct dir dir_group_members = { ROWS(group_members_rows), .parent = DIR_IOMMU_GROUP, .name = "devices" };
