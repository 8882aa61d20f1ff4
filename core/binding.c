/* SPDX-License-Identifier: MIT */
#include "core/binding.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/bus.h"
#include "core/device.h"
#include "core/mdev.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/queue_state.h"
#include "core/uevent.h"

static bool is_card(uint32_t device)
{
	return device >= QUEUES;
}

static struct life *life_of(struct engine *e, uint32_t device)
{
	return is_card(device) ? &e->state->card[device - QUEUES].life : &e->state->queue[device].life;
}

const struct life *device_life(const struct engine *e, uint32_t device)
{
	return is_card(device) ? &e->state->card[device - QUEUES].life : &e->state->queue[device].life;
}

bool device_exists(const struct engine *e, uint32_t device)
{
	return device_life(e, device)->born != 0;
}

static uint8_t *driver_of(struct engine *e, uint32_t device)
{
	return is_card(device) ? &e->state->card[device - QUEUES].driver : &e->state->queue[device].driver;
}

enum driver_id device_driver(const struct engine *e, uint32_t device)
{
	return is_card(device) ? e->state->card[device - QUEUES].driver : e->state->queue[device].driver;
}

static unsigned adapter_of(uint32_t device)
{
	return is_card(device) ? device - QUEUES : device >> 8;
}

static struct uevent_source source_of(uint32_t device)
{
	return is_card(device) ? (struct uevent_source){ OBJECT_CARD, device - QUEUES, NULL }
			       : (struct uevent_source){ OBJECT_QUEUE, device, NULL };
}

/* Two lower-case hex digits. */
static int parse_card_id(const char *text, unsigned *ret)
{
	char check[3];

	if (sscanf(text, "%2x", ret) != 1)
		return -EINVAL;
	snprintf(check, sizeof(check), "%02x", *ret & 255);
	return strcmp(check, text) == 0 ? 0 : -EINVAL;
}

int device_from_text(const struct engine *e, const char *text, uint32_t *ret_device)
{
	char name[16];
	size_t length = strlen(text);
	unsigned adapter, domain;
	uint32_t device;

	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length >= sizeof(name))
		return -ENODEV;
	memcpy(name, text, length);
	name[length] = 0;
	if (parse_apqn(name, &adapter, &domain) == 0)
		device = adapter << 8 | domain;
	else if (strncmp(name, "card", 4) == 0 && parse_card_id(name + 4, &adapter) == 0)
		device = CARD_DEVICE(adapter);
	else
		return -ENODEV;
	if (!device_exists(e, device))
		return -ENODEV;
	*ret_device = device;
	return 0;
}

bool driver_present(const struct engine *e, enum driver_id driver)
{
	return driver != DRIVER_NONE && module_loaded(e, driver_get(driver)->module);
}

static bool driver_matches(const struct engine *e, enum driver_id driver, uint32_t device)
{
	unsigned hwtype = is_card(device) ? e->state->card[device - QUEUES].hwtype : e->state->queue[device].hwtype;

	return driver_get(driver)->is_card == is_card(device) && driver_knows_type(driver, e->rules, hwtype);
}

/* May this driver have this queue: by override, else by pool (abi.md 1.3). */
static bool queue_allowed(const struct engine *e, enum driver_id driver, unsigned queue)
{
	if (e->state->queue[queue].override)
		return strcmp(queue_override(e, queue), driver_get(driver)->name) == 0;
	return driver_get(driver)->is_default == bus_pool_default(e, queue >> 8, queue & 255);
}

/* The driver's own probe: zcrypt needs a mode, and for a queue a driven card. */
static bool driver_accepts(const struct engine *e, enum driver_id driver, uint32_t device)
{
	if (driver == DRIVER_VFIO_AP)
		return true;
	if (card_mode(e, adapter_of(device)) == DEVICE_MODE_NONE)
		return false;
	/* without the second the kernel follows a null pointer; no driver is the safe answer */
	return is_card(device) || e->state->card[device >> 8].driver != DRIVER_NONE;
}

static void send_complete(struct engine *e)
{
	char keys[64];
	int length;

	e->state->bindings_complete++;
	length = snprintf(keys, sizeof(keys), "BINDINGS=complete%cCOMPLETECOUNT=%llu%c", 0,
			  (unsigned long long)e->state->bindings_complete, 0);
	uevent_send_keys(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_AP_ROOT, 0, NULL }, keys,
			 (size_t)length);
}

static bool all_bound(const struct state *s)
{
	return s->scanned && s->queues_bound == s->queues_total;
}

void binding_consider_complete(struct engine *e)
{
	struct state *s = e->state;

	if (!e->rules->change_events || e->rules->bindings_per_probe || s->bindings_done || !all_bound(s))
		return;
	s->bindings_done = true;
	send_complete(e);
}

void binding_scanned(struct engine *e, bool first)
{
	/* a kernel that tells at each probe also looks once after its first scan, when there may be no queue at all */
	if (!e->rules->bindings_per_probe)
		binding_consider_complete(e);
	else if (first && all_bound(e->state))
		send_complete(e);
}

static void start_driver(struct engine *e, enum driver_id driver, uint32_t device)
{
	if (is_card(device)) {
		e->state->card[device - QUEUES].online = true;
		return;
	}
	e->state->queues_bound++;
	e->state->queue[device].shut_down = false;
	e->state->bindings_done = false;
	if (driver == DRIVER_VFIO_AP) {
		e->state->queue[device].reset_bad = false;
		if (e->rules->assign_hot)
			filter_queue_bound(e, device);
	} else {
		e->state->queue[device].online = true;
		queue_state_initiate(e, device);
	}
}

/* A driver that matches. Returns 0, or -ENODEV: it may not have it, or refuses. */
static int try_driver(struct engine *e, enum driver_id driver, uint32_t device)
{
	struct life *life = life_of(e, device);

	if (!is_card(device) && !queue_allowed(e, driver, device))
		return -ENODEV;
	if (!driver_accepts(e, driver, device))
		return -ENODEV;
	*driver_of(e, device) = (uint8_t)driver;
	life->bound = ++life->lives;
	ring_append(&e->state->bound[driver], e->state->bound_link, device);
	start_driver(e, driver, device);
	e->state->topology++;
	if (e->rules->bindings_per_probe && all_bound(e->state))
		send_complete(e);
	uevent_send(e, UEVENT_BIND, source_of(device), NULL);
	return 0;
}

void binding_attach(struct engine *e, uint32_t device)
{
	if (device_driver(e, device) != DRIVER_NONE)
		return;
	for (enum driver_id d = DRIVER_NONE + 1; d < DRIVERS; d++)
		if (driver_present(e, d) && driver_matches(e, d, device) && try_driver(e, d, device) == 0)
			return;
}

static void stop_driver(struct engine *e, enum driver_id driver, uint32_t device)
{
	if (is_card(device))
		return;
	e->state->queues_bound--;
	queue_state_stopped(e, device);
	if (driver == DRIVER_VFIO_AP && e->rules->assign_hot)
		filter_queue_unbound(e, device);
}

void binding_detach(struct engine *e, uint32_t device)
{
	enum driver_id driver = device_driver(e, device);

	if (driver == DRIVER_NONE)
		return;
	*driver_of(e, device) = DRIVER_NONE;
	life_of(e, device)->bound = 0;
	ring_remove(e->state->bound_link, device);
	stop_driver(e, driver, device);
	e->state->topology++;
	uevent_send(e, UEVENT_UNBIND, source_of(device), NULL);
}

int binding_store_bind(struct engine *e, enum driver_id driver, const char *text)
{
	uint32_t device;
	int rc;

	if (device_from_text(e, text, &device) < 0 || !driver_matches(e, driver, device))
		return -ENODEV;
	if (device_driver(e, device) != DRIVER_NONE)
		return e->rules->bind_bound_error;
	rc = try_driver(e, driver, device);
	filter_flush(e);
	return rc;
}

int binding_store_unbind(struct engine *e, enum driver_id driver, const char *text)
{
	uint32_t device;

	if (device_from_text(e, text, &device) < 0 || device_driver(e, device) != driver)
		return -ENODEV;
	binding_detach(e, device);
	return 0;
}

int binding_store_probe(struct engine *e, const char *text)
{
	uint32_t device;

	if (device_from_text(e, text, &device) < 0)
		return -ENODEV;
	binding_attach(e, device);
	filter_flush(e);
	return 0;
}

static bool needs_revision(const struct engine *e, unsigned queue)
{
	const struct queue *q = &e->state->queue[queue];
	bool by_default;

	if (q->override)
		return !q->driver || strcmp(queue_override(e, queue), driver_get(q->driver)->name) != 0;
	/* the kernel reads the flag of a driver that is not there: abi.md 4.4 */
	by_default = q->driver ? driver_get(q->driver)->is_default : e->rules->unbound_as_default;
	return by_default != bus_pool_default(e, queue >> 8, queue & 255);
}

/* The loaded drivers of queues of a pool, one bit each. */
static uint32_t pool_drivers(const struct engine *e, bool is_default)
{
	uint32_t drivers = 0;

	for (enum driver_id d = DRIVER_NONE + 1; d < DRIVERS; d++)
		if (driver_present(e, d) && !driver_get(d)->is_card && driver_get(d)->is_default == is_default)
			drivers |= UINT32_C(1) << d;
	return drivers;
}

/* As binding_attach, for a queue without a driver: only these come into question. */
static void attach_queue(struct engine *e, uint32_t queue, uint32_t drivers)
{
	for (; drivers; drivers &= drivers - 1) {
		enum driver_id d = (enum driver_id)__builtin_ctz(drivers);

		if (driver_matches(e, d, queue) && try_driver(e, d, queue) == 0)
			return;
	}
}

void binding_revise(struct engine *e)
{
	const struct ring_link *link = e->state->order_link;
	const struct ring *order = &e->state->order;
	const uint32_t drivers[] = { [false] = pool_drivers(e, false), [true] = pool_drivers(e, true) };

	for (uint32_t d = ring_first(order, link); d != order->head; d = link[d].next) {
		if (is_card(d) || !needs_revision(e, d))
			continue;
		binding_detach(e, d);
		if (e->state->queue[d].override)
			binding_attach(e, d);
		else
			attach_queue(e, d, drivers[bus_pool_default(e, d >> 8, d & 255)]);
	}
	filter_flush(e);
}

void binding_register_driver(struct engine *e, enum driver_id driver)
{
	const struct ring_link *link = e->state->order_link;
	const struct ring *order = &e->state->order;

	if (e->state->autoprobe)
		for (uint32_t d = ring_first(order, link); d != order->head; d = link[d].next)
			if (device_driver(e, d) == DRIVER_NONE && driver_matches(e, driver, d))
				try_driver(e, driver, d);
	filter_flush(e);
}

void binding_unregister_driver(struct engine *e, enum driver_id driver)
{
	const struct ring *bound = &e->state->bound[driver];
	uint32_t d;

	while ((d = ring_last(bound, e->state->bound_link)) != bound->head)
		binding_detach(e, d);
}
