/* SPDX-License-Identifier: MIT */
/* A machine file: refused with its place, or good; what is good reads back equal when printed, and boots or says why not. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_backend.h"
#include "fs/machine_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_reads_back(const struct machine_setup *setup)
{
	struct machine_setup again = { 0 };
	char why[1024] = "";
	struct page text, message;

	if (page_init_growing(&text) < 0)
		return;
	machine_file_print(setup, &text);
	page_init_fixed(&message, why, sizeof(why));
	machine_init_default(&again.machine);
	assert(machine_yaml_load("m", text.data, text.length, &again, &message) == 0);
	assert(memcmp(&setup->machine, &again.machine, sizeof(again.machine)) == 0);
	machine_file_free(&again);
	page_free(&text);
}

static void boot(const struct machine_setup *setup)
{
	char why[1024] = "";
	struct page message;
	struct memory_options options = { .kernel = setup->kernel, .machine = &setup->machine, .cmdline = setup->cmdline,
					  .state = setup->state, .scenario = setup->events, .no_modules = setup->has_modules,
					  .virtual_clock = true, .message = &message };
	struct backend *b;
	int rc;

	page_init_fixed(&message, why, sizeof(why));
	rc = memory_backend_new(&options, &b);
	assert(rc == 0 || rc == -EINVAL || rc == -ENOMEM || rc == -ENOSPC);
	if (rc == 0)
		b->ops->destroy(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine_setup setup = { .kernel = KERNEL_NEWEST };
	char why[1024] = "";
	struct page message;
	int rc;

	page_init_fixed(&message, why, sizeof(why));
	machine_init_default(&setup.machine);
	rc = machine_yaml_load("m", (const char *)data, size, &setup, &message);
	assert(rc == 0 || rc == -EINVAL || rc == -ENOMEM);
	if (rc == -EINVAL)
		assert(strncmp(why, "m:", 2) == 0);
	if (rc == 0) {
		expect_reads_back(&setup);
		boot(&setup);
	}
	machine_file_free(&setup);
	return 0;
}
