/* SPDX-License-Identifier: MIT */
#include "core/kernel.h"

#include <errno.h>
#include <string.h>

/* The reasons, and the recordings that show each switch, are in abi.md's sections 4 to 12. */
static const struct kernel_rules rules[KERNELS] = {
	[KERNEL_4_20] = {
		.name = "4.20", .release = "4.20.0",
		.oldest_type = 6, .newest_type = 12, .misc_minor = 58,
		.overflow = MASK_OVERFLOW_INT, .in_use = IN_USE_NEVER,
		.remove_in_use = REMOVE_REFUSES, .reset = RESET_NOT_WAITED,
		.bind_bound_error = -ENODEV, .create_exhausted_error = -EPERM,
		.assign_needs_binding = true, .undriven_queues_run = true,
		.scan_revives = true, .queue_type_keys = true, .depth_byte = true,
		.limits_by_tapq = true, .module_event_first = true, .iommu_logs_device = true,
	},
	[KERNEL_5_10] = {
		.name = "5.10", .release = "5.10.262",
		.oldest_type = 6, .newest_type = 13, .misc_minor = 62,
		.overflow = MASK_OVERFLOW_WRAPS, .in_use = IN_USE_NEVER,
		.remove_in_use = REMOVE_BLOCKS, .reset = RESET_NOT_WAITED,
		.bind_bound_error = -ENODEV, .create_exhausted_error = -EPERM,
		.assign_needs_binding = true, .adapter_config = true,
		.uevent_store_errors = true, .queue_type_keys = true,
		.matrix_bus = true, .depth_byte = true,
	},
	[KERNEL_6_1] = {
		.name = "6.1", .release = "6.1.176",
		.oldest_type = 6, .newest_type = 14, .misc_minor = 126,
		.overflow = MASK_OVERFLOW_WRAPS, .in_use = IN_USE_OTHER_MASK,
		.remove_in_use = REMOVE_BLOCKS, .reset = RESET_GIVES_UP,
		.bind_bound_error = -EBUSY, .create_exhausted_error = -EUSERS,
		.same_mask_is_noop = true, .change_events = true,
		.bindings_per_probe = true, .assign_hot = true,
		.adapter_config = true, .adapter_chkstop = true,
		.uevent_store_errors = true, .mode_key = true,
		.matrix_bus = true,
		.mdev_driver_attributes = true, .root_events = true,
	},
	[KERNEL_6_12] = {
		.name = "6.12", .release = "6.12.107",
		.oldest_type = 10, .newest_type = 14, .misc_minor = 257,
		.overflow = MASK_OVERFLOW_WRAPS, .in_use = IN_USE_OTHER_MASK,
		.remove_in_use = REMOVE_ASKS, .reset = RESET_WAITS,
		.bind_bound_error = -EBUSY, .create_exhausted_error = -EUSERS,
		.bool_attributes = true, .same_mask_is_noop = true,
		.change_events = true, .assign_hot = true,
		.adapter_config = true, .adapter_chkstop = true,
		.online_by_chkstop = true, .bus_initiates = true, .live_interrupt = true,
		.uevent_store_errors = true, .mode_key = true,
		.matrix_bus = true,
		.mdev_driver_attributes = true, .depth_plus_one = true, .root_events = true,
	},
	[KERNEL_7_2] = {
		.name = "7.2", .release = "7.2.13",
		.oldest_type = 10, .newest_type = 14, .misc_minor = 258,
		.overflow = MASK_OVERFLOW_SATURATES, .in_use = IN_USE_ANY,
		.remove_in_use = REMOVE_ASKS, .reset = RESET_WAITS,
		.bind_bound_error = -EBUSY, .create_exhausted_error = -EUSERS,
		.scan_saturates = true, .bool_attributes = true, .bool_enable = true,
		.same_mask_is_noop = true, .change_events = true,
		.unbound_as_default = true, .assign_hot = true,
		.adapter_config = true, .adapter_chkstop = true,
		.online_by_chkstop = true, .bus_initiates = true, .live_interrupt = true,
		.blank_offline = true, .forgets_ordinal = true, .driver_override = true,
		.uevent_store_errors = true, .mode_key = true,
		.matrix_bus = true,
		.mdev_driver_attributes = true, .depth_plus_one = true, .root_events = true,
		.removed_nlink_zero = true,
	},
};

const struct kernel_rules *kernel_rules(enum kernel_id kernel)
{
	return &rules[kernel];
}

int kernel_from_name(const char *name, enum kernel_id *ret)
{
	for (int i = 0; i < KERNELS; i++) {
		if (strcmp(name, rules[i].name) == 0) {
			*ret = (enum kernel_id)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *kernel_name(enum kernel_id kernel)
{
	return rules[kernel].name;
}
