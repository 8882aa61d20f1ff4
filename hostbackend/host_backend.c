/* SPDX-License-Identifier: MIT */
/* Lock order: a store's turn, then lock. Neither is held while the host is written to. */
#include "hostbackend/host_backend.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/tree.h"
#include "hostbackend/host_events.h"
#include "hostbackend/host_refresh.h"
#include "hostbackend/host_store.h"
#include "hostbackend/host_workers.h"

#define VIEW_AGE (20 * INT64_C(1000000))	/* ns for which what a view is made of need not be read again */

struct host {
	struct backend backend;
	struct host_sysfs sys;
	struct store_guard *guard;
	void (*differs)(const char *path, int expected, int result);
	struct workers *workers;
	struct host_events *events;	/* NULL: none are heard */
	pthread_mutex_t lock;
	/* protected by lock */
	struct host_mirror *mirror;
	uint32_t tickets;
	uint64_t topology;	/* what the listener has heard of */
	bool telling;		/* the listener hears of it now */
	int64_t viewed;		/* when all had last been read for a view; 0: read it again */
	int64_t view_age;	/* and how long that holds */
};

static struct host *host_of(struct backend *b)
{
	return (struct host *)b;
}

static int64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

static void lock(struct host *h)
{
	pthread_mutex_lock(&h->lock);
	h->mirror->engine.state->now = clock_now();
}

/* As lock; but of a host that is gone nothing is read, so that all of it does not look removed. */
static int enter(struct host *h)
{
	int rc = host_sysfs_gone(&h->sys);

	if (rc == 0)
		lock(h);
	return rc;
}

/* Entries that were seen to appear or vanish meanwhile are told of without the lock; who hears of them asks again. */
static void unlock(struct host *h)
{
	bool changed = h->mirror->engine.state->topology != h->topology && !h->telling;

	if (changed) {
		h->topology = h->mirror->engine.state->topology;
		h->telling = true;
	}
	pthread_mutex_unlock(&h->lock);
	if (!changed)
		return;
	if (h->backend.listener.topology_changed)
		h->backend.listener.topology_changed(h->backend.listener.ctx);
	pthread_mutex_lock(&h->lock);
	h->telling = false;
	pthread_mutex_unlock(&h->lock);
}

/* "bus/ap/apmask" of a node that is alive. */
static void path_of(const struct host *h, struct node n, char path[HOST_PATH])
{
	char text[HOST_PATH];
	struct page out;

	page_init_fixed(&out, text, sizeof(text));
	tree_path(&h->mirror->engine, n, &out);
	memcpy(path, text + 1, out.length);
}

/* --- names -------------------------------------------------------------------------------------------------- */

/* .apsysfs is the mount's own, and a passthrough has nothing to control. */
static bool is_hidden(struct node n)
{
	const struct row *row = tree_row(n);

	return n.kind >= DIR_CONTROL || (row && row->hidden);
}

static int host_find(struct backend *b, uint64_t dir, const char *name, const struct caller *caller, uint64_t *ret_child)
{
	struct host *h = host_of(b);
	char path[HOST_PATH];
	struct stat st;
	struct node child;
	int rc = enter(h);

	if (rc < 0)
		return rc;
	host_refresh_name(h->mirror, node_decode(dir), name);
	rc = tree_find(&h->mirror->engine, node_decode(dir), name, &child);
	if (rc == 0 && is_hidden(child))
		rc = -ENOENT;
	if (rc == 0)
		path_of(h, child, path);
	unlock(h);
	/* a row may be of what this host's kernel was built without */
	if (rc == 0 && host_stat(&h->sys, path, &st) < 0)
		rc = -ENOENT;
	if (rc == 0)
		*ret_child = node_encode(child);
	return rc;
}

/* The names that the host has in a directory, sorted. */
struct names {
	char (*name)[256];
	size_t count, size;
	bool failed;
};

static void add_name(void *ctx, const char *name)
{
	struct names *n = ctx;

	if (n->count == n->size) {
		size_t size = n->size ? 2 * n->size : 64;
		void *more = realloc(n->name, size * sizeof(*n->name));

		if (!more) {
			n->failed = true;
			return;
		}
		n->name = more;
		n->size = size;
	}
	strncpy(n->name[n->count], name, sizeof(*n->name) - 1);
	n->name[n->count++][sizeof(*n->name) - 1] = 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct listing {
	const struct names *there;
	backend_emit_fn *emit;
	void *ctx;
};

static void emit_if_there(void *ctx, const char *name, uint64_t node, enum node_type type)
{
	const struct listing *l = ctx;
	char key[256];

	strncpy(key, name, sizeof(key) - 1);
	key[sizeof(key) - 1] = 0;
	if (is_hidden(node_decode(node)) || !l->there->count ||
	    !bsearch(key, l->there->name, l->there->count, sizeof(*l->there->name), compare_names))
		return;
	l->emit(l->ctx, name, node, type);
}

static int host_list_names(const struct host *h, const char *path, struct names *ret)
{
	int rc = host_list(&h->sys, path, add_name, ret);

	if (rc == 0 && ret->failed)
		rc = -ENOMEM;
	if (rc == 0 && ret->count)
		qsort(ret->name, ret->count, sizeof(*ret->name), compare_names);
	return rc == -ENODEV ? -ENOENT : rc;
}

static int host_list_entries(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx)
{
	struct host *h = host_of(b);
	struct node n = node_decode(dir);
	struct names there = { 0 };
	struct listing l = { &there, emit, ctx };
	char path[HOST_PATH];
	int rc = enter(h);

	if (rc < 0)
		return rc;
	host_refresh_entries(h->mirror, n);
	rc = tree_alive(&h->mirror->engine, n);
	if (rc == 0) {
		path_of(h, n, path);
		rc = n.row ? -ENOTDIR : host_list_names(h, path, &there);
	}
	if (rc == 0)
		rc = tree_list(&h->mirror->engine, n, emit_if_there, &l);
	unlock(h);
	free(there.name);
	return rc;
}

static int host_stat_node(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret)
{
	struct host *h = host_of(b);
	struct node n = node_decode(node);
	char path[HOST_PATH];
	struct stat st = { 0 };
	int rc = enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, n);
	rc = is_hidden(n) ? -ENOENT : tree_stat(&h->mirror->engine, n, ret);
	if (rc == 0)
		path_of(h, n, path);
	unlock(h);
	if (rc == 0)
		rc = host_stat(&h->sys, path, &st);
	if (rc < 0)
		return -ENOENT;
	ret->mode = st.st_mode & 07777;
	ret->uid = st.st_uid;
	ret->gid = st.st_gid;
	ret->nlink = (uint32_t)st.st_nlink;
	ret->born = st.st_mtim.tv_sec * NANOSECONDS + st.st_mtim.tv_nsec;
	/* what the host shows may change with the host's kernel: it is asked each time */
	ret->constant = false;
	/* a copy's files may be replaced, each by itself */
	ret->original = h->sys.live && ret->type == NODE_IS_FILE ? st.st_ino : 0;
	return 0;
}

static int host_readlink_node(struct backend *b, uint64_t node, const struct caller *caller, struct page *out)
{
	struct host *h = host_of(b);
	int rc = enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, node_decode(node));
	rc = tree_readlink(&h->mirror->engine, node_decode(node), out);
	unlock(h);
	return rc;
}

static int host_open_node(struct backend *b, uint64_t node, const struct caller *caller, bool writes)
{
	struct host *h = host_of(b);
	int rc = enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, node_decode(node));
	rc = tree_alive(&h->mirror->engine, node_decode(node));
	unlock(h);
	return rc;
}

/* --- texts -------------------------------------------------------------------------------------------------- */

/* Its present path; -ENODEV: gone */
static int find_path(struct host *h, struct node n, char path[HOST_PATH])
{
	int rc = enter(h);

	if (rc < 0)
		return rc;
	host_refresh_object(h->mirror, n);
	rc = tree_alive(&h->mirror->engine, n) < 0 ? -ENODEV : 0;
	if (rc == 0)
		path_of(h, n, path);
	unlock(h);
	return rc;
}

static int host_original(struct backend *b, uint64_t node, const struct caller *caller)
{
	struct host *h = host_of(b);
	char path[HOST_PATH];
	int rc = h->sys.live ? find_path(h, node_decode(node), path) : -EOPNOTSUPP;

	return rc < 0 ? rc : host_open_read(&h->sys, path);
}

static int read_text(struct host *h, struct backend_call *call)
{
	char path[HOST_PATH];
	int rc = find_path(h, node_decode(call->node), path);

	if (rc < 0)
		return rc;
	rc = host_read(&h->sys, path, call->page.data, call->page.size);
	if (rc < 0)
		return rc == -ENOENT ? -ENODEV : rc;
	call->page.length = (size_t)rc;
	return 0;
}

static int write_text(struct host *h, struct backend_call *call)
{
	struct host_store *s;
	unsigned turn;
	bool writes;
	int rc = host_sysfs_gone(&h->sys);

	if (rc < 0)
		return rc;
	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->call = call;
	s->node = node_decode(call->node);
	turn = workers_turn_take(h->workers);
	lock(h);
	host_store_prepare(h->mirror, h->guard, ++h->tickets ? h->tickets : ++h->tickets, s);
	if (s->scanned)
		h->viewed = h->mirror->engine.state->now;
	writes = s->fd >= 0;
	unlock(h);
	workers_turn_writes(h->workers, turn, call);
	host_store_write(s);
	lock(h);
	host_refresh_object(h->mirror, s->node);
	host_store_done(h->mirror, h->guard, s);
	if (writes)
		h->viewed = 0;
	unlock(h);
	workers_turn_give(h->workers, turn);
	rc = s->result;
	if (h->differs && s->judged && s->expected != BACKEND_WAITS && s->expected != rc)
		h->differs(s->path, s->expected, rc);
	if (rc == 0 && h->backend.listener.changed)
		h->backend.listener.changed(h->backend.listener.ctx);
	free(s);
	return rc;
}

/* No thread is there for it. A store's refusal is recorded. */
static int refusal(struct host *h, const struct backend_call *call)
{
	int rc = -EAGAIN;

	if (!call->is_store || !h->guard)
		return rc;
	lock(h);
	rc = host_store_refuse(h->mirror, h->guard, call);
	unlock(h);
	return rc;
}

static void refuse_call(void *ctx, struct backend_call *call)
{
	call->answer(call, refusal(ctx, call));
}

static void do_call(void *ctx, struct backend_call *call)
{
	struct host *h = ctx;

	call->answer(call, call->is_store ? write_text(h, call) : read_text(h, call));
}

static int hand_over(struct host *h, uint64_t node, struct backend_call *call, bool is_store)
{
	int rc;

	call->node = node;
	call->is_store = is_store;
	rc = workers_add(h->workers, call);
	return rc < 0 ? rc : BACKEND_WAITS;
}

static int host_show(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct host *h = host_of(b);
	const struct row *row = tree_row(node_decode(node));

	/* a reader that the host's locks may hold up must not hold up a thread that serves */
	if (row && (row->locked || row->show_mutates))
		return hand_over(h, node, call, false);
	call->node = node;
	return read_text(h, call);
}

static int host_store(struct backend *b, uint64_t node, struct backend_call *call)
{
	struct host *h = host_of(b);
	int rc = hand_over(h, node, call, true);

	return rc == -EAGAIN ? refusal(h, call) : rc;
}

/* A write that the host holds up ends when the host lets it. */
static void host_interrupt(struct backend *b, struct backend_call *call)
{
}

/* --- the rest ------------------------------------------------------------------------------------------------- */

static void host_inspect(struct backend *b, backend_inspect_fn *fn, void *ctx)
{
	struct host *h = host_of(b);
	int64_t now;

	lock(h);
	now = h->mirror->engine.state->now;
	if ((now - h->viewed > h->view_age || now < h->viewed) && host_sysfs_gone(&h->sys) == 0) {
		host_scan_all(h->mirror, HOST_BINDINGS);
		h->viewed = clock_now();
		/* of a host that takes long to read, not all of the time goes into reading it */
		h->view_age = h->viewed - now > VIEW_AGE ? h->viewed - now : VIEW_AGE;
	}
	fn(ctx, &h->mirror->engine);
	unlock(h);
}

/* Nobody knows what the host did meanwhile: each answer is another one. */
static uint64_t host_generation(struct backend *b)
{
	struct host *h = host_of(b);
	uint64_t generation;

	pthread_mutex_lock(&h->lock);
	generation = h->topology = ++h->mirror->engine.state->topology;
	pthread_mutex_unlock(&h->lock);
	return generation;
}

static int64_t host_now(struct backend *b)
{
	return clock_now();
}

/* What it tells of is looked at anew before anybody hears of it. */
static void forward_event(void *ctx, const char *payload, size_t length)
{
	struct host *h = ctx;

	lock(h);
	h->viewed = 0;
	h->mirror->engine.state->topology++;
	unlock(h);
	if (h->backend.listener.changed)
		h->backend.listener.changed(h->backend.listener.ctx);
	if (h->backend.listener.uevent)
		h->backend.listener.uevent(h->backend.listener.uevent_ctx, payload, length);
}

/* Its workers come with the calls. */
static void host_begin(struct backend *b)
{
}

static void host_destroy(struct backend *b)
{
	struct host *h = host_of(b);

	host_events_stop(h->events);
	workers_stop(h->workers);
	host_mirror_free(h->mirror);
	free(h->mirror);
	host_sysfs_close(&h->sys);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static const struct backend_ops host_ops = {
	.find = host_find,
	.list = host_list_entries,
	.show = host_show,
	.store = host_store,
	.interrupt = host_interrupt,
	.stat = host_stat_node,
	.readlink = host_readlink_node,
	.open = host_open_node,
	.original = host_original,
	.inspect = host_inspect,
	.generation = host_generation,
	.now = host_now,
	.begin = host_begin,
	.destroy = host_destroy,
};

static int start(struct host *h, const struct host_options *options)
{
	int rc = host_sysfs_open(&h->sys, options->dir);

	if (rc < 0)
		return rc;
	h->mirror = calloc(1, sizeof(*h->mirror));
	rc = h->mirror ? host_mirror_init(h->mirror, &h->sys) : -ENOMEM;
	if (rc < 0) {
		free(h->mirror);
		host_sysfs_close(&h->sys);
		return rc;
	}
	/* once all, so that what is constant or set by others is known */
	host_scan_all(h->mirror, HOST_STATE);
	h->topology = h->mirror->engine.state->topology;
	h->workers = workers_new(do_call, refuse_call, h);
	return h->workers ? 0 : -ENOMEM;
}

int host_backend_new(const struct host_options *options, struct backend **ret)
{
	struct host *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return -ENOMEM;
	pthread_mutex_init(&h->lock, NULL);
	h->guard = options->guard;
	h->differs = options->differs;
	h->backend.ops = &host_ops;
	rc = start(h, options);
	if (rc < 0) {
		free(h);
		return rc;
	}
	h->backend.traits = (struct backend_traits){
		.changes_unseen = true,
		.gone_has_no_links = h->mirror->engine.rules->removed_nlink_zero,
		.reads_repeat = h->mirror->engine.state->kernel == KERNEL_4_20,
		.no_method_is_ignored = h->mirror->engine.state->kernel == KERNEL_4_20,
		.no_security_xattr = h->mirror->engine.state->kernel == KERNEL_4_20,
	};
	*ret = &h->backend;
	return 0;
}

int host_backend_hear(struct backend *b, int fd)
{
	struct host *h = host_of(b);

	return host_events_start(fd, forward_event, h, &h->events);
}

const char *const *host_backend_places(void)
{
	static const char *const places[] = {
		"bus/ap", "bus/mdev", "bus/matrix", "class/mdev_bus", "class/misc", "class/vfio", "class/vfio-dev", "class/zcrypt",
		"devices/ap", "devices/vfio_ap", "devices/virtual/misc/kvm", "devices/virtual/misc/vfio",
		"devices/virtual/misc/z90crypt", "devices/virtual/vfio", "devices/virtual/zcrypt", "kernel/iommu_groups",
		"module/ap", "module/iommufd", "module/irqbypass", "module/kvm", "module/mdev", "module/vfio", "module/vfio_ap", "module/vfio_iommu_type1",
		"module/vfio_mdev", "module/vfio_virqfd", "module/zcrypt", "module/zcrypt_cex2a", "module/zcrypt_cex2c", "module/zcrypt_cex4",
		".apsysfs/guests", NULL,
	};

	return places;
}

bool host_backend_comes_later(const char *place)
{
	return strcmp(place, "devices/virtual/zcrypt") == 0 || strcmp(place, "devices/virtual/vfio") == 0;
}
