/* SPDX-License-Identifier: MIT */
/* The directories' tables, by the file that has their rows. */
#ifndef CORE_ATTR_TABLES_H
#define CORE_ATTR_TABLES_H

#include "core/attr.h"

/* attr_bus.c */
extern const struct dir dir_bus_ap, dir_ap_devices, dir_ap_drivers, dir_ap_driver;
/* attr_card.c, attr_queue.c */
extern const struct dir dir_ap, dir_card, dir_queue;
/* attr_mdev.c */
extern const struct dir dir_vfio_ap, dir_matrix, dir_types, dir_type, dir_type_devices, dir_mdev, dir_vfio_devs,
	dir_vfio_dev;
/* attr_mdev_bus.c */
extern const struct dir dir_bus_mdev, dir_mdev_devices, dir_mdev_drivers, dir_mdev_driver, dir_bus_matrix,
	dir_matrix_devices, dir_matrix_drivers, dir_matrix_driver, dir_iommu_groups, dir_iommu_group,
	dir_group_members;
/* attr_class.c */
extern const struct dir dir_root, dir_bus, dir_class, dir_devices, dir_virtual, dir_kernel, dir_class_mdev_bus,
	dir_class_zcrypt, dir_class_vfio, dir_class_vfio_dev, dir_class_misc, dir_misc, dir_misc_device,
	dir_zcrypt, dir_zcrypt_node, dir_vfio, dir_group_device, dir_power;
/* attr_module.c, attr_parameter.c */
extern const struct dir dir_modules, dir_module, dir_module_parameters, dir_module_holders, dir_module_drivers,
	dir_module_sections, dir_module_notes;
/* control.c */
extern const struct dir dir_control, dir_control_guests, dir_control_guest;

#endif
