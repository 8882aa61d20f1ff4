/* SPDX-License-Identifier: MIT */
/* What a policy file says (apsysfs-policy(5)): grants, each to some, of some things and actions. */
#ifndef HOSTBACKEND_POLICY_H
#define HOSTBACKEND_POLICY_H

#include "core/matrix.h"

enum policy_action {
	ACTION_CREATE, ACTION_REMOVE, ACTION_ASSIGN, ACTION_POOL, ACTION_BIND, ACTION_UNBIND, ACTION_ONLINE,
	ACTION_CONFIG, ACTION_RESET, ACTION_COUNTERS, ACTION_SCAN, ACTION_SETTINGS, ACTION_OVERRIDE, ACTION_SECURE,
	ACTION_UEVENT, ACTION_ZCRYPT, ACTION_GUEST, ACTION_MACHINE,
	ACTIONS
};

#define ACTION(name) (UINT32_C(1) << ACTION_##name)
#define ACTION_ALL ((UINT32_C(1) << ACTIONS) - 1)

/* Adapters x domains; for mdevs' control domains a set of their own. */
struct area {
	struct ap_mask adapters, domains;
};

struct mdev_set {
	bool all, own;
	unsigned count;
	uint8_t (*uuid)[16];
};

enum subject_kind { SUBJECT_EVERYONE, SUBJECT_USER, SUBJECT_GROUP };

struct subject {
	enum subject_kind kind;
	uint32_t id;			/* uid, gid */
	unsigned count;			/* groups: members by the group database, when the file was read */
	uint32_t *member;
};

struct grant {
	char *name;
	struct subject *to;
	unsigned to_count;
	struct area see, pool, assign;
	struct ap_mask see_controls, assign_controls;
	struct mdev_set see_mdevs, mdevs;
	uint32_t actions;		/* one bit each, by enum policy_action */
	bool modes_decide;		/* does not delegate: the file's mode has to let him write as well */
	bool has_limit;
	unsigned mdev_limit;		/* of each grantee; valid while has_limit */
	unsigned line;			/* where it begins */
};

struct policy {
	struct grant *grant;
	unsigned count;
};

/* Of the action's name, -1: no such. And its name. */
int policy_action_from_name(const char *name, size_t length);
const char *policy_action_name(enum policy_action action);

/* Who looks names up: as subject_parse does, and what it does if there is nobody. */
struct subject_lookup {
	int (*find)(void *ctx, const char *text, struct subject *ret);
	void *ctx;
};

/* Is the grant to this user, or his group? */
bool grant_is_to(const struct grant *g, uint32_t uid, uint32_t gid);

/*
 * Reads the text of a policy file called name. 0; -ENOMEM; or -EINVAL and message says "name:line:column: what is wrong,
 * and what was expected". Users and groups are looked up now. Free with policy_free.
 */
int policy_parse(const char *name, const char *text, size_t length, struct policy *ret, struct page *message);
/* The same of a file, with names looked up by somebody else (NULL: here). Also -errno of reading it. */
int policy_load(const char *path, const struct subject_lookup *lookup, struct policy *ret, struct page *message);
void policy_free(struct policy *p);

#endif
