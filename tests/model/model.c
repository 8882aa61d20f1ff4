/* SPDX-License-Identifier: MIT */
/*
 * model [SEED [OPERATIONS [ROUNDS]]]: random operations on the engine, through its tree as a mount uses it, and
 * on a model of the AP bus and vfio_ap that is written to be obvious, from the ABI's rules alone: arrays of
 * yes and no, and a loop for each rule. After every operation all that both can tell is compared. A failure is
 * cut down to the operations it needs and printed as a shell script. Every kernel, several random machines.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"

#define IDS 256
#define MODEL_MDEVS 5
#define HERE 6		/* adapters and domains the operations are about; most are plugged */
#define TEXT 512

/* --- the model ------------------------------------------------------------------------------------ */

enum owner { NOBODY, ZCRYPT, VFIO };
enum override { NO_OVERRIDE, TO_ZCRYPT, TO_VFIO, TO_NONE, OVERRIDE_KINDS };

struct model_mdev {
	bool there;
	bool adapter[IDS], domain[IDS], control[IDS];
	bool guest_adapter[IDS], guest_domain[IDS];	/* what a guest would get */
};

struct model {
	enum kernel_id kernel;
	bool apmask[IDS], aqmask[IDS];
	bool has_adapter[IDS], has_domain[IDS];		/* the hardware */
	bool saw_adapter[IDS], saw_domain[IDS];		/* what the bus knows of it, since its last scan */
	enum owner owner[IDS][IDS];			/* [adapter][domain] */
	bool touched[IDS][IDS];				/* a driver was taken from it and none bound since */
	enum override override[IDS][IDS];		/* 7.2 */
	int overrides;					/* set and not cleared; those of queues that went stay counted */
	bool masks_in_use;				/* 7.2: the last mask that changed left one not all ones */
	struct model_mdev mdev[MODEL_MDEVS];
};

static bool queue_there(const struct model *m, int a, int d)
{
	return m->saw_adapter[a] && m->saw_domain[d];
}

static bool host_owns(const struct model *m, int a, int d)
{
	return m->apmask[a] && m->aqmask[d];
}

static enum owner rightful(const struct model *m, int a, int d)
{
	return host_owns(m, a, d) ? ZCRYPT : VFIO;
}

/* Whose a queue becomes when drivers are tried: its override's if it has one. */
static enum owner chosen(const struct model *m, int a, int d)
{
	switch (m->override[a][d]) {
	case TO_ZCRYPT:
		return ZCRYPT;
	case TO_VFIO:
		return VFIO;
	case TO_NONE:
		return NOBODY;
	default:
		return rightful(m, a, d);
	}
}

/* May no mdev have it? A bound queue with an override is its driver's, whatever the masks say. */
static bool is_hosts(const struct model *m, int a, int d)
{
	if (m->override[a][d] && m->owner[a][d])
		return m->owner[a][d] == ZCRYPT;
	return host_owns(m, a, d);
}

static bool hot(const struct model *m)
{
	return m->kernel >= KERNEL_6_1;
}

/* All that is assigned and the host has; but no adapter one of whose queues vfio_ap does not have. */
static void filter(struct model *m, struct model_mdev *mdev)
{
	for (int d = 0; d < IDS; d++)
		mdev->guest_domain[d] = mdev->domain[d] && m->saw_domain[d];
	for (int a = 0; a < IDS; a++) {
		mdev->guest_adapter[a] = mdev->adapter[a] && m->saw_adapter[a];
		for (int d = 0; d < IDS; d++)
			if (mdev->guest_domain[d] && m->owner[a][d] != VFIO)
				mdev->guest_adapter[a] = false;
	}
}

/* vfio_ap gets a queue: its mdev is filtered anew. It loses one: the guest loses the adapter. */
static void bind_queue(struct model *m, int a, int d, enum owner owner)
{
	enum owner before = m->owner[a][d];

	m->owner[a][d] = owner;
	m->touched[a][d] = false;
	for (int i = 0; i < MODEL_MDEVS; i++) {
		struct model_mdev *mdev = &m->mdev[i];

		if (before == owner || !mdev->there || !mdev->adapter[a] || !mdev->domain[d])
			continue;
		if (owner == VFIO)
			filter(m, mdev);
		else if (before == VFIO && mdev->guest_domain[d])
			mdev->guest_adapter[a] = false;
	}
}

/* A value that was accepted: queues whose driver does not fit their pool any more change it. */
static void rebind_all(struct model *m)
{
	for (int a = 0; a < IDS; a++) {
		for (int d = 0; d < IDS; d++) {
			enum owner right = rightful(m, a, d);

			if (!queue_there(m, a, d))
				continue;
			/* an unbound one: 7.2 takes it for the host's, the others for a guest's */
			if (m->owner[a][d] == NOBODY && right == (m->kernel == KERNEL_7_2 ? ZCRYPT : VFIO))
				continue;
			bind_queue(m, a, d, right);
		}
	}
}

/* Would the new mask give the host what an mdev has? adapters: it is the apmask. */
static bool mask_in_use(const struct model *m, const bool *new_mask, bool adapters)
{
	for (int i = 0; i < MODEL_MDEVS; i++) {
		for (int a = 0; a < IDS; a++) {
			for (int d = 0; d < IDS; d++) {
				bool was = adapters ? m->apmask[a] : m->aqmask[d];
				bool is = adapters ? new_mask[a] : new_mask[d];
				bool other = adapters ? m->aqmask[d] : m->apmask[a];

				if (m->mdev[i].there && m->mdev[i].adapter[a] && m->mdev[i].domain[d] && is && !was &&
				    (other || m->kernel == KERNEL_7_2))
					return true;
			}
		}
	}
	return false;
}

static int model_mask(struct model *m, bool adapters, const bool *new_mask)
{
	bool *mask = adapters ? m->apmask : m->aqmask;

	if (m->overrides)
		return -EINVAL;
	if (hot(m) && memcmp(mask, new_mask, IDS * sizeof(bool)) == 0)
		return 0;
	if (hot(m) && mask_in_use(m, new_mask, adapters))
		return -EBUSY;
	memcpy(mask, new_mask, IDS * sizeof(bool));
	m->masks_in_use = false;
	for (int i = 0; i < IDS; i++)
		m->masks_in_use |= !m->apmask[i] || !m->aqmask[i];
	rebind_all(m);
	return 0;
}

static bool shares(const struct model_mdev *x, const struct model_mdev *y)
{
	for (int a = 0; a < IDS; a++)
		for (int d = 0; d < IDS; d++)
			if (x->adapter[a] && x->domain[d] && y->adapter[a] && y->domain[d])
				return true;
	return false;
}

static int model_share(const struct model *m, int self, const struct model_mdev *next)
{
	for (int i = 0; i < MODEL_MDEVS; i++)
		if (i != self && m->mdev[i].there && shares(&m->mdev[i], next))
			return -EADDRINUSE;
	return 0;
}

static bool has_host_queue(const struct model *m, const struct model_mdev *next)
{
	for (int a = 0; a < IDS; a++)
		for (int d = 0; d < IDS; d++)
			if (next->adapter[a] && next->domain[d] && is_hosts(m, a, d))
				return true;
	return false;
}

/* Before 6.0: are all queues that the new id adds bound to vfio_ap? */
static bool all_bound(const struct model *m, const struct model_mdev *mdev, bool adapter, int id)
{
	bool any_other = false, any_bound = false, all = true;

	for (int other = 0; other < IDS; other++) {
		int a = adapter ? id : other, d = adapter ? other : id;
		bool bound = queue_there(m, a, d) && m->owner[a][d] == VFIO;
		bool assigned = adapter ? mdev->domain[other] : mdev->adapter[other];

		any_other |= assigned;
		any_bound |= bound;
		all &= !assigned || bound;
	}
	return any_other ? all : any_bound;
}

static int model_assign(struct model *m, int self, bool adapter, int id)
{
	struct model_mdev next = m->mdev[self];
	bool *bit = adapter ? &next.adapter[id] : &next.domain[id];
	int rc;

	if (hot(m) && *bit)
		return 0;
	if (!hot(m) && !all_bound(m, &next, adapter, id))
		return -EADDRNOTAVAIL;
	*bit = true;
	if (hot(m) && has_host_queue(m, &next))
		return -EADDRNOTAVAIL;
	rc = model_share(m, self, &next);
	if (rc < 0)
		return rc;
	m->mdev[self] = next;
	filter(m, &m->mdev[self]);
	return 0;
}

static int model_config(struct model *m, int self, const struct model_mdev *wanted)
{
	struct model_mdev next = *wanted;
	int rc;

	next.there = true;
	if (has_host_queue(m, &next))
		return -EADDRNOTAVAIL;
	rc = model_share(m, self, &next);
	if (rc < 0)
		return rc;
	m->mdev[self] = next;
	filter(m, &m->mdev[self]);
	return 0;
}

static int model_bind(struct model *m, int a, int d, enum owner driver)
{
	if (!queue_there(m, a, d))
		return -ENODEV;
	if (m->owner[a][d] != NOBODY)
		return hot(m) ? -EBUSY : -ENODEV;
	if (chosen(m, a, d) != driver)
		return -ENODEV;
	bind_queue(m, a, d, driver);
	return 0;
}

static int model_unbind(struct model *m, int a, int d, enum owner driver)
{
	if (!queue_there(m, a, d) || m->owner[a][d] != driver)
		return -ENODEV;
	bind_queue(m, a, d, NOBODY);
	m->touched[a][d] = true;
	return 0;
}

/* What the host lost is taken out of every guest; true: what it gained is assigned, so the mdev is filtered anew. */
static bool config_changes(const struct model *m, struct model_mdev *mdev)
{
	bool gains = false;

	for (int i = 0; i < IDS; i++) {
		mdev->guest_adapter[i] &= m->has_adapter[i];
		mdev->guest_domain[i] &= m->has_domain[i];
		gains |= mdev->adapter[i] && m->has_adapter[i] && !m->saw_adapter[i];
		gains |= mdev->domain[i] && m->has_domain[i] && !m->saw_domain[i];
	}
	return gains;
}

static void scan_queue(struct model *m, int a, int d)
{
	bool was = queue_there(m, a, d), is = m->has_adapter[a] && m->has_domain[d];

	/* 4.20 makes a queue anew whose driver was taken away by hand */
	if (is && (!was || (m->kernel == KERNEL_4_20 && m->touched[a][d]))) {
		m->owner[a][d] = rightful(m, a, d);
		m->touched[a][d] = false;
	}
	if (!is) {
		m->owner[a][d] = NOBODY;
		m->touched[a][d] = false;
		m->override[a][d] = NO_OVERRIDE;
	}
}

static void model_scan(struct model *m)
{
	bool gains[MODEL_MDEVS];

	for (int i = 0; i < MODEL_MDEVS; i++)
		gains[i] = config_changes(m, &m->mdev[i]);
	for (int a = 0; a < IDS; a++)
		for (int d = 0; d < IDS; d++)
			scan_queue(m, a, d);
	memcpy(m->saw_adapter, m->has_adapter, sizeof(m->has_adapter));
	memcpy(m->saw_domain, m->has_domain, sizeof(m->has_domain));
	for (int i = 0; i < MODEL_MDEVS; i++)
		if (gains[i])
			filter(m, &m->mdev[i]);
}

/* --- operations: each stands for itself, so that any of them may be left out -------------------------- */

enum kind { MASK_EDIT, MASK_WHOLE, MASK_BAD, CREATE, REMOVE, ASSIGN, UNASSIGN, ASSIGN_BAD, CONFIG, BIND, UNBIND, PROBE, PLUG,
	    OVERRIDE,
	    KINDS };

struct operation {
	enum kind kind;
	bool adapters;		/* the first of two twins */
	int mdev, a, d, control, form;
	bool on;
	bool set[IDS];
};

struct bench {
	struct engine engine;
	struct model model;
	int adapter[HERE], domain[HERE];
	bool overrides;		/* this round is about them */
	char why[4 * TEXT];
};

static const char *const uuids[MODEL_MDEVS] = {
	"62177883-f1bb-47f0-914d-32a22e3a8804", "ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1",
	"8f1e1c3c-9d0c-4d1a-8a3d-3d3d5b0f4c2e", "00000000-0000-0000-0000-000000000001",
	"ffffffff-ffff-ffff-ffff-ffffffffffff",
};

#define TYPE "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough"

/* Not the C library's: the same numbers everywhere, for any seed. */
static unsigned next_random(unsigned *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static struct operation random_operation(const struct bench *b, unsigned *state)
{
	static const int weight[KINDS] = { 6, 2, 1, 2, 1, 14, 7, 1, 3, 3, 4, 2, 2, 3 };
	int total = 0, pick;
	struct operation op = { 0 };

	for (int i = 0; i < KINDS; i++)
		total += weight[i];
	pick = (int)(next_random(state) % (unsigned)total);
	for (op.kind = 0; pick >= weight[op.kind]; op.kind++)
		pick -= weight[op.kind];
	/* with edits of masks the masks are hardly ever all ones, which overrides need */
	if (b->overrides && op.kind == MASK_EDIT)
		op.kind = OVERRIDE;
	op.adapters = next_random(state) & 1;
	op.mdev = (int)(next_random(state) % MODEL_MDEVS);
	op.a = b->adapter[next_random(state) % HERE];
	op.d = b->domain[next_random(state) % HERE];
	op.control = (int)(next_random(state) % 8);
	op.form = (int)(next_random(state) % 4);
	op.on = next_random(state) & 1;
	for (int i = 0; i < HERE; i++) {
		op.set[b->adapter[i]] |= next_random(state) & 1;
		op.set[b->domain[i]] |= next_random(state) & 1;
	}
	return op;
}

static void number(char text[32], int id, int form)
{
	static const char *const forms[] = { "%d", "0x%x", "0%o", "%d\n" };

	snprintf(text, 32, forms[form], id);
}

static void hex_mask(char text[72], const bool *set)
{
	char *to = text + sprintf(text, "0x");

	for (int i = 0; i < IDS; i += 4)
		to += sprintf(to, "%x", set[i] << 3 | set[i + 1] << 2 | set[i + 2] << 1 | set[i + 3]);
}

/* Where an operation writes, and what. An empty path: nothing, as there is no such mdev or file. */
struct request {
	char path[TEXT], text[TEXT];
};

static int perform_mask(struct model *m, const struct operation *op, struct request *r)
{
	static const char *const bad[] = { "+256", "0xg", "+5-3", "+5,x" };
	int id = op->adapters ? op->a : op->d;
	bool next[IDS];

	snprintf(r->path, TEXT, "bus/ap/%s", op->adapters ? "apmask" : "aqmask");
	if (op->kind == MASK_BAD) {
		snprintf(r->text, TEXT, "%s", bad[op->form]);
		return -EINVAL;
	}
	memcpy(next, op->adapters ? m->apmask : m->aqmask, sizeof(next));
	if (op->kind == MASK_EDIT) {
		next[id] = op->on;
		snprintf(r->text, TEXT, op->form & 1 ? "%c0x%x" : "%c%d\n", op->on ? '+' : '-', id);
	} else {
		for (int i = 0; i < IDS; i++)
			next[i] = op->set[i] || op->form == 0;
		hex_mask(r->text, next);
	}
	return model_mask(m, op->adapters, next);
}

static int perform_life(struct model *m, const struct operation *op, struct request *r)
{
	struct model_mdev *mdev = &m->mdev[op->mdev];

	if (op->kind == CREATE) {
		snprintf(r->path, TEXT, TYPE "/create");
		snprintf(r->text, TEXT, "%s", uuids[op->mdev]);
		if (mdev->there)
			return -EEXIST;
		*mdev = (struct model_mdev){ .there = true };
	} else if (mdev->there) {
		snprintf(r->path, TEXT, "devices/vfio_ap/matrix/%s/remove", uuids[op->mdev]);
		snprintf(r->text, TEXT, "1");
		mdev->there = false;
	}
	return 0;
}

static int perform_config(struct model *m, const struct operation *op, struct request *r)
{
	struct model_mdev wanted = { 0 };
	char part[3][72];

	if (m->kernel < KERNEL_6_12) {
		*r->path = 0;
		return 0;
	}
	if (op->on)
		wanted.adapter[op->a] = true;
	memcpy(wanted.domain, op->set, sizeof(wanted.domain));
	wanted.control[op->control] = true;
	hex_mask(part[0], wanted.adapter);
	hex_mask(part[1], wanted.domain);
	hex_mask(part[2], wanted.control);
	snprintf(r->path, TEXT, "devices/vfio_ap/matrix/%s/ap_config", uuids[op->mdev]);
	snprintf(r->text, TEXT, "%s,%s,%s\n", part[0], part[1], part[2]);
	return model_config(m, op->mdev, &wanted);
}

static int perform_assignment(struct model *m, const struct operation *op, struct request *r)
{
	static const char *const bad[] = { "256", "x", "", "-1" };
	struct model_mdev *mdev = &m->mdev[op->mdev];
	const char *twin = op->adapters ? "adapter" : "domain";
	bool control = op->control < 2;
	int id = op->adapters ? op->a : op->d;

	if (!mdev->there)
		return 0;
	if (op->kind == CONFIG)
		return perform_config(m, op, r);
	if (op->kind == ASSIGN_BAD) {
		snprintf(r->path, TEXT, "devices/vfio_ap/matrix/%s/assign_%s", uuids[op->mdev], twin);
		snprintf(r->text, TEXT, "%s", bad[op->form]);
		return op->form == 0 ? -ENODEV : -EINVAL;
	}
	number(r->text, control ? op->control : id, op->form);
	snprintf(r->path, TEXT, "devices/vfio_ap/matrix/%s/%sassign_%s", uuids[op->mdev],
		 op->kind == ASSIGN ? "" : "un", control ? "control_domain" : twin);
	if (control)
		mdev->control[op->control] = op->kind == ASSIGN;
	else if (op->kind == ASSIGN)
		return model_assign(m, op->mdev, op->adapters, id);
	else if (op->adapters)
		mdev->adapter[id] = mdev->guest_adapter[id] = false;
	else
		mdev->domain[id] = mdev->guest_domain[id] = false;
	return 0;
}

static int perform_binding(struct model *m, const struct operation *op, struct request *r)
{
	enum owner driver = op->adapters ? ZCRYPT : VFIO;

	snprintf(r->text, TEXT, "%02x.%04x", (unsigned)op->a, (unsigned)op->d);
	if (op->kind == PROBE) {
		snprintf(r->path, TEXT, "bus/ap/drivers_probe");
		if (!queue_there(m, op->a, op->d))
			return -ENODEV;
		if (m->owner[op->a][op->d] == NOBODY && chosen(m, op->a, op->d) != NOBODY)
			bind_queue(m, op->a, op->d, chosen(m, op->a, op->d));
		return 0;
	}
	snprintf(r->path, TEXT, "bus/ap/drivers/%s/%s", op->adapters ? "cex4queue" : "vfio_ap",
		 op->kind == BIND ? "bind" : "unbind");
	if (op->kind == BIND)
		return model_bind(m, op->a, op->d, driver);
	return model_unbind(m, op->a, op->d, driver);
}

static int perform_override(struct model *m, const struct operation *op, struct request *r)
{
	static const char *const names[OVERRIDE_KINDS] = { "\n", "cex4queue", "vfio_ap\n", "nosuch" };
	enum override *now = &m->override[op->a][op->d], next = (enum override)op->form;

	if (m->kernel < KERNEL_7_2 || !queue_there(m, op->a, op->d))
		return 0;
	snprintf(r->path, TEXT, "devices/ap/card%02x/%02x.%04x/driver_override", (unsigned)op->a, (unsigned)op->a,
		 (unsigned)op->d);
	snprintf(r->text, TEXT, "%s", names[next]);
	if (m->masks_in_use)
		return -EINVAL;
	m->overrides += (next != NO_OVERRIDE) - (*now != NO_OVERRIDE);
	*now = next;
	return 0;
}

static int perform_plug(struct model *m, const struct operation *op, struct request *r)
{
	snprintf(r->path, TEXT, ".apsysfs/machine");
	if (op->adapters) {
		m->has_adapter[op->a] = op->on;
		snprintf(r->text, TEXT, "adapter %d %s\nscan\n", op->a, op->on ? "type=11 func=cca" : "remove");
	} else {
		m->has_domain[op->d] = op->on;
		snprintf(r->text, TEXT, "domain %s %d usage\nscan\n", op->on ? "add" : "remove", op->d);
	}
	model_scan(m);
	return 0;
}

/* Does it to the model, and says how to do it to the engine and what it must answer. */
static int perform(struct model *m, const struct operation *op, struct request *r)
{
	*r->path = 0;
	switch (op->kind) {
	case MASK_EDIT:
	case MASK_WHOLE:
	case MASK_BAD:
		return perform_mask(m, op, r);
	case CREATE:
	case REMOVE:
		return perform_life(m, op, r);
	case BIND:
	case UNBIND:
	case PROBE:
		return perform_binding(m, op, r);
	case PLUG:
		return perform_plug(m, op, r);
	case OVERRIDE:
		return perform_override(m, op, r);
	default:
		return perform_assignment(m, op, r);
	}
}

/* --- comparing ---------------------------------------------------------------------------------------- */

static void say(struct bench *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct bench *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(b->why, sizeof(b->why), format, args);
	va_end(args);
}

static bool file_is(struct bench *b, const char *path, const char *expected)
{
	char text[SYSFS_PAGE] = "";
	struct page out;
	struct node n;
	int rc = tree_lookup(&b->engine, path, &n);

	page_init_fixed(&out, text, sizeof(text));
	if (rc == 0)
		rc = tree_show(&b->engine, n, &out);
	if (rc == 0 && strcmp(text, expected) == 0)
		return true;
	say(b, "%s: %s, \"%s\" instead of \"%s\"", path, rc ? strerror(-rc) : "read", text, expected);
	return false;
}

static void matrix_text(const bool *adapter, const bool *domain, char *to)
{
	bool adapters = false, domains = false;

	*to = 0;
	for (int i = 0; i < IDS; i++) {
		adapters |= adapter[i];
		domains |= domain[i];
	}
	for (int a = 0; a < IDS; a++) {
		if (!adapter[a])
			continue;
		if (!domains)
			to += sprintf(to, "%02x.\n", (unsigned)a);
		for (int d = 0; d < IDS; d++)
			if (domain[d])
				to += sprintf(to, "%02x.%04x\n", (unsigned)a, (unsigned)d);
	}
	for (int d = 0; !adapters && d < IDS; d++)
		if (domain[d])
			to += sprintf(to, ".%04x\n", (unsigned)d);
}

static bool mdevs_agree(struct bench *b)
{
	char path[TEXT], text[SYSFS_PAGE], *to;
	int left = 65536;

	for (int i = 0; i < MODEL_MDEVS; i++) {
		const struct model_mdev *m = &b->model.mdev[i];
		struct node n;

		snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/matrix", uuids[i]);
		left -= m->there;
		if (!m->there) {
			if (tree_lookup(&b->engine, path, &n) == 0)
				return say(b, "%s: there, but it should not be", path), false;
			continue;
		}
		matrix_text(m->adapter, m->domain, text);
		if (!file_is(b, path, text))
			return false;
		snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/guest_matrix", uuids[i]);
		matrix_text(m->guest_adapter, m->guest_domain, text);
		if (hot(&b->model) && !file_is(b, path, text))
			return false;
		to = text;
		*to = 0;
		for (int d = 0; d < IDS; d++)
			if (m->control[d])
				to += sprintf(to, "%04x\n", (unsigned)d);
		snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/control_domains", uuids[i]);
		if (!file_is(b, path, text))
			return false;
	}
	snprintf(text, sizeof(text), "%d\n", left);
	return file_is(b, TYPE "/available_instances", text);
}

static bool driver_is(struct bench *b, int a, int d, enum owner owner)
{
	static const char *const names[] = { "", "cex4queue", "vfio_ap" };
	char path[TEXT], text[TEXT] = "", *slash;
	struct page out;
	struct node n;

	snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/driver", (unsigned)a, (unsigned)a, (unsigned)d);
	page_init_fixed(&out, text, sizeof(text));
	if (tree_lookup(&b->engine, path, &n) == 0)
		tree_readlink(&b->engine, n, &out);
	slash = strrchr(text, '/');
	if (strcmp(slash ? slash + 1 : "", names[owner]) == 0)
		return true;
	say(b, "%s: \"%s\" instead of \"%s\"", path, slash ? slash + 1 : "", names[owner]);
	return false;
}

static bool queues_agree(struct bench *b)
{
	unsigned total = 0, bound = 0;
	char path[TEXT], text[TEXT];
	struct node n;

	for (int i = 0; i < HERE * HERE; i++) {
		int a = b->adapter[i / HERE], d = b->domain[i % HERE];
		bool there = queue_there(&b->model, a, d);

		snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x", (unsigned)a, (unsigned)a, (unsigned)d);
		if ((tree_lookup(&b->engine, path, &n) == 0) != there)
			return say(b, "%s: %s", path, there ? "missing" : "still there"), false;
		if (!driver_is(b, a, d, there ? b->model.owner[a][d] : NOBODY))
			return false;
		total += there;
		bound += there && b->model.owner[a][d] != NOBODY;
	}
	snprintf(text, sizeof(text), "%u/%u%s\n", bound, total, bound == total ? " (complete)" : "");
	return b->model.kernel < KERNEL_6_1 || file_is(b, "bus/ap/bindings", text);
}

static bool agree(struct bench *b)
{
	char text[80];

	hex_mask(text, b->model.apmask);
	strcat(text, "\n");
	if (!file_is(b, "bus/ap/apmask", text))
		return false;
	hex_mask(text, b->model.aqmask);
	strcat(text, "\n");
	return file_is(b, "bus/ap/aqmask", text) && queues_agree(b) && mdevs_agree(b);
}

/* --- running, cutting down, telling ------------------------------------------------------------------- */

static void boot(struct bench *b, enum kernel_id kernel)
{
	struct machine *machine = malloc(sizeof(*machine));

	if (!machine)
		abort();
	machine_init(machine);
	b->model = (struct model){ .kernel = kernel };
	memset(b->model.apmask, true, sizeof(b->model.apmask));
	memset(b->model.aqmask, true, sizeof(b->model.aqmask));
	for (int i = 0; i < HERE - 1; i++) {
		machine->adapter[b->adapter[i]] = (struct machine_adapter){ .present = true, .type = 11, .depth = 7,
									      .domain_limit = 255,
									      .functions = AP_FUNCTIONS_CCA };
		ap_mask_set(&machine->usage_domains, (unsigned)b->domain[i]);
		b->model.has_adapter[b->adapter[i]] = b->model.has_domain[b->domain[i]] = true;
	}
	if (engine_boot(&b->engine, kernel, machine, NULL, 0) < 0)
		abort();
	engine_load_default_modules(&b->engine);
	model_scan(&b->model);
	free(machine);
}

static bool run_one(struct bench *b, const struct operation *op)
{
	struct request r;
	int expected = perform(&b->model, op, &r), rc;
	struct node n;

	if (!*r.path)
		return true;
	rc = tree_lookup(&b->engine, r.path, &n);
	if (rc == 0)
		rc = tree_store(&b->engine, n, r.text, strlen(r.text));
	if (rc != expected)
		return say(b, "%s: \"%s\" gives %s instead of %s", r.path, r.text, rc ? strerrorname_np(-rc) : "success",
			   expected ? strerrorname_np(-expected) : "success"),
		       false;
	return agree(b);
}

/* The number of operations that ran well; all of them if the two agree to the end. */
static int run(struct bench *b, enum kernel_id kernel, const struct operation *ops, int count)
{
	int done = 0;

	boot(b, kernel);
	while (done < count && run_one(b, &ops[done]))
		done++;
	engine_free(&b->engine);
	return done;
}

/* Leaves out what the failure does not need. Returns how many operations are left. */
static int shrink(struct bench *b, enum kernel_id kernel, struct operation *ops, int count)
{
	for (int step = count / 2; step; step /= 2) {
		for (int from = 0; from + step <= count;) {
			struct operation *fewer = malloc((size_t)count * sizeof(*fewer));
			int left = count - step, done;

			if (!fewer)
				abort();
			memcpy(fewer, ops, (size_t)from * sizeof(*ops));
			memcpy(fewer + from, ops + from + step, (size_t)(count - from - step) * sizeof(*ops));
			done = run(b, kernel, fewer, left);
			if (done < left) {
				memcpy(ops, fewer, (size_t)left * sizeof(*ops));
				count = done + 1;
			} else {
				from += step;
			}
			free(fewer);
		}
	}
	return count;
}

static void tell(struct bench *b, enum kernel_id kernel, const struct operation *ops, int count, unsigned seed)
{
	struct request r;

	run(b, kernel, ops, count);
	printf("# kernel %s, seed %u: %s\n# adapters", kernel_rules(kernel)->name, seed, b->why);
	for (int i = 0; i < HERE; i++)
		printf(" %d", b->adapter[i]);
	printf(", domains");
	for (int i = 0; i < HERE; i++)
		printf(" %d", b->domain[i]);
	printf(" (the last of each is not plugged at first)\n");
	boot(b, kernel);
	for (int i = 0; i < count; i++) {
		perform(&b->model, &ops[i], &r);
		if (*r.path)
			printf("printf '%s' > /sys/%s\n", r.text, r.path);
	}
	engine_free(&b->engine);
}

static void choose_ids(int ids[HERE], unsigned *state)
{
	for (int i = 0; i < HERE; i++) {
		bool again;

		do {
			ids[i] = (int)(next_random(state) % IDS);
			again = ids[i] < 8; /* kept for control domains */
			for (int k = 0; k < i; k++)
				again |= ids[k] == ids[i];
		} while (again);
	}
}

static bool round_is_good(struct bench *b, enum kernel_id kernel, unsigned seed, int count)
{
	struct operation *ops = malloc((size_t)count * sizeof(*ops));
	unsigned state = seed;
	int done;

	if (!ops)
		abort();
	choose_ids(b->adapter, &state);
	choose_ids(b->domain, &state);
	b->overrides = kernel == KERNEL_7_2 && next_random(&state) & 1;
	for (int i = 0; i < count; i++)
		ops[i] = random_operation(b, &state);
	done = run(b, kernel, ops, count);
	if (done < count)
		tell(b, kernel, ops, shrink(b, kernel, ops, done + 1), seed);
	free(ops);
	return done == count;
}

int main(int argc, char **argv)
{
	unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 1;
	int count = argc > 2 ? atoi(argv[2]) : 400, rounds = argc > 3 ? atoi(argv[3]) : 10;
	struct bench *b = calloc(1, sizeof(*b));
	int bad = 0;

	for (enum kernel_id kernel = 0; b && kernel < KERNELS && !bad; kernel++) {
		for (int i = 0; i < rounds && !bad; i++)
			bad = !round_is_good(b, kernel, (seed + (unsigned)i) * 2654435761u | 1, count);
		if (!bad)
			printf("model: kernel %s: %d operations on %d machines, all as the model says\n",
			       kernel_rules(kernel)->name, count * rounds, rounds);
	}
	free(b);
	return bad || !count;
}
