/* SPDX-License-Identifier: MIT */
/* Single values of a host's sysfs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/mirror.h"
#include "hostbackend/host_mirror.h"

const char *host_join(char to[HOST_PATH], const char *dir, const char *name)
{
	int n = snprintf(to, HOST_PATH, "%s/%s", dir, name);

	if (n < 0 || n >= HOST_PATH)
		*to = 0;
	return to;
}

void host_complain(struct host_mirror *m, const char *path, int error, const char *expected)
{
	m->complaints++;
	if (m->complain)
		m->complain(m->complain_ctx, path, error, expected);
}

bool host_text(struct host_mirror *m, const char *dir, const char *name, char *text, size_t size)
{
	char path[HOST_PATH];
	int n = host_read(m->sys, host_join(path, dir, name), text, size);

	/* gone in the middle: whoever reads next sees that */
	if (n < 0 && n != -ENOENT && n != -ENODEV)
		host_complain(m, path, n, NULL);
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = 0;
	return n >= 0;
}

bool host_number(struct host_mirror *m, const char *dir, const char *name, long *ret)
{
	char text[32], path[HOST_PATH], *end;
	long value;

	if (!host_text(m, dir, name, text, sizeof(text)))
		return false;
	errno = 0;
	value = strtol(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (end == text || *end || errno) {
		host_complain(m, host_join(path, dir, name), 0, "a number");
		return false;
	}
	*ret = value;
	return true;
}

bool host_flag(struct host_mirror *m, const char *dir, const char *name, bool *ret)
{
	long value;

	if (!host_number(m, dir, name, &value))
		return false;
	*ret = value != 0;
	return true;
}

bool host_mask(struct host_mirror *m, const char *dir, const char *name, struct ap_mask *ret)
{
	char text[AP_MASK_TEXT + 2], path[HOST_PATH];

	if (!host_text(m, dir, name, text, sizeof(text)))
		return false;
	if (mask_parse_absolute(text, ret) == 0)
		return true;
	host_complain(m, host_join(path, dir, name), 0, "a mask");
	return false;
}

bool host_link_name(struct host_mirror *m, const char *dir, const char *name, char text[HOST_NAME])
{
	char path[HOST_PATH], target[4096];
	const char *slash;
	int n = host_readlink(m->sys, host_join(path, dir, name), target, sizeof(target));

	if (n < 0 && n != -ENOENT)
		host_complain(m, path, n, NULL);
	if (n < 0)
		return false;
	slash = strrchr(target, '/');
	return (size_t)snprintf(text, HOST_NAME, "%s", slash ? slash + 1 : target) < HOST_NAME;
}

uint64_t host_inode(const struct host_mirror *m, const char *path)
{
	struct stat st;

	return host_stat(m->sys, path, &st) == 0 ? st.st_ino : 0;
}

unsigned host_life(struct host_seen *seen, struct host_seen now)
{
	unsigned life = MIRROR_SAME;

	if (seen->object != now.object)
		life |= MIRROR_RENEWED;
	if (seen->driver != now.driver)
		life |= MIRROR_REBOUND;
	*seen = now;
	return life;
}
