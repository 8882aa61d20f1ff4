/* SPDX-License-Identifier: MIT */
/* modinfo of our modules, laid out as kmod's. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/kmod.h"

struct modinfo {
	const char *field;
	char separator;
	bool by_name, for_host;
};

static const struct option longs[] = {
	{ "author", no_argument, NULL, 'a' }, { "description", no_argument, NULL, 'd' },
	{ "license", no_argument, NULL, 'l' }, { "parameters", no_argument, NULL, 'p' },
	{ "filename", no_argument, NULL, 'n' }, { "null", no_argument, NULL, '0' },
	{ "modname", no_argument, NULL, 'm' }, { "field", required_argument, NULL, 'F' },
	{ "set-version", required_argument, NULL, 'k' }, { "basedir", required_argument, NULL, 'b' },
	{ "version", no_argument, NULL, 'V' }, { "help", no_argument, NULL, 'h' }, { 0 }
};

static void take_option(struct modinfo *o, int option)
{
	switch (option) {
	case 'a':
		o->field = "author";
		break;
	case 'd':
		o->field = "description";
		break;
	case 'l':
		o->field = "license";
		break;
	case 'p':
		o->field = "parm";
		break;
	case 'n':
		o->field = "filename";
		break;
	case 'F':
		o->field = optarg;
		break;
	case '0':
		o->separator = 0;
		break;
	case 'm':
		o->by_name = true;
		break;
	default:
		o->for_host = true;
		break;
	}
}

static void print_field(const struct modinfo *o, const struct kmod_module *m, const char *path)
{
	const char *position = m->info, *value;
	int length;

	if (strcmp(o->field, "filename") == 0) {
		printf("%s%c", path, o->separator);
		return;
	}
	while ((value = kmod_value(&position, o->field, &length)))
		printf("%.*s%c", length, value, o->separator);
}

static void print_line(const struct modinfo *o, const char *key, int key_length, const char *value, int length)
{
	if (o->separator)
		printf("%.*s:%-*s%.*s\n", key_length, key, 15 - key_length, "", length, value);
	else
		printf("%.*s=%.*s%c", key_length, key, length, value, 0);
}

static void print_all(const struct modinfo *o, const struct kmod_module *m, const char *path)
{
	for (const char *line = m->info; *line && *line != '\n';) {
		int length = (int)strcspn(line, "\n"), key = (int)strcspn(line, ":");

		if (key == 8 && memcmp(line, "filename", 8) == 0)
			print_line(o, line, key, path, (int)strlen(path));
		else
			print_line(o, line, key, line + key + 2, length - key - 2);
		line += length + 1;
	}
}

static int not_ours(const struct kmod *k, char **argv, int options, char *name)
{
	char **line;
	int status;

	if (!kmod_host_has("modinfo")) {
		kmod_error(k, "Module %s not found.\n", name);
		return 1;
	}
	line = calloc((size_t)options + 4, sizeof(*line));
	if (!line)
		return 1;
	memcpy(line, argv, (size_t)(options + 1) * sizeof(*line));
	line[options + 1] = (char *)"--";
	line[options + 2] = name;
	status = kmod_host_run("modinfo", line);
	free(line);
	return status;
}

/* A file that exists is the host's to look into, whatever its name. */
static struct kmod_module *find(struct kmod *k, const struct modinfo *o, const char *name)
{
	struct kmod_module *m = kmod_find_file(k, name);

	if (m)
		return access(name, F_OK) == 0 || strncmp(name, "/lib/modules/", 13) != 0 ? NULL : m;
	return o->by_name ? kmod_find(k, name) : kmod_lookup(k, name);
}

int kmod_modinfo(struct kmod *k, int argc, char **argv)
{
	struct modinfo o = { .separator = '\n' };
	char path[512];
	int option, options, status = 0;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "adlpn0mF:k:b:Vh", longs, NULL)) != -1)
		take_option(&o, option);
	if (o.for_host)
		return -1;
	if (optind == argc) {
		kmod_error(k, "missing module or filename.\n");
		return 1;
	}
	options = optind - 1 - (optind > 1 && strcmp(argv[optind - 1], "--") == 0);
	for (int i = optind; i < argc; i++) {
		const struct kmod_module *m = find(k, &o, argv[i]);

		if (!m) {
			status |= not_ours(k, argv, options, argv[i]);
			continue;
		}
		kmod_path(m, path, sizeof(path));
		if (o.field)
			print_field(&o, m, path);
		else
			print_all(&o, m, path);
	}
	return status;
}
