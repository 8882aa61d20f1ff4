/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_mask_edit.h"

/* Runs of bits that change the same way. */
static void print_runs(const struct ap_mask *ids, char sign, struct page *out)
{
	for (int first = ap_mask_next(ids, 0); first >= 0;) {
		int last = first;

		while (last + 1 < AP_IDS && ap_mask_has(ids, (unsigned)last + 1))
			last++;
		page_printf(out, last > first ? "%s%c%d-%d" : "%s%c%d", out->length ? "," : "", sign, first, last);
		first = last + 1 < AP_IDS ? ap_mask_next(ids, (unsigned)last + 1) : -1;
	}
}

void host_mask_edit(const struct ap_mask *before, const struct ap_mask *after, struct page *out)
{
	struct ap_mask added, removed;

	ap_mask_without(after, before, &added);
	ap_mask_without(before, after, &removed);
	print_runs(&added, '+', out);
	print_runs(&removed, '-', out);
	if (out->length)
		page_printf(out, "\n");
}
