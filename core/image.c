/* SPDX-License-Identifier: MIT */
/* What the bytes of a saved state mean, as one number. */
#include <stddef.h>

#include "core/attr.h"
#include "core/recorder.h"

/* Raise it when a field keeps its place and size, and means something else. */
#define MEANING 1

#define FIELD(type, field) offsetof(struct type, field), sizeof(((struct type *)0)->field)

static const size_t layout[] = {
	sizeof(struct state), MEANING, KERNELS, DRIVERS, MODULES,
	FIELD(state, boot), FIELD(state, machine), FIELD(state, hardware), FIELD(state, now),
	FIELD(state, next_scan),
	FIELD(state, has_load), FIELD(state, load_until), FIELD(state, virtual_clock), FIELD(state, scans), FIELD(state, qci),
	FIELD(state, max_adapter), FIELD(state, host_adapters), FIELD(state, host_controls),
	FIELD(state, tapq_domain_limit), FIELD(state, default_domain), FIELD(state, apmask), FIELD(state, aqmask),
	FIELD(state, masks_in_use), FIELD(state, overrides), FIELD(state, autoprobe), FIELD(state, config_time),
	FIELD(state, poll_timeout), FIELD(state, queues_bound), FIELD(state, bindings_complete), FIELD(state, card),
	FIELD(state, queue), FIELD(state, order), FIELD(state, bound), FIELD(state, order_link),
	FIELD(state, bound_link), FIELD(state, override), FIELD(state, override_users), FIELD(state, mdev_count),
	FIELD(state, mdev_sequence), FIELD(state, refilter_head), FIELD(state, adding), FIELD(state, mdev),
	FIELD(state, uuid_slot), FIELD(state, free_hint), FIELD(state, mdev_high), FIELD(state, group_count),
	FIELD(state, group_slot), FIELD(state, groups_used), FIELD(state, owner), FIELD(state, lock_ticket),
	FIELD(state, reset_wait), FIELD(state, module), FIELD(state, matrix_bound), FIELD(state, guests),
	FIELD(state, node_count), FIELD(state, node), FIELD(state, setting),
	FIELD(state, topology),
	FIELD(machine, usage_domains), FIELD(machine, qci), FIELD(machine, sclp_reconfig), FIELD(machine, reset_delay),
	FIELD(machine, associate_delay),
	FIELD(machine, adapter), FIELD(machine, queue_rc),
	FIELD(machine_adapter, state), FIELD(machine_adapter, depth), FIELD(machine_adapter, functions),
	FIELD(machine_adapter, serial), sizeof(struct machine_adapter), sizeof(struct machine_load),
	FIELD(card, life), FIELD(card, functions), FIELD(card, driver), FIELD(card, config), FIELD(card, ordinal_read),
	FIELD(queue, driver), FIELD(queue, override), FIELD(queue, config), FIELD(queue, patterns_read),
	FIELD(mdev, life), FIELD(mdev, assigned), FIELD(mdev, guest), FIELD(mdev, phase), FIELD(mdev, group),
	FIELD(mdev, leaving_ticket), FIELD(mdev, sequence),
};

/* FNV-1a */
static void mix(uint64_t *hash, uint64_t value)
{
	for (int i = 0; i < 8; i++, value >>= 8)
		*hash = (*hash ^ (value & 0xff)) * UINT64_C(0x100000001b3);
}

/* Operations name their node by the number of its row. */
static void mix_rows(uint64_t *hash)
{
	for (unsigned kind = 0; kind < DIR_KINDS; kind++) {
		const struct dir *dir = dir_get(kind);

		mix(hash, dir->count);
		for (unsigned i = 0; i < dir->count; i++)
			for (const char *c = dir->rows[i].name; c && *c; c++)
				mix(hash, (unsigned char)*c);
	}
}

struct image image_format(void)
{
	struct image image = { .size = sizeof(struct state), .layout = UINT64_C(0xcbf29ce484222325) };

	for (size_t i = 0; i < sizeof(layout) / sizeof(*layout); i++)
		mix(&image.layout, layout[i]);
	mix_rows(&image.layout);
	return image;
}
