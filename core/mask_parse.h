/* SPDX-License-Identifier: MIT */
/* The kernel's texts for masks: absolute, relative, and the three masks of ap_config. */
#ifndef CORE_MASK_PARSE_H
#define CORE_MASK_PARSE_H

#include "core/mask.h"

/* How a number of 2^64 and more in a relative mask is read (abi.md 2, P-MASK). */
enum mask_overflow {
	MASK_OVERFLOW_INT,		/* 4.20: wraps, then is a C int; ints below 0 are -EINVAL here (there: an oops) */
	MASK_OVERFLOW_WRAPS,		/* 5.10 to 6.12: wraps modulo 2^64 */
	MASK_OVERFLOW_SATURATES,	/* 7.2: 2^64 - 1, so refused */
};

/*
 * Parse "0x<hex>" or "+1-5,-7" as apmask and aqmask do. old is what a relative text changes.
 * Returns 0, or -EINVAL (ret is untouched). Source: ap_bus.c ap_parse_mask_str.
 */
int mask_parse(const char *text, const struct ap_mask *old, enum mask_overflow overflow,
	       struct ap_mask *ret);

/* Parse only the absolute form. Returns 0 or -EINVAL. */
int mask_parse_absolute(const char *text, struct ap_mask *ret);

/*
 * Parse the text of ap_config into adapters, domains and control domains; at most 201 bytes count.
 * Returns 0, or -EINVAL (ret is untouched). Source: vfio_ap_ops.c ap_config_store.
 */
int mask_parse_config(const char *text, struct ap_mask ret[3]);

#endif
