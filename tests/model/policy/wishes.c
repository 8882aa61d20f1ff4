/* SPDX-License-Identifier: MIT */
/* Random writes, in all spellings, and what those of masks and matrices ask for. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/model/policy/policy.h"

#define TYPE MATRIX "mdev_supported_types/vfio_ap-passthrough/"

static void __attribute__((format(printf, 2, 3))) path(struct wish *x, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(x->path, sizeof(x->path), format, args);
	va_end(args);
}

static void __attribute__((format(printf, 2, 3))) say(struct wish *x, const char *format, ...)
{
	size_t length = strlen(x->text);
	va_list args;

	va_start(args, format);
	vsnprintf(x->text + length, sizeof(x->text) - length, format, args);
	va_end(args);
}

static const char *any(struct world *w, const char *const *texts, unsigned count)
{
	return texts[pick(w, count)];
}

#define ANY(w, ...) any(w, (const char *const[]){ __VA_ARGS__ }, LENGTH(((const char *const[]){ __VA_ARGS__ })))

/* "5", "0x5", "05": all the same number */
static void say_number(struct world *w, struct wish *x, unsigned number)
{
	static const char *const forms[] = { "%u", "0x%x", "0X%X", "0%o", "0x00%x" };

	/* the form is one of the five above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	say(x, forms[pick(w, LENGTH(forms))], number);
#pragma GCC diagnostic pop
}

/* --- masks ------------------------------------------------------------------------------------------------ */

static void say_absolute(struct world *w, struct wish *x, const struct ids *s, bool end)
{
	unsigned digits = 64;

	say(x, "%s", ANY(w, "0x", "0x", "x", ""));
	for (unsigned d = 0; d < digits; d++) {
		const bool *bit = &s->has[4 * d];
		unsigned digit = bit[0] * 8U + bit[1] * 4U + bit[2] * 2U + bit[3];
		bool rest = false;

		for (unsigned i = 4 * d; i < AP_IDS; i++)
			rest = rest || s->has[i];
		/* zeros at the end may be left out */
		if (!rest && pick(w, 8) == 0)
			break;
		say(x, pick(w, 2) ? "%x" : "%X", digit);
	}
	say(x, "%s", end && pick(w, 2) ? "\n" : "");
}

/* Items from left to right, some of them again, some taken back. */
static void say_relative(struct world *w, struct wish *x, struct ids *s, unsigned (*id)(struct world *w))
{
	for (unsigned n = 1 + pick(w, 4), i = 0; i < n; i++) {
		bool on = pick(w, 2);
		unsigned first = id(w), last = first + (pick(w, 4) ? 0 : pick(w, 3));

		last = last < AP_IDS ? last : AP_IDS - 1;
		/* a minus next to a number would make a range of both */
		if (i > 0)
			say(x, "%s", on ? ANY(w, ",", ",", ",,", "", "\n") : ANY(w, ",", "\n,"));
		say(x, "%c", on ? '+' : '-');
		say_number(w, x, first);
		if (last > first || pick(w, 8) == 0) {
			say(x, "-");
			say_number(w, x, last);
		}
		for (unsigned j = first; j <= last; j++)
			s->has[j] = on;
	}
	say(x, "%s", ANY(w, "", "", "\n"));
}

static void wish_mask(struct world *w, struct wish *x, unsigned (*id)(struct world *w))
{
	char now[SYSFS_PAGE];

	x->meaning = MEANS_MASK;
	read_now(&w->engine, x->path, now);
	read_mask(now, &x->wanted[0]);
	if (pick(w, 12) == 0) {
		x->meaning = MEANS_NOTHING;
		say(x, "%s", ANY(w, "+256", "+5,6", "5,6", "+", "-0x", "+08", "0X5", "+9-5", "0x5 ", " +5", "-5--6", "+5-"));
	} else if (pick(w, 5) == 0) {
		/* beyond 2^64 it is a small number again, until 7.2 */
		unsigned i = id(w) % 6;

		say(x, "+1844674407370955162%u", 6 + i % 4);
		x->wanted[0].has[i % 4] = true;
		if (w->engine.state->kernel == KERNEL_7_2)
			x->meaning = MEANS_NOTHING;
	} else if (pick(w, 4) == 0) {
		for (unsigned n = pick(w, 4); n > 0; n--) {
			unsigned i = id(w);

			x->wanted[0].has[i] = !x->wanted[0].has[i];
		}
		if (pick(w, 6) == 0)
			memset(&x->wanted[0], pick(w, 2) != 0, sizeof(x->wanted[0]));
		say_absolute(w, x, &x->wanted[0], true);
	} else {
		say_relative(w, x, &x->wanted[0], id);
	}
}

static void wish_pool(struct world *w, struct wish *x)
{
	bool adapters = pick(w, 2);

	path(x, "bus/ap/%s", adapters ? "apmask" : "aqmask");
	wish_mask(w, x, adapters ? random_adapter : random_domain);
}

/* --- mdevs ------------------------------------------------------------------------------------------------- */

static const char *random_uuid(struct world *w)
{
	return uuids[pick(w, UUIDS - 1)];
}

/* What the mdev has now. */
static void present_matrix(struct world *w, unsigned uuid, struct ids ret[3])
{
	char matrix[SYSFS_PAGE], controls[SYSFS_PAGE], file[160];

	snprintf(file, sizeof(file), MATRIX "%s/matrix", uuids[uuid]);
	read_now(&w->engine, file, matrix);
	snprintf(file, sizeof(file), MATRIX "%s/control_domains", uuids[uuid]);
	read_now(&w->engine, file, controls);
	read_matrix(matrix, controls, ret);
}

static void wish_assignment(struct world *w, struct wish *x)
{
	static const char *const files[] = { "adapter", "domain", "control_domain" };
	unsigned uuid = pick(w, UUIDS - 1), kind = pick(w, 7) % 3, id = kind ? random_domain(w) : random_adapter(w);
	bool assigns = pick(w, 3);

	path(x, MATRIX "%s/%s_%s", uuids[uuid], assigns ? "assign" : "unassign", files[kind]);
	if (pick(w, 12) == 0) {
		say(x, "%s", ANY(w, "256", "-5", "5 ", "", "0x", "18446744073709551621", "5,6", "card05"));
		/* a number beyond any adapter asks for nothing */
		return;
	}
	x->meaning = MEANS_MATRIX;
	present_matrix(w, uuid, x->wanted);
	x->wanted[kind].has[id] = assigns;
	say(x, "%s", ANY(w, "", "", "+"));
	say_number(w, x, id);
	say(x, "%s", ANY(w, "", "\n"));
}

static void wish_config(struct world *w, struct wish *x)
{
	unsigned uuid = pick(w, UUIDS - 1);

	path(x, MATRIX "%s/ap_config", uuids[uuid]);
	if (pick(w, 12) == 0) {
		say(x, "%s", ANY(w, "0x1,0x2", "+5,+4,+4", "0x1, 0x2,0x3", "\n", "1"));
		return;
	}
	x->meaning = MEANS_MATRIX;
	present_matrix(w, uuid, x->wanted);
	for (unsigned n = pick(w, 4); n > 0; n--) {
		unsigned kind = pick(w, 3), id = kind ? random_domain(w) : random_adapter(w);

		x->wanted[kind].has[id] = !x->wanted[kind].has[id];
	}
	if (pick(w, 8) == 0)
		memset(x->wanted, false, sizeof(x->wanted));
	for (int i = 0; i < 3; i++) {
		say_absolute(w, x, &x->wanted[i], false);
		say(x, "%s", i < 2 ? ANY(w, ",", ",", "\n") : ANY(w, "", "\n", ",junk"));
	}
}

/* The page of the kernel's copy is 201 bytes: all three masks in full fit, and what is cut off here is only the end. */
static void wish_life(struct world *w, struct wish *x)
{
	static const char *const drivers[] = { "bus/mdev/drivers/vfio_mdev", "bus/mdev/drivers/vfio_ap_mdev" };
	const char *uuid = random_uuid(w);

	switch (pick(w, 6)) {
	case 0:
	case 1:
		path(x, TYPE "create");
		if (pick(w, 8) == 0)
			say(x, "%s%s", uuids[UUIDS - 1], ANY(w, "xy", "\n\n", "0000"));
		else
			say(x, "%s%s", uuid, ANY(w, "", "\n"));
		for (char *c = x->text; *c && pick(w, 2); c++)
			*c = (char)toupper((unsigned char)*c);
		break;
	case 2:
		path(x, MATRIX "%s/remove", uuid);
		say(x, "%s", ANY(w, "1", "1\n", "0x1", "7", "0", "yes", "-1"));
		break;
	default:
		if (pick(w, 5) == 0)
			path(x, "bus/mdev/drivers_probe");
		else
			path(x, "%s/%s", drivers[w->engine.rules->mdev_driver_attributes], ANY(w, "bind", "unbind", "unbind"));
		say(x, "%s%s", pick(w, 8) ? uuid : ANY(w, uuids[UUIDS - 1], "nothing", ""), ANY(w, "", "\n"));
		break;
	}
}

static void wish_guest(struct world *w, struct wish *x)
{
	path(x, ".apsysfs/guests/control");
	switch (pick(w, 5)) {
	case 0:
		say(x, "%s", ANY(w, "stop all", "start all", "start ", "stop"));
		break;
	case 1:
		say(x, "stop %s", random_uuid(w));
		break;
	default:
		say(x, "start %s%s", pick(w, 8) ? random_uuid(w) : uuids[UUIDS - 1], ANY(w, "", "", "\n", " nokvm"));
		break;
	}
}

/* --- cards and queues ---------------------------------------------------------------------------------------- */

static void wish_binding(struct world *w, struct wish *x)
{
	static const char *const drivers[] = { "cex4queue", "cex4queue", "vfio_ap", "vfio_ap", "cex4card", "cex2cqueue" };
	unsigned adapter = random_adapter(w);

	if (pick(w, 5) == 0)
		path(x, "bus/ap/drivers_probe");
	else
		path(x, "bus/ap/drivers/%s/%s", drivers[pick(w, LENGTH(drivers))], ANY(w, "bind", "unbind"));
	if (pick(w, 16) == 0)
		say(x, "%s", ANY(w, "", "card", "05", "05.004", "5.4", "05.0004 ", "05.00047"));
	else if (pick(w, 5) == 0 || strstr(x->path, "cex4card"))
		say(x, "card%02x%s", adapter, ANY(w, "", "\n"));
	else
		say(x, "%02x.%04x%s", adapter, random_domain(w), ANY(w, "", "\n"));
}

static void wish_card(struct world *w, struct wish *x)
{
	path(x, "devices/ap/card%02x/%s", random_adapter(w), ANY(w, "online", "online", "config", "request_count", "uevent", "power/control"));
	say(x, "%s", strstr(x->path, "uevent") ? ANY(w, "change", "add", "nonsense") : ANY(w, "0", "1", "1\n", "0 ", "2", "on", "x"));
}

static void wish_queue(struct world *w, struct wish *x)
{
	unsigned adapter = random_adapter(w);

	path(x, "devices/ap/card%02x/%02x.%04x/%s", adapter, adapter, random_domain(w),
	     ANY(w, "online", "online", "driver_override", "driver_override", "request_count", "reset", "se_bind", "se_associate",
		 "uevent", "config"));
	if (strstr(x->path, "override"))
		say(x, "%s", ANY(w, "vfio_ap", "vfio_ap\n", "cex4queue", "\n", "", "nonsense"));
	else if (strstr(x->path, "uevent"))
		say(x, "%s", ANY(w, "change", "bind", "nonsense"));
	else
		say(x, "%s", ANY(w, "0", "1", "1\n", "0", "7", "x"));
}

/* --- the rest ------------------------------------------------------------------------------------------------- */

static void wish_setting(struct world *w, struct wish *x)
{
	path(x, "%s", ANY(w, "bus/ap/drivers_autoprobe", "bus/ap/ap_domain", "bus/ap/config_time", "bus/ap/poll_thread", "bus/ap/poll_timeout", "bus/mdev/drivers_autoprobe", "bus/matrix/drivers_autoprobe", "module/kvm/parameters/halt_poll_ns", "module/kvm/parameters/use_gisa"));
	say(x, "%s", ANY(w, "0", "1", "4", "0x47", "30", "60", "250000", "N", "x", "-1", "1\n"));
}

static void wish_node(struct world *w, struct wish *x)
{
	const char *name = ANY(w, "n1", "n2");
	unsigned kind = pick(w, 6);

	if (kind <= 1) {
		path(x, "class/zcrypt/%s", kind ? "create" : "destroy");
		say(x, "%s%s", ANY(w, name, name, name, "", "none"), ANY(w, "", "\n"));
		return;
	}
	path(x, "devices/virtual/zcrypt/%s/%s", name, ANY(w, "apmask", "apmask", "aqmask", "aqmask", "admask", "ioctlmask"));
	wish_mask(w, x, strstr(x->path, "apmask") ? random_adapter : random_domain);
	/* its failures tell of nothing */
	x->meaning = MEANS_NOTHING;
}

static void wish_other(struct world *w, struct wish *x)
{
	path(x, "%s", ANY(w, "bus/ap/scans", "bus/ap/uevent", "bus/ap/bindings", "bus/ap/ap_max_domain_id", "devices/ap/uevent", "bus/ap/drivers/vfio_ap/uevent", "bus/matrix/drivers_probe", "module/vfio_ap/uevent", "kernel/iommu_groups/0/type", "devices/virtual/vfio/0/uevent", "devices/virtual/zcrypt/n1/uevent", "devices/vfio_ap/matrix/uevent", ".apsysfs/scan", ".apsysfs/machine", ".apsysfs/clock"));
	if (pick(w, 4) == 0)
		path(x, MATRIX "%s/%s", random_uuid(w), ANY(w, "uevent", "matrix", "vfio-dev/vfio0/uevent"));
	say(x, "%s", strstr(x->path, "machine") ? ANY(w, "adapter 9 type=11", "adapter 6 remove", "x") : ANY(w, "1", "change", "add"));
}

static const struct {
	const char *kind;
	unsigned weight;
	void (*wish)(struct world *w, struct wish *x);
} wishes[] = {
	{ "pool", 18, wish_pool },
	{ "assignment", 20, wish_assignment },
	{ "ap_config", 10, wish_config },
	{ "mdev life", 18, wish_life },
	{ "guests", 5, wish_guest },
	{ "binding", 10, wish_binding },
	{ "cards", 8, wish_card },
	{ "queues", 12, wish_queue },
	{ "settings", 5, wish_setting },
	{ "zcrypt nodes", 10, wish_node },
	{ "other", 6, wish_other },
};

void random_wish(struct world *w, struct wish *x)
{
	unsigned sum = 0, chosen, i = 0;

	for (size_t k = 0; k < LENGTH(wishes); k++)
		sum += wishes[k].weight;
	for (chosen = pick(w, sum); chosen >= wishes[i].weight; i++)
		chosen -= wishes[i].weight;
	*x = (struct wish){ 0 };
	snprintf(x->kind, sizeof(x->kind), "%s", wishes[i].kind);
	wishes[i].wish(w, x);
	x->length = strlen(x->text);
}
