/* SPDX-License-Identifier: MIT */
/* Who owns which queue, read from the files of a sysfs: a mount of ours, a host's, or a copy of either. */
#ifndef FS_PICTURE_H
#define FS_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/mask.h"

enum queue_owner { OWNER_ABSENT, OWNER_NOBODY, OWNER_HOST, OWNER_POOL, OWNER_MDEV };
enum queue_condition { CONDITION_GOOD, CONDITION_OFFLINE, CONDITION_DECONFIGURED, CONDITION_CHECKSTOPPED };

struct picture_queue {
	uint8_t owner, condition;
	uint32_t mdev;		/* OWNER_MDEV: index */
};

struct picture_mdev {
	char uuid[40];
	bool running;
	struct ap_mask adapters, domains;
};

struct picture {
	struct ap_mask adapters, domains;	/* that have a card, a queue */
	char type[AP_IDS][8];
	uint8_t condition[AP_IDS];		/* of the card */
	struct picture_queue queue[AP_IDS * AP_IDS];	/* [adapter << 8 | domain] */
	struct picture_mdev *mdev;
	size_t mdevs;
};

/* sys: the directory that has bus/ap. Returns 0, -ENOENT (no AP bus there) or -ENOMEM. */
int picture_read(struct picture *p, const char *sys);
void picture_free(struct picture *p);

/* For people, in so many columns of the screen; and for programs. */
void picture_draw(const struct picture *p, FILE *out, int columns, bool colour);
void picture_print_json(const struct picture *p, FILE *out, bool one_line);

#endif
