/* SPDX-License-Identifier: MIT */
/* What /proc/modules shows of the host in run: its modules but those whose names are ours, read anew each time. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs/host_modules.h"

static void prints(FILE *file, const char *text, const char *expected)
{
	struct page out;

	cr_assert_eq(ftruncate(fileno(file), 0), 0);
	cr_assert_eq(pwrite(fileno(file), text, strlen(text), 0), (ssize_t)strlen(text));
	cr_assert_eq(page_init_growing(&out), 0);
	host_modules_print(fileno(file), &out);
	cr_assert_str_eq(out.data, expected);
	page_free(&out);
}

Test(host_modules, ours_are_left_out)
{
	FILE *file = tmpfile();

	prints(file, "loop 40960 0 - Live 0x0\nkvm 1 1 kvm_intel, Live 0x0\nkvm_intel 2 0 - Live 0x0\n",
	       "loop 40960 0 - Live 0x0\nkvm_intel 2 0 - Live 0x0\n");
	prints(file, "vfio_ap 1 0 - Live 0x0\n", "");
	prints(file, "", "");
	fclose(file);
}

Test(host_modules, many)
{
	FILE *file = tmpfile();
	struct page text;

	cr_assert_eq(page_init_growing(&text), 0);
	for (int i = 0; i < 2000; i++)
		page_printf(&text, "module_%d 4096 0 - Live 0x0000000000000000\n", i);
	prints(file, text.data, text.data);
	page_free(&text);
	fclose(file);
}
