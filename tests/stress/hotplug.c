/* SPDX-License-Identifier: MIT */
/*
 * hotplug [CHANGES [MOUNT]]: 8 threads read, list and write while cards and domains come, go, break and change their
 * type CHANGES (10,000) times; on a memory backend, or through a mount. No answer may be wrong: the changes are drawn
 * beforehand, so what the tree is after each of them is known, and each answer must be that of a moment
 * between the last change that had ended before it was asked and the last that had begun when it came. What is gone
 * or not there must be so at such a moment; listings must be whole.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory_backend.h"

#define CHANGES 10000
#define FIRST 0x10	/* adapters FIRST to FIRST + SIDE - 1, domains 1 to SIDE come and go */
#define SIDE 6
#define POOL 3		/* the first ones are vfio_ap's */
#define PACE 20		/* questions of a thread for each change: readers that never rest keep writers out */
#define TEXT 4096
#define UUID "62177883-f1bb-47f0-914d-32a22e3a8804"
#define MDEV "devices/vfio_ap/matrix/" UUID
#define CREATE "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create"

enum { GOOD, DECONFIGURED, CHECKSTOPPED };

/* The hardware after a change; the bus has scanned. */
struct moment {
	struct { uint8_t type, state; } card[SIDE];	/* type 0: none */
	uint8_t domains;				/* a bit each */
};

/* How the tree is reached: 0 or -errno each. */
struct lab;
struct way {
	int (*read)(struct lab *l, const char *path, char text[TEXT]);
	int (*write)(struct lab *l, const char *path, const char *text);
	/* the names, a blank behind each, as they come */
	int (*list)(struct lab *l, const char *path, char text[TEXT]);
};

struct lab {
	const struct way *way;
	struct backend *backend;
	const char *mount;
	struct moment *moment;		/* [0] at the beginning, [n] after change n */
	unsigned changes;
	atomic_uint begun, ended;	/* changes */
	atomic_bool stop;
	atomic_ulong answers, wrong;
};

struct worker {
	struct lab *lab;
	pthread_t thread;
	unsigned random;
	unsigned from, to;		/* moments that the present answer may be of */
	unsigned long asked;
};

static unsigned pick(unsigned *random, unsigned below)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random % below;
}

/* --- the backend itself --------------------------------------------------------------------------- */

struct call {
	struct backend_call call;	/* first */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
	int result;
};

static void answer(struct backend_call *call, int result)
{
	struct call *c = (struct call *)call;

	pthread_mutex_lock(&c->lock);
	c->done = true;
	c->result = result;
	pthread_cond_signal(&c->answered);
	pthread_mutex_unlock(&c->lock);
}

static int find(struct lab *l, const char *path, uint64_t *ret)
{
	char name[128];

	for (*ret = BACKEND_ROOT; *path;) {
		size_t length = strcspn(path, "/");
		int rc;

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		rc = l->backend->ops->find(l->backend, *ret, name, NULL, ret);
		if (rc < 0)
			return rc;
		path += length + (path[length] == '/');
	}
	return 0;
}

static int call_backend(struct lab *l, const char *path, struct page page, bool is_store)
{
	struct call c = { .call = { .page = page, .answer = answer } };
	uint64_t node;
	int rc = find(l, path, &node);

	if (rc < 0)
		return rc;
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.answered, NULL);
	rc = is_store ? l->backend->ops->store(l->backend, node, &c.call) : l->backend->ops->show(l->backend, node, &c.call);
	pthread_mutex_lock(&c.lock);
	while (rc == BACKEND_WAITS && !c.done)
		pthread_cond_wait(&c.answered, &c.lock);
	pthread_mutex_unlock(&c.lock);
	pthread_cond_destroy(&c.answered);
	pthread_mutex_destroy(&c.lock);
	return rc == BACKEND_WAITS ? c.result : rc;
}

static int backend_read(struct lab *l, const char *path, char text[TEXT])
{
	struct page page;

	page_init_fixed(&page, text, TEXT);
	return call_backend(l, path, page, false);
}

static int backend_write(struct lab *l, const char *path, const char *text)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", text);
	return call_backend(l, path, (struct page){ copy, strlen(copy), sizeof(copy), false }, true);
}

static void append_name(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	char *text = ctx;
	size_t length = strlen(text);

	(void)node;
	(void)type;
	snprintf(text + length, TEXT - length, "%s ", name);
}

static int backend_list(struct lab *l, const char *path, char text[TEXT])
{
	uint64_t node;
	int rc = find(l, path, &node);

	return rc < 0 ? rc : l->backend->ops->list(l->backend, node, NULL, append_name, text);
}

static const struct way backend_way = { backend_read, backend_write, backend_list };

/* --- a mount -------------------------------------------------------------------------------------- */

static int open_path(struct lab *l, const char *path, int flags)
{
	char name[512];
	int fd;

	snprintf(name, sizeof(name), "%s/%s", l->mount, path);
	fd = open(name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int mount_read(struct lab *l, const char *path, char text[TEXT])
{
	int fd = open_path(l, path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, TEXT - 1);
	text[n > 0 ? n : 0] = 0;
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

static int mount_write(struct lab *l, const char *path, const char *text)
{
	int fd = open_path(l, path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, text, strlen(text));
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

static int mount_list(struct lab *l, const char *path, char text[TEXT])
{
	int fd = open_path(l, path, O_RDONLY | O_DIRECTORY), rc;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	while ((void)(errno = 0), (entry = readdir(dir)))
		append_name(text, entry->d_name, 0, NODE_IS_FILE);
	rc = -errno;
	closedir(dir);
	return rc;
}

static const struct way mount_way = { mount_read, mount_write, mount_list };

/* --- what may be ---------------------------------------------------------------------------------- */

static void ask(struct worker *w)
{
	struct lab *l = w->lab;

	while (w->asked > PACE * (atomic_load(&l->begun) + 1ul) && !atomic_load(&l->stop))
		usleep(20);
	w->asked++;
	w->from = atomic_load(&w->lab->ended);
}

static void answered(struct worker *w)
{
	w->to = atomic_load(&w->lab->begun);
	atomic_fetch_add_explicit(&w->lab->answers, 1, memory_order_relaxed);
}

static void wrong(struct worker *w, const char *path, int rc, const char *text)
{
	if (atomic_fetch_add(&w->lab->wrong, 1) < 10)
		fprintf(stderr, "wrong, between changes %u and %u: %s: %s \"%s\"\n", w->from, w->to, path,
			rc < 0 ? strerror(-rc) : "", text);
}

static bool is_there(const struct moment *m, int card, int domain)
{
	return m->card[card].type && (domain < 0 || m->domains >> domain & 1);
}

/* Could a card's, or its queue's, object be found gone or be missing? */
static bool may_be_gone(const struct worker *w, int card, int domain)
{
	for (unsigned k = w->from; k <= w->to; k++) {
		const struct moment *m = &w->lab->moment[k];

		/* another type is another card, without a moment in between */
		if (!is_there(m, card, domain) || (k > w->from && m->card[card].type != m[-1].card[card].type))
			return true;
	}
	return false;
}

typedef bool fits_fn(const struct moment *m, int card, int domain, const char *text);

static bool fits_somewhere(const struct worker *w, fits_fn *fits, int card, int domain, const char *text)
{
	for (unsigned k = w->from; k <= w->to; k++)
		if (fits(&w->lab->moment[k], card, domain, text))
			return true;
	return false;
}

static bool fits_hwtype(const struct moment *m, int card, int domain, const char *text)
{
	return is_there(m, card, domain) && atoi(text) == m->card[card].type;
}

static bool fits_type(const struct moment *m, int card, int domain, const char *text)
{
	char name[16];

	snprintf(name, sizeof(name), "CEX%dC\n", m->card[card].type - 6);
	return is_there(m, card, domain) && strcmp(text, name) == 0;
}

static bool fits_config(const struct moment *m, int card, int domain, const char *text)
{
	return is_there(m, card, domain) && strcmp(text, m->card[card].state == DECONFIGURED ? "0\n" : "1\n") == 0;
}

static bool fits_chkstop(const struct moment *m, int card, int domain, const char *text)
{
	return is_there(m, card, domain) && strcmp(text, m->card[card].state == CHECKSTOPPED ? "1\n" : "0\n") == 0;
}

/* The names of a listing, by what they must be: every card, every queue of a card or of all, and nothing else of theirs. */
static bool fits_cards(const struct moment *m, int card, int domain, const char *text)
{
	char name[16];
	int count = 0, found = 0;

	for (int c = 0; c < SIDE; c++) {
		snprintf(name, sizeof(name), "card%02x ", FIRST + c);
		count += is_there(m, c, -1);
		found += strstr(text, name) != NULL;
		if (is_there(m, c, -1) != (strstr(text, name) != NULL))
			return false;
	}
	for (const char *p = text; (p = strstr(p, "card")); p++)
		found--;
	return found == 0 && count >= 0;
}

static bool fits_queues(const struct moment *m, int card, int domain, const char *text)
{
	char name[16];
	int names = 0;

	if (!is_there(m, card, -1))
		return false;
	for (int d = 0; d < SIDE; d++) {
		snprintf(name, sizeof(name), "%02x.%04x ", FIRST + card, 1 + d);
		if (is_there(m, card, d) != (strstr(text, name) != NULL))
			return false;
		names += is_there(m, card, d);
	}
	snprintf(name, sizeof(name), "%02x.", FIRST + card);
	for (const char *p = text; (p = strstr(p, name)); p++)
		names--;
	return names == 0;
}

/* What bus/ap/devices has: the cards, and the queues of all of them. */
static bool fits_bus(const struct moment *m, int card, int domain, const char *text)
{
	if (!fits_cards(m, 0, -1, text))
		return false;
	for (int c = 0; c < SIDE; c++) {
		char name[16];

		snprintf(name, sizeof(name), "%02x.", FIRST + c);
		if (is_there(m, c, -1) ? !fits_queues(m, c, -1, text) : strstr(text, name) != NULL)
			return false;
	}
	return true;
}

/* Adapters 0 and 1 with domains 0 to 2 are assigned. What there is of them: a queue a line, or one kind alone. */
static bool fits_guest(const struct moment *m, int card, int domain, const char *text)
{
	bool adapters = m->card[0].type || m->card[1].type, domains = m->domains & 7;
	char expected[256] = "";
	struct page out;

	page_init_fixed(&out, expected, sizeof(expected));
	for (int c = 0; c < 2; c++) {
		if (m->card[c].type && !domains)
			page_printf(&out, "%02x.\n", FIRST + c);
		for (int d = 0; d < 3; d++)
			if (is_there(m, c, d))
				page_printf(&out, "%02x.%04x\n", FIRST + c, 1 + d);
	}
	for (int d = 0; d < 3 && !adapters; d++)
		if (m->domains >> d & 1)
			page_printf(&out, ".%04x\n", 1 + d);
	return strcmp(text, expected) == 0;
}

/* --- the threads ---------------------------------------------------------------------------------- */

static void check(struct worker *w, fits_fn *fits, int card, int domain, const char *path)
{
	char text[TEXT] = "";
	int rc;

	ask(w);
	rc = w->lab->way->read(w->lab, path, text);
	answered(w);
	if (rc == 0 ? !fits_somewhere(w, fits, card, domain, text)
		    : (rc != -ENOENT && rc != -ENODEV) || !may_be_gone(w, card, domain))
		wrong(w, path, rc, text);
}

static void *read_attributes(void *arg)
{
	static const struct { const char *name; fits_fn *fits; bool of_queue; } files[] = {
		{ "hwtype", fits_hwtype, false }, { "type", fits_type, false }, { "config", fits_config, false },
		{ "chkstop", fits_chkstop, false }, { "config", fits_config, true }, { "chkstop", fits_chkstop, true },
	};
	struct worker *w = arg;
	char path[128];

	while (!atomic_load(&w->lab->stop)) {
		unsigned i = pick(&w->random, sizeof(files) / sizeof(*files));
		unsigned c = pick(&w->random, SIDE), d = pick(&w->random, SIDE);

		if (files[i].of_queue)
			snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/%s", FIRST + c, FIRST + c, 1 + d, files[i].name);
		else
			snprintf(path, sizeof(path), "devices/ap/card%02x/%s", FIRST + c, files[i].name);
		check(w, files[i].fits, (int)c, files[i].of_queue ? (int)d : -1, path);
	}
	return NULL;
}

static void *list_directories(void *arg)
{
	struct worker *w = arg;
	char path[128], text[TEXT];

	while (!atomic_load(&w->lab->stop)) {
		unsigned c = pick(&w->random, SIDE), kind = pick(&w->random, 3);
		fits_fn *fits = kind == 0 ? fits_cards : kind == 1 ? fits_bus : fits_queues;
		int rc;

		snprintf(path, sizeof(path), "devices/ap/card%02x", FIRST + c);
		if (kind < 2)
			strcpy(path, kind ? "bus/ap/devices" : "devices/ap");
		*text = 0;
		ask(w);
		rc = w->lab->way->list(w->lab, path, text);
		answered(w);
		/* a directory that was opened and then went is empty, as the kernel's is */
		if (rc == 0 && kind == 2 && strcmp(text, ". .. ") == 0)
			rc = -ENOENT;
		if (rc == 0 ? !fits_somewhere(w, fits, (int)c, -1, text)
			    : rc != -ENOENT || kind < 2 || !may_be_gone(w, (int)c, -1))
			wrong(w, path, rc, text);
	}
	return NULL;
}

static bool fits_broken(const struct moment *m, int card, int domain, const char *text)
{
	return is_there(m, card, domain) && m->card[card].state != GOOD;
}

static bool fits_sound(const struct moment *m, int card, int domain, const char *text)
{
	return is_there(m, card, domain) && (*text == '0' || m->card[card].state == GOOD);
}

/* Queues of the host are put off- and online. */
static void *write_online(void *arg)
{
	struct worker *w = arg;
	char path[128];

	while (!atomic_load(&w->lab->stop)) {
		int c = POOL + (int)pick(&w->random, SIDE - POOL), d = (int)pick(&w->random, SIDE), rc;
		const char *text = pick(&w->random, 2) ? "1" : "0";

		snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/online", FIRST + c, FIRST + c, 1 + d);
		ask(w);
		rc = w->lab->way->write(w->lab, path, text);
		answered(w);
		if (rc == 0 ? !fits_somewhere(w, fits_sound, c, d, text)
			    : !(((rc == -ENODEV || rc == -ENOENT) && may_be_gone(w, c, d)) ||
				(rc == -ENODEV && *text == '1' && fits_somewhere(w, fits_broken, c, d, text))))
			wrong(w, path, rc, text);
	}
	return NULL;
}

/* The only one that writes apmask, so it reads what it wrote; an adapter that is never there. */
static void *write_mask(void *arg)
{
	struct worker *w = arg;
	char text[TEXT];
	bool set = true;

	while (!atomic_load(&w->lab->stop)) {
		int rc;

		set = !set;
		ask(w);
		rc = w->lab->way->write(w->lab, "bus/ap/apmask", set ? "+0x40" : "-0x40");
		if (rc == 0)
			rc = w->lab->way->read(w->lab, "bus/ap/apmask", text);
		answered(w);
		if (rc < 0 || strlen(text) != 67 || strncmp(text, "0xffff1fff", 10) != 0 || text[18] != (set ? 'f' : '7'))
			wrong(w, "bus/ap/apmask", rc, rc < 0 ? "" : text);
	}
	return NULL;
}

/* The only one that has an mdev: its matrix is what was assigned, a guest's what there is of it. */
static void *write_mdev(void *arg)
{
	static const char *const writes[][2] = {
		{ CREATE, UUID }, { MDEV "/assign_adapter", "0x10" }, { MDEV "/assign_adapter", "0x11" },
		{ MDEV "/assign_domain", "1" }, { MDEV "/assign_domain", "2" }, { MDEV "/assign_domain", "3" },
	};
	struct worker *w = arg;
	char text[TEXT];

	while (!atomic_load(&w->lab->stop)) {
		for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++) {
			int rc;

			ask(w);
			rc = w->lab->way->write(w->lab, writes[i][0], writes[i][1]);
			answered(w);
			if (rc < 0)
				wrong(w, writes[i][0], rc, writes[i][1]);
		}
		for (int i = 0; i < 50 && !atomic_load(&w->lab->stop); i++)
			check(w, fits_guest, 0, -1, MDEV "/guest_matrix");
		ask(w);
		if (w->lab->way->read(w->lab, MDEV "/matrix", text) < 0 ||
		    strcmp(text, "10.0001\n10.0002\n10.0003\n11.0001\n11.0002\n11.0003\n") != 0) {
			answered(w);
			wrong(w, MDEV "/matrix", 0, text);
		}
		if (w->lab->way->write(w->lab, MDEV "/remove", "1") < 0)
			wrong(w, MDEV "/remove", 0, "");
	}
	return NULL;
}

/* --- the changes ---------------------------------------------------------------------------------- */

/* Draws a change of the moment, and how the control file has it. */
static void draw(unsigned *random, struct moment *m, char *line, size_t size)
{
	static const char *const states[] = { "online", "deconfigured", "checkstopped" };
	unsigned c = pick(random, SIDE), d = pick(random, SIDE), kind = pick(random, 4);
	uint8_t domains = m->domains ^ (uint8_t)(1 << d);

	if (kind == 0 && domains) {
		m->domains = domains;
		snprintf(line, size, "domain %s %u\nscan\n", domains >> d & 1 ? "add" : "remove", 1 + d);
	} else if (m->card[c].type && kind == 1) {
		m->card[c].type = 0;
		snprintf(line, size, "adapter %u remove\nscan\n", FIRST + c);
	} else {
		m->card[c].type = (uint8_t)(m->card[c].type && kind == 2 ? m->card[c].type : 11 + pick(random, 4));
		m->card[c].state = (uint8_t)pick(random, 3);
		snprintf(line, size, "adapter %u type=%u func=cca state=%s\nscan\n", FIRST + c, m->card[c].type,
			 states[m->card[c].state]);
	}
}

static void *change(void *arg)
{
	struct worker *w = arg;
	struct lab *l = w->lab;
	unsigned random = w->random;
	struct moment m = l->moment[0];
	char line[128];

	for (unsigned n = 1; n <= l->changes; n++) {
		draw(&random, &m, line, sizeof(line));
		atomic_store(&l->begun, n);
		if (l->way->write(l, ".apsysfs/machine", line) < 0)
			wrong(w, ".apsysfs/machine", 0, line);
		atomic_store(&l->ended, n);
	}
	return NULL;
}

static void draw_all(struct lab *l, unsigned random)
{
	char line[128];

	l->moment[0] = (struct moment){ .domains = 1 };
	for (unsigned n = 1; n <= l->changes; n++) {
		l->moment[n] = l->moment[n - 1];
		draw(&random, &l->moment[n], line, sizeof(line));
	}
}

static int boot(struct lab *l)
{
	struct machine *machine = malloc(sizeof(*machine));
	struct memory_options options = { .kernel = KERNEL_NEWEST, .machine = machine };
	int rc;

	if (!machine)
		return -ENOMEM;
	machine_init(machine);
	rc = memory_backend_new(&options, &l->backend);
	if (rc == 0)
		l->backend->ops->begin(l->backend);
	free(machine);
	return rc;
}

static int run(struct lab *l)
{
	static void *(*const roles[])(void *) = { change, read_attributes, read_attributes, list_directories,
						  list_directories, write_online, write_mask, write_mdev };
	struct worker worker[sizeof(roles) / sizeof(*roles)];
	const unsigned threads = sizeof(roles) / sizeof(*roles);

	if (l->way->write(l, ".apsysfs/machine", "new\ndomain add 1\nscan\n") < 0 ||
	    l->way->write(l, "bus/ap/apmask", "-0x10-0x12") < 0)
		return 1;
	for (unsigned i = 0; i < threads; i++) {
		worker[i] = (struct worker){ .lab = l, .random = i ? 88172645u + i : 2463534242u };
		pthread_create(&worker[i].thread, NULL, roles[i], &worker[i]);
	}
	pthread_join(worker[0].thread, NULL);
	atomic_store(&l->stop, true);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(worker[i].thread, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct lab l = { .way = argc > 2 ? &mount_way : &backend_way, .mount = argc > 2 ? argv[2] : NULL };
	int rc;

	l.changes = argc > 1 ? (unsigned)atoi(argv[1]) : CHANGES;
	l.moment = calloc(l.changes + 1, sizeof(*l.moment));
	if (!l.moment || (!l.mount && boot(&l) < 0))
		return 1;
	draw_all(&l, 2463534242u);
	rc = run(&l);
	if (l.backend)
		l.backend->ops->destroy(l.backend);
	free(l.moment);
	printf("hotplug: %u changes, %lu answers to 8 threads meanwhile, %lu wrong\n", atomic_load(&l.ended),
	       atomic_load(&l.answers), atomic_load(&l.wrong));
	return rc || atomic_load(&l.wrong) || !atomic_load(&l.answers);
}
