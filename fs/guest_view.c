/* SPDX-License-Identifier: MIT */
#include "fs/guest_view.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/control.h"
#include "fs/thread.h"

struct guest_view {
	int changes, machine, state;	/* files of the other mount */
	bool ran;			/* the guest was seen running */
	struct page now, last;		/* the hardware as text: as it is, as the backend has it */
	struct backend *backend;
	struct backend_call call;
};

static int open_one(const char *control, const char *uuid, const char *name)
{
	char path[4400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s%s%s%s", control, uuid ? "guests/" : "", uuid ? uuid : "", uuid ? "/" : "", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && uuid)
		fprintf(stderr, "apsysfs run: --guest %s: there is no such mdev; /sys/bus/mdev/devices has those there are\n", uuid);
	else if (fd < 0)
		fprintf(stderr, "apsysfs run: --guest: %s: %s\n", path, strerror(errno));
	return fd;
}

struct guest_view *guest_view_open(const char *uuid)
{
	struct guest_view *g = calloc(1, sizeof(*g));
	char control[4096];

	if (!g || page_init_growing(&g->now) < 0 || page_init_growing(&g->last) < 0) {
		perror("apsysfs run");
		return NULL;
	}
	/* a name that is no UUID must not lead elsewhere */
	if (strchr(uuid, '/')) {
		fprintf(stderr, "apsysfs run: --guest %s: expected the UUID of an mdev\n", uuid);
		return NULL;
	}
	if (control_find(NULL, control, sizeof(control)) < 0)
		return NULL;
	g->machine = open_one(control, uuid, "machine");
	g->state = g->machine < 0 ? -1 : open_one(control, uuid, "state");
	g->changes = g->state < 0 ? -1 : open_one(control, NULL, "changes");
	return g->changes < 0 ? NULL : g;
}

static void clear(struct page *p)
{
	p->length = 0;
	*p->data = 0;
}

/* The file from its beginning. 0 or -errno. */
static int read_again(int fd, struct page *out)
{
	char part[65536];
	off_t offset = 0;
	ssize_t n;

	clear(out);
	while ((n = pread(fd, part, sizeof(part), offset)) > 0) {
		page_append(out, part, (size_t)n);
		offset += n;
	}
	return n < 0 ? -errno : 0;
}

static bool runs(struct guest_view *g)
{
	char text[16] = "";

	return pread(g->state, text, sizeof(text) - 1, 0) > 0 && strncmp(text, "running", 7) == 0;
}

/* What an ended guest has: its machine as it was, nothing plugged. */
static void without_hardware(struct guest_view *g)
{
	struct machine *m = malloc(sizeof(*m));
	char ignored[256];
	struct page why;
	int line;

	clear(&g->now);
	page_init_fixed(&why, ignored, sizeof(ignored));
	if (!m || machine_edit(m, g->last.data, &line, &why) < 0) {
		page_printf(&g->now, "new\n");
	} else {
		ap_mask_fill(&m->usage_domains, false);
		ap_mask_fill(&m->control_domains, false);
		memset(m->adapter, 0, sizeof(m->adapter));
		machine_print(m, &g->now);
	}
	free(m);
}

/* The hardware as it is into g->now; nothing is left of a guest that ended. 0 or -errno. */
static int look(struct guest_view *g)
{
	bool running = runs(g);
	int rc = read_again(g->machine, &g->now);

	if (rc == 0 && (running || !g->ran)) {
		g->ran = running;
		return 0;
	}
	without_hardware(g);
	return rc;
}

int guest_view_machine(struct guest_view *g, struct machine *ret)
{
	char reason[256];
	struct page why;
	int line, rc = look(g);

	page_init_fixed(&why, reason, sizeof(reason));
	if (rc == 0)
		rc = machine_edit(ret, g->now.data, &line, &why);
	if (rc < 0)
		fprintf(stderr, "apsysfs run: --guest: reading what the guest has: %s\n", strerror(-rc));
	page_append(&g->last, g->now.data, g->now.length);
	return rc < 0 ? -1 : 0;
}

static void answered(struct backend_call *call, int result)
{
}

/* Tells the backend of its new hardware, and has it looked at. */
static void apply(struct guest_view *g)
{
	struct backend *b = g->backend;
	uint64_t node;

	clear(&g->last);
	page_append(&g->last, g->now.data, g->now.length);
	page_printf(&g->now, "scan\n");
	g->call = (struct backend_call){ .page = g->now, .answer = answered };
	if (b->ops->find(b, BACKEND_ROOT, ".apsysfs", NULL, &node) == 0 &&
	    b->ops->find(b, node, "machine", NULL, &node) == 0)
		(void)b->ops->store(b, node, &g->call);
}

/* Waits for the next change there. False: that mount is gone. */
static bool wait_for_change(struct guest_view *g)
{
	struct pollfd changes = { .fd = g->changes, .events = POLLPRI };
	char text[32];
	int rc;

	do
		rc = poll(&changes, 1, -1);
	while (rc < 0 && errno == EINTR);
	/* reading it is what makes the next poll wait */
	return rc > 0 && pread(g->changes, text, sizeof(text), 0) > 0;
}

static void *follow(void *arg)
{
	struct guest_view *g = arg;

	while (wait_for_change(g)) {
		int rc = look(g);

		if (g->now.length != g->last.length || memcmp(g->now.data, g->last.data, g->now.length) != 0)
			apply(g);
		/* the mdev is gone, and with it the guest: it keeps what it has now, nothing */
		if (rc < 0)
			break;
	}
	return NULL;
}

void guest_view_follow(struct guest_view *g, struct backend *b)
{
	g->backend = b;
	/* the first wait ends at once: what changed since the hardware was read is seen */
	if (thread_start(follow, g) < 0)
		fprintf(stderr, "apsysfs run: --guest: hot plug cannot be followed: no thread\n");
}
