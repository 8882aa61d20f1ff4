/* SPDX-License-Identifier: MIT */
#include "core/module.h"

#include <errno.h>
#include <string.h>

#include "core/attr_parameter.h"
#include "core/binding.h"
#include "core/mdev.h"
#include "core/queue_state.h"
#include "core/uevent.h"

#define BIT(module) (UINT32_C(1) << (module))

struct module {
	const char *name;
	enum kernel_id first, last;
	uint32_t needs;			/* loaded before it */
	unsigned size[KERNELS];		/* bytes, as one build of each kernel had */
};

static const struct module modules[MODULES] = {
	[MODULE_AP] = { "ap", KERNEL_4_20, KERNEL_7_2, 0, { 0 } },
	[MODULE_ZCRYPT] = { "zcrypt", KERNEL_4_20, KERNEL_7_2, 0, { 45056, 81920, 90112, 86016, 90112 } },
	[MODULE_ZCRYPT_CEX2A] = { "zcrypt_cex2a", KERNEL_4_20, KERNEL_6_1, BIT(MODULE_ZCRYPT), { 16384, 16384, 16384, 16384, 16384 } },
	[MODULE_ZCRYPT_CEX2C] = { "zcrypt_cex2c", KERNEL_4_20, KERNEL_6_1, BIT(MODULE_ZCRYPT), { 16384, 16384, 16384, 16384, 16384 } },
	[MODULE_ZCRYPT_CEX4] = { "zcrypt_cex4", KERNEL_4_20, KERNEL_7_2, BIT(MODULE_ZCRYPT), { 16384, 16384, 20480, 16384, 16384 } },
	[MODULE_VFIO] = { "vfio", KERNEL_4_20, KERNEL_7_2, 0, { 65536, 65536, 65536, 65536, 65536 } },
	[MODULE_MDEV] = { "mdev", KERNEL_4_20, KERNEL_7_2, 0, { 20480, 20480, 20480, 16384, 16384 } },
	[MODULE_VFIO_MDEV] = { "vfio_mdev", KERNEL_4_20, KERNEL_5_10, BIT(MODULE_VFIO) | BIT(MODULE_MDEV), { 16384, 16384, 16384, 16384, 16384 } },
	[MODULE_KVM] = { "kvm", KERNEL_4_20, KERNEL_7_2, 0, { 360448, 360448, 360448, 360448, 360448 } },
	[MODULE_VFIO_AP] = { "vfio_ap", KERNEL_4_20, KERNEL_7_2,
			     BIT(MODULE_VFIO) | BIT(MODULE_MDEV) | BIT(MODULE_KVM), { 20480, 24576, 32768, 36864, 36864 } },
	[MODULE_IRQBYPASS] = { "irqbypass", KERNEL_4_20, KERNEL_7_2, 0, { 12288, 12288, 12288, 12288, 12288 } },
	[MODULE_IOMMUFD] = { "iommufd", KERNEL_6_12, KERNEL_7_2, 0, { 98304, 98304, 98304, 98304, 98304 } },
	[MODULE_VFIO_VIRQFD] = { "vfio_virqfd", KERNEL_4_20, KERNEL_6_1, 0, { 12288, 12288, 12288, 12288, 12288 } },
	[MODULE_VFIO_IOMMU_TYPE1] = { "vfio_iommu_type1", KERNEL_4_20, KERNEL_7_2, BIT(MODULE_VFIO), { 40960, 40960, 40960, 40960, 40960 } },
};

const char *module_name(enum module_id module)
{
	return modules[module].name;
}

unsigned module_size(const struct engine *e, enum module_id module)
{
	return modules[module].size[e->state->kernel];
}

uint32_t module_needs(enum module_id module)
{
	return modules[module].needs;
}

const char *module_version(enum module_id module)
{
	switch (module) {
	case MODULE_MDEV:
	case MODULE_VFIO_MDEV:
		return "0.1";
	case MODULE_VFIO:
		return "0.3";
	default:
		return NULL;
	}
}

const char *module_source_version(const struct engine *e)
{
	/* of the recorded builds: any other would do as well */
	static const char *const sources[KERNELS] = { "653D2B1898CB999A68939F8", "05C971DEE2C3CF0D6229AA9",
						      "035CECCC76FD2AF8874053A", "0D6D9D46D0E87F28A663BBF",
						      "48488DF7D59FC5E543B1D1B" };

	return sources[e->state->kernel];
}

bool module_exists(const struct engine *e, enum module_id module)
{
	return e->state->kernel >= modules[module].first && e->state->kernel <= modules[module].last;
}

static bool same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++)
		if (*typed != *name && !(*typed == '-' && *name == '_'))
			return false;
	return *typed == *name;
}

int module_from_name(const struct engine *e, const char *name, enum module_id *ret)
{
	for (enum module_id m = 0; m < MODULES; m++) {
		if (same_name(name, modules[m].name) && module_exists(e, m)) {
			*ret = m;
			return 0;
		}
	}
	return -ENOENT;
}

bool module_builtin(enum module_id module)
{
	return module == MODULE_AP;
}

uint32_t module_holders(const struct engine *e, enum module_id module)
{
	uint32_t holders = 0;

	for (enum module_id m = 0; m < MODULES; m++)
		if (e->state->module[m].loaded && (modules[m].needs & BIT(module)))
			holders |= BIT(m);
	return holders;
}

unsigned module_refcount(const struct engine *e, enum module_id module)
{
	unsigned count = (unsigned)__builtin_popcount(module_holders(e, module));

	if (module != MODULE_VFIO_AP)
		return count;
	for (uint32_t slot = 0; slot < e->state->mdev_high; slot++)
		count += e->state->mdev[slot].opened;
	return count;
}

/* Of two loaded at one time the higher number is the later, as its needs come first. */
static bool later(const struct engine *e, enum module_id a, enum module_id b)
{
	int64_t of_a = e->state->module[a].time, of_b = e->state->module[b].time;

	return of_a != of_b ? of_a > of_b : a > b;
}

static void print_loaded(const struct engine *e, enum module_id module, struct page *out)
{
	uint32_t holders = module_holders(e, module);

	page_printf(out, "%s %u %u ", module_name(module), module_size(e, module), module_refcount(e, module));
	for (enum module_id h = 0; h < MODULES; h++)
		if (holders >> h & 1)
			page_printf(out, "%s,", module_name(h));
	page_printf(out, "%s Live 0x0000000000000000\n", holders ? "" : "-");
}

void module_print_loaded(const struct engine *e, struct page *out)
{
	uint32_t left = 0;

	for (enum module_id m = 0; m < MODULES; m++)
		if (module_loaded(e, m) && !module_builtin(m))
			left |= BIT(m);
	while (left) {
		enum module_id last = (enum module_id)__builtin_ctz(left);

		for (enum module_id m = 0; m < MODULES; m++)
			if ((left & BIT(m)) && later(e, m, last))
				last = m;
		print_loaded(e, last, out);
		left &= ~BIT(last);
	}
}

static void send_object(struct engine *e, enum uevent_action action, enum uevent_object object, const char *name)
{
	uevent_send(e, action, (struct uevent_source){ object, 0, name }, NULL);
}

static void register_driver(struct engine *e, enum driver_id driver, const char *name)
{
	binding_register_driver(e, driver);
	send_object(e, UEVENT_ADD, OBJECT_BUS_DRIVER, name);
	binding_consider_complete(e);
}

static void unregister_driver(struct engine *e, enum driver_id driver, const char *name)
{
	binding_unregister_driver(e, driver);
	send_object(e, UEVENT_REMOVE, OBJECT_BUS_DRIVER, name);
}

static void send_mdev_state(struct engine *e, const char *state)
{
	if (e->rules->matrix_bus)
		uevent_send(e, UEVENT_CHANGE, (struct uevent_source){ OBJECT_MATRIX, 0, NULL }, state);
}

static void start_vfio_ap(struct engine *e)
{
	struct state *s = e->state;

	if (e->rules->matrix_bus) {
		send_object(e, UEVENT_ADD, OBJECT_BUS, "matrix");
		send_object(e, UEVENT_ADD, OBJECT_MATRIX, NULL);
		s->matrix_bound = true;
		send_object(e, UEVENT_BIND, OBJECT_MATRIX, NULL);
		send_object(e, UEVENT_ADD, OBJECT_BUS_DRIVER, "matrix/vfio_ap");
	}
	s->matrix_autoprobe = true;
	register_driver(e, DRIVER_VFIO_AP, "ap/vfio_ap");
	if (e->rules->mdev_driver_attributes)
		send_object(e, UEVENT_ADD, OBJECT_BUS_DRIVER, "mdev/vfio_ap_mdev");
	s->class_mdev_bus = true;
	send_mdev_state(e, "MDEV_STATE=registered");
	journal_log(e->journal, "vfio_ap matrix: MDEV: Registered");
}

static void stop_vfio_ap(struct engine *e)
{
	mdev_remove_all(e);
	send_mdev_state(e, "MDEV_STATE=unregistered");
	journal_log(e->journal, "vfio_ap matrix: MDEV: Unregistering");
	if (e->rules->mdev_driver_attributes)
		send_object(e, UEVENT_REMOVE, OBJECT_BUS_DRIVER, "mdev/vfio_ap_mdev");
	unregister_driver(e, DRIVER_VFIO_AP, "ap/vfio_ap");
	if (!e->rules->matrix_bus)
		return;
	e->state->matrix_bound = false;
	send_object(e, UEVENT_UNBIND, OBJECT_MATRIX, NULL);
	send_object(e, UEVENT_REMOVE, OBJECT_BUS_DRIVER, "matrix/vfio_ap");
	send_object(e, UEVENT_REMOVE, OBJECT_MATRIX, NULL);
	send_object(e, UEVENT_REMOVE, OBJECT_BUS, "matrix");
}

static void start_vfio(struct engine *e)
{
	send_object(e, UEVENT_ADD, OBJECT_MISC, "vfio");
	send_object(e, UEVENT_ADD, OBJECT_CLASS, "vfio");
	if (e->rules->mdev_driver_attributes)
		send_object(e, UEVENT_ADD, OBJECT_CLASS, "vfio-dev");
	journal_log(e->journal, "VFIO - User Level meta-driver version: 0.3");
}

/* What a module's own start does. */
static void start_module(struct engine *e, enum module_id module)
{
	switch (module) {
	case MODULE_ZCRYPT:
		send_object(e, UEVENT_ADD, OBJECT_CLASS, "zcrypt");
		send_object(e, UEVENT_ADD, OBJECT_MISC, "z90crypt");
		break;
	case MODULE_ZCRYPT_CEX2A:
		queue_state_drivers_loaded(e);
		register_driver(e, DRIVER_CEX2ACARD, "ap/cex2acard");
		register_driver(e, DRIVER_CEX2AQUEUE, "ap/cex2aqueue");
		break;
	case MODULE_ZCRYPT_CEX2C:
		queue_state_drivers_loaded(e);
		register_driver(e, DRIVER_CEX2CCARD, "ap/cex2card");
		register_driver(e, DRIVER_CEX2CQUEUE, "ap/cex2cqueue");
		break;
	case MODULE_ZCRYPT_CEX4:
		queue_state_drivers_loaded(e);
		register_driver(e, DRIVER_CEX4CARD, "ap/cex4card");
		register_driver(e, DRIVER_CEX4QUEUE, "ap/cex4queue");
		break;
	case MODULE_VFIO:
		start_vfio(e);
		break;
	case MODULE_MDEV:
		e->state->mdev_autoprobe = true;
		e->state->class_mdev_bus = e->rules->mdev_driver_attributes;
		send_object(e, UEVENT_ADD, OBJECT_BUS, "mdev");
		break;
	case MODULE_VFIO_MDEV:
		send_object(e, UEVENT_ADD, OBJECT_BUS_DRIVER, "mdev/vfio_mdev");
		break;
	case MODULE_KVM:
		send_object(e, UEVENT_ADD, OBJECT_MISC, "kvm");
		break;
	case MODULE_VFIO_AP:
		start_vfio_ap(e);
		break;
	default:
		break;
	}
}

static void stop_module(struct engine *e, enum module_id module)
{
	switch (module) {
	case MODULE_ZCRYPT:
		zcrypt_remove_all(e);
		send_object(e, UEVENT_REMOVE, OBJECT_MISC, "z90crypt");
		send_object(e, UEVENT_REMOVE, OBJECT_CLASS, "zcrypt");
		break;
	case MODULE_ZCRYPT_CEX2A:
		unregister_driver(e, DRIVER_CEX2AQUEUE, "ap/cex2aqueue");
		unregister_driver(e, DRIVER_CEX2ACARD, "ap/cex2acard");
		break;
	case MODULE_ZCRYPT_CEX2C:
		unregister_driver(e, DRIVER_CEX2CQUEUE, "ap/cex2cqueue");
		unregister_driver(e, DRIVER_CEX2CCARD, "ap/cex2card");
		break;
	case MODULE_ZCRYPT_CEX4:
		unregister_driver(e, DRIVER_CEX4QUEUE, "ap/cex4queue");
		unregister_driver(e, DRIVER_CEX4CARD, "ap/cex4card");
		break;
	case MODULE_VFIO:
		if (e->rules->mdev_driver_attributes)
			send_object(e, UEVENT_REMOVE, OBJECT_CLASS, "vfio-dev");
		send_object(e, UEVENT_REMOVE, OBJECT_CLASS, "vfio");
		send_object(e, UEVENT_REMOVE, OBJECT_MISC, "vfio");
		break;
	case MODULE_MDEV:
		e->state->class_mdev_bus = false;
		send_object(e, UEVENT_REMOVE, OBJECT_BUS, "mdev");
		break;
	case MODULE_VFIO_MDEV:
		send_object(e, UEVENT_REMOVE, OBJECT_BUS_DRIVER, "mdev/vfio_mdev");
		break;
	case MODULE_KVM:
		send_object(e, UEVENT_REMOVE, OBJECT_MISC, "kvm");
		break;
	case MODULE_VFIO_AP:
		stop_vfio_ap(e);
		break;
	default:
		break;
	}
}

bool module_can_load(const struct engine *e, enum module_id module)
{
	for (enum module_id need = 0; need < MODULES; need++)
		if ((modules[module].needs & BIT(need)) && !module_loaded(e, need))
			return false;
	return !module_loaded(e, module) && module_exists(e, module);
}

int module_load(struct engine *e, enum module_id module)
{
	struct module_state *m = &e->state->module[module];
	bool early = e->rules->module_event_first;

	if (m->loaded || module_builtin(module))
		return -EEXIST;
	for (enum module_id need = 0; need < MODULES; need++)
		if ((modules[module].needs & BIT(need)) && !module_loaded(e, need))
			return -ENOENT;
	m->loaded = true;
	m->time = e->state->now;
	m->loads++;
	e->state->topology++;
	if (early)
		send_object(e, UEVENT_ADD, OBJECT_MODULE, modules[module].name);
	start_module(e, module);
	if (!early)
		send_object(e, UEVENT_ADD, OBJECT_MODULE, modules[module].name);
	return 0;
}

int module_unload(struct engine *e, enum module_id module)
{
	struct module_state *m = &e->state->module[module];

	if (module_builtin(module) || !m->loaded)
		return -ENOENT;
	if (module_refcount(e, module))
		return -EAGAIN;
	stop_module(e, module);
	m->loaded = false;
	e->state->topology++;
	send_object(e, UEVENT_REMOVE, OBJECT_MODULE, modules[module].name);
	return 0;
}

static int load_with(struct engine *e, enum module_id module, const char *parameters)
{
	int rc = module_loaded(e, module) ? -EEXIST : parameters_check(e, module, parameters);

	if (rc == 0)
		rc = module_load(e, module);
	if (rc == 0)
		parameters_set(e, module, parameters);
	return rc;
}

int module_store_command(struct engine *e, const char *text)
{
	char name[64];
	bool load = strncmp(text, "load ", 5) == 0, unload = strncmp(text, "unload ", 7) == 0;
	const char *start = text + (load ? 5 : 7);
	size_t length;
	enum module_id module;
	int rc;

	if (!load && !unload)
		return -EINVAL;
	length = strcspn(start, " \n");
	if (length >= sizeof(name) || (unload && start[length + strspn(start + length, "\n")]))
		return -EINVAL;
	memcpy(name, start, length);
	name[length] = 0;
	rc = module_from_name(e, name, &module);
	if (rc < 0)
		return rc;
	return load ? load_with(e, module, start + length) : module_unload(e, module);
}
