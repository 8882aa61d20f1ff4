/* SPDX-License-Identifier: MIT */
/* Virtual guests: an mdev opened as QEMU does it, and closed (abi.md 6.9). */
#include <errno.h>
#include <stdio.h>

#include "core/assign.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/scenario.h"
#include "core/uevent.h"

/* KVM tells of each VM; the process is nobody's here. */
static void send_kvm(struct engine *e, bool starts, unsigned count)
{
	char keys[160];
	int length;

	if (!module_loaded(e, MODULE_KVM))
		return;
	length = snprintf(keys, sizeof(keys), "CREATED=%u%cCOUNT=%u%cEVENT=%s%cPID=1%cSTATS_PATH=/kvm/1-6%c",
			  e->state->guests_started, 0, count, 0, starts ? "create" : "destroy", 0, 0, 0);
	uevent_send_keys(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_MISC, 0, "kvm" }, keys, (size_t)length);
}

int guest_start(struct engine *e, uint32_t slot, bool kvm)
{
	struct mdev *m = &e->state->mdev[slot];

	if (m->phase == MDEV_FREE || m->phase == MDEV_LEAVING)
		return -ENOENT;
	if (m->phase != MDEV_BOUND)
		return -ENODEV;
	if (m->opened)
		return -EBUSY;
	/* from 6.1 on an open without KVM fails; before, it only is not "in use" */
	if (!kvm && e->rules->assign_hot)
		return -EINVAL;
	m->opened = true;
	m->kvm = kvm;
	if (kvm) {
		e->state->guests_started++;
		e->state->guests++;
		send_kvm(e, true, e->state->guests);
	}
	scenario_happened(e, SCENARIO_ON_GUEST, m->uuid);
	return 0;
}

int guest_stop(struct engine *e, uint32_t slot)
{
	struct mdev *m = &e->state->mdev[slot];

	if (m->phase == MDEV_FREE || !m->opened)
		return -ENOENT;
	if (m->kvm) {
		e->state->guests--;
		send_kvm(e, false, e->state->guests);
	}
	m->opened = false;
	m->kvm = false;
	assign_reset(e, slot);
	return 0;
}
