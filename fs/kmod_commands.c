/* SPDX-License-Identifier: MIT */
/* insmod, rmmod and lsmod with our modules, as those of kmod 30. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/kmod.h"

/* --- insmod -------------------------------------------------------------------------------------- */

/* Our files exist only in what modinfo -n says; anywhere else there must be one. */
static bool file_exists(const char *path)
{
	return strncmp(path, "/lib/modules/", 13) == 0 || strncmp(path, "/usr/lib/modules/", 17) == 0 ||
	       access(path, F_OK) == 0;
}

static const char *insert_error(int error)
{
	switch (error) {
	case ENOENT:
		return "Unknown symbol in module";
	case EINVAL:
		return "Invalid parameters";
	default:
		return strerror(error);
	}
}

static int insert(struct kmod *k, const struct kmod_module *m, const char *path, const char *parameters)
{
	int rc;

	if (!file_exists(path)) {
		kmod_error(k, "could not load module %s: %s\n", path, strerror(ENOENT));
		return 1;
	}
	rc = m->builtin ? -EEXIST : kmod_load(m, parameters);
	if (rc < 0)
		kmod_error(k, "could not insert module %s: %s\n", path, insert_error(-rc));
	return rc < 0;
}

int kmod_insmod(struct kmod *k, int argc, char **argv)
{
	static const struct option longs[] = { { "version", no_argument, NULL, 'V' }, { "help", no_argument, NULL, 'h' }, { 0 } };
	const struct kmod_module *m;
	char text[4096] = "";
	struct page parameters;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "psfVh", longs, NULL)) != -1)
		if (strchr("Vh?", option))
			return -1;
	if (optind == argc) {
		kmod_error(k, "missing filename.\n");
		return 1;
	}
	m = kmod_find_file(k, argv[optind]);
	if (!m)
		return -1;
	page_init_fixed(&parameters, text, sizeof(text));
	for (int i = optind + 1; i < argc; i++)
		page_printf(&parameters, "%s%s", i > optind + 1 ? " " : "", argv[i]);
	return insert(k, m, argv[optind], text);
}

/* --- rmmod --------------------------------------------------------------------------------------- */

static bool in_use(struct kmod *k, const struct kmod_module *m)
{
	char holders[sizeof(m->holders)];

	if (m->builtin) {
		kmod_error(k, "Module %s is builtin.\n", m->name);
	} else if (!m->loaded) {
		kmod_error(k, "Module %s is not currently loaded\n", m->name);
	} else if (*m->holders) {
		memcpy(holders, m->holders, sizeof(holders));
		for (char *comma; (comma = strchr(holders, ','));)
			*comma = ' ';
		kmod_error(k, "Module %s is in use by: %s\n", m->name, holders);
	} else if (m->refcount > 0) {
		kmod_error(k, "Module %s is in use\n", m->name);
	} else {
		return false;
	}
	return true;
}

static int remove_module(struct kmod *k, const struct kmod_module *m, const char *name, bool force)
{
	int rc;

	if (!force && in_use(k, m))
		return 1;
	rc = kmod_unload(m);
	if (rc < 0) {
		kmod_error(k, "could not remove '%s': %s\n", m->name, strerror(-rc));
		kmod_error(k, "could not remove module %s: %s\n", name, strerror(-rc));
	}
	kmod_refresh(k);
	return rc < 0;
}

static int remove_by_host(struct kmod *k, char **argv, int options, char *name)
{
	char **line = calloc((size_t)options + 4, sizeof(*line));
	int status;

	if (!line)
		return 1;
	if (!kmod_host_has("rmmod")) {
		kmod_error(k, "Module %s is not currently loaded\n", name);
		free(line);
		return 1;
	}
	memcpy(line, argv, (size_t)(options + 1) * sizeof(*line));
	line[options + 1] = (char *)"--";
	line[options + 2] = name;
	status = kmod_host_run("rmmod", line);
	free(line);
	return status;
}

int kmod_rmmod(struct kmod *k, int argc, char **argv)
{
	static const struct option longs[] = { { "force", no_argument, NULL, 'f' }, { "syslog", no_argument, NULL, 's' },
					       { "verbose", no_argument, NULL, 'v' }, { "version", no_argument, NULL, 'V' },
					       { "help", no_argument, NULL, 'h' }, { 0 } };
	bool force = false;
	int option, status = 0, options;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "fsvVwh", longs, NULL)) != -1) {
		if (strchr("Vh?", option))
			return -1;
		force = force || option == 'f';
	}
	if (optind == argc) {
		kmod_error(k, "missing module name.\n");
		return 1;
	}
	options = optind - 1 - (optind > 1 && strcmp(argv[optind - 1], "--") == 0);
	for (int i = optind; i < argc; i++) {
		const struct kmod_module *m = kmod_find(k, argv[i]);

		if (!m)
			m = kmod_find_file(k, argv[i]);
		status |= m ? remove_module(k, m, argv[i], force) : remove_by_host(k, argv, options, argv[i]);
	}
	return status;
}

/* --- lsmod --------------------------------------------------------------------------------------- */

static void print_line(const char *line)
{
	char name[64], holders[4096];
	unsigned long size, refcount;

	if (sscanf(line, "%63s %lu %lu %4095s", name, &size, &refcount, holders) != 4)
		return;
	holders[strlen(holders) - 1] = 0;
	printf("%-19s %8lu  %lu%s%s\n", name, size, refcount, *holders ? " " : "", holders);
}

int kmod_lsmod(struct kmod *k, int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	FILE *modules;

	if (argc != 1) {
		fprintf(stderr, "Usage: %s\n", argv[0]);
		return 1;
	}
	modules = fopen(KMOD_CONTROL "/proc_modules", "re");
	if (!modules) {
		fprintf(stderr, "Error: could not get list of modules: %s\n", strerror(errno));
		return 1;
	}
	puts("Module                  Size  Used by");
	while (getline(&line, &size, modules) >= 0)
		print_line(line);
	free(line);
	fclose(modules);
	return 0;
}
