/* SPDX-License-Identifier: MIT */
#include "hostbackend/host_refresh.h"

#include <stdio.h>
#include <string.h>

#include "core/module.h"
#include "core/parse.h"
#include "core/tree.h"

/* Of what the entries of directories of a kind are. */
enum subject { OF_MODULES, OF_DEVICES, OF_CARDS, OF_QUEUES, OF_MDEVS, OF_NODES };

static enum subject subject_of(enum dir_kind kind)
{
	switch (kind) {
	case DIR_AP_DEVICES:
	case DIR_AP_DRIVER:
		return OF_DEVICES;
	case DIR_AP:
		return OF_CARDS;
	case DIR_CARD:
	case DIR_QUEUE:
		return OF_QUEUES;
	case DIR_MDEV_DEVICES:
	case DIR_MDEV_DRIVER:
	case DIR_CLASS_VFIO:
	case DIR_CLASS_VFIO_DEV:
	case DIR_MATRIX:
	case DIR_TYPE_DEVICES:
	case DIR_MDEV:
	case DIR_VFIO_DEVS:
	case DIR_VFIO_DEV:
	case DIR_VIRTUAL:
	case DIR_VFIO:
	case DIR_GROUP_DEVICE:
	case DIR_IOMMU_GROUPS:
	case DIR_IOMMU_GROUP:
	case DIR_GROUP_MEMBERS:
		return OF_MDEVS;
	case DIR_CLASS_ZCRYPT:
	case DIR_ZCRYPT:
	case DIR_ZCRYPT_NODE:
		return OF_NODES;
	default:
		return OF_MODULES;
	}
}

static void refresh_module_of(struct host_mirror *m, unsigned driver)
{
	if (driver != DRIVER_NONE && !module_loaded(&m->engine, driver_get(driver)->module))
		host_scan_modules(m, HOST_TREE);
}

static void refresh_card(struct host_mirror *m, unsigned adapter)
{
	host_scan_card(m, adapter, HOST_TREE);
	refresh_module_of(m, m->engine.state->card[adapter].driver);
}

static void refresh_queue(struct host_mirror *m, unsigned queue)
{
	host_scan_card(m, queue >> 8, HOST_TREE);
	host_scan_queue(m, queue, HOST_TREE);
	refresh_module_of(m, m->engine.state->queue[queue].driver);
}

static void refresh_mdev(struct host_mirror *m, uint32_t slot)
{
	uint8_t uuid[16];

	if (m->engine.state->mdev[slot].phase == MDEV_FREE)
		return;
	memcpy(uuid, m->engine.state->mdev[slot].uuid, sizeof(uuid));
	host_scan_mdev(m, uuid, HOST_TREE);
}

/* Is it there as long as its directory is, whatever else there is? */
static bool is_plain(const struct row *row)
{
	return !row || (!row->family && !row->when && row->type == ROW_FILE);
}

static void refresh_maker(struct host_mirror *m, struct node dir)
{
	enum module_id module = dir_maker(&m->engine, dir);

	if (module < MODULES && module_exists(&m->engine, module))
		host_scan_module(m, module);
}

static void refresh_other(struct host_mirror *m, struct node n)
{
	struct node dir = { .kind = n.kind, .sub = n.sub, .index = n.index };

	if (subject_of(n.kind) == OF_MODULES && n.kind < DIR_KINDS && is_plain(tree_row(n)))
		refresh_maker(m, dir);
	else
		host_refresh_entries(m, dir);
}

void host_refresh_object(struct host_mirror *m, struct node n)
{
	switch (n.kind) {
	case DIR_AP:
	case DIR_ROOT:
		break;
	case DIR_CARD:
		/* a family's links and directories carry their own number */
		refresh_card(m, n.index < AP_IDS ? n.index : n.index >> 8);
		break;
	case DIR_QUEUE:
		refresh_queue(m, n.index);
		break;
	case DIR_POWER:
		if (n.sub < DIR_POWER)
			host_refresh_object(m, (struct node){ .kind = n.sub, .index = n.index });
		break;
	case DIR_MDEV:
	case DIR_VFIO_DEVS:
	case DIR_VFIO_DEV:
		refresh_mdev(m, n.index);
		break;
	case DIR_AP_DEVICES:
	case DIR_AP_DRIVER:
		host_scan_modules(m, HOST_TREE);
		/* links: of the device they mean */
		if (n.row && n.kind == DIR_AP_DEVICES && n.row == 1 && n.index < AP_IDS)
			refresh_card(m, n.index);
		else if (n.row && (n.kind == DIR_AP_DEVICES || n.row > 4))
			host_refresh_entries(m, (struct node){ .kind = n.kind, .sub = n.sub });
		break;
	case DIR_VIRTUAL:
	case DIR_MATRIX:
	case DIR_CLASS_ZCRYPT:
	case DIR_ZCRYPT:
	case DIR_MDEV_DEVICES:
		/* they and their files are there with the module, whatever mdevs and nodes there are; their links are not */
		host_scan_modules(m, HOST_TREE);
		if (n.row && tree_row(n)->type == ROW_LINK)
			host_refresh_entries(m, (struct node){ .kind = n.kind, .sub = n.sub });
		break;
	default:
		refresh_other(m, n);
		break;
	}
}

static bool device_named(const char *name, uint32_t *ret)
{
	unsigned adapter, domain;
	int length = 0;

	if (parse_apqn(name, &adapter, &domain) == 0) {
		*ret = adapter << 8 | domain;
		return true;
	}
	if (sscanf(name, "card%2x%n", &adapter, &length) != 1 || name[length])
		return false;
	*ret = CARD_DEVICE(adapter);
	return true;
}

void host_refresh_name(struct host_mirror *m, struct node dir, const char *name)
{
	enum subject subject = subject_of(dir.kind);
	uint8_t uuid[16];
	uint32_t device;

	struct node child;

	host_refresh_object(m, (struct node){ .kind = dir.kind, .sub = dir.sub, .index = dir.index, .reuse = dir.reuse });
	if (subject == OF_MODULES) {
		/* what was there before, and is there with its directory, is there yet; all else has to be looked for */
		if (tree_find(&m->engine, dir, name, &child) < 0 || !child.row || !is_plain(tree_row(child)))
			host_refresh_entries(m, dir);
		return;
	}
	if (dir.kind == DIR_QUEUE)
		return;
	if (subject <= OF_QUEUES && device_named(name, &device)) {
		if (device < QUEUES)
			refresh_queue(m, device);
		else
			refresh_card(m, device - QUEUES);
	} else if (subject == OF_MDEVS && strlen(name) == UUID_TEXT - 1 && parse_uuid(name, uuid) == 0) {
		host_scan_mdev(m, uuid, HOST_TREE);
	} else if (subject >= OF_MDEVS && dir.kind != DIR_MDEV && dir.kind != DIR_MATRIX) {
		host_refresh_entries(m, dir);
	}
}

void host_refresh_entries(struct host_mirror *m, struct node dir)
{
	switch (subject_of(dir.kind)) {
	case OF_DEVICES:
		host_scan_modules(m, HOST_TREE);
		host_scan_cards(m, HOST_TREE);
		for (unsigned adapter = 0; adapter < AP_IDS; adapter++)
			if (m->engine.state->card[adapter].life.born)
				host_scan_queues(m, adapter, HOST_TREE);
		break;
	case OF_CARDS:
		host_scan_cards(m, HOST_TREE);
		break;
	case OF_QUEUES:
		if (dir.kind == DIR_QUEUE) {
			refresh_queue(m, dir.index);
		} else {
			refresh_card(m, dir.index & 255);
			host_scan_queues(m, dir.index & 255, HOST_TREE);
		}
		break;
	case OF_MDEVS:
		host_scan_modules(m, HOST_TREE);
		host_scan_mdevs(m, HOST_TREE);
		if (dir.kind == DIR_VIRTUAL)
			host_scan_nodes(m, HOST_TREE);
		break;
	case OF_NODES:
		host_scan_modules(m, HOST_TREE);
		host_scan_nodes(m, HOST_TREE);
		break;
	default:
		host_scan_modules(m, HOST_TREE);
		break;
	}
}
