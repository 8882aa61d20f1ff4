/* SPDX-License-Identifier: MIT */
/* Numbers, flags, names and UUIDs as the kernel's store functions read them (abi.md 2). */
#ifndef CORE_PARSE_H
#define CORE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UUID_TEXT 37	/* 36 characters and NUL */

/* 0..15, any case, or -EINVAL. */
int parse_hex_digit(char c);

/*
 * The digits text begins with: decimal, or (!base10) as its prefix says, 0x hex and 0 octal. Returns
 * how many bytes they take, 0 if there are none. The value is modulo 2^64; overflow: it was more.
 */
size_t parse_digits(const char *text, bool base10, uint64_t *ret, bool *ret_overflow);

/* kstrtoul(text, 0): returns 0, -EINVAL, -ERANGE (2^64 and more). */
int parse_ulong(const char *text, uint64_t *ret);

/*
 * sscanf "%d" (base10) or "%i" (!base10), truncated to int; trailing text is ignored.
 * saturates: numbers of 2^64 and more are 2^64 - 1 (7.2), else they wrap. Returns 0 or -EINVAL.
 */
int parse_scan_int(const char *text, bool base10, bool saturates, int *ret);

/* sscanf "%llu". Returns 0 or -EINVAL. */
int parse_scan_ull(const char *text, bool saturates, uint64_t *ret);

/* kstrtobool; enable: also e E and d D (7.2). Returns 0 or -EINVAL. */
int parse_bool(const char *text, bool enable, bool *ret);

/* sysfs_streq: equal but for one trailing newline of text. */
bool parse_name_is(const char *text, const char *name);

/* 36 characters 8-4-4-4-12, any case; what follows is not looked at. Returns 0 or -EINVAL. */
int parse_uuid(const char *text, uint8_t ret[16]);

/* Lower case, NUL terminated. */
void format_uuid(const uint8_t uuid[16], char text[UUID_TEXT]);

/* "05.0004" exactly (lower case): returns 0 and both numbers, or -EINVAL. */
int parse_apqn(const char *text, unsigned *ret_adapter, unsigned *ret_domain);

#endif
