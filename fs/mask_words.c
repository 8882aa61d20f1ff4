/* SPDX-License-Identifier: MIT */
#include "fs/mask_words.h"

#include <stdbool.h>

#define QUEUES_NAMED 8

static void print_range(struct page *out, unsigned first, unsigned last)
{
	if (first == last)
		page_printf(out, last < 10 ? "%u" : "%u (0x%02x)", first, first);
	else
		page_printf(out, last < 10 ? "%u-%u" : "%u-%u (0x%02x-0x%02x)", first, last, first, last);
}

/* "adapter 5", "adapters 5, 6 and 16-31 (0x10-0x1f)" */
static void print_numbers(struct page *out, const char *noun, const struct ap_mask *m)
{
	const char *before = "";

	page_printf(out, "%s%s ", noun, ap_mask_count(m) == 1 ? "" : "s");
	for (int i = ap_mask_next(m, 0); i >= 0;) {
		int last = i, next;

		while (last + 1 < AP_IDS && ap_mask_has(m, (unsigned)last + 1))
			last++;
		next = last + 1 < AP_IDS ? ap_mask_next(m, (unsigned)last + 1) : -1;
		page_printf(out, "%s", next < 0 && *before ? " and " : before);
		print_range(out, (unsigned)i, (unsigned)last);
		before = ", ";
		i = next;
	}
}

static void print_rule(struct page *out)
{
	page_printf(out, "A queue is the host's if apmask has its adapter and aqmask has its domain; any other is vfio_ap's.\n");
}

void mask_words_absolute(const struct ap_mask *mask, const char *noun, struct page *out)
{
	struct ap_mask all, others;

	ap_mask_fill(&all, true);
	ap_mask_without(&all, mask, &others);
	if (ap_mask_empty(mask)) {
		page_printf(out, "Gives no %s to the host's drivers: all queues are vfio_ap's.\n", noun);
		return;
	}
	page_printf(out, "Gives ");
	if (ap_mask_full(mask))
		page_printf(out, "every %s", noun);
	else
		print_numbers(out, noun, mask);
	page_printf(out, " to the host's drivers");
	if (!ap_mask_full(mask)) {
		page_printf(out, ", and takes ");
		print_numbers(out, noun, &others);
		page_printf(out, " from them, for vfio_ap");
	}
	page_printf(out, ", whoever had them before.\n");
	print_rule(out);
}

/* One half of an edit, and which of it changes nothing. */
static void print_half(struct page *out, const struct ap_mask *ids, const struct ap_mask *already, bool gives,
		       const char *noun)
{
	struct ap_mask idle;

	if (ap_mask_empty(ids))
		return;
	page_printf(out, gives ? "Gives " : "Takes ");
	print_numbers(out, noun, ids);
	page_printf(out, gives ? " to the host's drivers" : " from the host's drivers, for vfio_ap");
	ap_mask_and(ids, already, &idle);
	if (ap_mask_equal(&idle, ids)) {
		page_printf(out, ", which changes nothing");
	} else if (!ap_mask_empty(&idle)) {
		page_printf(out, "; no change for ");
		print_numbers(out, noun, &idle);
	}
	page_printf(out, ".\n");
}

void mask_words_edit(const struct ap_mask *set, const struct ap_mask *cleared, const struct ap_mask *base,
		     const char *noun, struct page *out)
{
	struct ap_mask has = { 0 }, has_not = { 0 };

	if (base) {
		has = *base;
		ap_mask_fill(&has_not, true);
		ap_mask_without(&has_not, base, &has_not);
	}
	print_half(out, set, &has, true, noun);
	print_half(out, cleared, &has_not, false, noun);
	page_printf(out, "All other %ss stay as they are.\n", noun);
	print_rule(out);
}

static void print_queues(struct page *out, const struct ap_mask *adapters, const struct ap_mask *domains)
{
	unsigned count = ap_mask_count(adapters) * ap_mask_count(domains), named = 0;
	const char *before = "";

	page_printf(out, "Its guest gets %u queue%s, as far as they are vfio_ap's: ", count, count == 1 ? "" : "s");
	for (unsigned a = 0; a < AP_IDS && named < QUEUES_NAMED; a++) {
		for (unsigned d = 0; d < AP_IDS && named < QUEUES_NAMED; d++) {
			if (!ap_mask_has(adapters, a) || !ap_mask_has(domains, d))
				continue;
			page_printf(out, "%s%02x.%04x", before, a, d);
			before = ", ";
			named++;
		}
	}
	page_printf(out, count > named ? " and so on.\n" : ".\n");
}

void mask_words_config(const struct ap_mask mask[3], struct page *out)
{
	static const char *const nouns[] = { "adapter", "domain", "control domain" };
	const char *before = "Gives the mediated device ";

	for (int i = 0; i < 3; i++) {
		page_printf(out, "%s", before);
		if (ap_mask_empty(&mask[i]))
			page_printf(out, "no %s", nouns[i]);
		else
			print_numbers(out, nouns[i], &mask[i]);
		before = i ? " and " : ", ";
	}
	page_printf(out, ", in place of all that it had.\n");
	if (ap_mask_empty(&mask[0]) || ap_mask_empty(&mask[1]))
		page_printf(out, "Its guest gets no queue: that takes an adapter and a domain.\n");
	else
		print_queues(out, &mask[0], &mask[1]);
	if (!ap_mask_empty(&mask[2]))
		page_printf(out, "Control domains may be changed by the guest, not used.\n");
}
