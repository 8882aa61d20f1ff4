/* SPDX-License-Identifier: MIT */
/* Who owns which queue, all of it at one moment: what "apsysfs show" draws. */
#ifndef CORE_OVERVIEW_H
#define CORE_OVERVIEW_H

#include "core/engine.h"

/*
 * A fact a line, as the files of the tree would tell them:
 *   card 05 CEX5C CONDITION
 *   queue 05.0004 none|host|vfio_ap CONDITION
 *   mdev UUID running|stopped ADAPTERS DOMAINS        both decimal with commas, or "-"
 * CONDITION: good, offline, deconfigured or checkstopped, in this kernel's eyes.
 */
void overview_print(const struct engine *e, struct page *out);

#endif
