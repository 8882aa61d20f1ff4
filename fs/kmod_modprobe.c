/* SPDX-License-Identifier: MIT */
/* modprobe of our modules: order, messages and exit statuses are those of kmod 30. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "fs/kmod.h"

struct modprobe {
	struct kmod *k;
	bool all, remove, dry, show, quiet, first_time, resolve, ignore_loaded, holders, for_host;
	struct kmod_module *wanted;
	const char *parameters;
	char **options;		/* as typed, for the host's command */
	int option_count;
};

static const char shorts[] = "arw:RibfDcnC:d:S:sqvVh";
enum { LONG_HOST = 1000, LONG_FIRST_TIME, LONG_HOLDERS };
static const struct option longs[] = {
	{ "all", no_argument, NULL, 'a' }, { "remove", no_argument, NULL, 'r' },
	{ "remove-dependencies", no_argument, NULL, LONG_HOLDERS }, { "remove-holders", no_argument, NULL, LONG_HOLDERS },
	{ "wait", required_argument, NULL, 'w' }, { "resolve-alias", no_argument, NULL, 'R' },
	{ "first-time", no_argument, NULL, LONG_FIRST_TIME }, { "ignore-install", no_argument, NULL, 'i' },
	{ "ignore-remove", no_argument, NULL, 'i' }, { "use-blacklist", no_argument, NULL, 'b' },
	{ "force", no_argument, NULL, 'f' }, { "force-modversion", no_argument, NULL, 'f' },
	{ "force-vermagic", no_argument, NULL, 'f' }, { "show-depends", no_argument, NULL, 'D' },
	{ "showconfig", no_argument, NULL, 'c' }, { "show-config", no_argument, NULL, 'c' },
	{ "show-modversions", no_argument, NULL, LONG_HOST }, { "dump-modversions", no_argument, NULL, LONG_HOST },
	{ "show-exports", no_argument, NULL, LONG_HOST }, { "dry-run", no_argument, NULL, 'n' },
	{ "show", no_argument, NULL, 'n' }, { "config", required_argument, NULL, 'C' },
	{ "dirname", required_argument, NULL, 'd' }, { "set-version", required_argument, NULL, 'S' },
	{ "syslog", no_argument, NULL, 's' }, { "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' }, { "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' }, { 0 }
};

/* One module that cannot be had ends it all, of several it is only said. */
static int refuse(const struct modprobe *p, const char *text, const char *name, int error)
{
	if (!p->quiet)
		fprintf(stderr, "modprobe: %s: Module %s %s\n", p->all ? "WARNING" : "FATAL", name, text);
	if (!p->all && !p->quiet)
		exit(1);
	return error;
}

static int complain(const struct modprobe *p, const struct kmod_module *m, int error)
{
	const char *why = error == -EEXIST ? "Module already in kernel" : error == -ENOENT ? "Unknown symbol in module, or unknown parameter (see dmesg)"
											   : strerror(-error);

	if (!p->quiet)
		kmod_error(p->k, "could not insert '%s': %s\n", m->name, why);
	return error;
}

/* --- inserting ----------------------------------------------------------------------------------- */

static int insert_one(struct modprobe *p, struct kmod_module *m)
{
	const char *parameters = m == p->wanted ? p->parameters : "";
	char path[512];

	if (m->builtin) {
		if (p->show)
			printf("builtin %s\n", m->name);
		return 0;
	}
	if (m->loaded && !p->ignore_loaded)
		return 0;
	kmod_path(m, path, sizeof(path));
	if (p->show)
		printf("insmod %s %s\n", path, parameters);
	fflush(stdout);
	return p->dry ? 0 : kmod_load(m, parameters);
}

static int insert_tree(struct modprobe *p, struct kmod_module *m);

/* The modules a line names; what cannot be loaded matters only if it is needed. */
static int insert_named(struct modprobe *p, const char *names, int length, bool needed)
{
	char copy[512], *rest = copy;

	snprintf(copy, sizeof(copy), "%.*s", length, names);
	for (char *name; (name = strsep(&rest, ", "));) {
		struct kmod_module *m = kmod_find(p->k, name);
		int rc = m && !m->visited ? insert_tree(p, m) : 0;

		if (rc < 0 && rc != -EEXIST && needed)
			return rc;
	}
	return 0;
}

/* softdep: "pre: a b post: c d" */
static void insert_soft(struct modprobe *p, const struct kmod_module *m, const char *when)
{
	const char *position = m->info, *text, *start, *end;
	int length;

	while ((text = kmod_value(&position, "softdep", &length))) {
		start = memmem(text, (size_t)length, when, strlen(when));
		if (!start)
			continue;
		start += strlen(when);
		end = memchr(start, ':', (size_t)(text + length - start));
		(void)insert_named(p, start, (int)((end ? end : text + length) - start), false);
	}
}

static int insert_tree(struct modprobe *p, struct kmod_module *m)
{
	const char *position = m->info, *needs;
	int length, rc = 0;

	m->visited = true;
	needs = kmod_value(&position, "depends", &length);
	if (needs)
		rc = insert_named(p, needs, length, true);
	if (rc < 0)
		return rc;
	insert_soft(p, m, "pre:");
	rc = insert_one(p, m);
	if (rc == 0)
		insert_soft(p, m, "post:");
	return rc;
}

static int insert(struct modprobe *p, struct kmod_module *m)
{
	int rc;

	if (p->resolve) {
		printf("%s\n", m->name);
		return 0;
	}
	if ((m->loaded || m->builtin) && !p->ignore_loaded)
		return p->first_time ? complain(p, m, -EEXIST) : 0;
	for (unsigned i = 0; i < p->k->count; i++)
		p->k->module[i].visited = false;
	p->wanted = m;
	rc = insert_tree(p, m);
	/* somebody else was faster */
	if (rc == -EEXIST && !p->first_time)
		rc = 0;
	if (!p->dry)
		kmod_refresh(p->k);
	return rc < 0 ? complain(p, m, rc) : 0;
}

/* --- removing ------------------------------------------------------------------------------------ */

static int remove_one(struct modprobe *p, struct kmod_module *m)
{
	int rc;

	if (p->show)
		printf("rmmod %s\n", m->name);
	fflush(stdout);
	if (p->dry)
		return 0;
	rc = kmod_unload(m);
	if (rc < 0 && !p->quiet)
		kmod_error(p->k, "could not remove '%s': %s\n", m->name, strerror(-rc));
	kmod_refresh(p->k);
	return rc;
}

static int remove_module(struct modprobe *p, struct kmod_module *m, bool quiet_builtin);

static int remove_holders(struct modprobe *p, const struct kmod_module *m)
{
	char copy[sizeof(m->holders)], *rest = copy;

	memcpy(copy, m->holders, sizeof(copy));
	for (char *name; (name = strsep(&rest, ","));) {
		struct kmod_module *holder = kmod_find(p->k, name);
		int rc = holder ? remove_module(p, holder, true) : 0;

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* What it needed and nobody uses now goes with it. */
static void remove_unused(struct modprobe *p, const struct kmod_module *m)
{
	const char *position = m->info, *needs;
	char copy[512], *rest = copy;
	int length;

	needs = kmod_value(&position, "depends", &length);
	snprintf(copy, sizeof(copy), "%.*s", needs ? length : 0, needs ? needs : "");
	for (char *name; (name = strsep(&rest, ","));) {
		struct kmod_module *need = kmod_find(p->k, name);

		if (need && need->loaded && !need->builtin && need->refcount == 0)
			(void)remove_one(p, need);
	}
}

static void remove_soft(struct modprobe *p, const struct kmod_module *m)
{
	const char *position = m->info, *text;
	char copy[512], *rest = copy;
	int length;

	text = kmod_value(&position, "softdep", &length);
	snprintf(copy, sizeof(copy), "%.*s", text ? length : 0, text ? text : "");
	for (char *name; (name = strsep(&rest, " "));) {
		struct kmod_module *soft = kmod_find(p->k, name);

		if (soft && soft->loaded && soft->refcount == 0)
			(void)remove_one(p, soft);
	}
}

static int remove_module(struct modprobe *p, struct kmod_module *m, bool quiet_builtin)
{
	int rc = 0;

	if (m->builtin)
		return quiet_builtin ? 0 : refuse(p, "is builtin.", m->name, -ENOENT);
	if (!m->loaded)
		return p->first_time ? refuse(p, "is not in kernel.", m->name, -ENOENT) : 0;
	remove_soft(p, m);
	if (p->holders)
		rc = remove_holders(p, m);
	if (rc < 0)
		return rc;
	if (m->refcount > 0 && !p->dry)
		return refuse(p, "is in use.", m->name, -EBUSY);
	rc = remove_one(p, m);
	if (rc == 0)
		remove_unused(p, m);
	return rc;
}

/* --- the command --------------------------------------------------------------------------------- */

static void take_option(struct modprobe *p, int option)
{
	switch (option) {
	case 'a':
		p->all = true;
		break;
	case 'r':
		p->remove = true;
		break;
	case 'n':
		p->dry = true;
		break;
	case 'v':
		p->show = true;
		break;
	case 'q':
		p->quiet = true;
		break;
	case 'R':
		p->resolve = true;
		break;
	case 'D':
		p->ignore_loaded = p->dry = p->show = true;
		break;
	case LONG_FIRST_TIME:
		p->first_time = true;
		break;
	case LONG_HOLDERS:
		p->holders = true;
		break;
	case 'c':
	case 'd':
	case 'S':
	case 'V':
	case 'h':
	case '?':
	case LONG_HOST:
		p->for_host = true;
		break;
	default:
		break;
	}
}

/* A module that is not ours, by the host's command, with the options as they were typed. */
static int by_host(const struct modprobe *p, char **args, int count)
{
	struct utsname host;
	char **argv;
	int n = 0, status;

	if (!kmod_host_has("modprobe")) {
		uname(&host);
		if (!p->quiet)
			fprintf(stderr, "modprobe: %s: Module %s not found in directory /lib/modules/%s\n",
				p->all ? "WARNING" : "FATAL", args[0], host.release);
		return 1;
	}
	argv = calloc((size_t)p->option_count + (size_t)count + 3, sizeof(*argv));
	if (!argv)
		return 1;
	argv[n++] = (char *)"modprobe";
	for (int i = 0; i < p->option_count; i++)
		argv[n++] = p->options[i];
	argv[n++] = (char *)"--";
	for (int i = 0; i < count; i++)
		argv[n++] = args[i];
	status = kmod_host_run("modprobe", argv);
	free(argv);
	return status;
}

static int one_argument(struct modprobe *p, char **args, int count)
{
	struct kmod_module *m = kmod_lookup(p->k, args[0]);

	if (!m)
		return by_host(p, args, count);
	return (p->remove ? remove_module(p, m, false) : insert(p, m)) < 0;
}

static char *join(char **words, int count)
{
	struct page text;

	if (page_init_growing(&text) < 0)
		return NULL;
	for (int i = 0; i < count; i++)
		page_printf(&text, "%s%s", i ? " " : "", words[i]);
	return text.data;
}

int kmod_modprobe(struct kmod *k, int argc, char **argv)
{
	struct modprobe p = { .k = k, .parameters = "" };
	char **args, *parameters;
	int option, status = 0, count;

	opterr = 0;
	while ((option = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		take_option(&p, option);
	/* getopt has moved the options to the front */
	args = argv + optind;
	count = argc - optind;
	p.options = argv + 1;
	p.option_count = optind - 1 - (optind > 1 && strcmp(argv[optind - 1], "--") == 0);
	if (p.for_host)
		return -1;
	if (count == 0) {
		kmod_error(k, "missing parameters. See -h.\n");
		return 1;
	}
	if (p.all || p.remove) {
		for (int i = 0; i < count; i++)
			status |= one_argument(&p, args + i, 1);
		return status;
	}
	parameters = join(args + 1, count - 1);
	p.parameters = parameters ? parameters : "";
	status = one_argument(&p, args, count);
	free(parameters);
	return status;
}
