/* SPDX-License-Identifier: MIT */
/* Cards, queues and mdevs of a recorded state. */
#include <errno.h>
#include <string.h>

#include "core/binding.h"
#include "core/mdev.h"
#include "core/mirror.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/restore_fact.h"

/* --- devices ------------------------------------------------------------------------------------------ */

static int driver_key(struct fact *l, const struct pair *p, uint32_t device, uint8_t *ret)
{
	bool card = device >= QUEUES;
	unsigned hwtype = card ? l->e->state->card[device - QUEUES].hwtype : l->e->state->queue[device].hwtype;

	if (strcmp(p->value, "none") == 0) {
		*ret = DRIVER_NONE;
		return 0;
	}
	for (enum driver_id d = DRIVER_NONE + 1; d < DRIVERS; d++) {
		if (strcmp(driver_get(d)->name, p->value) != 0 || driver_get(d)->is_card != card ||
		    !driver_knows_type(d, l->e->rules, hwtype) || !driver_present(l->e, d))
			continue;
		*ret = (uint8_t)d;
		return 0;
	}
	return fact_refuse(l, p->value, "none, or a loaded driver for this type of device");
}

static int restore_card(struct fact *l, unsigned adapter)
{
	struct card put = l->e->state->card[adapter];
	struct pair p;
	int rc;

	while ((rc = fact_pair(l, &p)) == 0 && p.key) {
		if (pair_is(&p, "driver"))
			rc = driver_key(l, &p, CARD_DEVICE(adapter), &put.driver);
		else if (pair_is(&p, "online"))
			rc = fact_flag(l, &p, &put.online);
		else if (pair_is(&p, "read"))
			rc = fact_flag(l, &p, &put.serial_read);
		else if (pair_is(&p, "ordinal_read"))
			rc = fact_flag(l, &p, &put.ordinal_read);
		else if (pair_is(&p, "config"))
			rc = fact_flag(l, &p, &put.config);
		else if (pair_is(&p, "chkstop"))
			rc = fact_flag(l, &p, &put.chkstop);
		else
			return fact_refuse(l, p.key, "driver, online, config, chkstop, read or ordinal_read");
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		mirror_put_card(l->e, adapter, &put, MIRROR_SAME);
	return rc;
}

static int hardware_key(struct fact *l, const struct pair *p, struct queue_hardware *hw)
{
	uint64_t value;

	if (pair_is(p, "bind_state")) {
		if (fact_number(l, p->value, 3, &value) < 0)
			return -EINVAL;
		hw->bind_state = (uint8_t)(1 + value);
		return 0;
	}
	if (!pair_is(p, "association"))
		return fact_refuse(l, p->key, "driver, online, config, chkstop, read, initiated, resetting, interrupts, "
					      "override, bind_state or association");
	if (strcmp(p->value, "none") == 0) {
		hw->association = 0;
		return 0;
	}
	if (fact_number(l, p->value, 65535, &value) < 0)
		return -EINVAL;
	hw->association = 1 + (uint32_t)value;
	return 0;
}

static int queue_key(struct fact *l, const struct pair *p, unsigned queue, struct queue *put)
{
	struct queue_hardware *hw = &l->e->state->hardware[queue];

	if (pair_is(p, "driver"))
		return driver_key(l, p, queue, &put->driver);
	if (pair_is(p, "online"))
		return fact_flag(l, p, &put->online);
	if (pair_is(p, "read"))
		return fact_flag(l, p, &put->patterns_read);
	if (pair_is(p, "config"))
		return fact_flag(l, p, &put->config);
	if (pair_is(p, "chkstop"))
		return fact_flag(l, p, &put->chkstop);
	if (pair_is(p, "initiated"))
		return fact_flag(l, p, &put->initiated);
	if (pair_is(p, "resetting"))
		return fact_flag(l, p, &put->resetting);
	if (pair_is(p, "interrupts")) {
		int rc = fact_flag(l, p, &hw->interrupts);

		put->interrupts = hw->interrupts;
		return rc;
	}
	if (!pair_is(p, "override"))
		return hardware_key(l, p, hw);
	if (!l->e->rules->driver_override)
		return fact_refuse(l, p->key, "a kernel that has driver_override");
	return mirror_set_override(l->e, queue, p->value) == 0 ? 0 : fact_refuse(l, p->value, "not more than 64 different texts");
}

static int restore_queue(struct fact *l, unsigned queue)
{
	struct queue put = l->e->state->queue[queue];
	struct pair p;
	int rc;

	while ((rc = fact_pair(l, &p)) == 0 && p.key) {
		rc = queue_key(l, &p, queue, &put);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		mirror_put_queue(l->e, queue, &put, MIRROR_SAME);
	return rc;
}

int restore_device(struct fact *l)
{
	char name[RESTORE_NAME] = "";
	uint32_t device;

	if (!fact_word(l, name, sizeof(name)) || device_from_text(l->e, name, &device) < 0)
		return fact_refuse(l, name, "a card or queue that the machine has");
	return device < QUEUES ? restore_queue(l, device) : restore_card(l, device - QUEUES);
}

/* --- mdevs -------------------------------------------------------------------------------------------- */

static int guest_key(struct fact *l, const struct pair *p, struct mdev *put)
{
	if (strcmp(p->value, "none") != 0 && strcmp(p->value, "kvm") != 0 && strcmp(p->value, "nokvm") != 0)
		return fact_refuse(l, p->value, "none, kvm or nokvm");
	put->opened = strcmp(p->value, "none") != 0;
	put->kvm = strcmp(p->value, "kvm") == 0;
	return 0;
}

static int number_or_none(struct fact *l, const struct pair *p, const uint64_t *used, bool *has, uint32_t *ret)
{
	uint64_t value;

	*has = strcmp(p->value, "none") != 0;
	if (!*has)
		return 0;
	if (fact_number(l, p->value, MDEVS - 1, &value) < 0)
		return -EINVAL;
	if (used[value / 64] >> (value % 64) & 1)
		return fact_refuse(l, p->value, "a number that no other mdev has");
	*ret = (uint32_t)value;
	return 0;
}

static int mdev_key(struct fact *l, const struct pair *p, struct mdev *put)
{
	const struct { const char *key; struct ap_mask *mask; bool guest; } part[] = {
		{ "adapters", &put->assigned.adapters, false }, { "domains", &put->assigned.domains, false },
		{ "controls", &put->assigned.controls, false }, { "guest_adapters", &put->guest.adapters, true },
		{ "guest_domains", &put->guest.domains, true }, { "guest_controls", &put->guest.controls, true },
	};
	bool bound;
	int rc;

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++) {
		if (!pair_is(p, part[i].key))
			continue;
		l->filtered |= part[i].guest;
		return fact_list(l, p, part[i].mask);
	}
	if (pair_is(p, "guest"))
		return guest_key(l, p, put);
	if (pair_is(p, "group"))
		return number_or_none(l, p, l->e->state->groups_used, &put->has_group, &put->group);
	if (pair_is(p, "device"))
		return number_or_none(l, p, l->e->state->devices_used, &put->has_device, &put->device);
	if (!pair_is(p, "bound"))
		return fact_refuse(l, p->key, "adapters, domains, controls, bound, guest, group, device, guest_adapters, "
					      "guest_domains or guest_controls");
	rc = fact_flag(l, p, &bound);
	put->phase = bound ? MDEV_BOUND : MDEV_UNBOUND;
	return rc;
}

static bool taken(const struct engine *e, const struct matrix *m)
{
	for (int a = ap_mask_next(&m->adapters, 0); a >= 0; a = ap_mask_next(&m->adapters, (unsigned)a + 1))
		for (int d = ap_mask_next(&m->domains, 0); d >= 0; d = ap_mask_next(&m->domains, (unsigned)d + 1))
			if (e->state->owner[a << 8 | d])
				return true;
	return false;
}

/* The lowest free numbers, where the record names none. */
static void choose_numbers(const struct engine *e, struct mdev *put, bool group_given, bool device_given)
{
	const struct state *s = e->state;
	bool bound = put->phase == MDEV_BOUND;

	if (!group_given && bound) {
		put->has_group = true;
		while (s->groups_used[put->group / 64] >> (put->group % 64) & 1)
			put->group++;
	}
	if (!device_given && bound && e->rules->mdev_driver_attributes) {
		put->has_device = true;
		while (s->devices_used[put->device / 64] >> (put->device % 64) & 1)
			put->device++;
	}
}

static int check_mdev(struct fact *l, const char *name, const struct mdev *put)
{
	if (!module_loaded(l->e, MODULE_VFIO_AP))
		return fact_refuse(l, name, "vfio_ap among the modules, for there to be an mdev");
	if (mdev_find(l->e, put->uuid) >= 0)
		return fact_refuse(l, name, "another UUID: there is one such mdev already");
	if (taken(l->e, &put->assigned))
		return fact_refuse(l, name, "APQNs that no other mdev has");
	if (put->opened && put->phase != MDEV_BOUND)
		return fact_refuse(l, name, "bound=1 for a guest to have it");
	return 0;
}

int restore_mdev(struct fact *l)
{
	struct mdev put = { .phase = MDEV_BOUND };
	bool group = false, device = false;
	char name[RESTORE_NAME] = "";
	struct pair p;
	int rc, slot;

	l->filtered = false;
	if (!fact_word(l, name, sizeof(name)) || parse_uuid(name, put.uuid) < 0 || strlen(name) != UUID_TEXT - 1)
		return fact_refuse(l, name, "a UUID");
	while ((rc = fact_pair(l, &p)) == 0 && p.key) {
		group |= pair_is(&p, "group");
		device |= pair_is(&p, "device");
		rc = mdev_key(l, &p, &put);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		rc = check_mdev(l, name, &put);
	if (rc < 0)
		return rc;
	choose_numbers(l->e, &put, group, device);
	slot = mirror_put_mdev(l->e, &put, MIRROR_SAME);
	if (slot < 0)
		return fact_refuse(l, name, "not more than 65536 mdevs");
	l->e->state->guests_started += put.kvm;
	if (!l->filtered && l->e->rules->assign_hot && put.phase == MDEV_BOUND)
		filter_all(l->e, (uint32_t)slot);
	return 0;
}
