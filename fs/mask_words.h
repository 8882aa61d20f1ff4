/* SPDX-License-Identifier: MIT */
/* What a mask, an edit of one, or a line for ap_config does, in sentences. */
#ifndef FS_MASK_WORDS_H
#define FS_MASK_WORDS_H

#include "core/mask.h"
#include "core/page.h"

/* Appends one sentence a line. noun: "adapter" for apmask, "domain" for aqmask. */

/* The whole mask is written. */
void mask_words_absolute(const struct ap_mask *mask, const char *noun, struct page *out);
/* Numbers are set and cleared in a mask; base: the one that is there, NULL: not known. */
void mask_words_edit(const struct ap_mask *set, const struct ap_mask *cleared, const struct ap_mask *base,
		     const char *noun, struct page *out);
/* Adapters, domains and control domains of a mediated device. */
void mask_words_config(const struct ap_mask mask[3], struct page *out);

#endif
