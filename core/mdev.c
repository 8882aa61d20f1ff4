/* SPDX-License-Identifier: MIT */
/* The life of mdevs: create, bind, unbind, remove. Their matrices are in assign.c. */
#include "core/mdev.h"

#include <errno.h>
#include <string.h>

#include "core/assign.h"
#include "core/binding.h"
#include "core/bus.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/scenario.h"
#include "core/slots.h"
#include "core/uevent.h"

const char *mdev_driver_name(const struct engine *e)
{
	return e->rules->mdev_driver_attributes ? "vfio_ap_mdev" : "vfio_mdev";
}

static uint32_t uuid_hash(const uint8_t uuid[16])
{
	uint64_t x = 0;

	for (int i = 0; i < 16; i++)
		x = (x + uuid[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(x >> 40) % UUID_SLOTS;
}

int mdev_find(const struct engine *e, const uint8_t uuid[16])
{
	const struct state *s = e->state;

	for (uint32_t i = uuid_hash(uuid); s->uuid_slot[i]; i = (i + 1) % UUID_SLOTS)
		if (memcmp(s->mdev[s->uuid_slot[i] - 1].uuid, uuid, 16) == 0)
			return (int)s->uuid_slot[i] - 1;
	return -ENOENT;
}

static void uuid_insert(struct state *s, uint32_t slot)
{
	uint32_t i = uuid_hash(s->mdev[slot].uuid);

	while (s->uuid_slot[i])
		i = (i + 1) % UUID_SLOTS;
	s->uuid_slot[i] = slot + 1;
}

/* Deletes from the open table: what follows in the same run is put in again, so no marks are left behind. */
static void uuid_delete(struct state *s, uint32_t slot)
{
	uint32_t i = uuid_hash(s->mdev[slot].uuid);

	while (s->uuid_slot[i] != slot + 1)
		i = (i + 1) % UUID_SLOTS;
	s->uuid_slot[i] = 0;
	for (i = (i + 1) % UUID_SLOTS; s->uuid_slot[i]; i = (i + 1) % UUID_SLOTS) {
		uint32_t moved = s->uuid_slot[i] - 1;

		s->uuid_slot[i] = 0;
		uuid_insert(s, moved);
	}
}

bool mdev_listed(const struct engine *e, uint32_t slot)
{
	uint8_t phase = e->state->mdev[slot].phase;

	return phase == MDEV_UNBOUND || phase == MDEV_BOUND;
}

unsigned mdev_available(const struct engine *e)
{
	return MDEVS - e->state->mdev_count;
}

static struct uevent_source mdev_source(uint32_t slot)
{
	return (struct uevent_source){ OBJECT_MDEV, slot, NULL };
}

static void log_group(struct engine *e, uint32_t slot, bool joins)
{
	const struct mdev *m = &e->state->mdev[slot];
	const char *driver = mdev_driver_name(e);
	char uuid[UUID_TEXT];

	format_uuid(m->uuid, uuid);
	if (e->rules->iommu_logs_device)
		journal_log(e->journal, "iommu: %s device %s %s group %u", joins ? "Adding" : "Removing", uuid,
			    joins ? "to" : "from", m->group);
	else
		journal_log(e->journal, "%s %s: %s iommu group %u", driver, uuid,
			    joins ? "Adding to" : "Removing from", m->group);
	if (e->rules->mdev_driver_attributes)
		return;
	if (joins)
		journal_log(e->journal, "%s %s: MDEV: group_id = %u", driver, uuid, m->group);
	else
		journal_log(e->journal, "%s %s: MDEV: detaching iommu", driver, uuid);
}

static void bind_mdev(struct engine *e, uint32_t slot)
{
	struct state *s = e->state;
	struct mdev *m = &s->mdev[slot];

	m->group = slots_take(s->groups_used, &s->group_hint, MDEVS);
	m->has_group = true;
	s->group_slot[m->group] = (uint16_t)slot;
	s->group_count++;
	log_group(e, slot, true);
	uevent_send(e, UEVENT_ADD, (struct uevent_source){ OBJECT_GROUP, m->group, NULL }, NULL);
	if (e->rules->mdev_driver_attributes) {
		m->device = slots_take(s->devices_used, &s->device_hint, MDEVS);
		m->has_device = true;
		s->device_slot[m->device] = (uint16_t)slot;
		uevent_send(e, UEVENT_ADD, (struct uevent_source){ OBJECT_VFIO_DEV, slot, NULL }, NULL);
	}
	m->phase = MDEV_BOUND;
	m->life.bound = ++m->life.lives;
	s->topology++;
	uevent_send(e, UEVENT_BIND, mdev_source(slot), NULL);
}

static void drop_vfio_device(struct engine *e, uint32_t slot)
{
	struct mdev *m = &e->state->mdev[slot];

	if (!m->has_device)
		return;
	uevent_send(e, UEVENT_REMOVE, (struct uevent_source){ OBJECT_VFIO_DEV, slot, NULL }, NULL);
	slots_give(e->state->devices_used, &e->state->device_hint, m->device);
	m->has_device = false;
	e->state->topology++;
}

static void unbind_mdev(struct engine *e, uint32_t slot)
{
	struct mdev *m = &e->state->mdev[slot];
	bool leaving = m->phase == MDEV_LEAVING;

	drop_vfio_device(e, slot);
	if (m->has_group) {
		uevent_send(e, UEVENT_REMOVE, (struct uevent_source){ OBJECT_GROUP, m->group, NULL }, NULL);
		log_group(e, slot, false);
		slots_give(e->state->groups_used, &e->state->group_hint, m->group);
		m->has_group = false;
		e->state->group_count--;
	}
	if (e->rules->mdev_driver_attributes)
		assign_clear(e, slot);
	m->phase = leaving ? MDEV_LEAVING : MDEV_UNBOUND;
	m->life.bound = 0;
	e->state->topology++;
	uevent_send(e, UEVENT_UNBIND, mdev_source(slot), NULL);
}

int mdev_register(struct engine *e, const uint8_t uuid[16])
{
	struct state *s = e->state;
	struct mdev *m;
	uint32_t slot, lives;

	if (s->mdev_count == MDEVS)
		return -EUSERS;
	slot = slots_take(s->slots_used, &s->free_hint, MDEVS);
	m = &s->mdev[slot];
	lives = m->life.lives + 1;
	*m = (struct mdev){ .life = { s->now, lives, lives, 0 }, .phase = MDEV_UNBOUND };
	memcpy(m->uuid, uuid, sizeof(m->uuid));
	m->sequence = ++s->mdev_sequence;
	m->adapter_max = s->qci && s->apxa ? s->max_adapter : 63;
	m->domain_max = s->qci && s->apxa ? s->max_domain : 15;
	uuid_insert(s, slot);
	s->mdev_count++;
	if (slot >= s->mdev_high)
		s->mdev_high = slot + 1;
	s->topology++;
	return (int)slot;
}

int mdev_store_create(struct engine *e, const char *text, size_t length)
{
	struct state *s = e->state;
	uint8_t uuid[16];
	uint32_t slot;

	/* the 37th byte is taken for a newline, whatever it is */
	if ((length != UUID_TEXT - 1 && length != UUID_TEXT) || parse_uuid(text, uuid) < 0)
		return -EINVAL;
	if (mdev_find(e, uuid) >= 0)
		return -EEXIST;
	if (s->mdev_count == MDEVS)
		return e->rules->create_exhausted_error;
	if (assign_locked(e))
		return ENGINE_WAITS;
	slot = (uint32_t)mdev_register(e, uuid);
	uevent_send(e, UEVENT_ADD, mdev_source(slot), NULL);
	/* from 6.1 on the type's own driver takes it, whatever autoprobe says */
	if (e->rules->mdev_driver_attributes || (s->mdev_autoprobe && module_loaded(e, MODULE_VFIO_MDEV)))
		bind_mdev(e, slot);
	scenario_happened(e, SCENARIO_ON_MDEV, uuid);
	return 0;
}

void mdev_forget(struct engine *e, uint32_t slot)
{
	struct state *s = e->state;
	struct mdev *m = &s->mdev[slot];

	uuid_delete(s, slot);
	m->phase = MDEV_FREE;
	/* 4.20 and 5.10 let one go that is open without KVM */
	m->opened = m->kvm = false;
	m->life.born = 0;
	s->mdev_count--;
	slots_give(s->slots_used, &s->free_hint, slot);
	s->topology++;
}

static void finish_remove(struct engine *e, uint32_t slot)
{
	struct mdev *m = &e->state->mdev[slot];

	if (m->phase == MDEV_BOUND || m->has_group) {
		m->phase = MDEV_LEAVING;
		unbind_mdev(e, slot);
	}
	assign_clear(e, slot);
	uevent_send(e, UEVENT_REMOVE, mdev_source(slot), NULL);
	mdev_forget(e, slot);
}

static void begin_remove(struct engine *e, uint32_t slot)
{
	struct mdev *m = &e->state->mdev[slot];
	char uuid[UUID_TEXT];

	m->phase = MDEV_LEAVING;
	m->leaving_ticket = e->ticket;
	e->state->topology++;
	if (e->rules->remove_in_use != REMOVE_ASKS)
		return;
	drop_vfio_device(e, slot);
	format_uuid(m->uuid, uuid);
	journal_log(e->journal, "%s %s: No device request registered, blocked until released by user",
		    mdev_driver_name(e), uuid);
}

int mdev_store_remove(struct engine *e, uint32_t slot, const char *text)
{
	struct mdev *m = &e->state->mdev[slot];
	uint64_t value;

	if (m->phase == MDEV_LEAVING) {
		/* the writer that began it comes back here when something has changed */
		if (m->opened)
			return ENGINE_WAITS;
		finish_remove(e, slot);
		return 0;
	}
	if (parse_ulong(text, &value) < 0)
		return -EINVAL;
	if (!value)
		return 0;
	if (assign_locked(e))
		return ENGINE_WAITS;
	if (m->kvm && e->rules->remove_in_use == REMOVE_REFUSES)
		return -EBUSY;
	if (m->opened && e->rules->remove_in_use != REMOVE_REFUSES) {
		begin_remove(e, slot);
		return ENGINE_WAITS;
	}
	finish_remove(e, slot);
	return 0;
}

void mdev_remove_all(struct engine *e)
{
	for (uint32_t slot = 0; slot < e->state->mdev_high; slot++)
		if (e->state->mdev[slot].phase != MDEV_FREE)
			finish_remove(e, slot);
}

bool mdev_any_open(const struct engine *e)
{
	for (uint32_t slot = 0; slot < e->state->mdev_high; slot++)
		if (e->state->mdev[slot].opened)
			return true;
	return false;
}

/* The listed mdev of this name, one newline allowed; -ENODEV. */
static int slot_from_text(const struct engine *e, const char *text)
{
	size_t length = strlen(text);
	char canonical[UUID_TEXT];
	uint8_t uuid[16];
	int slot;

	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length != UUID_TEXT - 1 || parse_uuid(text, uuid) < 0)
		return -ENODEV;
	/* names are compared as they are: upper case is another name */
	format_uuid(uuid, canonical);
	slot = mdev_find(e, uuid);
	if (slot < 0 || memcmp(canonical, text, length) != 0 || !mdev_listed(e, (uint32_t)slot))
		return -ENODEV;
	return slot;
}

int mdev_store_unbind(struct engine *e, const char *text)
{
	int slot = slot_from_text(e, text);

	if (slot < 0 || e->state->mdev[slot].phase != MDEV_BOUND)
		return -ENODEV;
	if (e->state->mdev[slot].opened)
		return ENGINE_WAITS;
	unbind_mdev(e, (uint32_t)slot);
	return 0;
}

int mdev_store_bind(struct engine *e, const char *text)
{
	int slot = slot_from_text(e, text);

	/* from 6.1 on the bus matches nothing by name */
	if (slot < 0 || e->rules->mdev_driver_attributes)
		return -ENODEV;
	if (e->state->mdev[slot].phase == MDEV_BOUND)
		return e->rules->bind_bound_error;
	bind_mdev(e, (uint32_t)slot);
	return 0;
}

int mdev_store_probe(struct engine *e, const char *text)
{
	int slot = slot_from_text(e, text);

	if (slot < 0)
		return -ENODEV;
	if (!e->rules->mdev_driver_attributes && e->state->mdev[slot].phase == MDEV_UNBOUND &&
	    module_loaded(e, MODULE_VFIO_MDEV))
		bind_mdev(e, (uint32_t)slot);
	return 0;
}
