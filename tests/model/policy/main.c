/* SPDX-License-Identifier: MIT */
/*
 * Decisions of policies against a slow, obvious model, over random (policy, caller, state, write) tuples of all kernels. The
 * judge is asked as a mount asks it: by its guard, with the policy in a file. And what tenants read of the same worlds, once
 * for so many tuples. POLICY_SHOWN=1 shows the policy where the model disagrees.
 *	policy [TUPLES [SEED [TUPLES-A-VIEW]]]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/tree.h"
#include "hostbackend/policy_backend.h"
#include "tests/model/policy/policy.h"

/* with a sanitizer each takes ten times as long */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TUPLES 10000
#else
#define TUPLES 100000
#endif
#define WORLD_LASTS 2000	/* tuples */
#define POLICY_LASTS 8
#define STATE_LASTS 3

enum { LET_THROUGH, REFUSED, FAILS, OUTCOMES };

struct count {
	char kind[24];
	unsigned long n[OUTCOMES];
};

struct court {
	struct world w;
	struct policy_guard *guard;
	char file[64];
	struct texts before, after;
	bool before_is_read, with_hardware;
	struct views views;
	unsigned long tuples, skipped, wrong, viewed, each;
	struct count count[16];
};

static void write_policy(struct court *c, bool first)
{
	struct policy_guard_options options = { .policy = c->file };
	char why[512];
	struct page text, message;
	FILE *out = fopen(c->file, "w");

	if (!out || page_init_growing(&text) < 0)
		abort();
	page_init_fixed(&message, why, sizeof(why));
	random_policy(&c->w);
	print_policy(&c->w, &text);
	fwrite(text.data, 1, text.length, out);
	fclose(out);
	if ((first ? policy_guard_new(&options, &c->guard, &message) : policy_reload(c->guard, &message)) < 0) {
		printf("%s\n%s", why, text.data);
		abort();
	}
	page_free(&text);
}

static struct count *count_of(struct court *c, const char *kind)
{
	struct count *n = c->count;

	while (n->kind[0] && strcmp(n->kind, kind) != 0)
		n++;
	snprintf(n->kind, sizeof(n->kind), "%s", kind);
	return n;
}

/* --- a tuple ---------------------------------------------------------------------------------------------------- */

struct tuple {
	struct wish x;
	struct engine after;
	struct trial t;
	struct waiting *waits;		/* which waiting write goes on; NULL: it is a new one */
};

/* A write that waits comes back, one to a file of something gone, or a new one. */
static bool choose(struct court *c, struct tuple *u)
{
	struct world *w = &c->w;
	struct waiting *p = &w->waiting[pick(w, WAITING)];

	u->waits = p->ticket && pick(w, 4) == 0 ? p : NULL;
	if (u->waits) {
		u->x = p->wish;
		snprintf(u->x.kind, sizeof(u->x.kind), "going on");
		u->t.node = p->node;
		return true;
	}
	random_wish(w, &u->x);
	if (w->stale.kind && pick(w, 40) == 0) {
		u->t.node = w->stale;
		u->x.meaning = MEANS_NOTHING;
		return tree_alive(&w->engine, w->stale) < 0;
	}
	return tree_lookup(&w->engine, u->x.path, &u->t.node) == 0 && tree_row(u->t.node);
}

static void read_before(struct court *c, bool hardware)
{
	if (c->before_is_read && (c->with_hardware || !hardware))
		return;
	read_texts(&c->w.engine, hardware, &c->before);
	c->before_is_read = true;
	c->with_hardware = hardware;
}

static bool model_says(struct court *c, struct tuple *u, char why[200])
{
	struct attempt a = { .x = &u->x, .result = u->t.result, .before = &c->before, .after = &c->after };
	bool hardware = strstr(u->x.path, "/config") || pick(&c->w, 16) == 0, allowed;

	a.fails_anyway = tree_alive(&c->w.engine, u->t.node) < 0 || !u->t.row || !u->t.row->store;
	a.goes_on = u->waits;
	read_before(c, hardware);
	a.p = person_of(&c->w, &u->t.caller);
	/* what comes of it matters only if he may write there: reading is most of the work */
	if (!a.fails_anyway && !a.goes_on && may_write_here(&a))
		read_texts(&u->after, c->with_hardware, &c->after);
	allowed = model_allows(&a);
	if (allowed && (u->t.caller.uid != u->t.opener.uid || u->t.caller.gid != u->t.opener.gid)) {
		a.p = person_of(&c->w, &u->t.opener);
		allowed = model_allows(&a);
	}
	snprintf(why, 200, "%s", a.why);
	return allowed;
}

/*
 * What an mdev has whose remove waits cannot be read any more: whether it is in the way, or loses a queue of the bus, is the
 * judge's to know.
 */
static bool unreadable(struct court *c, const struct tuple *u, bool judge_refuses)
{
	if (u->t.result != -EBUSY && u->t.result != -EADDRINUSE && !(judge_refuses && begins(u->x.path, "bus/ap/")))
		return false;
	for (unsigned i = 0; i < UUIDS; i++)
		if (is_leaving(&c->before, i))
			return true;
	return false;
}

static void disagree(struct court *c, const struct tuple *u, int verdict, const char *why)
{
	struct page policy;

	if (c->wrong++ >= 10 || page_init_growing(&policy) < 0)
		return;
	print_policy(&c->w, &policy);
	printf("kernel %s, uid %u (opened by %u): %s <- \"%s\" gives %d: the judge says %d, the model: %s\n",
	       c->w.engine.rules->name, u->t.caller.uid, u->t.opener.uid, u->x.path, u->x.text, u->t.result, verdict,
	       why[0] ? why : "let it through");
	if (getenv("POLICY_SHOWN"))
		printf("%s", policy.data);
	page_free(&policy);
}

/* What was let through now happens, or fails on its way: the guard must come to terms with either. */
static void carry_out(struct court *c, struct tuple *u)
{
	int rc = -EIO;

	if (u->waits) {
		return;
	}
	/* what somebody creates is what he owns afterwards */
	if (has_place(&c->w) && (pick(&c->w, 4) == 0 || ends(u->x.path, "/create"))) {
		rc = make_wish(&c->w, &u->x, u->t.node, u->t.opener.uid);
		c->before_is_read = false;
		if (rc != u->t.result)
			abort();
	}
	policy_guard_store(c->guard)->done(policy_guard_store(c->guard), &u->t, rc);
}

/* Mostly one whom the policy knows. */
static struct caller random_caller(struct world *w)
{
	struct caller c = callers[pick(w, CALLERS)];

	for (int i = 0; i < 3 && person_of(w, &c).acts == 0; i++)
		c = callers[pick(w, CALLERS)];
	return c;
}

static void tuple(struct court *c)
{
	struct store_guard *g = policy_guard_store(c->guard);
	struct engine *e = &c->w.engine;
	struct tuple u = { .t = { .caller = random_caller(&c->w) } };
	char why[200];
	bool allowed;
	int verdict;

	if (!choose(c, &u))
		return;
	e->ticket = u.waits ? u.waits->ticket : ++c->w.tickets;
	u.t.opener = pick(&c->w, 6) ? u.t.caller : random_caller(&c->w);
	if (engine_trial_begin(e, &u.after) < 0)
		abort();
	u.t.row = tree_row(u.t.node);
	u.t.text = u.x.text;
	u.t.length = u.x.length;
	u.t.before = e;
	u.t.after = &u.after;
	u.t.result = tree_store(&u.after, u.t.node, u.x.text, u.x.length);
	verdict = g->judge(g, &u.t);
	allowed = model_says(c, &u, why);
	if (unreadable(c, &u, allowed && verdict != 0)) {
		c->skipped++;
	} else if (allowed != (verdict == 0) || (verdict != 0 && verdict != -EACCES)) {
		disagree(c, &u, verdict, why);
	} else {
		c->tuples++;
		count_of(c, u.x.kind)->n[verdict ? REFUSED : u.t.result < 0 ? FAILS : LET_THROUGH]++;
	}
	engine_free(&u.after);
	if (verdict == 0)
		carry_out(c, &u);
}

/* --- all of them --------------------------------------------------------------------------------------------------- */

/* A world ends with its mdevs. The guard, which outlives it, hears of it as of the end of any write to an mdev. */
static void next_world(struct court *c)
{
	struct store_guard *g = policy_guard_store(c->guard);
	struct trial t = { .before = &c->w.engine };

	new_world(&c->w);
	if (tree_lookup(&c->w.engine, MATRIX "mdev_supported_types/vfio_ap-passthrough/create", &t.node) < 0)
		abort();
	t.row = tree_row(t.node);
	g->done(g, &t, 0);
	c->before_is_read = false;
}

static void judge_tuples(struct court *c, unsigned long tuples)
{
	unsigned long last = 0;

	write_policy(c, true);
	c->views.whole = world_backend(&c->w);
	if (policy_backend_new(c->views.whole, c->guard, NULL, &c->views.tenants) < 0)
		abort();
	next_world(c);
	for (unsigned long i = 0; c->tuples < tuples && c->wrong < 10; i++) {
		if (c->tuples - last > WORLD_LASTS) {
			next_world(c);
			last = c->tuples;
		}
		if (i % POLICY_LASTS == 0)
			write_policy(c, false);
		if (i % STATE_LASTS == 0) {
			world_moves(&c->w);
			c->before_is_read = false;
		}
		tuple(c);
		if (i % c->each == 0) {
			struct caller caller = random_caller(&c->w);

			c->wrong += !check_view(&c->views, &c->w, &caller);
			c->viewed++;
			c->before_is_read = false;
		}
	}
}

/* Each kind of write came through, was refused, and failed: else less was compared than was meant to be. */
static bool all_seen(const struct court *c)
{
	bool all = true;

	for (const struct count *n = c->count; n->kind[0]; n++) {
		printf("policy model: %-13s %6lu let through, %6lu refused, %6lu fail by themselves\n", n->kind, n->n[LET_THROUGH],
		       n->n[REFUSED], n->n[FAILS]);
		/* what goes on was judged when it began */
		all = all && n->n[LET_THROUGH] && ((n->n[REFUSED] && n->n[FAILS]) || strcmp(n->kind, "going on") == 0);
	}
	return all;
}

int main(int argc, char **argv)
{
	unsigned long tuples = argc > 1 ? strtoul(argv[1], NULL, 0) : TUPLES;
	struct court *c = calloc(1, sizeof(*c));
	int rc = 0;

	if (!c)
		return 1;
	c->w.random = argc > 2 ? strtoul(argv[2], NULL, 0) : 1;
	snprintf(c->file, sizeof(c->file), "/tmp/policy-model.XXXXXX");
	if (mkstemp(c->file) < 0)
		return 1;
	c->each = argc > 3 ? strtoul(argv[3], NULL, 0) : 200;
	texts_new(&c->before);
	texts_new(&c->after);
	texts_new(&c->views.all);
	texts_new(&c->views.before);
	texts_new(&c->views.after);
	judge_tuples(c, tuples);
	if (!all_seen(c) && tuples >= 10000)
		rc = printf("policy model: some kind of write was never let through, never refused, or never failed\n");
	printf("policy model: %lu tuples, %lu not comparable; %lu views, %lu of them across a change of what is hidden; %lu wrong\n",
	       c->tuples, c->skipped, c->viewed, c->views.moved, c->wrong);
	rc = rc || c->wrong;
	unlink(c->file);
	c->views.tenants->ops->destroy(c->views.tenants);
	free_world(&c->w);
	texts_free(&c->before);
	texts_free(&c->after);
	texts_free(&c->views.all);
	texts_free(&c->views.before);
	texts_free(&c->views.after);
	free(c);
	return rc ? 1 : 0;
}
