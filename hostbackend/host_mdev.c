/* SPDX-License-Identifier: MIT */
/* Mediated devices and zcrypt nodes of a host, as they are found. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/mdev.h"
#include "core/mirror.h"
#include "core/parse.h"
#include "hostbackend/host_mirror.h"

#define MATRIX_DIR "devices/vfio_ap/matrix"
#define NODES_DIR "devices/virtual/zcrypt"
#define LINE 8	/* "05.0004" and newline */

/* "05.0004", "05." or ".0004", a line each. What ends with the page may have been cut there. */
static void parse_matrix(const char *text, struct matrix *ret)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		char *end;
		unsigned long id = strtoul(text, &end, 16);

		if (end > text && *end == '.' && id < AP_IDS)
			ap_mask_set(&ret->adapters, (unsigned)id);
		if (*end != '.' || !isxdigit((unsigned char)end[1]))
			continue;
		id = strtoul(end + 1, NULL, 16);
		if (id < AP_IDS)
			ap_mask_set(&ret->domains, (unsigned)id);
	}
}

static void parse_controls(const char *text, struct ap_mask *ret)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		unsigned long id = strtoul(text, NULL, 16);

		if (isxdigit((unsigned char)*text) && id < AP_IDS)
			ap_mask_set(ret, (unsigned)id);
	}
}

static bool read_matrix(struct host_mirror *m, const char *dir, const char *name, struct matrix *ret)
{
	char text[SYSFS_PAGE + 1], path[HOST_PATH];

	ap_mask_fill(&ret->adapters, false);
	ap_mask_fill(&ret->domains, false);
	if (!host_text(m, dir, name, text, sizeof(text)))
		return false;
	parse_matrix(text, ret);
	if (strlen(text) + LINE < SYSFS_PAGE)
		return true;
	host_complain(m, host_join(path, dir, name), 0, "the whole matrix, but the text ends with its page");
	return false;
}

static void read_assigned(struct host_mirror *m, const char *dir, struct matrix *ret)
{
	char text[SYSFS_PAGE];
	struct ap_mask mask[3];

	*ret = (struct matrix){ 0 };
	if (host_text(m, dir, "ap_config", text, sizeof(text)) && mask_parse_config(text, mask) == 0) {
		*ret = (struct matrix){ mask[0], mask[1], mask[2] };
		return;
	}
	read_matrix(m, dir, "matrix", ret);
	if (host_text(m, dir, "control_domains", text, sizeof(text)))
		parse_controls(text, &ret->controls);
}

static void read_guest(struct host_mirror *m, const char *dir, struct mdev *put)
{
	const struct ap_mask *host = &m->engine.state->host_controls;

	put->guest = (struct matrix){ 0 };
	if (!m->engine.rules->assign_hot)
		return;
	read_matrix(m, dir, "guest_matrix", &put->guest);
	if (m->engine.state->qci)
		ap_mask_and(&put->assigned.controls, host, &put->guest.controls);
}

/* A queue that a guest uses says so (6.1 on). */
static bool queues_in_use(struct host_mirror *m, const struct mdev *put)
{
	const struct matrix *g = &put->guest;
	char dir[HOST_PATH], text[32];

	for (int a = ap_mask_next(&g->adapters, 0); a >= 0; a = ap_mask_next(&g->adapters, (unsigned)a + 1)) {
		for (int d = ap_mask_next(&g->domains, 0); d >= 0; d = ap_mask_next(&g->domains, (unsigned)d + 1)) {
			snprintf(dir, sizeof(dir), "devices/ap/card%02x/%02x.%04x", (unsigned)a, (unsigned)a, (unsigned)d);
			if (host_text(m, dir, "status", text, sizeof(text)))
				return strcmp(text, "in use") == 0;
		}
	}
	return false;
}

static void group_found(void *ctx, const char *name)
{
	struct mdev *put = ctx;
	long number;

	if (strncmp(name, "vfio", 4) != 0 || !isdigit((unsigned char)name[4]))
		return;
	number = strtol(name + 4, NULL, 10);
	put->has_device = number < MDEVS;
	put->device = (uint32_t)number % MDEVS;
}

static void read_numbers(struct host_mirror *m, const char *dir, struct mdev *put)
{
	char name[HOST_NAME], path[HOST_PATH];
	long number;

	put->has_group = put->has_device = false;
	put->group = put->device = 0;
	if (host_link_name(m, dir, "iommu_group", name)) {
		number = strtol(name, NULL, 10);
		put->has_group = number >= 0 && number < MDEVS;
		put->group = (uint32_t)number % MDEVS;
	}
	if (m->engine.rules->mdev_driver_attributes)
		(void)host_list(m->sys, host_join(path, dir, "vfio-dev"), group_found, put);
}

static void read_state(struct host_mirror *m, const char *dir, struct mdev *put)
{
	read_assigned(m, dir, &put->assigned);
	read_guest(m, dir, put);
	put->opened = put->kvm = queues_in_use(m, put);
}

void host_scan_mdev(struct host_mirror *m, const uint8_t uuid[16], enum host_depth depth)
{
	int slot = mdev_find(&m->engine, uuid);
	char name[UUID_TEXT], dir[HOST_PATH], path[HOST_PATH];
	struct mdev put = slot >= 0 ? m->engine.state->mdev[slot] : (struct mdev){ 0 };
	struct host_seen now, before = slot >= 0 ? m->mdev[slot] : (struct host_seen){ 0 };
	unsigned life;

	format_uuid(uuid, name);
	host_join(dir, MATRIX_DIR, name);
	now = (struct host_seen){ host_inode(m, dir), host_inode(m, host_join(path, dir, "driver")) };
	if (!now.object) {
		if (slot >= 0)
			mirror_drop_mdev(&m->engine, (uint32_t)slot);
		return;
	}
	life = host_life(&before, now);
	memcpy(put.uuid, uuid, sizeof(put.uuid));
	read_numbers(m, dir, &put);
	if (!now.driver && !m->sys->live && put.has_group)
		now.driver = now.object;
	put.phase = now.driver ? MDEV_BOUND : host_inode(m, host_join(path, dir, "remove")) ? MDEV_UNBOUND : MDEV_LEAVING;
	if (depth >= HOST_BINDINGS)
		read_state(m, dir, &put);
	slot = mirror_put_mdev(&m->engine, &put, slot >= 0 ? life : MIRROR_SAME);
	if (slot < 0)
		return;
	m->mdev[slot] = now;
	m->mdev_found[slot] = true;
}

struct listing {
	struct host_mirror *m;
	enum host_depth depth;
};

static void mdev_listed_there(void *ctx, const char *name)
{
	const struct listing *l = ctx;
	char check[UUID_TEXT];
	uint8_t uuid[16];

	if (strlen(name) != UUID_TEXT - 1 || parse_uuid(name, uuid) < 0)
		return;
	format_uuid(uuid, check);
	if (strcmp(check, name) == 0)
		host_scan_mdev(l->m, uuid, l->depth);
}

void host_scan_mdevs(struct host_mirror *m, enum host_depth depth)
{
	struct listing l = { m, depth };
	struct state *s = m->engine.state;

	memset(m->mdev_found, 0, s->mdev_high * sizeof(*m->mdev_found));
	(void)host_list(m->sys, MATRIX_DIR, mdev_listed_there, &l);
	for (uint32_t slot = 0; slot < s->mdev_high; slot++)
		if (s->mdev[slot].phase != MDEV_FREE && !m->mdev_found[slot])
			mirror_drop_mdev(&m->engine, slot);
}

/* --- zcrypt nodes --------------------------------------------------------------------------------------- */

struct node_listing {
	struct host_mirror *m;
	enum host_depth depth;
	struct ap_mask found;	/* minors */
};

static void scan_node(void *ctx, const char *name)
{
	struct node_listing *l = ctx;
	struct host_mirror *m = l->m;
	char dir[HOST_PATH], dev[32];
	struct zcrypt_node put = { 0 };
	struct host_seen now = { 0 };
	unsigned major, minor;

	if (strlen(name) >= sizeof(put.name))
		return;
	snprintf(put.name, sizeof(put.name), "%s", name);
	host_join(dir, NODES_DIR, name);
	now.object = host_inode(m, dir);
	if (!host_text(m, dir, "dev", dev, sizeof(dev)) || sscanf(dev, "%u:%u", &major, &minor) != 2 ||
	    minor >= ZCRYPT_NODES)
		return;
	if (l->depth < HOST_STATE)
		put = m->engine.state->node[minor];
	snprintf(put.name, sizeof(put.name), "%s", name);
	/* sysfs shows the other way round what a device's name has */
	for (char *mark = strchr(put.name, '!'); mark; mark = strchr(mark, '!'))
		*mark = '/';
	if (l->depth >= HOST_STATE) {
		host_mask(m, dir, "ioctlmask", &put.ioctls);
		host_mask(m, dir, "apmask", &put.adapters);
		host_mask(m, dir, "aqmask", &put.domains);
		host_mask(m, dir, "admask", &put.admin);
	}
	mirror_put_node(&m->engine, minor, &put, host_life(&m->node[minor], now));
	ap_mask_set(&l->found, minor);
}

void host_scan_nodes(struct host_mirror *m, enum host_depth depth)
{
	struct node_listing l = { .m = m, .depth = depth };

	(void)host_list(m->sys, NODES_DIR, scan_node, &l);
	for (unsigned minor = 0; minor < ZCRYPT_NODES; minor++) {
		if (ap_mask_has(&l.found, minor) || !m->engine.state->node[minor].name[0])
			continue;
		mirror_drop_node(&m->engine, minor);
		m->node[minor] = (struct host_seen){ 0 };
	}
}
