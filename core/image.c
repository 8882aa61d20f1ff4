/* SPDX-License-Identifier: MIT */
/* What the bytes of a saved state mean, as one number; and the bytes, for another program. */
#include "core/image.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

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

#define PIECE 4096

/* Followed by pieces of the state that are not zero, each behind its place. */
struct image_head {
	uint64_t layout, size;
};

struct image_text {
	const char *at;
	size_t left;
};

void image_print(const struct engine *e, struct page *out)
{
	static const char zero[PIECE];
	const struct image format = image_format();
	const struct image_head head = { format.layout, format.size };
	const char *bytes = (const char *)e->state;

	page_append(out, (const char *)&head, sizeof(head));
	for (uint64_t place = 0; place < format.size; place += PIECE) {
		size_t length = format.size - place < PIECE ? (size_t)(format.size - place) : PIECE;

		if (memcmp(bytes + place, zero, length) == 0)
			continue;
		page_append(out, (const char *)&place, sizeof(place));
		page_append(out, bytes + place, length);
	}
}

/* An image_source. */
static int take_pieces(void *ctx, void *bytes, size_t size)
{
	struct image_text *t = ctx;

	while (t->left) {
		uint64_t place;
		size_t length;

		if (t->left < sizeof(place))
			return -EINVAL;
		memcpy(&place, t->at, sizeof(place));
		if (place >= size || place % PIECE)
			return -EINVAL;
		length = size - place < PIECE ? size - (size_t)place : PIECE;
		if (t->left - sizeof(place) < length)
			return -EINVAL;
		memcpy((char *)bytes + place, t->at + sizeof(place), length);
		t->at += sizeof(place) + length;
		t->left -= sizeof(place) + length;
	}
	return 0;
}

int image_boot(const char *bytes, size_t length, struct engine *ret)
{
	const struct image format = image_format();
	struct image_text text = { bytes + sizeof(struct image_head), length - sizeof(struct image_head) };
	struct image_head head;

	if (length < sizeof(head))
		return -EINVAL;
	memcpy(&head, bytes, sizeof(head));
	if (head.layout != format.layout || head.size != format.size)
		return -EINVAL;
	return engine_restore(ret, take_pieces, &text);
}
