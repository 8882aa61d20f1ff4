/* SPDX-License-Identifier: MIT */
/* One row for each file, link and directory of the tree; adding a file is adding a row. */
#ifndef CORE_ATTR_H
#define CORE_ATTR_H

#include "core/engine.h"
#include "core/node.h"

enum dir_kind {
	DIR_ROOT, DIR_BUS, DIR_BUS_AP, DIR_AP_DEVICES, DIR_AP_DRIVERS, DIR_AP_DRIVER,
	DIR_BUS_MDEV, DIR_MDEV_DEVICES, DIR_MDEV_DRIVERS, DIR_MDEV_DRIVER,
	DIR_BUS_MATRIX, DIR_MATRIX_DEVICES, DIR_MATRIX_DRIVERS, DIR_MATRIX_DRIVER,
	DIR_CLASS, DIR_CLASS_MDEV_BUS, DIR_CLASS_ZCRYPT, DIR_CLASS_VFIO, DIR_CLASS_VFIO_DEV, DIR_CLASS_MISC,
	DIR_DEVICES, DIR_AP, DIR_CARD, DIR_QUEUE,
	DIR_VFIO_AP, DIR_MATRIX, DIR_TYPES, DIR_TYPE, DIR_TYPE_DEVICES, DIR_MDEV, DIR_VFIO_DEVS, DIR_VFIO_DEV,
	DIR_VIRTUAL, DIR_MISC, DIR_MISC_DEVICE, DIR_ZCRYPT, DIR_ZCRYPT_NODE, DIR_VFIO, DIR_GROUP_DEVICE,
	DIR_KERNEL, DIR_IOMMU_GROUPS, DIR_IOMMU_GROUP, DIR_GROUP_MEMBERS,
	DIR_MODULES, DIR_MODULE, DIR_MODULE_PARAMETERS, DIR_MODULE_HOLDERS, DIR_MODULE_DRIVERS,
	DIR_MODULE_SECTIONS, DIR_MODULE_NOTES,
	DIR_POWER,
	DIR_CONTROL, DIR_CONTROL_GUESTS, DIR_CONTROL_GUEST,
	DIR_KINDS
};

enum row_type { ROW_FILE, ROW_LINK, ROW_DIR };

/* What a write changes, in words that policy understands. */
enum attr_effect {
	EFFECT_NONE, EFFECT_POOL, EFFECT_BINDING, EFFECT_MDEV, EFFECT_ASSIGNMENT, EFFECT_ONLINE, EFFECT_CONFIG,
	EFFECT_RESET, EFFECT_COUNTERS, EFFECT_OVERRIDE, EFFECT_SECURE, EFFECT_SCAN, EFFECT_BUS_SETTING,
	EFFECT_UEVENT, EFFECT_ZCRYPT_NODE, EFFECT_CONTROL, EFFECT_CLOCK,
};

/* Which life a node belongs to: when it ends, the node is gone, and what comes back is another. */
enum row_life { LIFE_OF_DIR, LIFE_OF_DRIVER };

struct row;
/* n: the row's node. 0, -errno, or ENGINE_WAITS. */
typedef int row_show_fn(struct engine *e, struct node n, const struct row *row, struct page *out);
typedef int row_store_fn(struct engine *e, struct node n, const struct row *row, const char *text, size_t length);
/* Is the row there, in directory dir? */
typedef bool row_when_fn(const struct engine *e, struct node dir, const struct row *row);
/* The directory a link means. n: the row's node. */
typedef struct node row_target_fn(const struct engine *e, struct node n, const struct row *row);
/* Enumerated rows: calls emit for each child number that is there; and finds the child of a name, or -ENOENT. */
typedef void row_emit_fn(void *ctx, uint32_t child);
typedef void row_walk_fn(const struct engine *e, struct node dir, row_emit_fn *emit, void *ctx);
typedef int row_find_fn(const struct engine *e, struct node dir, const char *name);
typedef uint32_t row_count_fn(const struct engine *e, struct node dir);
typedef void row_name_fn(const struct engine *e, struct node dir, uint32_t child, struct page *out);

/* A family of children with the same rules: cards, queues, mdevs, drivers ... */
struct row_family {
	row_walk_fn *walk;
	row_find_fn *find;
	row_name_fn *name;
	bool child_is_sub;	/* directories: the child's number is its node's sub, else its index */
	row_count_fn *count;	/* how many there are, where that is known; NULL: as many as are walked */
};

struct row {
	const char *name;			/* or the family's */
	const struct row_family *family;
	enum row_type type;
	enum dir_kind child;			/* directories: their kind */
	mode_t mode;
	row_show_fn *show;
	row_store_fn *store;
	int arg;				/* lets twin rows share callbacks */
	row_when_fn *when;			/* NULL: always */
	row_target_fn *target;
	enum row_life life;
	enum attr_effect effect;
	enum kernel_id first, last;		/* kernels that have it */
	bool constant;				/* the text cannot change while the node lives */
	bool show_mutates;			/* showing it sends a request to the card, or the like */
	bool timed;				/* the text moves with the clock where the machine has load */
	bool locked;				/* a reader waits while vfio_ap's locks are held (11.8) */
	bool hidden;				/* found by name, never listed */
	bool notifies;				/* a poll of it waits for the next change of anything */
};

struct dir {
	const struct row *rows;
	unsigned count;
	enum dir_kind parent;
	const char *name;			/* NULL: a child of a family row of the parent */
};

const struct dir *dir_get(enum dir_kind kind);

/* The life number of a directory: 0 while it does not exist. And of the driver bound to its device. */
uint32_t dir_life(const struct engine *e, struct node dir);
uint32_t dir_driver_life(const struct engine *e, struct node dir);
/* The module that makes it exist while it is loaded; MODULES: none, or there cannot be such a directory. */
enum module_id dir_maker(const struct engine *e, struct node dir);
/* When it came to be, ns since the epoch. */
int64_t dir_time(const struct engine *e, struct node dir);
/* The directory above. */
struct node dir_parent(const struct engine *e, struct node dir);
/* A directory's node, with its present life. */
struct node dir_node(const struct engine *e, enum dir_kind kind, unsigned sub, unsigned index);

#define ALL_KERNELS .first = KERNEL_4_20, .last = KERNEL_NEWEST
#define SINCE(kernel) .first = (kernel), .last = KERNEL_NEWEST
#define UNTIL(kernel) .first = KERNEL_4_20, .last = (kernel)
#define ROWS(table) .rows = (table), .count = sizeof(table) / sizeof(*(table))

/* The families, in family.c. */
extern const struct row_family family_drivers, family_bus_queues, family_driver_cards,
	family_driver_queues, family_cards,
	family_queues, family_mdevs, family_listed_mdevs, family_bound_mdevs, family_groups, family_group_member,
	family_vfio_devs, family_own_vfio_dev, family_zcrypt_nodes, family_modules, family_holders,
	family_module_drivers;

/* Callbacks that rows of several subjects share, in attr.c. */
int show_uevent(struct engine *e, struct node n, const struct row *row, struct page *out);
int store_uevent(struct engine *e, struct node n, const struct row *row, const char *text, size_t length);
int show_empty(struct engine *e, struct node n, const struct row *row, struct page *out);
struct node target_kind(const struct engine *e, struct node n, const struct row *row);	/* arg: enum dir_kind */

#endif
