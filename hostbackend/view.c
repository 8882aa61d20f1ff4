/* SPDX-License-Identifier: MIT */
#include "hostbackend/view.h"

#include <string.h>

#include "core/tree.h"

/* Is there any vfio group for him? */
static bool sees_a_group(const struct rights *r, const struct engine *e)
{
	for (uint32_t slot = 0; slot < e->state->mdev_high; slot++)
		if (e->state->mdev[slot].has_group && rights_see_mdev(r, e, slot))
			return true;
	return false;
}

static bool has_control(const struct rights *r, struct node n)
{
	uint32_t needed = ACTION(MACHINE);

	if ((n.kind == DIR_CONTROL && !n.row) || n.kind == DIR_CONTROL_GUESTS)
		needed |= ACTION(GUEST);
	return rights_act(r, needed);
}

static bool has_directory(const struct rights *r, const struct engine *e, struct node n)
{
	switch (n.kind) {
	case DIR_CARD:
		return ap_mask_has(&r->adapters, n.index);
	case DIR_QUEUE:
		return rights_see_queue(r, n.index);
	case DIR_MDEV:
	case DIR_VFIO_DEVS:
	case DIR_VFIO_DEV:
		return rights_see_mdev(r, e, n.index);
	case DIR_IOMMU_GROUP:
	case DIR_GROUP_MEMBERS:
	case DIR_GROUP_DEVICE:
		return rights_see_mdev(r, e, e->state->group_slot[n.index]);
	case DIR_VFIO:
		return sees_a_group(r, e);
	case DIR_POWER:
		return has_directory(r, e, (struct node){ .kind = n.sub, .index = n.index });
	case DIR_CONTROL:
	case DIR_CONTROL_GUESTS:
	case DIR_CONTROL_GUEST:
		return has_control(r, n) && (n.kind != DIR_CONTROL_GUEST || rights_see_mdev(r, e, n.index));
	default:
		return true;
	}
}

/* How often all queues had a driver: that of the hidden ones too, so what he does not see moves it. */
static bool tells_of_all_queues(const struct row *row)
{
	return row && row->name && strcmp(row->name, "bindings_complete_count") == 0;
}

bool view_has(const struct rights *r, const struct engine *e, struct node n)
{
	const struct row *row = tree_row(n);

	if (n.kind < DIR_CONTROL && r->sees_all)
		return true;
	if (n.kind == DIR_BUS_AP && !r->sees_all_queues && tells_of_all_queues(row))
		return false;
	/* a link is there where what it means is */
	if (row && row->type == ROW_LINK && !has_directory(r, e, row->target(e, n, row)))
		return false;
	/* the index of a family's links is their child's, but for a group's, which is its directory's too */
	return (row && row->family && n.kind != DIR_GROUP_MEMBERS) || has_directory(r, e, n);
}

struct counting {
	const struct rights *r;
	const struct engine *e;
	unsigned hidden;
};

static void count_hidden(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct counting *c = ctx;

	if (type == NODE_IS_DIRECTORY && !view_has(c->r, c->e, node_decode(node)))
		c->hidden++;
}

unsigned view_hidden(const struct rights *r, const struct engine *e, struct node dir)
{
	struct counting c = { r, e, 0 };

	switch (dir.kind) {
	case DIR_AP:
	case DIR_CARD:
	case DIR_MATRIX:
	case DIR_VIRTUAL:
	case DIR_VFIO:
	case DIR_IOMMU_GROUPS:
	case DIR_CONTROL_GUESTS:
		(void)tree_list(e, dir, count_hidden, &c);
		break;
	default:
		break;
	}
	return c.hidden;
}
