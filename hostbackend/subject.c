/* SPDX-License-Identifier: MIT */
#include "hostbackend/subject.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "core/parse.h"

#define BUFFER 65536	/* of a group with its members */

static int find_user(const char *name, uint32_t *ret)
{
	char buffer[4096];
	struct passwd entry, *found = NULL;

	getpwnam_r(name, &entry, buffer, sizeof(buffer), &found);
	if (!found)
		return -ENOENT;
	*ret = entry.pw_uid;
	return 0;
}

/* Members that the system does not know as users any more are nobody. */
static int take_members(char *const *names, struct subject *s)
{
	unsigned count = 0;

	while (names[count])
		count++;
	s->member = calloc(count ? count : 1, sizeof(*s->member));
	if (!s->member)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		if (find_user(names[i], &s->member[s->count]) == 0)
			s->count++;
	return 0;
}

static int find_group(const char *name, bool by_name, struct subject *s)
{
	struct group entry, *found = NULL;
	char *buffer = malloc(BUFFER);
	int rc = 0;

	if (!buffer)
		return -ENOMEM;
	if (by_name)
		getgrnam_r(name, &entry, buffer, BUFFER, &found);
	else
		getgrgid_r(s->id, &entry, buffer, BUFFER, &found);
	if (found) {
		s->id = entry.gr_gid;
		rc = take_members(entry.gr_mem, s);
	} else if (by_name) {
		rc = -ENOENT;
	}
	free(buffer);
	return rc;
}

static int parse_number(const char *text, uint32_t *ret)
{
	uint64_t value;

	/* the last is nobody's: it means "no change" to chown */
	if (!*text || text[strspn(text, "0123456789")] || parse_ulong(text, &value) < 0 || value >= UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)value;
	return 0;
}

int subject_parse(const char *text, struct subject *ret)
{
	static const struct { const char *prefix; enum subject_kind kind; bool number; } forms[] = {
		{ "user:", SUBJECT_USER, false },   { "uid:", SUBJECT_USER, true },
		{ "group:", SUBJECT_GROUP, false }, { "gid:", SUBJECT_GROUP, true },
	};

	*ret = (struct subject){ .kind = SUBJECT_EVERYONE };
	if (strcmp(text, "everyone") == 0)
		return 0;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t length = strlen(forms[i].prefix);
		int rc;

		if (strncmp(text, forms[i].prefix, length) != 0)
			continue;
		ret->kind = forms[i].kind;
		rc = forms[i].number ? parse_number(text + length, &ret->id) : 0;
		if (rc == 0 && ret->kind == SUBJECT_GROUP)
			return find_group(text + length, !forms[i].number, ret);
		return rc == 0 && !forms[i].number ? find_user(text + length, &ret->id) : rc;
	}
	return -EINVAL;
}

struct packed {
	int32_t rc;
	uint32_t kind, id, count;
	uint32_t member[];
};

size_t subject_pack(int rc, const struct subject *s, void *bytes, size_t size)
{
	struct packed *p = bytes;
	size_t length = sizeof(*p) + (rc ? 0 : s->count * sizeof(*s->member));

	if (length > size) {
		rc = -E2BIG;
		length = sizeof(*p);
	}
	*p = (struct packed){ .rc = rc };
	if (rc)
		return length;
	p->kind = s->kind;
	p->id = s->id;
	p->count = s->count;
	if (s->count)
		memcpy(p->member, s->member, s->count * sizeof(*s->member));
	return length;
}

int subject_unpack(const void *bytes, size_t length, struct subject *ret)
{
	const struct packed *p = bytes;

	*ret = (struct subject){ .kind = SUBJECT_EVERYONE };
	if (length < sizeof(*p) || p->rc > 0 || p->kind > SUBJECT_GROUP ||
	    p->count != (length - sizeof(*p)) / sizeof(*p->member))
		return -EPROTO;
	if (p->rc)
		return p->rc;
	if (p->count) {
		ret->member = malloc(p->count * sizeof(*p->member));
		if (!ret->member)
			return -ENOMEM;
		memcpy(ret->member, p->member, p->count * sizeof(*p->member));
	}
	ret->kind = (enum subject_kind)p->kind;
	ret->id = p->id;
	ret->count = p->count;
	return 0;
}

void subject_print(const struct subject *s, struct page *out)
{
	if (s->kind == SUBJECT_EVERYONE)
		page_printf(out, "everyone");
	else
		page_printf(out, "%s %u", s->kind == SUBJECT_USER ? "user" : "group", s->id);
}
