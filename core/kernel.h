/* SPDX-License-Identifier: MIT */
/* What differs from kernel to kernel, as data: the logic asks a switch, never a version. */
#ifndef CORE_KERNEL_H
#define CORE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mask_parse.h"

enum kernel_id { KERNEL_4_20, KERNEL_5_10, KERNEL_6_1, KERNEL_6_12, KERNEL_7_2, KERNELS };
#define KERNEL_NEWEST KERNEL_7_2

/* Which APQNs a bit that a mask write turns on must not find assigned to an mdev (abi.md 4.4). */
enum in_use_rule {
	IN_USE_NEVER,		/* 4.20, 5.10: a guest's queue is taken away silently */
	IN_USE_OTHER_MASK,	/* 6.1, 6.12: those whose other number is in the other mask */
	IN_USE_ANY,		/* 7.2: those with any other number */
};

/* remove of an mdev that a guest holds (abi.md 6.6). */
enum remove_rule {
	REMOVE_REFUSES,		/* 4.20: EBUSY */
	REMOVE_BLOCKS,		/* 5.10, 6.1: until the guest closes it */
	REMOVE_ASKS,		/* 6.12, 7.2: vfio-dev goes at once, the guest is asked to close */
};

/* Resets that vfio_ap does for unassigned queues (abi.md 11.8). */
enum reset_rule {
	RESET_NOT_WAITED,	/* 4.20, 5.10: unassigning resets nothing */
	RESET_GIVES_UP,		/* 6.1: after some tries; anything but a normal end is bad */
	RESET_WAITS,		/* 6.12, 7.2: for ever; deconfigured and checkstopped end well */
};

struct kernel_rules {
	const char *name, *release;
	uint8_t oldest_type, newest_type;	/* of adapters; cex2a and cex2c drivers serve those below 10 */
	uint16_t misc_minor;			/* the minor z90crypt gets; dynamic, as recorded */
	enum mask_overflow overflow;
	enum in_use_rule in_use;
	enum remove_rule remove_in_use;
	enum reset_rule reset;
	int bind_bound_error;		/* bind of a device that has a driver */
	int create_exhausted_error;	/* create beyond the last instance */
	bool scan_saturates;		/* sscanf: numbers beyond 2^64 are 2^64 - 1, else they wrap */
	bool bool_attributes;		/* poll_thread by kstrtobool, poll_timeout by kstrtoul */
	bool bool_enable;		/* kstrtobool knows e and d */
	bool same_mask_is_noop;		/* a mask write that changes nothing rebinds nothing */
	bool change_events;		/* APMASK, AQMASK, CONFIG, ONLINE, INITSCAN, BINDINGS */
	bool bindings_per_probe;	/* BINDINGS=complete with each probe that completes, else after scans */
	bool unbound_as_default;	/* mask writes take an unbound queue for one of a default driver */
	bool assign_needs_binding;	/* an APQN must be bound to vfio_ap, else only not be the host's */
	bool assign_hot;		/* assignments may change while a guest runs; guest_matrix, status */
	bool adapter_config;		/* deconfigured adapters stay, with config; else they go */
	bool adapter_chkstop;		/* chkstop, max_msg_size, scans, bindings */
	bool online_by_chkstop;		/* a checkstopped device is not online; queue ap_functions, features, ap_config */
	bool bus_initiates;		/* a new queue's state machine is started by the bus, not a driver */
	bool live_interrupt;		/* interrupt asks the hardware, else shows what the driver last did */
	bool undriven_queues_run;	/* queues without a driver are reset and polled too; their request_count is a number */
	bool iommu_logs_device;		/* the log has "iommu: Adding device X to group N" */
	bool scan_revives;		/* a scan removes and re-creates queues whose driver was unbound */
	bool blank_offline;		/* serialnr and mkvps of an offline device are blank, not what was last read */
	bool forgets_ordinal;		/* API_ordinalnr goes with the last online queue */
	bool driver_override;
	bool uevent_store_errors;	/* a bad synthetic uevent is refused */
	bool queue_type_keys;		/* DEV_TYPE and MODALIAS in a queue's uevent */
	bool mode_key;			/* MODE in uevents */
	bool matrix_bus;		/* bus/matrix, and links from the matrix device; MDEV_STATE events */
	bool mdev_driver_attributes;	/* an mdev's files come and go with vfio_ap_mdev; else vfio_mdev only binds */
	bool depth_plus_one;		/* depth shows entries, else the hardware's field */
	bool depth_byte;		/* all 8 bits of the hardware's field, else 4 */
	bool limits_by_tapq;		/* ap_max_domain_id is learnt from queues */
	bool module_event_first;	/* add@/module/X comes before what the module does */
	bool root_events;		/* /sys/devices/ap can send events */
	bool removed_nlink_zero;	/* fstat of a removed object says 0 links */
};

const struct kernel_rules *kernel_rules(enum kernel_id kernel);

/* "4.20" ... "7.2" and back. Returns 0, or -EINVAL for another text. */
int kernel_from_name(const char *name, enum kernel_id *ret);
const char *kernel_name(enum kernel_id kernel);

#endif
