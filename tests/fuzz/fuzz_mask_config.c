/* SPDX-License-Identifier: MIT */
/* mask_parse_config: three masks or none, and what ap_config shows is read back. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mask_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_shown_reads_back(const struct ap_mask masks[3])
{
	char text[3][AP_MASK_TEXT], whole[3 * AP_MASK_TEXT + 1];
	struct ap_mask again[3];

	for (int i = 0; i < 3; i++)
		ap_mask_format(&masks[i], text[i]);
	snprintf(whole, sizeof(whole), "%s,%s,%s\n", text[0], text[1], text[2]);
	assert(mask_parse_config(whole, again) == 0);
	assert(memcmp(masks, again, sizeof(again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ap_mask ret[3], before[3];
	int rc;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	memset(before, 0x5a, sizeof(before));
	memcpy(ret, before, sizeof(ret));
	rc = mask_parse_config(text, ret);
	if (rc < 0) {
		assert(rc == -EINVAL);
		assert(memcmp(ret, before, sizeof(ret)) == 0);
	} else {
		assert(strpbrk(text, ",\n"));
		expect_shown_reads_back(ret);
	}
	free(text);
	return 0;
}
