/* SPDX-License-Identifier: MIT */
/* A policy file: refused with its place, or good; what is good can be explained, and gives nobody what no grant says. */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hostbackend/explain.h"
#include "hostbackend/rights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_place(const char *message)
{
	assert(strncmp(message, "p:", 2) == 0);
	assert(strspn(message + 2, "0123456789") > 0);
}

/* By the file alone: is there a grant to this user? */
static bool is_granted(const struct policy *p, const struct caller *who)
{
	for (unsigned i = 0; i < p->count; i++)
		if (grant_is_to(&p->grant[i], who->uid, who->gid))
			return true;
	return false;
}

static void check_rights(const struct policy *p, const struct owners *owners)
{
	static const struct caller callers[] = { { 0, 0, 1 }, { 1000, 1000, 1 }, { 4711, 4712, 1 } };
	struct rights *r = malloc(sizeof(*r));

	for (size_t i = 0; r && i < sizeof(callers) / sizeof(*callers); i++) {
		rights_of(p, owners, &callers[i], r);
		assert((r->count > 0) == is_granted(p, &callers[i]));
		if (r->count)
			continue;
		assert(!r->actions && !r->sees_all && !rights_act(r, ACTION_ALL) && rights_mdev_limit(r) == 0);
		for (unsigned queue = 0; queue < 65536; queue += 257)
			assert(!rights_see_queue(r, queue) && !rights_reach(r, ACTION_ALL, queue));
	}
	free(r);
}

static void check_good(const struct policy *p)
{
	struct owners *owners = NULL;
	struct page out;

	assert(p->count <= RIGHTS_MAX);
	for (unsigned i = 0; i < p->count; i++) {
		const struct grant *g = &p->grant[i];

		assert(g->name && g->to_count && g->line && !(g->actions & ~ACTION_ALL));
	}
	if (page_init_growing(&out) == 0) {
		explain_policy(p, NULL, &out);
		page_free(&out);
	}
	if (owners_open(NULL, &owners, NULL) == 0)
		check_rights(p, owners);
	owners_free(owners);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[1024] = "";
	struct policy policy = { 0 };
	struct page message;
	int rc;

	page_init_fixed(&message, why, sizeof(why));
	rc = policy_parse("p", (const char *)data, size, &policy, &message);
	assert(rc == 0 || rc == -EINVAL || rc == -ENOMEM);
	if (rc == -EINVAL)
		expect_place(why);
	if (rc == 0) {
		check_good(&policy);
		policy_free(&policy);
	}
	return 0;
}
