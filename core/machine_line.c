/* SPDX-License-Identifier: MIT */
#include "core/machine_line.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "core/parse.h"

int line_refuse(struct line *l, const char *what, const char *expected)
{
	page_printf(l->message, "\"%s\": expected %s", what, expected);
	return -EINVAL;
}

bool line_word(struct line *l, char word[LINE_WORD])
{
	size_t n = 0;

	while (*l->text == ' ' || *l->text == '\t')
		l->text++;
	if (!*l->text || *l->text == '#' || *l->text == '\n')
		return false;
	for (; *l->text && !isspace((unsigned char)*l->text); l->text++)
		if (n + 1 < LINE_WORD)
			word[n++] = *l->text;
	word[n] = 0;
	return true;
}

int line_number(struct line *l, const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value;

	if (!isdigit((unsigned char)*text) || parse_ulong(text, &value) < 0 || strchr(text, '\n') || value > max) {
		page_printf(l->message, "\"%s\": expected a number from 0 to %llu", text, (unsigned long long)max);
		return -EINVAL;
	}
	*ret = value;
	return 0;
}

int line_range(struct line *l, char *text, unsigned *ret_first, unsigned *ret_last)
{
	char *dash = strchr(text, '-');
	uint64_t first, last;

	if (dash)
		*dash = 0;
	if (line_number(l, text, AP_IDS - 1, &first) < 0)
		return -EINVAL;
	last = first;
	if (dash && line_number(l, dash + 1, AP_IDS - 1, &last) < 0)
		return -EINVAL;
	if (last < first)
		return line_refuse(l, dash + 1, "an end that is not below the start of its range");
	*ret_first = (unsigned)first;
	*ret_last = (unsigned)last;
	return 0;
}
