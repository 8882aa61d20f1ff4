/* SPDX-License-Identifier: MIT */
#include "fs/kmod.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const kmod_names[] = { "modprobe", "insmod", "rmmod", "lsmod", "modinfo", "depmod", "kmod", NULL };

static const char *end_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool kmod_is_called(const char *argv0)
{
	for (size_t i = 0; kmod_names[i]; i++)
		if (strcmp(end_of(argv0), kmod_names[i]) == 0)
			return true;
	return false;
}

void kmod_error(const struct kmod *k, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ERROR: ", k->program);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
}

static int no_host(const char *program)
{
	fprintf(stderr, "%s: this host has no %s of its own, and 'apsysfs run' does not stand in for it here\n", program,
		program);
	return 127;
}

int kmod_main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct kmod *k, int argc, char **argv);
	} commands[] = { { "modprobe", kmod_modprobe }, { "insmod", kmod_insmod }, { "rmmod", kmod_rmmod }, { "lsmod", kmod_lsmod }, { "modinfo", kmod_modinfo } };
	struct kmod k = { .program = end_of(argv[0]) };
	int status = -1;

	if (kmod_read(&k) == 0) {
		if (strcmp(k.program, "kmod") == 0 && argc == 2 && strcmp(argv[1], "list") == 0)
			return kmod_lsmod(&k, 1, argv);
		for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
			if (strcmp(commands[i].name, k.program) == 0)
				status = commands[i].run(&k, argc, argv);
		page_free(&k.info);
	}
	if (status >= 0)
		return status;
	kmod_host_become(k.program, argv);
	return no_host(k.program);
}
