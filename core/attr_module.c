/* SPDX-License-Identifier: MIT */
/* /sys/module (abi.md 9). */
#include <errno.h>

#include "core/attr_tables.h"
#include "core/module.h"
#include "core/parse.h"

static const struct row modules_rows[] = {
	{ .family = &family_modules, .type = ROW_DIR, .child = DIR_MODULE, ALL_KERNELS },
};

const struct dir dir_modules = { ROWS(modules_rows), .parent = DIR_ROOT, .name = "module" };

enum { MODULE_TEXT_SIZE, MODULE_TEXT_ZERO, MODULE_TEXT_STATE, MODULE_TEXT_REFCOUNT, MODULE_TEXT_TAINT,
       MODULE_TEXT_VERSION, MODULE_TEXT_SOURCE };

static int show_module(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	/* of the recorded builds: any other would do as well */
	static const char *const sources[KERNELS] = { "653D2B1898CB999A68939F8", "05C971DEE2C3CF0D6229AA9",
						      "035CECCC76FD2AF8874053A", "0D6D9D46D0E87F28A663BBF",
						      "48488DF7D59FC5E543B1D1B" };

	switch (row->arg) {
	case MODULE_TEXT_SIZE:
		page_printf(out, "%u\n", module_size(e, n.sub));
		break;
	case MODULE_TEXT_ZERO:
		page_printf(out, "0\n");
		break;
	case MODULE_TEXT_STATE:
		page_printf(out, "live\n");
		break;
	case MODULE_TEXT_REFCOUNT:
		page_printf(out, "%u\n", module_refcount(e, n.sub));
		break;
	case MODULE_TEXT_VERSION:
		page_printf(out, "%s\n", n.sub == MODULE_VFIO ? "0.3" : "0.1");
		break;
	case MODULE_TEXT_SOURCE:
		page_printf(out, "%s\n", sources[e->state->kernel]);
		break;
	default:
		page_printf(out, "\n");
		break;
	}
	return 0;
}

static bool when_loadable(const struct engine *e, struct node dir, const struct row *row)
{
	return !module_builtin(dir.sub);
}

static bool when_versioned(const struct engine *e, struct node dir, const struct row *row)
{
	return dir.sub == MODULE_MDEV || dir.sub == MODULE_VFIO_MDEV || dir.sub == MODULE_VFIO;
}

static bool when_drives(const struct engine *e, struct node dir, const struct row *row)
{
	switch (dir.sub) {
	case MODULE_ZCRYPT_CEX2A:
	case MODULE_ZCRYPT_CEX2C:
	case MODULE_ZCRYPT_CEX4:
	case MODULE_VFIO_MDEV:
	case MODULE_VFIO_AP:
		return true;
	default:
		return false;
	}
}

static bool when_parameters(const struct engine *e, struct node dir, const struct row *row)
{
	if (dir.sub == MODULE_ZCRYPT)
		return e->state->kernel != KERNEL_6_12;
	return dir.sub == MODULE_AP || dir.sub == MODULE_KVM;
}

#define MODULE_FILE(text, which, condition) \
	{ .name = text, .mode = 0444, .show = show_module, .arg = which, .when = condition, ALL_KERNELS }

static const struct row module_rows[] = {
	{ .name = "uevent", .mode = 0200, .store = store_uevent, .effect = EFFECT_UEVENT, ALL_KERNELS },
	MODULE_FILE("coresize", MODULE_TEXT_SIZE, when_loadable),
	MODULE_FILE("initsize", MODULE_TEXT_ZERO, when_loadable),
	MODULE_FILE("initstate", MODULE_TEXT_STATE, when_loadable),
	MODULE_FILE("refcnt", MODULE_TEXT_REFCOUNT, when_loadable),
	MODULE_FILE("taint", MODULE_TEXT_TAINT, when_loadable),
	MODULE_FILE("version", MODULE_TEXT_VERSION, when_versioned),
	MODULE_FILE("srcversion", MODULE_TEXT_SOURCE, when_versioned),
	{ .name = "holders", .type = ROW_DIR, .child = DIR_MODULE_HOLDERS, .when = when_loadable, ALL_KERNELS },
	{ .name = "drivers", .type = ROW_DIR, .child = DIR_MODULE_DRIVERS, .when = when_drives, ALL_KERNELS },
	{ .name = "sections", .type = ROW_DIR, .child = DIR_MODULE_SECTIONS, .when = when_loadable, ALL_KERNELS },
	{ .name = "notes", .type = ROW_DIR, .child = DIR_MODULE_NOTES, .when = when_loadable, ALL_KERNELS },
	{ .name = "parameters", .type = ROW_DIR, .child = DIR_MODULE_PARAMETERS, .when = when_parameters,
	  ALL_KERNELS },
};

const struct dir dir_module = { ROWS(module_rows), .parent = DIR_MODULES };

/* A virtual module has no sections to speak of; the directories are there for who lists them. */
const struct dir dir_module_sections = { .parent = DIR_MODULE, .name = "sections" };
const struct dir dir_module_notes = { .parent = DIR_MODULE, .name = "notes" };

static struct node target_holder(const struct engine *e, struct node n, const struct row *row)
{
	return dir_node(e, DIR_MODULE, n.index, 0);
}

static const struct row module_holders_rows[] = {
	{ .family = &family_holders, .type = ROW_LINK, .target = target_holder, ALL_KERNELS },
};

const struct dir dir_module_holders = { ROWS(module_holders_rows), .parent = DIR_MODULE, .name = "holders" };

static struct node target_driver(const struct engine *e, struct node n, const struct row *row)
{
	return n.index == DRIVERS ? dir_node(e, DIR_MDEV_DRIVER, 0, 0) : dir_node(e, DIR_AP_DRIVER, n.index, 0);
}

static const struct row module_drivers_rows[] = {
	{ .family = &family_module_drivers, .type = ROW_LINK, .target = target_driver, ALL_KERNELS },
};

const struct dir dir_module_drivers = { ROWS(module_drivers_rows), .parent = DIR_MODULE, .name = "drivers" };

/* --- parameters: of ap, zcrypt and kvm in one table, told apart by the module --- */

enum { AP_APMASK, AP_AQMASK, AP_DOMAIN, AP_POLL_THREAD, AP_USEIRQ };

static int show_ap_parameter(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct boot *boot = &e->state->boot;

	switch (row->arg) {
	case AP_APMASK:
		page_printf(out, "%s\n", boot->has_apmask ? boot->apmask : "(null)");
		break;
	case AP_AQMASK:
		page_printf(out, "%s\n", boot->has_aqmask ? boot->aqmask : "(null)");
		break;
	case AP_DOMAIN:
		page_printf(out, "%d\n", e->state->default_domain);
		break;
	case AP_POLL_THREAD:
		page_printf(out, "%d\n", boot->poll_thread);
		break;
	default:
		page_printf(out, "%d\n", boot->useirq);
		break;
	}
	return 0;
}

static int show_fixed_parameter(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	static const char *const texts[] = { "8", "5", "1", "0", "N" };

	page_printf(out, "%s\n", texts[row->arg]);
	return 0;
}

/* --- kvm's settings: kept and checked, though nothing here depends on them --- */

enum { KVM_NS, KVM_GROW, KVM_SHRINK, KVM_STEAL, KVM_GROW_START, KVM_GISA, KVM_DIAG9C };

/* As the kernel has it until somebody writes it. */
static uint32_t kvm_default(enum kernel_id kernel, int setting)
{
	static const uint32_t since_5_10[] = { 50000, 2, 0, 10, 10000, 1, 0 };

	if (setting == KVM_NS && kernel == KERNEL_4_20)
		return 80000;
	if (setting == KVM_SHRINK && kernel >= KERNEL_6_12)
		return 2;
	return since_5_10[setting];
}

static int show_kvm_setting(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct state *s = e->state;
	uint32_t value = s->kvm_set[row->arg] ? s->kvm_setting[row->arg] : kvm_default(s->kernel, row->arg);

	if (row->arg == KVM_GISA)
		page_printf(out, "%c\n", value ? 'Y' : 'N');
	else
		page_printf(out, "%u\n", value);
	return 0;
}

/* param_set_uint, and for one each param_set_byte and param_set_bool */
static int store_kvm_setting(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	uint64_t value;
	bool on;
	int rc;

	if (row->arg == KVM_GISA) {
		rc = parse_bool(text, e->rules->bool_enable, &on);
		value = on;
	} else {
		rc = parse_ulong(text, &value);
		if (rc == 0 && value > (row->arg == KVM_STEAL ? UINT8_MAX : UINT32_MAX))
			rc = -ERANGE;
	}
	if (rc < 0)
		return rc;
	e->state->kvm_setting[row->arg] = (uint32_t)value;
	e->state->kvm_set[row->arg] = true;
	return 0;
}

static bool when_ap(const struct engine *e, struct node dir, const struct row *row)
{
	return dir.sub == MODULE_AP;
}

static bool when_zcrypt(const struct engine *e, struct node dir, const struct row *row)
{
	return dir.sub == MODULE_ZCRYPT;
}

static bool when_kvm(const struct engine *e, struct node dir, const struct row *row)
{
	return dir.sub == MODULE_KVM;
}

#define AP_PARAMETER(text, which, before) \
	{ .name = text, .mode = 0440, .show = show_ap_parameter, .arg = which, .when = when_ap, \
	  .first = before, .last = KERNEL_6_12 }, \
	{ .name = text, .mode = 0444, .show = show_ap_parameter, .arg = which, .when = when_ap, SINCE(KERNEL_7_2) }
#define FIXED(text, bits, which, condition, kernels) \
	{ .name = text, .mode = bits, .show = show_fixed_parameter, .arg = which, .when = condition, kernels }
#define KVM_SETTING(text, which, kernels) \
	{ .name = text, .mode = 0644, .show = show_kvm_setting, .store = store_kvm_setting, .arg = which, \
	  .when = when_kvm, kernels }

static const struct row module_parameters_rows[] = {
	AP_PARAMETER("apmask", AP_APMASK, KERNEL_4_20),
	AP_PARAMETER("aqmask", AP_AQMASK, KERNEL_4_20),
	AP_PARAMETER("domain", AP_DOMAIN, KERNEL_4_20),
	AP_PARAMETER("poll_thread", AP_POLL_THREAD, KERNEL_4_20),
	AP_PARAMETER("useirq", AP_USEIRQ, KERNEL_6_1),
	FIXED("msgpool_min_items", 0400, 0, when_ap, SINCE(KERNEL_7_2)),
	FIXED("mempool_threshold", 0400, 1, when_zcrypt, SINCE(KERNEL_7_2)),
	FIXED("hwrng_seed", 0440, 2, when_zcrypt, UNTIL(KERNEL_6_1)),
	KVM_SETTING("halt_poll_ns", KVM_NS, ALL_KERNELS),
	KVM_SETTING("halt_poll_ns_grow", KVM_GROW, ALL_KERNELS),
	KVM_SETTING("halt_poll_ns_shrink", KVM_SHRINK, ALL_KERNELS),
	FIXED("hpage", 0444, 3, when_kvm, ALL_KERNELS),
	FIXED("nested", 0444, 3, when_kvm, ALL_KERNELS),
	KVM_SETTING("halt_poll_max_steal", KVM_STEAL, SINCE(KERNEL_5_10)),
	KVM_SETTING("halt_poll_ns_grow_start", KVM_GROW_START, SINCE(KERNEL_5_10)),
	KVM_SETTING("use_gisa", KVM_GISA, SINCE(KERNEL_5_10)),
	KVM_SETTING("diag9c_forwarding_hz", KVM_DIAG9C, SINCE(KERNEL_6_1)),
	FIXED("async_destroy", 0444, 2, when_kvm, SINCE(KERNEL_6_12)),
	FIXED("allow_unsafe_mappings", 0444, 4, when_kvm, SINCE(KERNEL_7_2)),
	FIXED("hpage_2g", 0444, 3, when_kvm, SINCE(KERNEL_7_2)),
};

const struct dir dir_module_parameters = { ROWS(module_parameters_rows), .parent = DIR_MODULE,
					   .name = "parameters" };
