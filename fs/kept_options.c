/* SPDX-License-Identifier: MIT */
#include "fs/kept_options.h"

#include <stdio.h>
#include <string.h>

void kept_options_print(const struct memory_options *options, struct page *out)
{
	page_printf(out, "kernel %s\nclock %s\nmodules %d\ncmdline %s\nmachine\n", kernel_rules(options->kernel)->name,
		    options->virtual_clock ? "virtual" : "real", !options->no_modules,
		    options->cmdline ? options->cmdline : "");
	machine_print(options->machine, out);
}

/* The value of a line, and its length; of the machine: all that follows. */
static const char *value_of(const char *text, const char *key, size_t *ret_length)
{
	size_t length = strlen(key);

	while (*text && (strncmp(text, key, length) != 0 || !strchr(" \n", text[length])))
		text += strcspn(text, "\n") + 1;
	text += length + 1;
	*ret_length = strcmp(key, "machine") == 0 ? strlen(text) : strcspn(text, "\n");
	return text;
}

static bool agrees(const char *path, const char *option, const char *key, const char *kept, const char *now)
{
	size_t kept_length, now_length;
	const char *was = value_of(kept, key, &kept_length), *is = value_of(now, key, &now_length);

	if (kept_length == now_length && memcmp(was, is, now_length) == 0)
		return true;
	fprintf(stderr, "apsysfs: %s: the machine kept in %s was booted ", option, path);
	if (strcmp(key, "machine") == 0)
		fprintf(stderr, "with other hardware; leave the option out and use 'apsysfs machine apply', or keep this one in another file\n");
	else
		fprintf(stderr, "with %s \"%.*s\"; leave the option out, or keep this one in another file\n", key,
			(int)kept_length, was);
	return false;
}

bool kept_options_agree(const struct machine_options *o, const struct machine_setup *setup, const char *kept, const char *now)
{
	const char *path = o->state.path;

	if ((o->kernel || setup->has_kernel) && !agrees(path, o->kernel ? "--kernel" : "--machine", "kernel", kept, now))
		return false;
	if ((o->cmdline || setup->cmdline) && !agrees(path, o->cmdline ? "--cmdline" : "--machine", "cmdline", kept, now))
		return false;
	if (o->clock_given && !agrees(path, "--clock", "clock", kept, now))
		return false;
	if (o->no_modules && !agrees(path, "--no-modules", "modules", kept, now))
		return false;
	if (o->machine || o->guest)
		return agrees(path, o->machine ? "--machine" : "--guest", "machine", kept, now);
	return true;
}
