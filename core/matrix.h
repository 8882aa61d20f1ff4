/* SPDX-License-Identifier: MIT */
/* Adapters x domains and control domains of one mdev. */
#ifndef CORE_MATRIX_H
#define CORE_MATRIX_H

#include "core/mask.h"
#include "core/page.h"

struct matrix {
	struct ap_mask adapters, domains, controls;
};

/* Share at least one APQN? */
bool matrix_overlaps(const struct matrix *a, const struct matrix *b);
bool matrix_has(const struct matrix *m, unsigned adapter, unsigned domain);

/*
 * The text of matrix and guest_matrix: a line an APQN; only adapters: "05."; only domains: ".0004".
 * It is cut where the page ends (7.2; older kernels overrun their page there).
 */
void matrix_print(const struct matrix *m, struct page *out);
/* control_domains: one "%04x" line each. */
void matrix_print_controls(const struct matrix *m, struct page *out);
/* ap_config: three masks, commas, newline. */
void matrix_print_config(const struct matrix *m, struct page *out);

#endif
