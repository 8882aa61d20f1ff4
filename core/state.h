/* SPDX-License-Identifier: MIT */
/*
 * All that the virtual kernel remembers: one flat struct without pointers, so that a copy is a
 * snapshot and an untouched part costs no memory. Only core's engine files look inside.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "core/driver.h"
#include "core/scenario_event.h"
#include "core/machine.h"
#include "core/matrix.h"
#include "core/ring.h"

#define QUEUES (AP_IDS * AP_IDS)
#define MDEVS 65536		/* instances of the mdev type */
#define UUID_SLOTS 131072	/* of the hash table: a power of two, twice MDEVS */
#define OVERRIDES 64		/* different texts in driver_override at a time */
#define ZCRYPT_NODES 256
#define MODULE_SETTINGS 16
/* dynamic in the kernel; as recorded */
#define VFIO_MAJOR 253
#define ZCRYPT_MAJOR 254
#define ZCRYPT_NODE_NAME 32

/* A device of the AP bus by number: queues 0..65535 are adapter << 8 | domain, then the cards. */
#define CARD_DEVICE(adapter) ((uint32_t)QUEUES + (adapter))
#define DEVICES (QUEUES + AP_IDS)

/* When objects came to be, and which of their lives it is: what makes a node's number its own. */
struct life {
	int64_t time;		/* ns since the epoch of the object's creation */
	uint32_t lives;		/* grows at each creation and binding, and never goes back */
	uint32_t born;		/* the value of lives when it was created; 0: does not exist */
	uint32_t bound;		/* the value of lives when its driver was bound; 0: has none */
};

struct card {
	struct life life;
	uint64_t request_count;
	uint32_t functions;	/* as the hardware reported when the card was created */
	uint8_t driver;		/* enum driver_id */
	uint8_t hwtype, raw_hwtype;
	uint8_t depth, message_limit;
	bool config, chkstop;
	bool online;		/* what was written; what is shown also depends on config and chkstop */
	bool serial_read;	/* a read got the serial number while a queue was online (kept by 4.20 to 6.12) */
	bool ordinal_read;
};

struct queue {
	struct life life;
	uint64_t request_count;
	uint8_t driver;
	uint8_t hwtype;		/* the card's, or in 4.20 what the hardware said when the queue was created */
	uint8_t override;	/* slot of its driver_override text, 0: none */
	bool config, chkstop;
	bool online;
	bool initiated;		/* a driver (6.12: or the bus) started its state machine */
	bool resetting;		/* its state machine waits for a reset to end */
	bool interrupts;	/* what the driver last learnt */
	bool reset_bad;		/* vfio_ap's last reset of it failed: not passed to guests */
	bool shut_down;		/* 4.20: a driver was removed from it, none bound since */
	bool reset_waited;	/* vfio_ap waits for the end of its reset */
	bool patterns_read;	/* a read got the master key patterns while it was online */
};

/* What the hardware of a queue remembers, whatever the kernel knows. */
struct queue_hardware {
	uint32_t reset_polls;	/* answers of "reset in progress" still to come */
	bool interrupts;
	uint8_t bind_state;	/* secure execution: 0 as the card's bs, else 1 + the state it was put in */
	uint32_t association;	/* 1 + secret index, 0: none; pending while the bind state is without a key */
	uint32_t association_polls;	/* looks at a pending one that still find it so */
};

/* Resets that vfio_ap waits for, its locks held. */
struct reset_wait {
	uint32_t queues;	/* how many are not over */
	uint32_t polls;		/* looks at them so far */
	int64_t due;		/* of the next look */
	int64_t log_begin;	/* of the log's present interval, 0: none */
	uint32_t log_written, log_missed;
};

enum mdev_phase { MDEV_FREE, MDEV_UNBOUND, MDEV_BOUND, MDEV_LEAVING };

struct mdev {
	uint8_t uuid[16];
	struct life life;
	struct matrix assigned;
	struct matrix guest;	/* what a guest gets; control domains too */
	uint16_t adapter_max, domain_max;	/* latched at creation */
	uint8_t phase;		/* enum mdev_phase */
	bool opened;		/* by a guest, or without KVM */
	bool kvm;		/* the opener has a KVM */
	bool refilter;		/* a queue of it was bound in the middle of a longer operation */
	uint32_t group;		/* number of its iommu group, and of /sys/class/vfio; valid while has_group */
	uint32_t device;	/* number of its vfio-dev; valid while has_device */
	bool has_group, has_device;
	uint32_t leaving_ticket;	/* the call that removes it */
	uint32_t refilter_next;		/* slot + 1 of the next one to filter */
	uint64_t sequence;		/* order of creation */
};

struct module_state {
	bool loaded;
	int64_t time;
	uint32_t loads;		/* counts up: the life of the directories it makes */
};

struct zcrypt_node {
	char name[ZCRYPT_NODE_NAME];	/* "": free */
	struct life life;
	struct ap_mask ioctls, adapters, domains, admin;
};

struct boot {
	char apmask[1025], aqmask[1025];	/* as typed */
	char cmdline[4096];
	bool has_apmask, has_aqmask;
	int poll_thread, useirq;
};

struct state {
	enum kernel_id kernel;
	struct boot boot;
	struct machine machine;
	struct queue_hardware hardware[QUEUES];

	/* the bus */
	int64_t now;		/* ns since the epoch, set before each call into the engine */
	int64_t booted;
	int64_t next_tick;	/* when queues in a reset are polled again */
	int64_t next_scan;	/* when the periodic scan is due */
	bool has_load;		/* the machine has load: counters move with the clock */
	int64_t load_until;	/* until when they are counted */
	bool virtual_clock;	/* time passes only when it is told to */
	bool scanned;		/* the first scan is done */
	uint64_t scans;
	bool config_known;	/* QCI was read at least once */
	bool qci;		/* the host's configuration as of the last scan */
	bool apsc, apxa, qact, rc8a, apsb;
	uint16_t max_adapter, max_domain;
	struct ap_mask host_adapters, host_domains, host_controls;
	int tapq_domain_limit;	/* 4.20: highest domain learnt from a queue, 0: none yet */
	int default_domain;	/* -1: none */
	struct ap_mask apmask, aqmask;
	bool masks_in_use;	/* 7.2: set by the last changing mask write */
	uint32_t overrides;	/* 7.2: queues that were given an override, also those gone since */
	bool autoprobe, mdev_autoprobe, matrix_autoprobe;
	int config_time;
	bool poll_thread;
	uint64_t poll_timeout;
	uint32_t queues_total, queues_bound;
	uint64_t bindings_complete;	/* events so far */
	bool bindings_done;	/* all were bound when last looked at, and (6.12) no queue was probed since */

	struct card card[AP_IDS];
	struct queue queue[QUEUES];
	struct ring order;		/* all devices as they were registered */
	struct ring bound[DRIVERS];	/* of each driver, as they were bound */
	struct ring_link order_link[DEVICES + 1];
	struct ring_link bound_link[DEVICES + DRIVERS];
	char override[OVERRIDES][4096];
	uint32_t override_users[OVERRIDES];

	/* mdevs */
	uint32_t mdev_count;
	uint64_t mdev_sequence;
	uint32_t refilter_head;		/* slot + 1 */
	struct matrix adding;		/* what the scan under way found new in the host's configuration */
	struct mdev mdev[MDEVS];
	uint32_t uuid_slot[UUID_SLOTS];	/* slot + 1; 0: free */
	uint32_t free_hint, group_hint, device_hint;
	uint32_t mdev_high;		/* slots from here on were never used */
	uint32_t group_count;
	uint16_t group_slot[MDEVS], device_slot[MDEVS];	/* the mdev a group, a vfio-dev belongs to */
	uint64_t groups_used[MDEVS / 64], devices_used[MDEVS / 64], slots_used[MDEVS / 64];
	uint32_t owner[QUEUES];		/* slot + 1 of the mdev that an APQN is assigned to */
	uint32_t lock_ticket;		/* the call that holds vfio_ap's locks while it waits for resets */
	struct reset_wait reset_wait;

	struct module_state module[MODULES];
	bool matrix_bound;		/* the matrix device has its driver */
	bool class_mdev_bus;		/* /sys/class/mdev_bus is there */
	unsigned guests, guests_started;
	uint32_t node_count;
	struct zcrypt_node node[ZCRYPT_NODES];
	uint32_t setting[MODULE_SETTINGS];	/* parameters of modules, where setting_set says they were given */
	bool setting_set[MODULE_SETTINGS];
	struct scenario scenario;
	uint64_t topology;		/* grows when an entry appears or vanishes */
};

#endif
