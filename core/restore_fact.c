/* SPDX-License-Identifier: MIT */
#include "core/restore_fact.h"

#include <errno.h>
#include <string.h>

#include "core/mask_parse.h"
#include "core/parse.h"

int fact_refuse(struct fact *l, const char *what, const char *expected)
{
	page_printf(l->message, "%s%s\"%.100s\": expected %s", l->place, *l->place ? ": " : "", what, expected);
	return -EINVAL;
}

/* The next word as it is; false: none, or (cut) too long for any meaning. */
bool fact_word(struct fact *l, char *word, size_t size)
{
	size_t length;

	l->rest += strspn(l->rest, " \t");
	length = strcspn(l->rest, " \t\n");
	if (!length || length >= size)
		return false;
	memcpy(word, l->rest, length);
	word[length] = 0;
	l->rest += length;
	return true;
}

/* "\20" is a blank: in place. */
void fact_undo_escapes(char *text)
{
	char *to = text;

	for (; *text; text++) {
		int high = *text == '\\' ? parse_hex_digit(text[1]) : -1;
		int low = high >= 0 ? parse_hex_digit(text[2]) : -1;

		if (low >= 0)
			text += 2;
		*to++ = low >= 0 ? (char)((unsigned)high << 4 | (unsigned)low) : *text;
	}
	*to = 0;
}

/* The next KEY=VALUE; key is NULL at the end of the line. */
int fact_pair(struct fact *l, struct pair *p)
{
	char *equals;

	p->key = p->value = NULL;
	if (!fact_word(l, p->text, sizeof(p->text)))
		return *l->rest && *l->rest != '\n' ? fact_refuse(l, "line", "words of at most 2047 characters") : 0;
	equals = strchr(p->text, '=');
	if (!equals)
		return fact_refuse(l, p->text, "key=value");
	*equals = 0;
	fact_undo_escapes(equals + 1);
	p->key = p->text;
	p->value = equals + 1;
	return 0;
}

bool pair_is(const struct pair *p, const char *key)
{
	return strcmp(p->key, key) == 0;
}

int fact_number(struct fact *l, const char *text, uint64_t max, uint64_t *ret)
{
	if (*text < '0' || *text > '9' || parse_ulong(text, ret) < 0 || *ret > max) {
		page_printf(l->message, "%s%s\"%.100s\": expected a number from 0 to %llu", l->place,
			    *l->place ? ": " : "", text, (unsigned long long)max);
		return -EINVAL;
	}
	return 0;
}

int fact_flag(struct fact *l, const struct pair *p, bool *ret)
{
	uint64_t value;
	int rc = fact_number(l, p->value, 1, &value);

	if (rc == 0)
		*ret = value;
	return rc;
}

int fact_mask(struct fact *l, const struct pair *p, struct ap_mask *ret)
{
	return mask_parse_absolute(p->value, ret) == 0 ? 0 : fact_refuse(l, p->value, "a mask: 0x and up to 64 hex digits");
}

/* "5,0x10-0x1f" */
int fact_list(struct fact *l, const struct pair *p, struct ap_mask *ret)
{
	const char *text = p->value;

	ap_mask_fill(ret, false);
	while (*text) {
		char item[32];
		size_t length = strcspn(text, ",");
		char *dash;
		uint64_t first, last;

		if (length >= sizeof(item))
			return fact_refuse(l, text, "numbers and ranges");
		memcpy(item, text, length);
		item[length] = 0;
		dash = strchr(item, '-');
		if (dash)
			*dash = 0;
		if (fact_number(l, item, AP_IDS - 1, &first) < 0 ||
		    fact_number(l, dash ? dash + 1 : item, AP_IDS - 1, &last) < 0)
			return -EINVAL;
		if (last < first)
			return fact_refuse(l, p->value, "an end that is not below the start of its range");
		for (; first <= last; first++)
			ap_mask_set(ret, (unsigned)first);
		text += length + (text[length] == ',');
	}
	return 0;
}
