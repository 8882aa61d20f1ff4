/* SPDX-License-Identifier: MIT */
/* guest_matrix: which of an mdev's assignments a guest can have now (abi.md 6.7). */
#ifndef CORE_FILTER_H
#define CORE_FILTER_H

#include "core/engine.h"

/* What a scan found changed in the host's configuration. */
struct filter_change {
	struct matrix before, added;	/* controls: of the host's control domains */
	bool changed;
};

/* Around reading the configuration: take the old one; take away from guests what is gone; after the devices
 * were made, filter the mdevs that have something assigned that came. */
void filter_config_begin(const struct engine *e, struct filter_change *change);
void filter_config_changed(struct engine *e, struct filter_change *change);
void filter_config_complete(struct engine *e, const struct filter_change *change);

#endif
