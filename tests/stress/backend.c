/* SPDX-License-Identifier: MIT */
/*
 * backend [SECONDS]: threads list, read and write all over the tree of a memory backend while cards and domains
 * come and go, guests start and stop and modules are unloaded. For ThreadSanitizer, and for what holds at any
 * moment: a mask has 67 characters, a count of bound queues is not above that of all, a listed name is found or gone.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory_backend.h"

#define READERS 4
#define WRITERS 3
#define UUIDS 4

static const char *const uuids[UUIDS] = {
	"62177883-f1bb-47f0-914d-32a22e3a8804", "ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1",
	"8f1e1c3c-9d0c-4d1a-8a3d-3d3d5b0f4c2e", "00000000-0000-0000-0000-000000000001",
};

struct bench {
	struct backend *backend;
	atomic_bool stop;
	atomic_ulong operations, wrong;
};

struct worker {
	struct bench *bench;
	pthread_t thread;
	unsigned random;
};

/* A call that may be answered later, waited for. */
struct call {
	struct backend_call call;	/* first */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
	int result;
};

static unsigned pick(struct worker *w, unsigned below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 17;
	w->random ^= w->random << 5;
	return w->random % below;
}

static void wrong(struct bench *b, const char *what, const char *text)
{
	if (atomic_fetch_add(&b->wrong, 1) < 10)
		fprintf(stderr, "wrong: %s: \"%s\"\n", what, text);
}

static int find(struct bench *b, const char *path, uint64_t *ret)
{
	uint64_t node = BACKEND_ROOT;
	char name[128];
	int rc = 0;

	while (*path && rc == 0) {
		size_t length = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		rc = b->backend->ops->find(b->backend, node, name, NULL, &node);
		path += length + (path[length] == '/');
	}
	*ret = node;
	return rc;
}

static void answer(struct backend_call *call, int result)
{
	struct call *c = (struct call *)call;

	pthread_mutex_lock(&c->lock);
	c->done = true;
	c->result = result;
	pthread_cond_signal(&c->answered);
	pthread_mutex_unlock(&c->lock);
}

static int call_node(struct bench *b, uint64_t node, struct page page, bool is_store, char *text)
{
	struct call c = { .call = { .page = page, .answer = answer } };
	int rc;

	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.answered, NULL);
	rc = is_store ? b->backend->ops->store(b->backend, node, &c.call) : b->backend->ops->show(b->backend, node, &c.call);
	pthread_mutex_lock(&c.lock);
	while (rc == BACKEND_WAITS && !c.done)
		pthread_cond_wait(&c.answered, &c.lock);
	pthread_mutex_unlock(&c.lock);
	if (rc == BACKEND_WAITS)
		rc = c.result;
	if (!is_store && rc == 0)
		memmove(text, c.call.page.data, c.call.page.length + 1);
	pthread_cond_destroy(&c.answered);
	pthread_mutex_destroy(&c.lock);
	atomic_fetch_add(&b->operations, 1);
	return rc;
}

static int read_path(struct bench *b, const char *path, char text[SYSFS_PAGE])
{
	struct page page;
	uint64_t node;
	int rc = find(b, path, &node);

	*text = 0;
	page_init_fixed(&page, text, SYSFS_PAGE);
	return rc < 0 ? rc : call_node(b, node, page, false, text);
}

static int write_path(struct bench *b, const char *path, const char *text)
{
	char copy[256];
	uint64_t node;
	int rc = find(b, path, &node);

	snprintf(copy, sizeof(copy), "%s", text);
	return rc < 0 ? rc : call_node(b, node, (struct page){ copy, strlen(copy), sizeof(copy), false }, true, NULL);
}

static void check_texts(struct bench *b)
{
	char text[SYSFS_PAGE];
	unsigned bound, total;

	if (read_path(b, "bus/ap/apmask", text) < 0 || strlen(text) != 67)
		wrong(b, "apmask", text);
	if (read_path(b, "bus/ap/bindings", text) < 0 || sscanf(text, "%u/%u", &bound, &total) != 2 || bound > total)
		wrong(b, "bindings", text);
}

static void visit(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	struct bench *b = ctx;

	if (!*name || !node || strchr(name, '/'))
		wrong(b, "name", name);
	atomic_fetch_add(&b->operations, 1);
}

static void list(struct bench *b, uint64_t dir)
{
	int rc = b->backend->ops->list(b->backend, dir, NULL, visit, b);

	if (rc < 0 && rc != -ENOENT)
		wrong(b, "list", strerror(-rc));
}

static void *read_all(void *arg)
{
	static const char *const dirs[] = { "", "bus/ap/devices", "devices/ap", "devices/ap/card05", "bus/ap/drivers/vfio_ap",
					    "devices/vfio_ap/matrix", "bus/mdev/devices", "module", "kernel/iommu_groups" };
	struct worker *w = arg;
	char text[SYSFS_PAGE], path[128];

	while (!atomic_load(&w->bench->stop)) {
		uint64_t node;

		check_texts(w->bench);
		if (find(w->bench, dirs[pick(w, sizeof(dirs) / sizeof(*dirs))], &node) == 0)
			list(w->bench, node);
		snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/%s", uuids[pick(w, UUIDS)],
			 pick(w, 2) ? "matrix" : "guest_matrix");
		read_path(w->bench, path, text);
		snprintf(path, sizeof(path), "devices/ap/card%02x/uevent", 5 + pick(w, 4));
		read_path(w->bench, path, text);
	}
	return NULL;
}

static void write_one(struct worker *w)
{
	static const char *const verbs[] = { "assign_adapter", "unassign_adapter", "assign_domain", "unassign_domain",
					     "assign_control_domain", "remove" };
	const char *uuid = uuids[pick(w, UUIDS)];
	char path[160], text[128];

	switch (pick(w, 8)) {
	case 0:
		snprintf(text, sizeof(text), "%c%u", "+-"[pick(w, 2)], 5 + pick(w, 4));
		write_path(w->bench, pick(w, 2) ? "bus/ap/apmask" : "bus/ap/aqmask", text);
		break;
	case 1:
		write_path(w->bench, "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create", uuid);
		break;
	case 2:
		snprintf(text, sizeof(text), "adapter %u %s\nscan\n", 5 + pick(w, 4), pick(w, 2) ? "type=CEX8C" : "remove");
		write_path(w->bench, ".apsysfs/machine", text);
		break;
	case 3:
		snprintf(text, sizeof(text), "domain %s %u\nscan\n", pick(w, 2) ? "add" : "remove", 5 + pick(w, 4));
		write_path(w->bench, ".apsysfs/machine", text);
		break;
	case 4:
		snprintf(text, sizeof(text), "start %s", uuid);
		write_path(w->bench, ".apsysfs/guests/control", text);
		/* at once: another thread's remove may wait for it */
		write_path(w->bench, ".apsysfs/guests/control", "stop all");
		break;
	case 5:
		if (pick(w, 8) == 0) {
			write_path(w->bench, ".apsysfs/modules", "unload vfio_ap");
			write_path(w->bench, ".apsysfs/modules", "load vfio_ap");
		}
		break;
	default:
		snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/%s", uuid, verbs[pick(w, 6)]);
		snprintf(text, sizeof(text), "%u", 5 + pick(w, 4));
		write_path(w->bench, path, text);
	}
}

static void *write_all(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&w->bench->stop))
		write_one(w);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 5;
	struct machine *machine = malloc(sizeof(*machine));
	struct memory_options options = { .kernel = KERNEL_NEWEST, .machine = machine };
	struct worker worker[READERS + WRITERS];
	struct bench b = { 0 };

	if (!machine)
		return 1;
	machine_init_default(machine);
	if (memory_backend_new(&options, &b.backend) < 0)
		return 1;
	b.backend->ops->begin(b.backend);
	for (unsigned i = 0; i < READERS + WRITERS; i++) {
		worker[i] = (struct worker){ .bench = &b, .random = 2463534242u + i };
		pthread_create(&worker[i].thread, NULL, i < READERS ? read_all : write_all, &worker[i]);
	}
	sleep(seconds);
	atomic_store(&b.stop, true);
	/* whoever still waits for a guest is let go */
	for (int i = 0; i < 20; i++) {
		write_path(&b, ".apsysfs/guests/control", "stop all");
		usleep(50000);
	}
	for (unsigned i = 0; i < READERS + WRITERS; i++)
		pthread_join(worker[i].thread, NULL);
	b.backend->ops->destroy(b.backend);
	free(machine);
	printf("stress: %lu operations of %d threads in %u s, %lu wrong\n", atomic_load(&b.operations), READERS + WRITERS,
	       seconds, atomic_load(&b.wrong));
	return atomic_load(&b.wrong) != 0;
}
