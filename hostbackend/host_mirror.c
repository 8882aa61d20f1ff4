/* SPDX-License-Identifier: MIT */
/* The bus itself, its modules, and the order in which a host is read. */
#include "hostbackend/host_mirror.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mirror.h"
#include "core/module.h"
#include "hostbackend/host_machine.h"

#define BUS "bus/ap"

static bool exists(const struct host_sysfs *sys, const char *path)
{
	struct stat st;

	return host_stat(sys, path, &st) == 0;
}

/* Any queue of the bus has driver_override? Its name is looked for in the first device directory with a dot. */
static void find_override(void *ctx, const char *name)
{
	struct {
		const struct host_sysfs *sys;
		bool found;
	} *search = ctx;
	char path[HOST_PATH];
	unsigned adapter;

	if (search->found || sscanf(name, "%2x.", &adapter) != 1 || !name[0] || name[2] != '.')
		return;
	snprintf(path, sizeof(path), "devices/ap/card%02x/%.16s/driver_override", adapter, name);
	search->found = exists(search->sys, path);
}

/* What the kernel is, by the files that came with each. */
static enum kernel_id recognize(const struct host_sysfs *sys)
{
	struct {
		const struct host_sysfs *sys;
		bool found;
	} search = { sys, false };

	if (exists(sys, BUS "/bindings_complete_count"))
		return KERNEL_7_2;
	(void)host_list(sys, BUS "/devices", find_override, &search);
	if (search.found)
		return KERNEL_7_2;
	if (exists(sys, BUS "/features"))
		return KERNEL_6_12;
	if (exists(sys, BUS "/bindings") || exists(sys, BUS "/scans"))
		return KERNEL_6_1;
	return exists(sys, BUS "/ap_max_adapter_id") ? KERNEL_5_10 : KERNEL_4_20;
}

static int64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

int host_mirror_init(struct host_mirror *m, const struct host_sysfs *sys)
{
	struct machine *nothing;
	int rc;

	if (!exists(sys, BUS) && !exists(sys, "devices/ap"))
		return -ENOENT;
	nothing = malloc(sizeof(*nothing));
	if (!nothing)
		return -ENOMEM;
	memset(m, 0, sizeof(*m));
	m->sys = sys;
	machine_init(nothing);
	rc = engine_boot(&m->engine, recognize(sys), nothing, NULL, clock_now());
	if (rc == 0)
		m->engine.state->virtual_clock = true;
	free(nothing);
	return rc;
}

void host_mirror_free(struct host_mirror *m)
{
	engine_free(&m->engine);
}

/* --- modules ---------------------------------------------------------------------------------------- */

/* A directory that the module makes, also where it is built into the kernel. */
static const char *const traces[MODULES] = {
	[MODULE_AP] = BUS, [MODULE_ZCRYPT] = "class/zcrypt", [MODULE_ZCRYPT_CEX2A] = BUS "/drivers/cex2acard",
	[MODULE_ZCRYPT_CEX2C] = BUS "/drivers/cex2card", [MODULE_ZCRYPT_CEX4] = BUS "/drivers/cex4card",
	[MODULE_VFIO] = "class/vfio", [MODULE_MDEV] = "bus/mdev", [MODULE_VFIO_MDEV] = "bus/mdev/drivers/vfio_mdev",
	[MODULE_KVM] = "devices/virtual/misc/kvm", [MODULE_VFIO_AP] = "devices/vfio_ap",
};

void host_scan_module(struct host_mirror *m, enum module_id module)
{
	char path[HOST_PATH];
	struct host_seen now = { 0 };

	snprintf(path, sizeof(path), "module/%s", module_name(module));
	now.object = host_inode(m, path);
	if (!now.object && traces[module])
		now.object = host_inode(m, traces[module]);
	mirror_set_module(&m->engine, module, now.object != 0, host_life(&m->module[module], now));
}

static void scan_boot_mask(struct host_mirror *m, const char *name, char *text, size_t size, bool *has)
{
	*has = host_text(m, "module/ap/parameters", name, text, size) && strcmp(text, "(null)") != 0;
}

/* What the bus was booted with. */
static void scan_boot(struct host_mirror *m)
{
	struct boot *boot = &m->engine.state->boot;
	long value;

	scan_boot_mask(m, "apmask", boot->apmask, sizeof(boot->apmask), &boot->has_apmask);
	scan_boot_mask(m, "aqmask", boot->aqmask, sizeof(boot->aqmask), &boot->has_aqmask);
	if (host_number(m, "module/ap/parameters", "poll_thread", &value))
		boot->poll_thread = (int)value;
	if (host_number(m, "module/ap/parameters", "useirq", &value))
		boot->useirq = (int)value;
	else if (host_number(m, BUS, "ap_interrupts", &value))
		boot->useirq = value != 0;
}

void host_scan_modules(struct host_mirror *m, enum host_depth depth)
{
	for (enum module_id module = 0; module < MODULES; module++)
		if (module_exists(&m->engine, module))
			host_scan_module(m, module);
	m->engine.state->class_mdev_bus = host_inode(m, "class/mdev_bus") != 0;
	if (depth >= HOST_RECORD)
		scan_boot(m);
}

/* --- the bus ------------------------------------------------------------------------------------------ */

/* "not supported" says that there is no QCI. */
static bool scan_host_mask(struct host_mirror *m, const char *name, struct ap_mask *ret)
{
	char text[AP_MASK_TEXT + 2];

	ap_mask_fill(ret, false);
	if (host_text(m, BUS, name, text, sizeof(text)) && strcmp(text, "not supported") == 0)
		return false;
	return host_mask(m, BUS, name, ret);
}

static bool beyond(const struct ap_mask *mask, int limit)
{
	return ap_mask_last(mask) > limit;
}

static void scan_features(struct host_mirror *m)
{
	struct state *s = m->engine.state;
	char text[64];
	bool known = host_text(m, BUS, "features", text, sizeof(text));

	s->apsc = known ? strstr(text, "APSC") != NULL : s->qci;
	s->apxa = known ? strstr(text, "APXA") != NULL
			: s->qci && (s->max_adapter > 63 || s->max_domain > 15 || beyond(&s->host_adapters, 63) ||
				     beyond(&s->host_domains, 15) || beyond(&s->host_controls, 15));
	s->qact = known && strstr(text, "QACT");
	s->rc8a = known && strstr(text, "RC8A");
	s->apsb = known && strstr(text, "APSB");
}

static void scan_configuration(struct host_mirror *m)
{
	struct state *s = m->engine.state;
	long value = 255;

	s->qci = scan_host_mask(m, "ap_adapter_mask", &s->host_adapters);
	scan_host_mask(m, "ap_usage_domain_mask", &s->host_domains);
	scan_host_mask(m, "ap_control_domain_mask", &s->host_controls);
	s->max_adapter = host_number(m, BUS, "ap_max_adapter_id", &value) ? (uint16_t)value : 255;
	if (!host_number(m, BUS, "ap_max_domain_id", &value))
		value = 255;
	s->max_domain = m->engine.rules->limits_by_tapq ? 255 : (uint16_t)value;
	s->tapq_domain_limit = m->engine.rules->limits_by_tapq && value > 0 ? (int)value : 0;
	scan_features(m);
	s->config_known = s->qci;
}

void host_scan_bus(struct host_mirror *m, enum host_depth depth)
{
	struct state *s = m->engine.state;
	long number[] = { s->default_domain, s->config_time, (long)s->poll_timeout };

	scan_configuration(m);
	host_mask(m, BUS, "apmask", &s->apmask);
	host_mask(m, BUS, "aqmask", &s->aqmask);
	host_number(m, BUS, "ap_domain", &number[0]);
	host_number(m, BUS, "config_time", &number[1]);
	host_number(m, BUS, "poll_timeout", &number[2]);
	s->default_domain = (int)number[0];
	s->config_time = (int)number[1];
	s->poll_timeout = (uint64_t)number[2];
	host_flag(m, BUS, "poll_thread", &s->poll_thread);
	host_flag(m, BUS, "drivers_autoprobe", &s->autoprobe);
	host_flag(m, "bus/mdev", "drivers_autoprobe", &s->mdev_autoprobe);
	host_flag(m, "bus/matrix", "drivers_autoprobe", &s->matrix_autoprobe);
}

void host_scan_all(struct host_mirror *m, enum host_depth depth)
{
	struct state *s = m->engine.state;

	s->now = clock_now();
	host_scan_modules(m, depth);
	if (depth >= HOST_BINDINGS)
		host_scan_bus(m, depth);
	host_scan_cards(m, depth);
	for (unsigned adapter = 0; adapter < AP_IDS; adapter++)
		if (s->card[adapter].life.born)
			host_scan_queues(m, adapter, depth);
	host_scan_mdevs(m, depth);
	host_scan_nodes(m, depth);
	if (depth >= HOST_RECORD)
		host_guests(m);
	if (depth >= HOST_BINDINGS)
		host_machine(m);
}
