/* SPDX-License-Identifier: MIT */
/*
 * Policy decisions against a slow, obvious model: random policies, states and writes of one caller. The model reads the two
 * trees as a user would, file by file, and asks for each thing that looks different whether one grant has it.
 *	policy-model [TUPLES [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"
#include "hostbackend/judge.h"

#define NOW INT64_C(1700000000000000000)
#define TYPE "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/"
#define GRANTS 3

static const unsigned adapters[] = { 5, 6 }, domains[] = { 0x04, 0x47, 0xab, 0xff };
static const char *const uuids[] = { "a0000000-0000-4000-8000-000000000000", "b0000000-0000-4000-8000-000000000000" };

struct world {
	uint64_t random;
	struct engine engine, after;
	struct policy policy;
	struct grant grant[GRANTS];
	struct subject subject;
	uint8_t uuid[GRANTS][1][16];
	struct owners *owners;
};

static unsigned pick(struct world *w, unsigned n)
{
	w->random = w->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(w->random >> 33) % n;
}

/* --- random things ------------------------------------------------------------------------------------ */

static void random_set(struct world *w, struct ap_mask *set, const unsigned *ids, unsigned count)
{
	ap_mask_fill(set, pick(w, 3) == 0);
	for (unsigned i = 0; i < count; i++)
		if (pick(w, 2))
			ap_mask_set(set, ids[i]);
}

static void random_policy(struct world *w)
{
	w->subject = (struct subject){ .kind = SUBJECT_USER, .id = 1000 };
	w->policy = (struct policy){ w->grant, pick(w, GRANTS + 1) };
	for (unsigned i = 0; i < w->policy.count; i++) {
		struct grant *g = &w->grant[i];

		*g = (struct grant){ .name = (char *)(uintptr_t) "g", .to = &w->subject, .to_count = 1 };
		random_set(w, &g->pool.adapters, adapters, 2);
		random_set(w, &g->pool.domains, domains, 4);
		random_set(w, &g->assign.adapters, adapters, 2);
		random_set(w, &g->assign.domains, domains, 4);
		random_set(w, &g->assign_controls, domains, 4);
		g->actions = pick(w, 4) ? (pick(w, 1u << 16) | pick(w, 1u << 16) << 2) & ACTION_ALL : ACTION_ALL;
		g->actions &= ~(ACTION(MACHINE) | ACTION(SCAN));
		memcpy(w->uuid[i][0], (uint8_t[16]){ pick(w, 2) ? 0xa0 : 0xb0, 0, 0, 0, 0, 0, 0x40, 0, 0x80 }, 16);
		g->mdevs = (struct mdev_set){ .all = pick(w, 3) == 0, .count = pick(w, 2), .uuid = w->uuid[i] };
	}
}

struct wish {
	char path[160], text[64];
};

static void random_write(struct world *w, struct wish *x)
{
	static const char *const kinds[] = { "assign_adapter", "unassign_adapter", "assign_domain", "unassign_domain",
					     "assign_control_domain", "unassign_control_domain" };
	unsigned a = adapters[pick(w, 2)], d = domains[pick(w, 4)], kind = pick(w, 9);
	const char *uuid = uuids[pick(w, 2)];

	snprintf(x->text, sizeof(x->text), "%u", pick(w, 2));
	if (kind <= 1) {
		snprintf(x->path, sizeof(x->path), "bus/ap/%s", kind ? "aqmask" : "apmask");
		snprintf(x->text, sizeof(x->text), "%c%u", pick(w, 2) ? '+' : '-', kind ? d : a);
	} else if (kind == 2) {
		snprintf(x->path, sizeof(x->path), "devices/ap/card%02x/online", a);
	} else if (kind == 3) {
		snprintf(x->path, sizeof(x->path), "devices/ap/card%02x/%02x.%04x/online", a, a, d);
	} else if (kind == 4) {
		snprintf(x->path, sizeof(x->path), "bus/ap/drivers/%s/%s", pick(w, 2) ? "cex4queue" : "vfio_ap", pick(w, 2) ? "bind" : "unbind");
		snprintf(x->text, sizeof(x->text), "%02x.%04x", a, d);
	} else if (kind == 5) {
		snprintf(x->path, sizeof(x->path), "%s", TYPE "create");
		snprintf(x->text, sizeof(x->text), "%s", uuid);
	} else if (kind == 6 && pick(w, 3) == 0) {
		snprintf(x->path, sizeof(x->path), "devices/vfio_ap/matrix/%s/remove", uuid);
	} else {
		unsigned k = pick(w, 6);

		snprintf(x->path, sizeof(x->path), "devices/vfio_ap/matrix/%s/%s", uuid, kinds[k]);
		snprintf(x->text, sizeof(x->text), "%u", k < 2 ? a : d);
	}
}

static bool store(struct engine *e, const struct wish *x, struct node *n, int *result)
{
	if (tree_lookup(e, x->path, n) < 0)
		return false;
	*result = tree_store(e, *n, x->text, strlen(x->text));
	return true;
}

/* --- the model: what a user reads ------------------------------------------------------------------------- */

static void read_text(struct engine *e, const char *path, char text[SYSFS_PAGE])
{
	struct page out;
	struct node n;

	page_init_fixed(&out, text, SYSFS_PAGE);
	if (tree_lookup(e, path, &n) < 0)
		page_printf(&out, "(none)");
	else if (tree_row(n) && tree_row(n)->type == ROW_LINK)
		(void)tree_readlink(e, n, &out);
	else if (tree_show(e, n, &out) != 0)
		page_printf(&out, "(error)");
}

static bool changed(struct world *w, const char *path, char before[SYSFS_PAGE], char after[SYSFS_PAGE])
{
	read_text(&w->engine, path, before);
	read_text(&w->after, path, after);
	return strcmp(before, after) != 0;
}

static bool in(const struct ap_mask *m, int id)
{
	return id < 0 || ap_mask_has(m, (unsigned)id);
}

/* Has one grant the action and the APQN (-1: any), in its pool; or: in either area? */
static bool granted(struct world *w, uint32_t action, int a, int d, bool pool_only)
{
	for (unsigned i = 0; i < w->policy.count; i++) {
		const struct grant *g = &w->grant[i];

		if (!(g->actions & action))
			continue;
		if ((in(&g->pool.adapters, a) && in(&g->pool.domains, d)) ||
		    (!pool_only && in(&g->assign.adapters, a) && in(&g->assign.domains, d)))
			return true;
	}
	return false;
}

static bool has_mdev(const struct grant *g, unsigned mdev)
{
	return g->mdevs.all || (g->mdevs.count && g->mdevs.uuid[0][0] == (mdev ? 0xb0 : 0xa0));
}

static bool granted_mdev(struct world *w, uint32_t action, unsigned mdev, int a, int d, int c)
{
	for (unsigned i = 0; i < w->policy.count; i++) {
		const struct grant *g = &w->grant[i];

		if ((g->actions & action) && has_mdev(g, mdev) &&
		    (action != ACTION(ASSIGN) ||
		     (in(&g->assign.adapters, a) && in(&g->assign.domains, d) && in(&g->assign_controls, c))))
			return true;
	}
	return false;
}

static bool bit(const char *text, int id)
{
	char digit[2] = { text[2 + id / 4], 0 };

	return strtol(digit, NULL, 16) >> (3 - id % 4) & 1;
}

static bool model_masks(struct world *w)
{
	char ab[SYSFS_PAGE], aa[SYSFS_PAGE], db[SYSFS_PAGE], da[SYSFS_PAGE];
	bool differ = changed(w, "bus/ap/apmask", ab, aa);

	if (!changed(w, "bus/ap/aqmask", db, da) && !differ)
		return true;
	for (int i = 0; i < 256; i++)
		if ((bit(ab, i) != bit(aa, i) && !granted(w, ACTION(POOL), i, -1, true)) ||
		    (bit(db, i) != bit(da, i) && !granted(w, ACTION(POOL), -1, i, true)))
			return false;
	for (int a = 0; a < 256; a++)
		for (int d = 0; d < 256; d++)
			if ((bit(ab, a) && bit(db, d)) != (bit(aa, a) && bit(da, d)) && !granted(w, ACTION(POOL), a, d, true))
				return false;
	return true;
}

static bool pool_changed(struct world *w, int a, int d)
{
	char ab[SYSFS_PAGE], aa[SYSFS_PAGE], db[SYSFS_PAGE], da[SYSFS_PAGE];

	changed(w, "bus/ap/apmask", ab, aa);
	changed(w, "bus/ap/aqmask", db, da);
	return (bit(ab, a) && bit(db, d)) != (bit(aa, a) && bit(da, d));
}

static bool model_queue(struct world *w, int a, int d)
{
	char before[SYSFS_PAGE], after[SYSFS_PAGE], path[160];
	bool rebound;

	snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/driver", (unsigned)a, (unsigned)a, (unsigned)d);
	rebound = changed(w, path, before, after);
	/* one that follows its pool was judged with the masks; 7.2 also probes what was unbound by hand */
	if (rebound && !pool_changed(w, a, d) &&
	    !granted(w, strcmp(after, "(none)") == 0 ? ACTION(UNBIND) : ACTION(BIND), a, d, false))
		return false;
	snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/online", (unsigned)a, (unsigned)a, (unsigned)d);
	return rebound || !changed(w, path, before, after) || granted(w, ACTION(ONLINE), a, d, false);
}

static bool model_mdev(struct world *w, unsigned m)
{
	char before[SYSFS_PAGE], after[SYSFS_PAGE], path[160];
	bool was, is;

	/* what its guest gets: anything granted for the mdev will do */
	snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/guest_matrix", uuids[m]);
	if (changed(w, path, before, after) && strcmp(before, "(none)") != 0 && strcmp(after, "(none)") != 0 &&
	    !granted_mdev(w, ACTION_ALL, m, -1, -1, -1))
		return false;
	snprintf(path, sizeof(path), "devices/vfio_ap/matrix/%s/ap_config", uuids[m]);
	if (!changed(w, path, before, after))
		return true;
	was = strcmp(before, "(none)") != 0;
	is = strcmp(after, "(none)") != 0;
	if (!was)
		return granted(w, ACTION(CREATE), -1, -1, false);
	if (!is)
		return granted_mdev(w, ACTION(REMOVE), m, -1, -1, -1);
	for (int i = 0; i < 256; i++)
		if ((bit(before, i) != bit(after, i) && !granted_mdev(w, ACTION(ASSIGN), m, i, -1, -1)) ||
		    (bit(before + 67, i) != bit(after + 67, i) && !granted_mdev(w, ACTION(ASSIGN), m, -1, i, -1)) ||
		    (bit(before + 134, i) != bit(after + 134, i) && !granted_mdev(w, ACTION(ASSIGN), m, -1, -1, i)))
			return false;
	for (int a = 0; a < 256; a++)
		for (int d = 0; d < 256; d++)
			if ((bit(before, a) && bit(before + 67, d)) != (bit(after, a) && bit(after + 67, d)) &&
			    !granted_mdev(w, ACTION(ASSIGN), m, a, d, -1))
				return false;
	return true;
}

/* Something of a whole card: the adapter, and every queue. */
static bool model_card(struct world *w, int a)
{
	for (int d = 0; d < 4; d++)
		if (!granted(w, ACTION(ONLINE), a, (int)domains[d], false))
			return false;
	return true;
}

static bool model(struct world *w, const struct wish *x)
{
	char before[SYSFS_PAGE], after[SYSFS_PAGE], path[160];
	bool good = model_masks(w);

	for (unsigned a = 0; good && a < 2; a++) {
		snprintf(path, sizeof(path), "devices/ap/card%02x/online", adapters[a]);
		if (changed(w, path, before, after) || strcmp(x->path, path) == 0)
			good = model_card(w, (int)adapters[a]);
		for (unsigned d = 0; good && d < 4; d++)
			good = model_queue(w, (int)adapters[a], (int)domains[d]);
		/* what is written decides too, also where nothing changes */
		for (unsigned d = 0; good && d < 4; d++) {
			snprintf(path, sizeof(path), "devices/ap/card%02x/%02x.%04x/online", adapters[a], adapters[a], domains[d]);
			good = strcmp(x->path, path) != 0 ||
			       granted(w, ACTION(ONLINE), (int)adapters[a], (int)domains[d], false);
		}
	}
	return good && model_mdev(w, 0) && model_mdev(w, 1);
}

/* --- the comparison ------------------------------------------------------------------------------------------ */

static int one(struct world *w, unsigned long *counts)
{
	struct caller caller = { 1000, 1000, 1 };
	struct rights r;
	struct verdict v;
	struct wish x;
	struct trial t = { .before = &w->engine, .after = &w->after };
	struct node n;
	int result, wrong = 0;

	random_policy(w);
	random_write(w, &x);
	if (engine_trial_begin(&w->engine, &w->after) < 0)
		return 1;
	if (store(&w->after, &x, &n, &result)) {
		t.node = n;
		t.row = tree_row(n);
		t.text = x.text;
		t.length = strlen(x.text);
		t.result = result;
		rights_of(&w->policy, w->owners, &caller, &r);
		judge_write(&t, &r, &v);
		counts[v.rc == 0]++;
		/* let through: then the model finds all granted. Refused what changes something: then it finds what is not */
		if (v.rc == 0 && result == 0 && !model(w, &x))
			wrong = printf("let through, and the model refuses: %s <- %s\n", x.path, x.text);
		if (v.rc < 0 && result == 0 && v.effects && model(w, &x) && rights_write(&r, &w->engine, n, t.row))
			wrong = printf("refused (%s), and the model lets it through: %s <- %s\n", v.reason_text, x.path, x.text);
	}
	engine_free(&w->after);
	return wrong > 0;
}

int main(int argc, char **argv)
{
	unsigned long tuples = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000, counts[2] = { 0, 0 }, wrong = 0;
	struct world *w = calloc(1, sizeof(*w));
	struct machine *m = malloc(sizeof(*m));
	struct wish x;
	struct node n;
	int result;

	if (!w || !m || owners_open(NULL, &w->owners, NULL) < 0)
		return 1;
	w->random = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	machine_init_default(m);
	if (engine_boot(&w->engine, KERNEL_NEWEST, m, NULL, NOW) < 0)
		return 1;
	engine_load_default_modules(&w->engine);
	while (counts[0] + counts[1] < tuples && wrong < 10) {
		/* the state moves on by itself: a write of root's */
		random_write(w, &x);
		(void)store(&w->engine, &x, &n, &result);
		wrong += (unsigned long)one(w, counts);
	}
	printf("policy model: %lu tuples, %lu let through, %lu refused, %lu disagree\n", counts[0] + counts[1], counts[1],
	       counts[0], wrong);
	owners_free(w->owners);
	engine_free(&w->engine);
	free(m);
	free(w);
	return wrong > 0;
}
