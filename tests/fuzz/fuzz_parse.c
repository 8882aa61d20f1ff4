/* SPDX-License-Identifier: MIT */
/* The parsers of numbers, flags, names, UUIDs and APQNs: refused is untouched, taken reads back. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UNTOUCHED 4711

static void check_ulong(const char *text)
{
	uint64_t ret = UNTOUCHED, again;
	int rc = parse_ulong(text, &ret);
	char shown[32];

	if (rc < 0) {
		assert(rc == -EINVAL || rc == -ERANGE);
		assert(ret == UNTOUCHED);
		return;
	}
	snprintf(shown, sizeof(shown), "%" PRIu64 "\n", ret);
	assert(parse_ulong(shown, &again) == 0 && again == ret);
}

/* A good kstrtoul text without a plus is a good %i text, and the int is its low half. */
static void check_scans(const char *text)
{
	uint64_t number, wide = UNTOUCHED;
	int i = UNTOUCHED, d = UNTOUCHED;

	if (parse_scan_int(text, false, false, &i) < 0)
		assert(i == UNTOUCHED);
	if (parse_ulong(text, &number) == 0 && *text != '+')
		assert(i == (int)(uint32_t)number);
	if (parse_scan_int(text, true, true, &d) < 0)
		assert(d == UNTOUCHED);
	if (parse_scan_ull(text, true, &wide) < 0)
		assert(wide == UNTOUCHED);
	else
		assert(d == (int)(uint32_t)wide);
}

static void check_bool(const char *text)
{
	bool old, new;
	int rc = parse_bool(text, false, &old);

	assert(rc == 0 || rc == -EINVAL);
	/* newer kernels know more words, and mean the same by the old ones */
	if (rc == 0)
		assert(parse_bool(text, true, &new) == 0 && new == old);
}

static void check_uuid(const char *text)
{
	uint8_t ret[16], before[16];
	char shown[UUID_TEXT];

	memset(before, 0x5a, sizeof(before));
	memcpy(ret, before, sizeof(ret));
	if (parse_uuid(text, ret) < 0) {
		assert(memcmp(ret, before, sizeof(ret)) == 0);
		return;
	}
	format_uuid(ret, shown);
	assert(strncasecmp(shown, text, UUID_TEXT - 1) == 0);
}

static void check_apqn(const char *text)
{
	unsigned adapter = UNTOUCHED, domain = UNTOUCHED;
	char shown[32];

	if (parse_apqn(text, &adapter, &domain) < 0) {
		assert(adapter == UNTOUCHED && domain == UNTOUCHED);
		return;
	}
	snprintf(shown, sizeof(shown), "%02x.%04x", adapter, domain);
	assert(parse_name_is(text, shown));
	assert(strcmp(text, shown) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	check_ulong(text);
	check_scans(text);
	check_bool(text);
	check_uuid(text);
	check_apqn(text);
	free(text);
	return 0;
}
