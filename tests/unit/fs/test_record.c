/* SPDX-License-Identifier: MIT */
/*
 * record: 200 random machines in random states, each written out as a directory tree as a support archive would have
 * it, recorded, printed as YAML, loaded and booted again: every name, link and text of the tree must be the same.
 * Seeds are the numbers of the machines; the one that fails is named.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/attr.h"
#include "core/memory_backend.h"
#include "fs/machine_file.h"
#include "hostbackend/host_record.h"

#define MACHINES 200
#define OPERATIONS 60

static const char *const uuids[] = { "62177883-f1bb-47f0-914d-32a22e3a8804", "ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1",
				     "8f1e1c3c-9d0c-4d1a-8a3d-3d3d5b0f4c2e" };
#define UUIDS (sizeof(uuids) / sizeof(*uuids))

static const struct caller nobody;
static uint64_t random_state;

static unsigned rnd(unsigned below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % below;
}

/* --- a machine ---------------------------------------------------------------------------------------------- */

static void random_machine(enum kernel_id kernel, struct machine *ret)
{
	static const char *const modes[] = { "cca", "accel", "ep11" };
	static const char *const states[] = { "online", "online", "online", "deconfigured", "checkstopped" };
	char text[4096], why[256];
	unsigned oldest = kernel_rules(kernel)->oldest_type, types = kernel_rules(kernel)->newest_type - oldest + 2;
	struct page lines, message;
	int line;

	machine_init(ret);
	page_init_fixed(&lines, text, sizeof(text));
	page_init_fixed(&message, why, sizeof(why));
	if (rnd(4) == 0)
		page_printf(&lines, "max_adapter %u\nmax_domain %u\n", 20 + rnd(100), 20 + rnd(200));
	page_printf(&lines, "usage 4 %u %u\ncontrol 4 %u-%u\n", rnd(16), rnd(20), rnd(8), 8 + rnd(200));
	page_printf(&lines, "qact %u\nrc8a %u\napsb %u\n", rnd(2), rnd(2), rnd(2));
	if (rnd(10) == 0)
		page_printf(&lines, "qci 0\napxa 0\n");
	for (unsigned n = rnd(5); n > 0; n--) {
		page_printf(&lines, "adapter %u type=%u func=%s state=%s depth=%u ml=%u pending=%u\n", rnd(20),
			    oldest + rnd(types), modes[rnd(3)], states[rnd(5)], 1 + rnd(16), rnd(4) * 3,
			    rnd(3) ? 0 : rnd(30));
	}
	for (unsigned n = rnd(3); n > 0; n--)
		page_printf(&lines, "queue %u.%u rc=%u\n", rnd(20), rnd(16), rnd(6));
	cr_assert_eq(machine_edit(ret, text, &line, &message), 0, "%s: %s", text, why);
}

static const char *random_cmdline(void)
{
	static const char *const lines[] = { "", "", "ap.apmask=0xffff ap.aqmask=0x40", "ap.useirq=0", "ap.poll_thread=1 ap.useirq=0",
					     "ap.apmask=it's\"x ap.aqmask=+0-9" };

	return lines[rnd(sizeof(lines) / sizeof(*lines))];
}

/* --- a state ------------------------------------------------------------------------------------------------- */

static int find_path(struct backend *b, const char *path, uint64_t *ret)
{
	char copy[512], *rest = copy;
	uint64_t node = BACKEND_ROOT;
	int rc = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name; rc == 0 && (name = strsep(&rest, "/"));)
		rc = b->ops->find(b, node, name, &nobody, &node);
	*ret = node;
	return rc;
}

static void never_answered(struct backend_call *call, int result)
{
	free(call);
}

static void store(struct backend *b, const char *path, const char *text)
{
	struct {
		struct backend_call call;
		char text[SYSFS_PAGE];
	} *c = calloc(1, sizeof(*c));
	uint64_t node;

	snprintf(c->text, sizeof(c->text), "%s", text);
	c->call.page = (struct page){ .data = c->text, .length = strlen(text), .size = sizeof(c->text) };
	c->call.answer = never_answered;
	if (find_path(b, path, &node) < 0 || b->ops->store(b, node, &c->call) != BACKEND_WAITS)
		free(c);
}

static void random_write(struct backend *b)
{
	static const char *const settings[][2] = {
		{ "bus/ap/config_time", "60" },	   { "bus/ap/poll_thread", "1" },    { "bus/ap/poll_timeout", "70000" },
		{ "bus/ap/ap_domain", "4" },	   { "bus/ap/drivers_autoprobe", "0" }, { "bus/mdev/drivers_autoprobe", "0" },
		{ "class/zcrypt/create", "a b'c" }, { "class/zcrypt/create", "dir/node" }, { "class/zcrypt/destroy", "dir!node" },
		{ "module/kvm/parameters/halt_poll_ns", "123" }, { "bus/ap/scans", "1" },
		{ "bus/ap/drivers_autoprobe", "1" }, { ".apsysfs/modules", "unload zcrypt_cex4" },
		{ ".apsysfs/modules", "load zcrypt_cex4" },
		{ "devices/virtual/zcrypt/dir!node/apmask", "0xff" },
	};
	static const char *const types = "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create";
	static const char *const parts[] = { "assign_adapter", "assign_domain", "assign_control_domain", "unassign_adapter",
					     "unassign_domain" };
	const char *uuid = uuids[rnd(UUIDS)];
	unsigned adapter = rnd(20), domain = rnd(3) ? 4 : rnd(20), what = rnd(12);
	char path[256], text[256];

	snprintf(path, sizeof(path), "bus/ap/%s", rnd(2) ? "apmask" : "aqmask");
	snprintf(text, sizeof(text), "%c%u-%u", rnd(3) ? '-' : '+', rnd(10), 10 + rnd(10));
	if (what == 1) {
		snprintf(path, sizeof(path), "%s", types);
		snprintf(text, sizeof(text), "%s", uuid);
	} else if (what >= 2 && what <= 4) {
		snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/%s", uuid, parts[rnd(5)]);
		snprintf(text, sizeof(text), "%u", rnd(2) ? adapter : domain);
	} else if (what == 5) {
		snprintf(path, sizeof(path), ".apsysfs/guests/control");
		snprintf(text, sizeof(text), "%s %s%s", rnd(2) ? "start" : "stop", uuid, rnd(3) ? "" : " nokvm");
	} else if (what == 6 || what == 7) {
		snprintf(path, sizeof(path), "devices/ap/card%02x/%s", adapter, rnd(3) ? "online" : "config");
		snprintf(text, sizeof(text), "%u", rnd(2));
	} else if (what == 8) {
		snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/%s", adapter, adapter, domain,
			 rnd(2) ? "online" : "driver_override");
		snprintf(text, sizeof(text), "%s", rnd(2) ? "0" : "vfio_ap");
	} else if (what == 9) {
		snprintf(path, sizeof(path), "bus/ap/drivers/%s/%s", rnd(2) ? "cex4queue" : "vfio_ap", rnd(2) ? "bind" : "unbind");
		snprintf(text, sizeof(text), "%02x.%04x", adapter, domain);
	} else if (what >= 10) {
		unsigned i = rnd(sizeof(settings) / sizeof(*settings));

		snprintf(path, sizeof(path), "%s", settings[i][0]);
		snprintf(text, sizeof(text), "%s", settings[i][1]);
	}
	store(b, path, text);
}

/* --- the tree, as text and as directories ------------------------------------------------------------------------ */

struct dump {
	struct backend *b;
	char path[1024];
	int dir;		/* >= 0: write it there as well */
	struct page *text;	/* NULL: only directories */
};

/* Counters, and what says how often somebody looked. */
static bool left_out(const char *path)
{
	static const char *const names[] = { "request_count", "scans", "bindings_complete_count" };
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void dump_node(void *ctx, const char *name, uint64_t node, enum node_type type);

static void dump_file(struct dump *d, uint64_t node)
{
	char text[SYSFS_PAGE];
	struct backend_call call = { .answer = NULL };
	struct node_stat st;
	int rc, fd;

	page_init_fixed(&call.page, text, sizeof(text));
	if (d->b->ops->stat(d->b, node, &nobody, &st) < 0 || !st.can_show)
		return;
	rc = d->b->ops->show(d->b, node, &call);
	if (d->text && !left_out(d->path))
		page_printf(d->text, "%s: %d %s\n", d->path, rc, text);
	if (d->dir < 0 || rc < 0)
		return;
	fd = openat(d->dir, d->path + 1, O_CREAT | O_WRONLY, 0600);
	cr_assert(fd >= 0 && write(fd, text, call.page.length) == (ssize_t)call.page.length, "%s", d->path);
	close(fd);
}

static void dump_link(struct dump *d, uint64_t node)
{
	char text[SYSFS_PAGE];
	struct page out;

	page_init_fixed(&out, text, sizeof(text));
	cr_assert_eq(d->b->ops->readlink(d->b, node, &nobody, &out), 0);
	if (d->text)
		page_printf(d->text, "%s -> %s\n", d->path, text);
	if (d->dir >= 0)
		cr_assert_eq(symlinkat(text, d->dir, d->path + 1), 0);
}

struct entries {
	unsigned count;
	struct { char name[256]; uint64_t node; enum node_type type; } entry[1024];
};

static void collect(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct entries *e = ctx;

	cr_assert(e->count < 1024);
	snprintf(e->entry[e->count].name, sizeof(e->entry[0].name), "%s", name);
	e->entry[e->count].node = node;
	e->entry[e->count++].type = type;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void dump_directory(struct dump *d, uint64_t node)
{
	struct entries *e = calloc(1, sizeof(*e));

	cr_assert_eq(d->b->ops->list(d->b, node, &nobody, collect, e), 0);
	/* the order of a listing is nobody's business, and that of devices depends on history */
	qsort(e->entry, e->count, sizeof(e->entry[0]), by_name);
	for (unsigned i = 0; i < e->count; i++)
		dump_node(d, e->entry[i].name, e->entry[i].node, e->entry[i].type);
	free(e);
}

static void dump_node(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct dump *d = ctx;
	size_t length = strlen(d->path);

	snprintf(d->path + length, sizeof(d->path) - length, "/%s", name);
	if (type == NODE_IS_FILE) {
		dump_file(d, node);
	} else if (type == NODE_IS_LINK) {
		dump_link(d, node);
	} else {
		if (d->text)
			page_printf(d->text, "%s/\n", d->path);
		if (d->dir >= 0)
			cr_assert_eq(mkdirat(d->dir, d->path + 1, 0700), 0);
		dump_directory(d, node);
	}
	d->path[length] = 0;
}

static void dump_tree(struct backend *b, int dir, struct page *text)
{
	struct dump d = { .b = b, .dir = dir, .text = text };
	uint64_t guests;

	dump_directory(&d, BACKEND_ROOT);
	/* which mdevs a guest has is in no file of the older kernels */
	if (dir < 0 || find_path(b, ".apsysfs/guests/control", &guests) < 0)
		return;
	mkdirat(dir, ".apsysfs", 0700);
	mkdirat(dir, ".apsysfs/guests", 0700);
	snprintf(d.path, sizeof(d.path), "/.apsysfs/guests/control");
	d.text = NULL;
	dump_file(&d, guests);
}

/* --- there and back ------------------------------------------------------------------------------------------------ */

static struct backend *boot(const struct machine_setup *s)
{
	char why[256];
	struct page message;
	struct memory_options o = { .kernel = s->kernel, .machine = &s->machine, .cmdline = s->cmdline, .virtual_clock = true,
				    .no_modules = s->has_modules, .state = s->state, .message = &message };
	struct backend *b;

	page_init_fixed(&message, why, sizeof(why));
	cr_assert_eq(memory_backend_new(&o, &b), 0, "%s", why);
	return b;
}

/* What record prints, loaded as --machine does. */
static void record_and_load(const char *dir, struct machine_setup *ret, struct page *notes)
{
	struct host_record *r = malloc(sizeof(*r));
	struct machine_setup *setup = calloc(1, sizeof(*setup));
	char path[128], why[1024];
	struct page yaml, message;
	FILE *file;

	cr_assert_eq(host_record(dir, r), 0);
	page_printf(notes, "%s", r->notes.data);
	page_init_growing(&yaml);
	setup->machine = r->machine;
	setup->kernel = r->kernel;
	setup->has_kernel = true;
	setup->cmdline = r->cmdline.data;
	setup->state = r->state.data;
	machine_file_print(setup, &yaml);
	snprintf(path, sizeof(path), "%s.yaml", dir);
	file = fopen(path, "w");
	cr_assert(file && fwrite(yaml.data, 1, yaml.length, file) == yaml.length && fclose(file) == 0);
	page_init_fixed(&message, why, sizeof(why));
	*ret = (struct machine_setup){ 0 };
	cr_assert_eq(machine_file_load(path, ret, &message), 0, "%s", why);
	unlink(path);
	page_free(&yaml);
	host_record_free(r);
	free(setup);
	free(r);
}

static const char *first_difference(const char *a, const char *b, char line[512])
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	snprintf(line, 512, "before: %.200s\nafter: %.200s", a, b);
	return line;
}

static void there_and_back(unsigned seed)
{
	struct machine_setup *setup = calloc(1, sizeof(*setup)), *again = calloc(1, sizeof(*again));
	char dir[64], line[512], command[128], noted[2048];
	struct page before, after, notes;
	struct backend *b, *c;
	int fd;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	setup->kernel = (enum kernel_id)(seed % KERNELS);
	random_machine(setup->kernel, &setup->machine);
	setup->cmdline = (char *)random_cmdline();
	b = boot(setup);
	for (unsigned n = rnd(OPERATIONS); n > 0; n--)
		random_write(b);
	snprintf(dir, sizeof(dir), "/tmp/apsysfs-record.%d.%u", getpid(), seed);
	cr_assert_eq(mkdir(dir, 0700), 0);
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	page_init_growing(&before);
	page_init_growing(&after);
	dump_tree(b, fd, NULL);
	page_init_fixed(&notes, noted, sizeof(noted));
	record_and_load(dir, again, &notes);
	c = boot(again);
	dump_tree(b, -1, &before);
	dump_tree(c, -1, &after);
	cr_expect_str_eq(before.data, after.data, "machine %u, kernel %s:\n%s\n%s", seed, kernel_name(setup->kernel),
			 noted, first_difference(before.data, after.data, line));
	close(fd);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
	b->ops->destroy(b);
	c->ops->destroy(c);
	page_free(&before);
	page_free(&after);
	machine_file_free(again);
	free(setup);
	free(again);
}

Test(record, random_machines, .timeout = 300)
{
	for (unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : 0; seed < MACHINES; seed++)
		there_and_back(seed);
}
