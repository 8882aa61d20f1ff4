/* SPDX-License-Identifier: MIT */
#include "core/matrix.h"

bool matrix_overlaps(const struct matrix *a, const struct matrix *b)
{
	return ap_mask_meets(&a->adapters, &b->adapters) && ap_mask_meets(&a->domains, &b->domains);
}

bool matrix_has(const struct matrix *m, unsigned adapter, unsigned domain)
{
	return ap_mask_has(&m->adapters, adapter) && ap_mask_has(&m->domains, domain);
}


void matrix_print(const struct matrix *m, struct page *out)
{
	if (ap_mask_empty(&m->domains)) {
		for (int a = ap_mask_next(&m->adapters, 0); a >= 0;
		     a = ap_mask_next(&m->adapters, (unsigned)a + 1))
			page_printf(out, "%02x.\n", (unsigned)a);
		return;
	}
	if (ap_mask_empty(&m->adapters)) {
		for (int d = ap_mask_next(&m->domains, 0); d >= 0;
		     d = ap_mask_next(&m->domains, (unsigned)d + 1))
			page_printf(out, ".%04x\n", (unsigned)d);
		return;
	}
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1))
		for (int d = ap_mask_next(&m->domains, 0); d >= 0 && out->length + 1 < out->size;
		     d = ap_mask_next(&m->domains, (unsigned)d + 1))
			page_printf(out, "%02x.%04x\n", (unsigned)a, (unsigned)d);
}

void matrix_print_controls(const struct matrix *m, struct page *out)
{
	for (int d = ap_mask_next(&m->controls, 0); d >= 0; d = ap_mask_next(&m->controls, (unsigned)d + 1))
		page_printf(out, "%04x\n", (unsigned)d);
}

void matrix_print_config(const struct matrix *m, struct page *out)
{
	char adapters[AP_MASK_TEXT], domains[AP_MASK_TEXT], controls[AP_MASK_TEXT];

	ap_mask_format(&m->adapters, adapters);
	ap_mask_format(&m->domains, domains);
	ap_mask_format(&m->controls, controls);
	page_printf(out, "%s,%s,%s\n", adapters, domains, controls);
}
