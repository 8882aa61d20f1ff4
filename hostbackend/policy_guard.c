/* SPDX-License-Identifier: MIT */
/* Lock order: a backend's lock, then this one. */
#include "hostbackend/policy_guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/mdev.h"
#include "core/parse.h"
#include "core/tree.h"
#include "hostbackend/judge.h"

struct policy_guard {
	struct store_guard store;	/* first: judge() finds the rest by it */
	pthread_rwlock_t lock;
	struct policy policy;		/* protected by lock */
	struct owners *owners;		/* protected by lock */
	char *file;
	struct audit *audit;
	const struct subject_lookup *lookup;	/* NULL: nobody else's */
	bool dry_run;
};

static struct policy_guard *guard_of(struct store_guard *s)
{
	return (struct policy_guard *)s;
}

/* --- deciding -------------------------------------------------------------------------------------- */

static bool same_user(const struct caller *a, const struct caller *b)
{
	return a->uid == b->uid && a->gid == b->gid;
}

/* The one who writes, and the one who opened the file: both must be allowed to. */
static void decide(struct policy_guard *g, const struct trial *t, struct verdict *v)
{
	struct rights *r = malloc(sizeof(*r));

	if (!r) {
		verdict_init(v);
		verdict_need(v, NULL, "out of memory");
		return;
	}
	rights_of(&g->policy, g->owners, &t->caller, r);
	judge_write(t, r, v);
	if (v->rc == 0 && !same_user(&t->caller, &t->opener)) {
		rights_of(&g->policy, g->owners, &t->opener, r);
		judge_write(t, r, v);
		if (v->rc < 0)
			page_printf(&v->reason, " (who opened the file)");
	}
	free(r);
}

/* The mdev that the write creates; -1: none. */
static int created_slot(const struct trial *t)
{
	uint8_t uuid[16];

	if (t->node.kind != DIR_TYPE || t->result != 0 || parse_uuid(t->text, uuid) < 0)
		return -1;
	return mdev_find(t->after, uuid);
}

static int record(struct policy_guard *g, const struct trial *t, const struct verdict *v, enum audit_outcome outcome,
		  int result)
{
	struct audit_line line = { .outcome = outcome, .caller = t->caller, .opener = t->opener, .text = t->text,
				   .length = t->length, .result = result };
	char path[512];
	struct page out;

	if (!g->audit)
		return 0;
	page_init_fixed(&out, path, sizeof(path));
	tree_path(t->before, t->node, &out);
	line.path = path;
	if (v && v->effects) {
		line.before = v->before_text;
		line.after = v->after_text;
	}
	line.rule = v && v->grant && v->rc == 0 ? v->grant->name : NULL;
	line.reason = v && v->rc < 0 ? v->reason_text : NULL;
	return audit_write(g->audit, &line) < 0 ? -EIO : 0;
}

/* Whose it becomes is written down before it is there: better a line too many than an mdev that is nobody's. */
static int allow(struct policy_guard *g, const struct trial *t, const struct verdict *v)
{
	int slot = created_slot(t), rc = 0;

	if (slot >= 0 && !g->dry_run)
		rc = owners_set(g->owners, t->after, (uint32_t)slot, t->opener.uid) < 0 ? -EIO : 0;
	if (rc == 0)
		rc = record(g, t, v, g->dry_run ? AUDIT_WOULD_ALLOW : AUDIT_ALLOWED, t->result);
	if (rc == 0)
		return g->dry_run ? GUARD_PRETEND : 0;
	if (slot >= 0)
		(void)owners_prune(g->owners, t->before);
	return rc;
}

static int judge(struct store_guard *s, const struct trial *t)
{
	struct policy_guard *g = guard_of(s);
	struct verdict v;
	int rc;

	pthread_rwlock_wrlock(&g->lock);
	decide(g, t, &v);
	if (v.rc == 0)
		rc = allow(g, t, &v);
	else
		rc = record(g, t, &v, AUDIT_REFUSED, v.rc) < 0 ? -EIO : v.rc;
	pthread_rwlock_unlock(&g->lock);
	return rc;
}

static void done(struct store_guard *s, const struct trial *t, int result)
{
	struct policy_guard *g = guard_of(s);

	if (result != t->result)
		(void)record(g, t, NULL, AUDIT_RESULT, result);
	if (t->row && t->row->effect == EFFECT_MDEV) {
		pthread_rwlock_wrlock(&g->lock);
		(void)owners_prune(g->owners, t->before);
		pthread_rwlock_unlock(&g->lock);
	}
}

static int refuse(struct store_guard *s, const struct trial *t, int result, const char *reason)
{
	struct verdict v;

	verdict_init(&v);
	verdict_need(&v, NULL, "%s", reason);
	return record(guard_of(s), t, &v, AUDIT_REFUSED, result) < 0 ? -EIO : result;
}

/* --- the rest ---------------------------------------------------------------------------------------- */

struct store_guard *policy_guard_store(struct policy_guard *g)
{
	return &g->store;
}

void policy_guard_with(struct policy_guard *g, const struct caller *caller, policy_rights_fn *fn, void *ctx)
{
	struct rights r;

	pthread_rwlock_rdlock(&g->lock);
	rights_of(&g->policy, g->owners, caller, &r);
	fn(ctx, &r);
	pthread_rwlock_unlock(&g->lock);
}

int policy_guard_refuse_open(struct policy_guard *g, const struct caller *caller, const char *path)
{
	struct audit_line line = { .outcome = AUDIT_OPEN_REFUSED, .caller = *caller, .opener = *caller, .path = path,
				   .reason = "no grant lets him write here", .result = -EACCES };

	return g->audit && audit_write(g->audit, &line) < 0 ? -EIO : -EACCES;
}

static void record_policy(struct policy_guard *g, const char *reason, int result)
{
	struct audit_line line = { .outcome = AUDIT_POLICY, .path = g->file, .reason = reason, .result = result };

	if (g->audit)
		(void)audit_write(g->audit, &line);
}

int policy_reload(struct policy_guard *g, struct page *message)
{
	struct policy next, old;
	int rc = policy_load(g->file, g->lookup, &next, message);
	int reopened = g->audit ? audit_reopen(g->audit) : 0;

	/* it goes on where it was, and what cannot be written there is refused */
	if (reopened < 0)
		record_policy(g, "the audit cannot be opened anew", reopened);

	record_policy(g, rc < 0 ? message->data : NULL, rc);
	if (rc < 0)
		return rc;
	pthread_rwlock_wrlock(&g->lock);
	old = g->policy;
	g->policy = next;
	pthread_rwlock_unlock(&g->lock);
	policy_free(&old);
	return 0;
}

int policy_guard_new(const struct policy_guard_options *o, struct policy_guard **ret, struct page *message)
{
	struct policy_guard *g = calloc(1, sizeof(*g));
	int rc;

	if (!g)
		return -ENOMEM;
	g->store = (struct store_guard){ .judge = judge, .done = done, .refuse = refuse };
	g->audit = o->audit;
	g->dry_run = o->dry_run;
	pthread_rwlock_init(&g->lock, NULL);
	g->file = realpath(o->policy, NULL);
	if (!g->file) {
		rc = -errno;
		page_printf(message, "%s: %s", o->policy, strerror(-rc));
	} else {
		rc = policy_load(g->file, NULL, &g->policy, message);
	}
	if (rc == 0)
		rc = owners_open(o->owners, &g->owners, message);
	if (rc < 0) {
		policy_guard_free(g);
		return rc;
	}
	record_policy(g, NULL, 0);
	*ret = g;
	return 0;
}

void policy_guard_look_up_by(struct policy_guard *g, const struct subject_lookup *lookup)
{
	g->lookup = lookup;
}

void policy_guard_free(struct policy_guard *g)
{
	if (!g)
		return;
	policy_free(&g->policy);
	owners_free(g->owners);
	pthread_rwlock_destroy(&g->lock);
	free(g->file);
	free(g);
}
