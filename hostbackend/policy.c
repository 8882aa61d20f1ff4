/* SPDX-License-Identifier: MIT */
#include "hostbackend/policy.h"

#include <stdlib.h>
#include <string.h>

static const char *const action_names[ACTIONS] = {
	[ACTION_CREATE] = "create",	[ACTION_REMOVE] = "remove",	[ACTION_ASSIGN] = "assign",
	[ACTION_POOL] = "pool",		[ACTION_BIND] = "bind",		[ACTION_UNBIND] = "unbind",
	[ACTION_ONLINE] = "online",	[ACTION_CONFIG] = "config",	[ACTION_RESET] = "reset",
	[ACTION_COUNTERS] = "counters", [ACTION_SCAN] = "scan",		[ACTION_SETTINGS] = "settings",
	[ACTION_OVERRIDE] = "override", [ACTION_SECURE] = "secure",	[ACTION_UEVENT] = "uevent",
	[ACTION_ZCRYPT] = "zcrypt",	[ACTION_GUEST] = "guest",	[ACTION_MACHINE] = "machine",
};

int policy_action_from_name(const char *name, size_t length)
{
	for (int a = 0; a < ACTIONS; a++)
		if (strlen(action_names[a]) == length && memcmp(action_names[a], name, length) == 0)
			return a;
	return -1;
}

const char *policy_action_name(enum policy_action action)
{
	return action_names[action];
}

static bool is_member(const struct subject *s, uint32_t uid)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->member[i] == uid)
			return true;
	return false;
}

bool grant_is_to(const struct grant *g, uint32_t uid, uint32_t gid)
{
	for (const struct subject *s = g->to; s < g->to + g->to_count; s++) {
		if (s->kind == SUBJECT_EVERYONE || (s->kind == SUBJECT_USER && s->id == uid))
			return true;
		if (s->kind == SUBJECT_GROUP && (s->id == gid || is_member(s, uid)))
			return true;
	}
	return false;
}

static void free_grant(struct grant *g)
{
	for (unsigned i = 0; i < g->to_count; i++)
		free(g->to[i].member);
	free(g->to);
	free(g->name);
	free(g->mdevs.uuid);
	free(g->see_mdevs.uuid);
}

void policy_free(struct policy *p)
{
	for (unsigned i = 0; i < p->count; i++)
		free_grant(&p->grant[i]);
	free(p->grant);
	*p = (struct policy){ 0 };
}
