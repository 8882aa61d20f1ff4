/* SPDX-License-Identifier: MIT */
/*
 * What is right, slowly: first whether he may write to this file at all, then whether what he names and what a failure tells
 * of is his to know, then each thing that reads differently after the write: whether one grant has it. Anything that no rule
 * is about is refused.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tests/model/policy/policy.h"

bool need(struct attempt *a, bool granted, const char *format, ...)
{
	va_list args;

	if (granted || a->why[0])
		return granted;
	va_start(args, format);
	vsnprintf(a->why, sizeof(a->why), format, args);
	va_end(args);
	return false;
}

bool ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

bool begins(const char *text, const char *begin)
{
	return strncmp(text, begin, strlen(begin)) == 0;
}

/* Of "devices/vfio_ap/matrix/UUID...", or of a text that begins with a UUID, in any case; UUIDS: none of ours. */
unsigned uuid_of(const char *text)
{
	unsigned i = 0;

	while (i < UUIDS && strncasecmp(text, uuids[i], strlen(uuids[i])) != 0)
		i++;
	return i;
}

unsigned mdev_of_path(const char *path)
{
	return begins(path, MATRIX) ? uuid_of(path + strlen(MATRIX)) : UUIDS;
}

bool is_there(const struct texts *t, unsigned uuid)
{
	return uuid < UUIDS && text_of(t, MATRIX "%s", uuids[uuid]);
}

/* Its remove waits for a guest: most of its files are gone. */
bool is_leaving(const struct texts *t, unsigned uuid)
{
	return is_there(t, uuid) && !text_of(t, MATRIX "%s/remove", uuids[uuid]);
}

/* The card's own, and each of its queues. */
bool may_card(const struct attempt *a, enum action action, unsigned adapter)
{
	bool own = false;

	for (unsigned i = 0; i < a->p.acts; i++) {
		const struct allowance *g = a->p.acting[i];

		own = own || (g->may[action] && (g->pool.adapters.has[adapter] || g->assign.adapters.has[adapter]));
	}
	for (unsigned d = 0; own && d < AP_IDS; d++)
		if (text_of(a->before, "devices/ap/card%02x/%02x.%04x", adapter, adapter, d))
			own = may_queue(&a->p, action, adapter, d);
	return own;
}

/* --- may he write here? ---------------------------------------------------------------------------------------- */

static bool may_write_uevent(const struct attempt *a, const char *path)
{
	unsigned adapter, domain, group, uuid = mdev_of_path(path);

	if (sscanf(path, "devices/ap/card%2x/%*2x.%4x/", &adapter, &domain) == 2)
		return may_queue(&a->p, UEVENT, adapter, domain);
	if (sscanf(path, "devices/ap/card%2x/", &adapter) == 1)
		return may_card(a, UEVENT, adapter);
	if (uuid < UUIDS)
		return may_mdev(&a->p, UEVENT, uuid);
	if (sscanf(path, "devices/virtual/vfio/%u/", &group) != 1)
		return may(&a->p, UEVENT);
	for (uuid = 0; uuid < UUIDS; uuid++) {
		const char *link = text_of(a->before, MATRIX "%s/iommu_group", uuids[uuid]);
		char end[32];

		snprintf(end, sizeof(end), "/%u", group);
		if (link && ends(link, end))
			return may_mdev(&a->p, UEVENT, uuid);
	}
	return false;
}

static bool may_write_device(const struct attempt *a, const char *path)
{
	static const struct { const char *file; enum action action; } files[] = {
		{ "/online", ONLINE }, { "/config", CONFIG }, { "/request_count", COUNTERS }, { "/reset", RESET },
		{ "/driver_override", OVERRIDE }, { "/se_bind", SECURE }, { "/se_associate", SECURE },
	};
	unsigned adapter, domain;

	for (size_t i = 0; i < LENGTH(files); i++) {
		if (!ends(path, files[i].file))
			continue;
		if (sscanf(path, "devices/ap/card%2x/%*2x.%4x/", &adapter, &domain) == 2)
			return may_queue(&a->p, files[i].action, adapter, domain);
		if (sscanf(path, "devices/ap/card%2x/", &adapter) == 1)
			return may_card(a, files[i].action, adapter);
	}
	return may(&a->p, SETTINGS);
}

static bool may_write_pool(const struct attempt *a)
{
	for (int adapter = 0; adapter < AP_IDS; adapter++)
		for (int domain = 0; domain < AP_IDS; domain++)
			if (may_pool(&a->p, adapter, domain))
				return true;
	return false;
}

bool may_write_here(const struct attempt *a)
{
	const char *path = a->x->path;

	/* of 4.20, in every device's directory */
	if (strstr(path, "/power/"))
		return may(&a->p, SETTINGS);
	if (ends(path, "/uevent"))
		return may_write_uevent(a, path);
	if (strcmp(path, "bus/ap/apmask") == 0 || strcmp(path, "bus/ap/aqmask") == 0)
		return may_write_pool(a);
	if (strcmp(path, "bus/ap/scans") == 0)
		return may(&a->p, SCAN);
	if (begins(path, "bus/") && ends(path, "/unbind"))
		return may(&a->p, UNBIND);
	if (begins(path, "bus/") && (ends(path, "/bind") || ends(path, "/drivers_probe")))
		return may(&a->p, BIND);
	if (begins(path, "devices/ap/"))
		return may_write_device(a, path);
	if (ends(path, "vfio_ap-passthrough/create"))
		return may(&a->p, CREATE);
	if (begins(path, MATRIX))
		return may_mdev(&a->p, ends(path, "/remove") ? REMOVE : ASSIGN, mdev_of_path(path));
	if (begins(path, "class/zcrypt/") || begins(path, "devices/virtual/zcrypt/"))
		return may(&a->p, ZCRYPT);
	if (begins(path, ".apsysfs/guests/"))
		return may(&a->p, GUEST) || may(&a->p, MACHINE);
	if (begins(path, ".apsysfs/"))
		return may(&a->p, MACHINE);
	return may(&a->p, SETTINGS);
}

/* --- all of it ------------------------------------------------------------------------------------------------------ */

bool model_allows(struct attempt *a)
{
	a->why[0] = 0;
	/* it changes nothing, whoever makes it; or it is carried on with */
	if (a->fails_anyway || a->goes_on)
		return true;
	if (!need(a, may_write_here(a), "this file"))
		return false;
	/* the hardware's doing, and the virtual machine's own controls, are granted as such */
	if (strcmp(a->x->path, "bus/ap/scans") == 0 || (begins(a->x->path, ".apsysfs/") && may(&a->p, MACHINE)))
		return true;
	judge_words_of(a);
	judge_differences(a);
	return !a->why[0];
}
