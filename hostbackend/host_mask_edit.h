/* SPDX-License-Identifier: MIT */
/* Masks as the relative edit that makes one of another. */
#ifndef HOSTBACKEND_HOST_MASK_EDIT_H
#define HOSTBACKEND_HOST_MASK_EDIT_H

#include "core/mask.h"
#include "core/page.h"

/* "+5-7,-0x10" and newline, at most 1300 characters; "" where nothing differs. */
void host_mask_edit(const struct ap_mask *before, const struct ap_mask *after, struct page *out);

#endif
