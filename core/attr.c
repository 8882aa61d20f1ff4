/* SPDX-License-Identifier: MIT */
#include "core/attr.h"

#include "core/attr_tables.h"
#include "core/binding.h"
#include "core/module.h"
#include "core/uevent.h"

static const struct dir *const dirs[DIR_KINDS] = {
	[DIR_ROOT] = &dir_root, [DIR_BUS] = &dir_bus, [DIR_BUS_AP] = &dir_bus_ap,
	[DIR_AP_DEVICES] = &dir_ap_devices, [DIR_AP_DRIVERS] = &dir_ap_drivers,
	[DIR_AP_DRIVER] = &dir_ap_driver, [DIR_BUS_MDEV] = &dir_bus_mdev,
	[DIR_MDEV_DEVICES] = &dir_mdev_devices, [DIR_MDEV_DRIVERS] = &dir_mdev_drivers,
	[DIR_MDEV_DRIVER] = &dir_mdev_driver, [DIR_BUS_MATRIX] = &dir_bus_matrix,
	[DIR_MATRIX_DEVICES] = &dir_matrix_devices, [DIR_MATRIX_DRIVERS] = &dir_matrix_drivers,
	[DIR_MATRIX_DRIVER] = &dir_matrix_driver, [DIR_CLASS] = &dir_class,
	[DIR_CLASS_MDEV_BUS] = &dir_class_mdev_bus, [DIR_CLASS_ZCRYPT] = &dir_class_zcrypt,
	[DIR_CLASS_VFIO] = &dir_class_vfio, [DIR_CLASS_VFIO_DEV] = &dir_class_vfio_dev,
	[DIR_CLASS_MISC] = &dir_class_misc, [DIR_DEVICES] = &dir_devices, [DIR_AP] = &dir_ap,
	[DIR_CARD] = &dir_card, [DIR_QUEUE] = &dir_queue, [DIR_VFIO_AP] = &dir_vfio_ap,
	[DIR_MATRIX] = &dir_matrix, [DIR_TYPES] = &dir_types, [DIR_TYPE] = &dir_type,
	[DIR_TYPE_DEVICES] = &dir_type_devices, [DIR_MDEV] = &dir_mdev,
	[DIR_VFIO_DEVS] = &dir_vfio_devs, [DIR_VFIO_DEV] = &dir_vfio_dev, [DIR_VIRTUAL] = &dir_virtual,
	[DIR_MISC] = &dir_misc, [DIR_MISC_DEVICE] = &dir_misc_device, [DIR_ZCRYPT] = &dir_zcrypt,
	[DIR_ZCRYPT_NODE] = &dir_zcrypt_node, [DIR_VFIO] = &dir_vfio,
	[DIR_GROUP_DEVICE] = &dir_group_device, [DIR_KERNEL] = &dir_kernel,
	[DIR_IOMMU_GROUPS] = &dir_iommu_groups, [DIR_IOMMU_GROUP] = &dir_iommu_group,
	[DIR_GROUP_MEMBERS] = &dir_group_members, [DIR_MODULES] = &dir_modules,
	[DIR_MODULE] = &dir_module, [DIR_MODULE_PARAMETERS] = &dir_module_parameters,
	[DIR_MODULE_HOLDERS] = &dir_module_holders, [DIR_MODULE_DRIVERS] = &dir_module_drivers,
	[DIR_MODULE_SECTIONS] = &dir_module_sections, [DIR_MODULE_NOTES] = &dir_module_notes,
	[DIR_POWER] = &dir_power, [DIR_CONTROL] = &dir_control,
	[DIR_CONTROL_GUESTS] = &dir_control_guests, [DIR_CONTROL_GUEST] = &dir_control_guest,
};

const struct dir *dir_get(enum dir_kind kind)
{
	return dirs[kind];
}

#define MISC_DEVICES 3	/* z90crypt, vfio, kvm */

/* Directories that a module makes exist while it is loaded; MODULES: no module's. */
static enum module_id maker(const struct engine *e, struct node dir)
{
	static const enum module_id misc[MISC_DEVICES] = { MODULE_ZCRYPT, MODULE_VFIO, MODULE_KVM };

	switch (dir.kind) {
	case DIR_AP_DRIVER:
		return driver_get(dir.sub)->module;
	case DIR_BUS_MDEV:
	case DIR_MDEV_DEVICES:
	case DIR_MDEV_DRIVERS:
		return MODULE_MDEV;
	case DIR_MDEV_DRIVER:
		return e->rules->mdev_driver_attributes ? MODULE_VFIO_AP : MODULE_VFIO_MDEV;
	case DIR_BUS_MATRIX:
	case DIR_MATRIX_DEVICES:
	case DIR_MATRIX_DRIVERS:
	case DIR_MATRIX_DRIVER:
	case DIR_VFIO_AP:
	case DIR_MATRIX:
	case DIR_TYPES:
	case DIR_TYPE:
	case DIR_TYPE_DEVICES:
		return MODULE_VFIO_AP;
	case DIR_CLASS_ZCRYPT:
		return MODULE_ZCRYPT;
	case DIR_CLASS_VFIO:
	case DIR_CLASS_VFIO_DEV:
		return MODULE_VFIO;
	case DIR_MISC_DEVICE:
		return misc[dir.index];
	case DIR_MODULE:
	case DIR_MODULE_PARAMETERS:
	case DIR_MODULE_HOLDERS:
	case DIR_MODULE_DRIVERS:
	case DIR_MODULE_SECTIONS:
	case DIR_MODULE_NOTES:
		return dir.sub;
	default:
		return MODULES;
	}
}

static const struct mdev *group_mdev(const struct engine *e, unsigned group)
{
	const struct mdev *m = &e->state->mdev[e->state->group_slot[group]];

	return m->has_group && m->group == group ? m : NULL;
}

/* The life of what directories of a kind stand for, where it is not a module's. */
static uint32_t object_life(const struct engine *e, struct node dir)
{
	const struct state *s = e->state;
	const struct mdev *m;

	switch (dir.kind) {
	case DIR_CARD:
		return s->card[dir.index].life.born;
	case DIR_QUEUE:
		return s->queue[dir.index].life.born;
	case DIR_MDEV:
	case DIR_CONTROL_GUEST:
		return s->mdev[dir.index].life.born;
	case DIR_VFIO_DEVS:
	case DIR_VFIO_DEV:
		return s->mdev[dir.index].has_device ? s->mdev[dir.index].life.bound : 0;
	case DIR_IOMMU_GROUP:
	case DIR_GROUP_MEMBERS:
	case DIR_GROUP_DEVICE:
		m = group_mdev(e, dir.index);
		return m ? (uint32_t)(m->sequence & 0x7fffff) + 1 : 0;
	case DIR_ZCRYPT:
		return s->node_count > 0;
	case DIR_ZCRYPT_NODE:
		return s->node[dir.index].life.born;
	case DIR_VFIO:
		return s->group_count > 0;
	case DIR_CLASS_MDEV_BUS:
		return s->class_mdev_bus;
	case DIR_POWER:
		return dir_life(e, dir_node(e, dir.sub, 0, dir.index));
	default:
		return 1;
	}
}

/* Are the node's numbers of its kind? Whoever asks may have made it up. */
static bool in_range(struct node dir)
{
	switch (dir.kind) {
	case DIR_AP_DRIVER:
		return dir.sub > DRIVER_NONE && dir.sub < DRIVERS;
	case DIR_MODULE:
	case DIR_MODULE_PARAMETERS:
	case DIR_MODULE_HOLDERS:
	case DIR_MODULE_DRIVERS:
	case DIR_MODULE_SECTIONS:
	case DIR_MODULE_NOTES:
		return dir.sub < MODULES;
	case DIR_CARD:
		return dir.index < AP_IDS;
	case DIR_MISC_DEVICE:
		return dir.index < MISC_DEVICES;
	case DIR_ZCRYPT_NODE:
		return dir.index < ZCRYPT_NODES;
	case DIR_POWER:
		return dir.sub < DIR_POWER;
	default:
		return dir.kind < DIR_KINDS;
	}
}

enum module_id dir_maker(const struct engine *e, struct node dir)
{
	return in_range(dir) ? maker(e, dir) : MODULES;
}

uint32_t dir_life(const struct engine *e, struct node dir)
{
	enum module_id module;

	if (!in_range(dir))
		return 0;
	module = maker(e, dir);
	if (module < MODULES)
		return e->state->module[module].loaded ? e->state->module[module].loads : 0;
	return object_life(e, dir);
}

uint32_t dir_driver_life(const struct engine *e, struct node dir)
{
	const struct state *s = e->state;

	if (!in_range(dir))
		return 0;
	switch (dir.kind) {
	case DIR_CARD:
		return s->card[dir.index].life.bound;
	case DIR_QUEUE:
		return s->queue[dir.index].life.bound;
	case DIR_MDEV:
		/* before 6.1 the driver owns nothing: the files are the device's */
		return e->rules->mdev_driver_attributes ? s->mdev[dir.index].life.bound
							: s->mdev[dir.index].life.born;
	default:
		return dir_life(e, dir);
	}
}

int64_t dir_time(const struct engine *e, struct node dir)
{
	const struct state *s = e->state;
	enum module_id module = maker(e, dir);

	if (module < MODULES)
		return s->module[module].time;
	switch (dir.kind) {
	case DIR_CARD:
		return s->card[dir.index].life.time;
	case DIR_QUEUE:
		return s->queue[dir.index].life.time;
	case DIR_MDEV:
	case DIR_VFIO_DEVS:
	case DIR_VFIO_DEV:
		return s->mdev[dir.index].life.time;
	case DIR_IOMMU_GROUP:
	case DIR_GROUP_MEMBERS:
	case DIR_GROUP_DEVICE:
		return s->mdev[s->group_slot[dir.index]].life.time;
	case DIR_ZCRYPT_NODE:
		return s->node[dir.index].life.time;
	default:
		return s->booted;
	}
}

struct node dir_node(const struct engine *e, enum dir_kind kind, unsigned sub, unsigned index)
{
	struct node n = { .kind = (uint8_t)kind, .sub = (uint8_t)sub, .index = (uint16_t)index };

	n.reuse = sub == n.sub && index == n.index ? dir_life(e, n) : 0;
	return n;
}

struct node dir_parent(const struct engine *e, struct node dir)
{
	switch (dir.kind) {
	case DIR_QUEUE:
		return dir_node(e, DIR_CARD, 0, dir.index >> 8);
	case DIR_VFIO_DEVS:
	case DIR_VFIO_DEV:
	case DIR_GROUP_MEMBERS:
		return dir_node(e, dir_get(dir.kind)->parent, 0, dir.index);
	case DIR_MODULE_PARAMETERS:
	case DIR_MODULE_HOLDERS:
	case DIR_MODULE_DRIVERS:
	case DIR_MODULE_SECTIONS:
	case DIR_MODULE_NOTES:
		return dir_node(e, DIR_MODULE, dir.sub, 0);
	case DIR_POWER:
		return dir_node(e, dir.sub, 0, dir.index);
	default:
		return dir_node(e, dir_get(dir.kind)->parent, 0, 0);
	}
}

/* --- callbacks that many rows share ------------------------------------------------------------ */

static struct uevent_source source_of(struct node n, char name[64])
{
	static const char *const misc[MISC_DEVICES] = { "z90crypt", "vfio", "kvm" };
	struct page out;

	page_init_fixed(&out, name, 64);
	switch (n.kind) {
	case DIR_AP:
		return (struct uevent_source){ OBJECT_AP_ROOT, 0, NULL };
	case DIR_CARD:
		return (struct uevent_source){ OBJECT_CARD, n.index, NULL };
	case DIR_QUEUE:
		return (struct uevent_source){ OBJECT_QUEUE, n.index, NULL };
	case DIR_VFIO_AP:
		return (struct uevent_source){ OBJECT_VFIO_AP_ROOT, 0, NULL };
	case DIR_MATRIX:
		return (struct uevent_source){ OBJECT_MATRIX, 0, NULL };
	case DIR_MDEV:
		return (struct uevent_source){ OBJECT_MDEV, n.index, NULL };
	case DIR_VFIO_DEV:
		return (struct uevent_source){ OBJECT_VFIO_DEV, n.index, NULL };
	case DIR_GROUP_DEVICE:
		return (struct uevent_source){ OBJECT_GROUP, n.index, NULL };
	case DIR_ZCRYPT_NODE:
		return (struct uevent_source){ OBJECT_ZCRYPT_NODE, n.index, NULL };
	case DIR_MISC_DEVICE:
		return (struct uevent_source){ OBJECT_MISC, 0, misc[n.index] };
	case DIR_MODULE:
		return (struct uevent_source){ OBJECT_MODULE, 0, module_name(n.sub) };
	case DIR_AP_DRIVER:
		page_printf(&out, "ap/%s", driver_get(n.sub)->name);
		return (struct uevent_source){ OBJECT_BUS_DRIVER, 0, name };
	case DIR_MATRIX_DRIVER:
		return (struct uevent_source){ OBJECT_BUS_DRIVER, 0, "matrix/vfio_ap" };
	case DIR_BUS_MDEV:
		return (struct uevent_source){ OBJECT_BUS, 0, "mdev" };
	case DIR_BUS_MATRIX:
		return (struct uevent_source){ OBJECT_BUS, 0, "matrix" };
	default:
		return (struct uevent_source){ OBJECT_BUS, 0, "ap" };
	}
}

static struct uevent_source mdev_driver_source(const struct engine *e)
{
	return (struct uevent_source){ OBJECT_BUS_DRIVER, 0,
				       e->rules->mdev_driver_attributes ? "mdev/vfio_ap_mdev" : "mdev/vfio_mdev" };
}

int show_uevent(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	char name[64];

	uevent_print_keys(e, source_of(n, name), out);
	return 0;
}

int store_uevent(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	char name[64];
	struct uevent_source source = n.kind == DIR_MDEV_DRIVER ? mdev_driver_source(e) : source_of(n, name);

	return uevent_synthesize(e, source, text, length);
}

int show_empty(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	return 0;
}

struct node target_kind(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, (enum dir_kind)row->arg, 0, 0);
}
