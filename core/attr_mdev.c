/* SPDX-License-Identifier: MIT */
/* /sys/devices/vfio_ap: the matrix device, its mdev type, its mdevs (abi.md 6). */
#include "core/attr_tables.h"
#include "core/mdev.h"

static struct node target_vfio_ap_module(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MODULE, MODULE_VFIO_AP, 0);
}

static const struct row vfio_ap_rows[] = {
	{ .name = "uevent", .mode = 0644, .show = show_empty, .store = store_uevent, .effect = EFFECT_UEVENT,
	  ALL_KERNELS },
	{ .name = "module", .type = ROW_LINK, .target = target_vfio_ap_module, ALL_KERNELS },
	{ .name = "matrix", .type = ROW_DIR, .child = DIR_MATRIX, ALL_KERNELS },
	{ .name = "power", .type = ROW_DIR, .child = DIR_POWER, UNTIL(KERNEL_4_20) },
};

const struct dir dir_vfio_ap = { ROWS(vfio_ap_rows), .parent = DIR_DEVICES, .name = "vfio_ap" };

enum { TEXT_FEATURES, TEXT_TYPE_NAME, TEXT_DEVICE_API };

static int show_text(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	static const char *const texts[] = { "guest_matrix hotplug ap_config", "VFIO AP Passthrough Device",
					     "vfio-ap" };

	page_printf(out, "%s\n", texts[row->arg]);
	return 0;
}

static const struct row matrix_rows[] = {
	{ .name = "uevent", .mode = 0644, .show = show_uevent, .store = store_uevent, .effect = EFFECT_UEVENT,
	  ALL_KERNELS },
	{ .name = "features", .mode = 0444, .show = show_text, .arg = TEXT_FEATURES, .constant = true,
	  SINCE(KERNEL_6_12) },
	{ .name = "subsystem", .type = ROW_LINK, .target = target_kind, .arg = DIR_BUS_MATRIX, SINCE(KERNEL_5_10) },
	{ .name = "driver", .type = ROW_LINK, .target = target_kind, .arg = DIR_MATRIX_DRIVER, SINCE(KERNEL_5_10) },
	{ .name = "mdev_supported_types", .type = ROW_DIR, .child = DIR_TYPES, ALL_KERNELS },
	{ .name = "power", .type = ROW_DIR, .child = DIR_POWER, UNTIL(KERNEL_4_20) },
	{ .family = &family_mdevs, .type = ROW_DIR, .child = DIR_MDEV, ALL_KERNELS },
};

const struct dir dir_matrix = { ROWS(matrix_rows), .parent = DIR_VFIO_AP, .name = "matrix" };

static const struct row types_rows[] = {
	{ .name = "vfio_ap-passthrough", .type = ROW_DIR, .child = DIR_TYPE, ALL_KERNELS },
};

const struct dir dir_types = { ROWS(types_rows), .parent = DIR_MATRIX, .name = "mdev_supported_types" };

static int show_available(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	page_printf(out, "%u\n", mdev_available(e));
	return 0;
}

static int store_create(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return mdev_store_create(e, text, length);
}

static const struct row type_rows[] = {
	{ .name = "name", .mode = 0444, .show = show_text, .arg = TEXT_TYPE_NAME, .constant = true, ALL_KERNELS },
	{ .name = "device_api", .mode = 0444, .show = show_text, .arg = TEXT_DEVICE_API, .constant = true,
	  ALL_KERNELS },
	{ .name = "available_instances", .mode = 0444, .show = show_available, ALL_KERNELS },
	{ .name = "create", .mode = 0200, .store = store_create, .effect = EFFECT_MDEV, ALL_KERNELS },
	{ .name = "devices", .type = ROW_DIR, .child = DIR_TYPE_DEVICES, ALL_KERNELS },
};

const struct dir dir_type = { ROWS(type_rows), .parent = DIR_TYPES, .name = "vfio_ap-passthrough" };

static struct node target_mdev(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MDEV, 0, n.index);
}

static const struct row type_devices_rows[] = {
	{ .family = &family_listed_mdevs, .type = ROW_LINK, .target = target_mdev, ALL_KERNELS },
};

const struct dir dir_type_devices = { ROWS(type_devices_rows), .parent = DIR_TYPE, .name = "devices" };

/* arg of the assign rows: which kind, and whether it assigns */
#define ASSIGN(kind) (2 * (kind) + 1)
#define UNASSIGN(kind) (2 * (kind))

static int store_assign(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return assign_store(e, n.index, (enum assign_kind)(row->arg / 2), row->arg & 1, text);
}

static int store_remove(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return mdev_store_remove(e, n.index, text);
}

enum { MATRIX_ASSIGNED, MATRIX_GUEST, MATRIX_CONTROLS, MATRIX_CONFIG };

static int show_matrix(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct mdev *m = &e->state->mdev[n.index];

	switch (row->arg) {
	case MATRIX_ASSIGNED:
		matrix_print(&m->assigned, out);
		break;
	case MATRIX_GUEST:
		matrix_print(&m->guest, out);
		break;
	case MATRIX_CONTROLS:
		matrix_print_controls(&m->assigned, out);
		break;
	default:
		matrix_print_config(&m->assigned, out);
		break;
	}
	return 0;
}

static int store_config(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	return assign_store_config(e, n.index, text);
}

/* While a remove waits, all but the iommu group and vfio-dev are gone already (6.6). */
static bool when_staying(const struct engine *e, struct node dir, const struct row *row)
{
	return e->state->mdev[dir.index].phase != MDEV_LEAVING;
}

static bool when_bound(const struct engine *e, struct node dir, const struct row *row)
{
	return e->state->mdev[dir.index].phase == MDEV_BOUND;
}

static bool when_grouped(const struct engine *e, struct node dir, const struct row *row)
{
	return e->state->mdev[dir.index].has_group;
}

static struct node target_group(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_IOMMU_GROUP, 0, e->state->mdev[n.index].group);
}

#define MDEV_FILE .life = LIFE_OF_DRIVER, .when = when_staying
#define ASSIGN_ROW(text, value) \
	{ .name = text, .mode = 0200, .store = store_assign, .arg = value, .effect = EFFECT_ASSIGNMENT, MDEV_FILE, \
	  ALL_KERNELS }

static const struct row mdev_rows[] = {
	ASSIGN_ROW("assign_adapter", ASSIGN(ASSIGN_ADAPTER)),
	ASSIGN_ROW("unassign_adapter", UNASSIGN(ASSIGN_ADAPTER)),
	ASSIGN_ROW("assign_domain", ASSIGN(ASSIGN_DOMAIN)),
	ASSIGN_ROW("unassign_domain", UNASSIGN(ASSIGN_DOMAIN)),
	ASSIGN_ROW("assign_control_domain", ASSIGN(ASSIGN_CONTROL_DOMAIN)),
	ASSIGN_ROW("unassign_control_domain", UNASSIGN(ASSIGN_CONTROL_DOMAIN)),
	{ .name = "control_domains", .mode = 0444, .show = show_matrix, .arg = MATRIX_CONTROLS, MDEV_FILE,
	  .locked = true, ALL_KERNELS },
	{ .name = "matrix", .mode = 0444, .show = show_matrix, .arg = MATRIX_ASSIGNED, MDEV_FILE, .locked = true,
	  ALL_KERNELS },
	{ .name = "guest_matrix", .mode = 0444, .show = show_matrix, .arg = MATRIX_GUEST, MDEV_FILE, .locked = true,
	  SINCE(KERNEL_6_1) },
	{ .name = "ap_config", .mode = 0644, .show = show_matrix, .store = store_config, .arg = MATRIX_CONFIG,
	  .effect = EFFECT_ASSIGNMENT, MDEV_FILE, SINCE(KERNEL_6_12) },
	{ .name = "remove", .mode = 0200, .store = store_remove, .effect = EFFECT_MDEV, .when = when_staying,
	  ALL_KERNELS },
	{ .name = "uevent", .mode = 0644, .show = show_uevent, .store = store_uevent, .effect = EFFECT_UEVENT,
	  .when = when_staying, ALL_KERNELS },
	{ .name = "subsystem", .type = ROW_LINK, .target = target_kind, .arg = DIR_BUS_MDEV, .when = when_staying,
	  ALL_KERNELS },
	{ .name = "driver", .type = ROW_LINK, .target = target_kind, .arg = DIR_MDEV_DRIVER, .when = when_bound,
	  ALL_KERNELS },
	{ .name = "mdev_type", .type = ROW_LINK, .target = target_kind, .arg = DIR_TYPE, .when = when_staying,
	  ALL_KERNELS },
	{ .name = "iommu_group", .type = ROW_LINK, .target = target_group, .when = when_grouped, ALL_KERNELS },
	{ .name = "vfio-dev", .type = ROW_DIR, .child = DIR_VFIO_DEVS, SINCE(KERNEL_6_1) },
	{ .name = "power", .type = ROW_DIR, .child = DIR_POWER, .when = when_staying, UNTIL(KERNEL_4_20) },
};

const struct dir dir_mdev = { ROWS(mdev_rows), .parent = DIR_MATRIX };

static const struct row vfio_devs_rows[] = {
	{ .family = &family_own_vfio_dev, .type = ROW_DIR, .child = DIR_VFIO_DEV, SINCE(KERNEL_6_1) },
};

const struct dir dir_vfio_devs = { ROWS(vfio_devs_rows), .parent = DIR_MDEV, .name = "vfio-dev" };

static const struct row vfio_dev_rows[] = {
	{ .name = "uevent", .mode = 0644, .show = show_empty, .store = store_uevent, .effect = EFFECT_UEVENT,
	  SINCE(KERNEL_6_1) },
	{ .name = "device", .type = ROW_LINK, .target = target_mdev, SINCE(KERNEL_6_1) },
	{ .name = "subsystem", .type = ROW_LINK, .target = target_kind, .arg = DIR_CLASS_VFIO_DEV,
	  SINCE(KERNEL_6_1) },
};

const struct dir dir_vfio_dev = { ROWS(vfio_dev_rows), .parent = DIR_VFIO_DEVS };
