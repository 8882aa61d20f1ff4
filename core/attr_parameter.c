/* SPDX-License-Identifier: MIT */
/* /sys/module/NAME/parameters: of ap, zcrypt and kvm in one table, told apart by the module (abi.md 9). */
#include "core/attr_parameter.h"

#include <errno.h>
#include <string.h>

#include "core/attr_tables.h"
#include "core/module.h"
#include "core/parse.h"

/* --- ap: from the kernel's command line --- */

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

/* --- settings: kept and checked, though nothing here depends on them --- */

enum setting_id {
	KVM_NS, KVM_GROW, KVM_SHRINK, KVM_STEAL, KVM_GROW_START, KVM_GISA, KVM_DIAG9C, KVM_HPAGE, KVM_NESTED,
	KVM_ASYNC, KVM_UNSAFE, KVM_HPAGE_2G, ZCRYPT_SEED, ZCRYPT_THRESHOLD, AP_POOL,
};

enum setting_type { TYPE_INT, TYPE_UINT, TYPE_BYTE, TYPE_BOOL };

static const struct setting {
	enum module_id module;
	enum setting_type type;
	uint32_t start;		/* until somebody sets it */
	const char *about;
} settings[] = {
	[KVM_NS] = { MODULE_KVM, TYPE_UINT, 50000, NULL },
	[KVM_GROW] = { MODULE_KVM, TYPE_UINT, 2, NULL },
	[KVM_SHRINK] = { MODULE_KVM, TYPE_UINT, 0, NULL },
	[KVM_STEAL] = { MODULE_KVM, TYPE_BYTE, 10, "Maximum percentage of steal time to allow polling" },
	[KVM_GROW_START] = { MODULE_KVM, TYPE_UINT, 10000, NULL },
	[KVM_GISA] = { MODULE_KVM, TYPE_BOOL, 1, "Use the GISA if the host supports it." },
	[KVM_DIAG9C] = { MODULE_KVM, TYPE_UINT, 0, "Maximum diag9c forwarding per second, 0 to turn off" },
	[KVM_HPAGE] = { MODULE_KVM, TYPE_INT, 0, "1m huge page backing support" },
	[KVM_NESTED] = { MODULE_KVM, TYPE_INT, 0, "Nested virtualization support" },
	[KVM_ASYNC] = { MODULE_KVM, TYPE_INT, 1, "Asynchronous destroy for protected guests." },
	[KVM_UNSAFE] = { MODULE_KVM, TYPE_BOOL, 0, NULL },
	[KVM_HPAGE_2G] = { MODULE_KVM, TYPE_INT, 0, "2g huge page backing support" },
	[ZCRYPT_SEED] = { MODULE_ZCRYPT, TYPE_INT, 1, "Turn on/off hwrng auto seed, default is 1 (on)." },
	[ZCRYPT_THRESHOLD] = { MODULE_ZCRYPT, TYPE_UINT, 5, "CCA and EP11 request/reply mempool minimal items (min: 1)" },
	[AP_POOL] = { MODULE_AP, TYPE_UINT, 8, "AP message pool minimal items" },
};

_Static_assert(sizeof(settings) / sizeof(*settings) <= MODULE_SETTINGS, "state.h has too little room for settings");

static uint32_t setting_default(enum kernel_id kernel, int setting)
{
	if (setting == KVM_NS && kernel == KERNEL_4_20)
		return 80000;
	if (setting == KVM_SHRINK && kernel >= KERNEL_6_12)
		return 2;
	return settings[setting].start;
}

static int show_setting(struct engine *e, struct node n, const struct row *row, struct page *out)
{
	const struct state *s = e->state;
	uint32_t value = s->setting_set[row->arg] ? s->setting[row->arg] : setting_default(s->kernel, row->arg);

	if (settings[row->arg].type == TYPE_BOOL)
		page_printf(out, "%c\n", value ? 'Y' : 'N');
	else if (settings[row->arg].type == TYPE_INT)
		page_printf(out, "%d\n", (int)value);
	else
		page_printf(out, "%u\n", value);
	return 0;
}

static int parse_int(const char *text, uint32_t *ret)
{
	bool minus = *text == '-';
	uint64_t value;
	int rc = parse_ulong(text + minus, &value);

	if (rc < 0 || (minus && text[1] == '+'))
		return rc < 0 ? rc : -EINVAL;
	if (value > (uint64_t)INT32_MAX + minus)
		return -ERANGE;
	*ret = minus ? -(uint32_t)value : (uint32_t)value;
	return 0;
}

/* param_set_int, param_set_uint, param_set_byte, param_set_bool */
static int parse_setting(const struct engine *e, int setting, const char *text, uint32_t *ret)
{
	enum setting_type type = settings[setting].type;
	uint64_t value;
	bool on = false;
	int rc;

	if (type == TYPE_INT)
		return parse_int(text, ret);
	if (type == TYPE_BOOL) {
		rc = parse_bool(text, e->rules->bool_enable, &on);
		value = on;
	} else {
		rc = parse_ulong(text, &value);
		if (rc == 0 && value > (type == TYPE_BYTE ? UINT8_MAX : UINT32_MAX))
			rc = -ERANGE;
	}
	if (rc == 0)
		*ret = (uint32_t)value;
	return rc;
}

static int store_setting(struct engine *e, struct node n, const struct row *row, const char *text, size_t length)
{
	uint32_t value;
	int rc = parse_setting(e, row->arg, text, &value);

	if (rc < 0)
		return rc;
	e->state->setting[row->arg] = value;
	e->state->setting_set[row->arg] = true;
	return 0;
}

static bool when_ap(const struct engine *e, struct node dir, const struct row *row)
{
	return dir.sub == MODULE_AP;
}

static bool when_setting(const struct engine *e, struct node dir, const struct row *row)
{
	return dir.sub == settings[row->arg].module;
}

#define AP_PARAMETER(text, which, before) \
	{ .name = text, .mode = 0440, .show = show_ap_parameter, .arg = which, .when = when_ap, \
	  .first = before, .last = KERNEL_6_12 }, \
	{ .name = text, .mode = 0444, .show = show_ap_parameter, .arg = which, .when = when_ap, SINCE(KERNEL_7_2) }
#define SETTING(text, bits, which, kernels) \
	{ .name = text, .mode = bits, .show = show_setting, .store = store_setting, .arg = which, \
	  .when = when_setting, kernels }
/* once the module is loaded nothing can set it */
#define FIXED(text, bits, which, kernels) \
	{ .name = text, .mode = bits, .show = show_setting, .arg = which, .when = when_setting, kernels }

static const struct row module_parameters_rows[] = {
	AP_PARAMETER("apmask", AP_APMASK, KERNEL_4_20),
	AP_PARAMETER("aqmask", AP_AQMASK, KERNEL_4_20),
	AP_PARAMETER("domain", AP_DOMAIN, KERNEL_4_20),
	AP_PARAMETER("poll_thread", AP_POLL_THREAD, KERNEL_4_20),
	AP_PARAMETER("useirq", AP_USEIRQ, KERNEL_6_1),
	FIXED("msgpool_min_items", 0400, AP_POOL, SINCE(KERNEL_7_2)),
	FIXED("mempool_threshold", 0400, ZCRYPT_THRESHOLD, SINCE(KERNEL_7_2)),
	FIXED("hwrng_seed", 0440, ZCRYPT_SEED, UNTIL(KERNEL_6_1)),
	SETTING("halt_poll_ns", 0644, KVM_NS, ALL_KERNELS),
	SETTING("halt_poll_ns_grow", 0644, KVM_GROW, ALL_KERNELS),
	SETTING("halt_poll_ns_shrink", 0644, KVM_SHRINK, ALL_KERNELS),
	FIXED("hpage", 0444, KVM_HPAGE, ALL_KERNELS),
	FIXED("nested", 0444, KVM_NESTED, ALL_KERNELS),
	SETTING("halt_poll_max_steal", 0644, KVM_STEAL, SINCE(KERNEL_5_10)),
	SETTING("halt_poll_ns_grow_start", 0644, KVM_GROW_START, SINCE(KERNEL_5_10)),
	SETTING("use_gisa", 0644, KVM_GISA, SINCE(KERNEL_5_10)),
	SETTING("diag9c_forwarding_hz", 0644, KVM_DIAG9C, SINCE(KERNEL_6_1)),
	FIXED("async_destroy", 0444, KVM_ASYNC, SINCE(KERNEL_6_12)),
	FIXED("allow_unsafe_mappings", 0444, KVM_UNSAFE, SINCE(KERNEL_7_2)),
	FIXED("hpage_2g", 0444, KVM_HPAGE_2G, SINCE(KERNEL_7_2)),
};

const struct dir dir_module_parameters = { ROWS(module_parameters_rows), .parent = DIR_MODULE,
					   .name = "parameters" };

/* --- what is given when a module is loaded, and what modinfo says ------------------------------- */

static const struct row *find_setting(const struct engine *e, enum module_id module, const char *name, size_t length)
{
	for (unsigned i = 0; i < dir_module_parameters.count; i++) {
		const struct row *row = &module_parameters_rows[i];

		if (row->when == when_setting && settings[row->arg].module == module &&
		    e->state->kernel >= row->first && e->state->kernel <= row->last &&
		    strlen(row->name) == length && memcmp(row->name, name, length) == 0)
			return row;
	}
	return NULL;
}

/* One word, "name=value" or a flag's name: as parse_args does, with what the kernel would log. */
static int take_word(struct engine *e, enum module_id module, const char *word, bool set)
{
	size_t length = strcspn(word, "=");
	const struct row *row = find_setting(e, module, word, length);
	const char *value = word[length] ? word + length + 1 : "1";
	uint32_t number;
	int rc;

	if (!row) {
		if (!set)
			journal_log(e->journal, "%s: unknown parameter '%.*s' ignored", module_name(module), (int)length,
				    word);
		return 0;
	}
	rc = word[length] || settings[row->arg].type == TYPE_BOOL ? parse_setting(e, row->arg, value, &number) : -EINVAL;
	if (rc == 0 && row->arg == ZCRYPT_THRESHOLD && number < 1)
		return -EINVAL;
	if (rc < 0) {
		journal_log(e->journal, "%s: `%s' invalid for parameter `%s'", module_name(module),
			    word[length] ? value : "", row->name);
		return rc;
	}
	if (set) {
		e->state->setting[row->arg] = number;
		e->state->setting_set[row->arg] = true;
	}
	return 0;
}

static int take_words(struct engine *e, enum module_id module, const char *text, bool set)
{
	char word[256];
	int rc = 0;

	while (rc == 0 && *(text += strspn(text, " \n"))) {
		size_t length = strcspn(text, " \n");

		if (length >= sizeof(word))
			return -ENOSPC;
		memcpy(word, text, length);
		word[length] = 0;
		rc = take_word(e, module, word, set);
		text += length;
	}
	return rc;
}

int parameters_check(struct engine *e, enum module_id module, const char *text)
{
	return take_words(e, module, text, false);
}

void parameters_set(struct engine *e, enum module_id module, const char *text)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (settings[i].module == module)
			e->state->setting_set[i] = false;
	(void)take_words(e, module, text, true);
}

void parameters_print(const struct engine *e, enum module_id module, struct page *out)
{
	static const char *const types[] = { "int", "uint", "byte", "bool" };

	for (unsigned i = 0; i < dir_module_parameters.count; i++) {
		const struct row *row = &module_parameters_rows[i];
		const struct setting *setting = &settings[row->arg];

		if (row->when != when_setting || setting->module != module || e->state->kernel < row->first ||
		    e->state->kernel > row->last)
			continue;
		if (setting->about)
			page_printf(out, "parm: %s:%s (%s)\n", row->name, setting->about, types[setting->type]);
		else
			page_printf(out, "parm: %s:%s\n", row->name, types[setting->type]);
	}
}
