/* SPDX-License-Identifier: MIT */
#include "core/parse.h"

#include <errno.h>
#include <string.h>

#include "core/mask.h"

/* The value of a digit in any base up to 16, or 16: the C library's isxdigit may follow a locale. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

int parse_hex_digit(char c)
{
	unsigned value = digit_value(c);

	return value < 16 ? (int)value : -EINVAL;
}

/* "0x" is a prefix only with a digit behind it; else its 0 is a number and the x is left over. */
static unsigned base_of(const char *text)
{
	if (text[0] != '0')
		return 10;
	return (text[1] == 'x' || text[1] == 'X') && digit_value(text[2]) < 16 ? 16 : 8;
}

size_t parse_digits(const char *text, bool base10, uint64_t *ret, bool *ret_overflow)
{
	unsigned base = base10 ? 10 : base_of(text), digit;
	const char *start = base == 16 ? text + 2 : text, *p = start;
	uint64_t value = 0;
	bool overflow = false;

	for (; (digit = digit_value(*p)) < base; p++) {
		overflow |= value > (UINT64_MAX - digit) / base;
		value = value * base + digit;
	}
	if (p == start)
		return 0;
	*ret = value;
	*ret_overflow = overflow;
	return (size_t)(p - text);
}

int parse_ulong(const char *text, uint64_t *ret)
{
	uint64_t value;
	bool overflow;
	size_t taken;

	if (*text == '+')
		text++;
	taken = parse_digits(text, false, &value, &overflow);
	if (!taken)
		return -EINVAL;
	/* the kernel looks at the size before it looks at what follows */
	if (overflow)
		return -ERANGE;
	text += taken;
	if (*text == '\n')
		text++;
	if (*text)
		return -EINVAL;
	*ret = value;
	return 0;
}

/* The kernel's isspace: Latin-1, so a no-break space counts too. */
static const char *skip_spaces(const char *text)
{
	while (*text && (strchr(" \t\n\v\f\r", *text) || (unsigned char)*text == 0xa0))
		text++;
	return text;
}

/* The digits of a sscanf conversion. */
static int scan_digits(const char *text, bool base10, bool saturates, uint64_t *ret)
{
	uint64_t value;
	bool overflow;

	if (!parse_digits(text, base10, &value, &overflow))
		return -EINVAL;
	*ret = overflow && saturates ? UINT64_MAX : value;
	return 0;
}

int parse_scan_int(const char *text, bool base10, bool saturates, int *ret)
{
	uint64_t value;
	bool negative;

	text = skip_spaces(text);
	negative = *text == '-';
	if (negative)
		text++;
	if (scan_digits(text, base10, saturates, &value) < 0)
		return -EINVAL;
	*ret = (int)(uint32_t)(negative ? 0 - value : value);
	return 0;
}

int parse_scan_ull(const char *text, bool saturates, uint64_t *ret)
{
	return scan_digits(skip_spaces(text), true, saturates, ret);
}

/* Is c one of the letters? NUL never is. */
static bool is_one_of(char c, const char *letters)
{
	return c && strchr(letters, c);
}

int parse_bool(const char *text, bool enable, bool *ret)
{
	char first = text[0];

	/* on and off differ in their second letter */
	if (is_one_of(first, "oO")) {
		if (!is_one_of(text[1], "nNfF"))
			return -EINVAL;
		*ret = is_one_of(text[1], "nN");
		return 0;
	}
	if (is_one_of(first, "1yYtT") || (enable && is_one_of(first, "eE")))
		*ret = true;
	else if (is_one_of(first, "0nNfF") || (enable && is_one_of(first, "dD")))
		*ret = false;
	else
		return -EINVAL;
	return 0;
}

bool parse_name_is(const char *text, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(text, name, length) != 0)
		return false;
	return text[length] == '\0' || (text[length] == '\n' && text[length + 1] == '\0');
}

/* Before which of its 16 bytes does a UUID's text have a dash? */
static bool dash_before(unsigned byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int parse_uuid(const char *text, uint8_t ret[16])
{
	uint8_t uuid[16];

	for (unsigned i = 0; i < sizeof(uuid); i++) {
		unsigned high, low;

		if (dash_before(i) && *text++ != '-')
			return -EINVAL;
		high = digit_value(*text);
		if (high > 15)
			return -EINVAL;
		low = digit_value(text[1]);
		if (low > 15)
			return -EINVAL;
		uuid[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	memcpy(ret, uuid, sizeof(uuid));
	return 0;
}

void format_uuid(const uint8_t uuid[16], char text[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < 16; i++) {
		if (dash_before(i))
			*text++ = '-';
		*text++ = digits[uuid[i] >> 4];
		*text++ = digits[uuid[i] & 0xf];
	}
	*text = '\0';
}

/* Exactly so many lower-case digits; -1: not. */
static int fixed_hex(const char *text, unsigned digits)
{
	int value = 0;

	for (unsigned i = 0; i < digits; i++) {
		if (digit_value(text[i]) > 15 || (text[i] >= 'A' && text[i] <= 'F'))
			return -1;
		value = value * 16 + (int)digit_value(text[i]);
	}
	return value;
}

int parse_apqn(const char *text, unsigned *ret_adapter, unsigned *ret_domain)
{
	int adapter = fixed_hex(text, 2), domain;

	if (adapter < 0 || text[2] != '.')
		return -EINVAL;
	domain = fixed_hex(text + 3, 4);
	if (domain < 0 || domain >= AP_IDS || text[7])
		return -EINVAL;
	*ret_adapter = (unsigned)adapter;
	*ret_domain = (unsigned)domain;
	return 0;
}
