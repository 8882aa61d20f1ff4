/* SPDX-License-Identifier: MIT */
/* Changes of what somebody does not see, and of nothing else. */
#include <stdio.h>
#include <string.h>

#include "tests/model/policy/policy.h"

/* Does an mdev that he sees have the adapter, or the domain? Then what happens to them happens to it. */
static bool concerns_seen_mdev(const struct view *v, int adapter, int domain)
{
	for (unsigned i = 0; i < UUIDS; i++) {
		struct ids has[3];

		matrix_in(v->all, i, has);
		if (sees_mdev(&v->p, i) && ((adapter >= 0 && has[0].has[adapter]) || (domain >= 0 && has[1].has[domain])))
			return true;
	}
	return false;
}

/* Has the mdev a queue that he sees? Then its guest is that queue's as well. */
static bool has_seen_queue(const struct view *v, unsigned uuid)
{
	struct ids has[3];

	matrix_in(v->all, uuid, has);
	for (unsigned a = 0; a < AP_IDS; a++)
		for (unsigned d = 0; d < AP_IDS; d++)
			if (has[0].has[a] && has[1].has[d] && sees_queue(&v->p, a, d))
				return true;
	return false;
}

/* A write of a mask also moves queues that are not where the masks want them: those he sees must be. */
static bool all_in_place(const struct view *v)
{
	for (size_t i = 0; i < v->all->count; i++) {
		const char *path = text_path(v->all, i), *driver;
		unsigned adapter, domain;
		int end = 0;

		if (sscanf(path, "devices/ap/card%2x/%*2x.%4x%n", &adapter, &domain, &end) != 2 || path[end] ||
		    !sees_queue(&v->p, adapter, domain))
			continue;
		driver = text_of(v->all, "%s/driver", path);
		if (!driver || ends(driver, "/vfio_ap") == in_pool(v->all, adapter, domain))
			return false;
	}
	return true;
}

static bool move_masks(struct world *w, const struct view *v)
{
	bool adapters = pick(w, 2);
	unsigned id = adapters ? random_adapter(w) : random_domain(w);
	char text[16];

	if ((adapters ? sees_adapter(&v->p, id) : sees_domain(&v->p, id)) || !all_in_place(v))
		return false;
	if (concerns_seen_mdev(v, adapters ? (int)id : -1, adapters ? -1 : (int)id))
		return false;
	snprintf(text, sizeof(text), "%c%u", pick(w, 2) ? '+' : '-', id);
	root_writes(w, adapters ? "bus/ap/apmask" : "bus/ap/aqmask", text);
	return true;
}

static bool move_queue(struct world *w, const struct view *v)
{
	static const char *const files[] = { "online", "request_count", "driver_override", "reset", "bind", "unbind", "bind" };
	unsigned adapter = random_adapter(w), domain = random_domain(w), file = pick(w, LENGTH(files));
	char path[160], name[16];

	if (sees_queue(&v->p, adapter, domain) || concerns_seen_mdev(v, (int)adapter, (int)domain))
		return false;
	snprintf(name, sizeof(name), "%02x.%04x", adapter, domain);
	snprintf(path, sizeof(path), "devices/ap/card%02x/%s/%s", adapter, name, files[file]);
	if (file >= 4)
		snprintf(path, sizeof(path), "bus/ap/drivers/%s/%s", pick(w, 2) ? "cex4queue" : "vfio_ap", files[file]);
	root_writes(w, path, file >= 4 ? name : file == 2 ? (pick(w, 2) ? "vfio_ap" : "\n") : pick(w, 2) ? "0" : "1");
	return true;
}

/* A request goes out to it, and perhaps has not come back yet. */
static bool move_requests(struct world *w, const struct view *v)
{
	unsigned adapter = random_adapter(w), domain = random_domain(w);
	struct state *s = w->engine.state;

	if (sees_queue(&v->p, adapter, domain) || !text_of(v->all, "devices/ap/card%02x/%02x.%04x/online", adapter, adapter, domain))
		return false;
	s->queue[adapter << 8 | domain].request_count++;
	s->card[adapter].request_count++;
	return true;
}

static bool move_card(struct world *w, const struct view *v)
{
	unsigned adapter = random_adapter(w);
	char path[160];

	if (sees_adapter(&v->p, adapter) || concerns_seen_mdev(v, (int)adapter, -1))
		return false;
	snprintf(path, sizeof(path), "devices/ap/card%02x/online", adapter);
	root_writes(w, path, pick(w, 2) ? "0" : "1");
	return true;
}

static bool move_mdev(struct world *w, const struct view *v)
{
	static const char *const files[] = { "assign_adapter", "assign_domain", "assign_control_domain", "unassign_adapter" };
	unsigned uuid = pick(w, UUIDS - 1), kind = pick(w, LENGTH(files));
	char path[160], text[64];

	/* what root creates counts as his; what one that leaves still has cannot be read */
	if (sees_mdev(&v->p, uuid) || has_seen_queue(v, uuid) || is_leaving(v->all, uuid) || v->p.uid == 0 ||
	    owner_of(w, uuid) == v->p.uid)
		return false;
	if (!is_there(v->all, uuid)) {
		root_writes(w, MATRIX "mdev_supported_types/vfio_ap-passthrough/create", uuids[uuid]);
	} else if (pick(w, 3)) {
		unsigned id = kind == 1 || kind == 2 ? random_domain(w) : random_adapter(w);

		if (kind == 1 ? sees_domain(&v->p, id) : kind != 2 && sees_adapter(&v->p, id))
			return false;
		snprintf(path, sizeof(path), MATRIX "%s/%s", uuids[uuid], files[kind]);
		snprintf(text, sizeof(text), "%u", id);
		root_writes(w, path, text);
	} else if (pick(w, 2)) {
		snprintf(text, sizeof(text), "%s %s", pick(w, 2) ? "start" : "stop", uuids[uuid]);
		root_writes(w, ".apsysfs/guests/control", text);
	} else {
		snprintf(path, sizeof(path), MATRIX "%s/remove", uuids[uuid]);
		root_writes(w, path, "1");
	}
	return true;
}

bool move_hidden(struct world *w, const struct view *v)
{
	static bool (*const moves[])(struct world * w, const struct view *v) = {
		move_masks, move_queue, move_requests, move_card, move_mdev,
	};

	return moves[pick(w, LENGTH(moves))](w, v);
}
