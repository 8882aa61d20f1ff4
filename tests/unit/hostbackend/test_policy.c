/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/tree.h"
#include "hostbackend/judge.h"

#define NOW INT64_C(1700000000000000000)

/* --- the file ---------------------------------------------------------------------------------------- */

static const struct { const char *label, *text, *message; } bad_files[] = {
	{ "nothing", "", "p:1:1: expected \"grants:\"" },
	{ "another key", "grant: []\n", "p:1:1: grant: no such key: expected one of grants" },
	{ "no list", "grants: 5\n", "p:1:9: grants: expected a list" },
	{ "no name", "grants:\n- to: everyone\n", "p:2:3: a grant needs a name" },
	{ "nobody", "grants:\n- name: a\n", "p:2:3: grant a: needs \"to\"" },
	{ "twice", "grants:\n- {name: a, to: everyone}\n- {name: a, to: everyone}\n", "p:3:3: grant a: line 2 has one" },
	{ "a key twice", "grants:\n- name: a\n  to: everyone\n  to: everyone\n", "p:4:3: to: stands here twice" },
	{ "an unknown user", "grants:\n- {name: a, to: 'user:no such'}\n", "p:2:17: user:no such: this system knows no such user" },
	{ "no subject", "grants:\n- {name: a, to: alice}\n", "p:2:17: alice: expected user:NAME" },
	{ "256", "grants:\n- {name: a, to: everyone, see: {adapters: 256}}\n", "p:2:43: 256: expected a number from 0 to 255" },
	{ "octal", "grants:\n- {name: a, to: everyone, see: {adapters: 010}}\n", "p:2:43: 010: expected a number" },
	{ "backwards", "grants:\n- {name: a, to: everyone, see: {adapters: 9-4}}\n", "p:2:43: 9-4: expected a number" },
	{ "half a range", "grants:\n- {name: a, to: everyone, pool: {domains: 4-}}\n", "p:2:43: 4-: expected a number" },
	{ "no action", "grants:\n- {name: a, to: everyone, actions: [fly]}\n", "p:2:37: fly: no such action: expected create, " },
	{ "no mdev", "grants:\n- {name: a, to: everyone, mdevs: mine}\n", "p:2:34: mine: expected own, all, or the UUID" },
	{ "no count", "grants:\n- {name: a, to: everyone, limits: {mdevs: -1}}\n", "p:2:43: -1: expected how many mdevs" },
	{ "no truth", "grants:\n- {name: a, to: everyone, delegate: maybe}\n", "p:2:37: maybe: expected true or false" },
	{ "no YAML", "grants: [\n", "p:2:1: not YAML: " },
};

Test(policy, a_bad_file_is_refused_with_place_and_what_was_expected)
{
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(*bad_files); i++) {
		struct policy p = { 0 };
		char text[512];
		struct page message;

		page_init_fixed(&message, text, sizeof(text));
		cr_expect(policy_parse("p", bad_files[i].text, strlen(bad_files[i].text), &p, &message) < 0, "%s",
			  bad_files[i].label);
		cr_expect(strncmp(text, bad_files[i].message, strlen(bad_files[i].message)) == 0, "%s: %s",
			  bad_files[i].label, text);
	}
}

static void parse(const char *text, struct policy *p)
{
	char why[512];
	struct page message;

	page_init_fixed(&message, why, sizeof(why));
	cr_assert(policy_parse("p", text, strlen(text), p, &message) == 0, "%s", why);
}

Test(policy, sets_are_numbers_ranges_and_all)
{
	struct policy p;

	parse("grants:\n- {name: a, to: [uid:7, gid:12345678], pool: {adapters: [5, 0x0a-0xc], domains: all},\n"
	      "   actions: [pool, bind]}\n",
	      &p);
	cr_expect(p.count == 1 && grant_is_to(p.grant, 7, 1) && grant_is_to(p.grant, 1, 12345678));
	cr_expect(!grant_is_to(p.grant, 1, 1));
	cr_expect(ap_mask_count(&p.grant->pool.adapters) == 4 && ap_mask_has(&p.grant->pool.adapters, 12));
	cr_expect(ap_mask_full(&p.grant->pool.domains) && ap_mask_empty(&p.grant->assign.domains));
	cr_expect(p.grant->actions == (ACTION(POOL) | ACTION(BIND)));
	policy_free(&p);
}

/* --- the judge ----------------------------------------------------------------------------------------- */

struct court {
	struct engine engine, after;
	struct policy policy;
	struct owners *owners;
	struct rights rights;
	struct trial trial;
	struct verdict verdict;
};

static void open_court(struct court *c, const char *policy)
{
	struct machine *m = malloc(sizeof(*m));
	struct caller caller = { 1000, 1000, 1 };

	machine_init_default(m);
	cr_assert(engine_boot(&c->engine, KERNEL_NEWEST, m, NULL, NOW) == 0);
	engine_load_default_modules(&c->engine);
	free(m);
	parse(policy, &c->policy);
	cr_assert(owners_open(NULL, &c->owners, NULL) == 0);
	rights_of(&c->policy, c->owners, &caller, &c->rights);
}

static void close_court(struct court *c)
{
	engine_free(&c->engine);
	owners_free(c->owners);
	policy_free(&c->policy);
}

static void try(struct court *c, const char *path, const char *text)
{
	struct node n;

	cr_assert(tree_lookup(&c->engine, path, &n) == 0, "%s", path);
	cr_assert(engine_trial_begin(&c->engine, &c->after) == 0);
	c->trial = (struct trial){ .node = n, .row = tree_row(n), .text = text, .length = strlen(text),
				   .before = &c->engine, .after = &c->after };
	c->trial.result = tree_store(&c->after, n, text, strlen(text));
}

static int judged(struct court *c, const char *path, const char *text)
{
	try(c, path, text);
	judge_write(&c->trial, &c->rights, &c->verdict);
	engine_free(&c->after);
	return c->verdict.rc;
}

static const char tenant[] = "grants:\n- name: t\n  to: uid:1000\n  pool: {adapters: 5, domains: all}\n"
			     "  mdevs: own\n  actions: [pool, online, reset, bind, unbind]\n";

static const struct { const char *label, *path, *text; bool may; } writes[] = {
	{ "his adapter", "bus/ap/apmask", "-5", true },
	{ "the same, absolute", "bus/ap/apmask", "0xfbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", true },
	{ "a range around it", "bus/ap/apmask", "-4-6", false },
	{ "there and back", "bus/ap/apmask", "-4-6,+4,+6", true },
	{ "another adapter", "bus/ap/apmask", "-6", false },
	{ "a domain of all adapters", "bus/ap/aqmask", "-4", false },
	{ "what is no mask", "bus/ap/apmask", "-300", true },
	{ "all of it", "bus/ap/apmask", "0x0", false },
	{ "a card that takes its queues along", "devices/ap/card05/online", "0", true },
	{ "another's card", "devices/ap/card06/online", "0", false },
	{ "a queue", "devices/ap/card05/05.0004/online", "0", true },
	{ "another's queue", "devices/ap/card06/06.0004/online", "0", false },
	{ "a reset that shows nothing", "devices/ap/card06/06.0004/reset", "1", false },
	{ "unbind", "bus/ap/drivers/cex4queue/unbind", "05.0004", true },
	{ "unbind another's", "bus/ap/drivers/cex4queue/unbind", "06.0004", false },
	{ "unbind what is not there, of others", "bus/ap/drivers/cex4queue/unbind", "07.0004", false },
	{ "unbind what is not there", "bus/ap/drivers/cex4queue/unbind", "05.0005", true },
	{ "an action not granted", "bus/ap/scans", "1", false },
	{ "an mdev", "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create", "62177883-f1bb-47f0-914d-32a22e3a8804", false },
	{ "the machine", ".apsysfs/machine", "adapter 7 type=11", false },
};

Test(judge, what_changes_decides_not_how_it_is_written)
{
	struct court c;

	open_court(&c, tenant);
	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++) {
		int rc = judged(&c, writes[i].path, writes[i].text);

		cr_expect((rc == 0) == writes[i].may, "%s: %d, %s", writes[i].label, rc, c.verdict.reason_text);
	}
	close_court(&c);
}

Test(judge, what_leaves_it_to_modes_does_not_widen_what_delegates)
{
	static const char plain[] = "grants:\n- {name: m, to: everyone, see: all, pool: all, assign: all, mdevs: all, actions: all, "
				    "delegate: false}\n";
	char both[sizeof(plain) + 128];
	struct court c;

	open_court(&c, plain);
	cr_expect(c.rights.modes_decide && c.rights.sees_all);
	cr_expect(judged(&c, "bus/ap/apmask", "-6") == 0 && judged(&c, "bus/ap/poll_thread", "1") == 0);
	close_court(&c);
	/* so it is beside one that only shows him things, wherever that stands */
	for (int first = 0; first <= 1; first++) {
		static const char shows[] = "- {name: s, to: everyone, see: all}\n";

		snprintf(both, sizeof(both), "grants:\n%s%s%s", first ? shows : "", plain + strlen("grants:\n"), first ? "" : shows);
		open_court(&c, both);
		cr_expect(c.rights.modes_decide, "first: %d", first);
		close_court(&c);
	}
	/* with a grant that opens apmask to him, the other must not have him write more than that grant has */
	snprintf(both, sizeof(both), "%s%s", plain, "- {name: d, to: uid:1000, pool: {adapters: 5, domains: all}, actions: pool}\n");
	open_court(&c, both);
	cr_expect(!c.rights.modes_decide && c.rights.sees_all);
	cr_expect(judged(&c, "bus/ap/apmask", "-5") == 0);
	cr_expect(judged(&c, "bus/ap/apmask", "-6") < 0 && judged(&c, "bus/ap/poll_thread", "1") < 0);
	/* and root needs nobody to open it */
	rights_of(&c.policy, c.owners, &(struct caller){ 0, 0, 1 }, &c.rights);
	cr_expect(judged(&c, "bus/ap/apmask", "-6") == 0);
	close_court(&c);
}

/* What only follows from other fields, and so is not judged by itself: a list of this test's own. */
#define FOLLOWS(member) { offsetof(struct state, member), sizeof(((struct state *)0)->member) }
static const struct { size_t from, size; } follows[] = {
	FOLLOWS(masks_in_use), FOLLOWS(overrides), FOLLOWS(queues_bound), FOLLOWS(bindings_complete), FOLLOWS(bindings_done),
	FOLLOWS(order), FOLLOWS(bound), FOLLOWS(order_link), FOLLOWS(bound_link), FOLLOWS(override), FOLLOWS(override_users),
	FOLLOWS(mdev_count), FOLLOWS(mdev_sequence), FOLLOWS(refilter_head), FOLLOWS(uuid_slot), FOLLOWS(free_hint),
	FOLLOWS(group_hint), FOLLOWS(device_hint), FOLLOWS(mdev_high), FOLLOWS(group_count), FOLLOWS(group_slot),
	FOLLOWS(device_slot), FOLLOWS(groups_used), FOLLOWS(devices_used), FOLLOWS(slots_used), FOLLOWS(owner),
	FOLLOWS(lock_ticket), FOLLOWS(reset_wait), FOLLOWS(guests), FOLLOWS(guests_started), FOLLOWS(node_count),
	FOLLOWS(scenario), FOLLOWS(topology),
};

/* Objects that are not there have no bytes that mean anything: of the large tables only what exists. */
static bool means_something(const struct state *s, size_t at)
{
	for (size_t i = 0; i < sizeof(follows) / sizeof(*follows); i++)
		if (at >= follows[i].from && at < follows[i].from + follows[i].size)
			return false;
	if (at >= offsetof(struct state, queue) && at < offsetof(struct state, queue) + sizeof(s->queue))
		return s->card[(at - offsetof(struct state, queue)) / sizeof(struct queue) >> 8].life.born;
	if (at >= offsetof(struct state, hardware) && at < offsetof(struct state, hardware) + sizeof(s->hardware))
		return s->card[(at - offsetof(struct state, hardware)) / sizeof(struct queue_hardware) >> 8].life.born;
	if (at >= offsetof(struct state, mdev) && at < offsetof(struct state, mdev) + sizeof(s->mdev))
		return (at - offsetof(struct state, mdev)) / sizeof(struct mdev) < s->mdev_high;
	return true;
}

Test(judge, no_byte_of_the_state_changes_unseen)
{
	/* he may send uevents and nothing else: any change at all is outside his grant */
	static const char sender[] = "grants:\n- {name: s, to: everyone, see: all, actions: [uevent]}\n";
	unsigned char *bytes;
	struct court c;
	struct node n;
	size_t unseen = 0, looked = 0;

	open_court(&c, sender);
	cr_assert(tree_lookup(&c.engine, "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create", &n) == 0);
	cr_assert(tree_store(&c.engine, n, "62177883-f1bb-47f0-914d-32a22e3a8804", 36) == 0);
	cr_assert(tree_lookup(&c.engine, "class/zcrypt/create", &n) == 0);
	cr_assert(tree_store(&c.engine, n, "node", 4) == 0);
	try(&c, "bus/ap/uevent", "change");
	judge_write(&c.trial, &c.rights, &c.verdict);
	cr_assert(c.verdict.rc == 0, "%s", c.verdict.reason_text);
	bytes = (unsigned char *)c.after.state;
	/* every byte of the small fields; of the tables of what is there, every seventh, which is each of them in turn */
	for (size_t at = 0; at < sizeof(struct state); at++) {
		if (!means_something(c.engine.state, at) || (looked++ > 4096 && at % 7))
			continue;
		bytes[at] ^= 1;
		verdict_init(&c.verdict);
		judge_difference(&c.trial, &c.rights, &c.verdict);
		bytes[at] ^= 1;
		if (c.verdict.rc == 0 && unseen++ < 10)
			cr_expect(false, "byte %zu of the state changes unseen", at);
	}
	cr_expect(unseen == 0, "%zu bytes", unseen);
	engine_free(&c.after);
	close_court(&c);
}

static const char owner_of_all[] = "grants:\n- name: m\n  to: uid:1000\n  mdevs: all\n  see: all\n"
				   "  assign: {adapters: 5, domains: all, control_domains: 4}\n  actions: [unbind, remove%s]\n";

#define MDEV_1 "62177883-f1bb-47f0-914d-32a22e3a8804"
#define TYPE_1 "devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/"

/* What whoever is asked nothing does. */
static void root_does(struct court *c, const char *path, const char *text)
{
	struct node n;

	cr_assert(tree_lookup(&c->engine, path, &n) == 0, "%s", path);
	cr_assert(tree_store(&c->engine, n, text, strlen(text)) == 0, "%s <- %s", path, text);
}

Test(judge, who_unbinds_an_mdev_must_have_what_it_loses)
{
	static const char unbind[] = "bus/mdev/drivers/vfio_ap_mdev/unbind", mdev[] = "devices/vfio_ap/matrix/" MDEV_1;
	char policy[512], path[128];
	struct court c;

	for (int assigns = 0; assigns <= 1; assigns++) {
		snprintf(policy, sizeof(policy), owner_of_all, assigns ? ", assign" : "");
		open_court(&c, policy);
		root_does(&c, TYPE_1 "create", MDEV_1);
		cr_expect(judged(&c, unbind, MDEV_1) == 0, "there is nothing to lose: %s", c.verdict.reason_text);
		root_does(&c, "bus/ap/apmask", "-5,-6");
		snprintf(path, sizeof(path), "%s/assign_adapter", mdev);
		root_does(&c, path, "5");
		cr_expect((judged(&c, unbind, MDEV_1) == 0) == assigns, "adapter 5, assign: %d", assigns);
		snprintf(path, sizeof(path), "%s/assign_domain", mdev);
		root_does(&c, path, "4");
		cr_expect((judged(&c, unbind, MDEV_1) == 0) == assigns, "05.0004, assign: %d", assigns);
		snprintf(path, sizeof(path), "%s/assign_adapter", mdev);
		root_does(&c, path, "6");
		cr_expect(judged(&c, unbind, MDEV_1) < 0, "adapter 6 is not his to take away, assign: %d", assigns);
		/* but who may remove an mdev may remove it with all that it has */
		snprintf(path, sizeof(path), "%s/remove", mdev);
		cr_expect(judged(&c, path, "1") == 0, "%s", c.verdict.reason_text);
		close_court(&c);
	}
}

Test(judge, an_apqn_that_is_lost_counts_as_one_that_is_gained)
{
	static const char two[] = "grants:\n- {name: a, to: everyone, mdevs: all, assign: {adapters: 7, domains: 4}, actions: assign}\n"
				  "- {name: b, to: everyone, mdevs: all, assign: {adapters: 5, domains: 0x47}, actions: assign}\n";
	static const char four[] = "0x0400000000000000000000000000000000000000000000000000000000000000,"
				   "0x0000000000000000010000000000000000000000000000000000000000000000,0x0";
	struct court c;

	open_court(&c, two);
	root_does(&c, TYPE_1 "create", MDEV_1);
	root_does(&c, "bus/ap/apmask", "-5");
	root_does(&c, "devices/vfio_ap/matrix/" MDEV_1 "/assign_adapter", "5");
	root_does(&c, "devices/vfio_ap/matrix/" MDEV_1 "/assign_domain", "0x47");
	cr_expect(judged(&c, "devices/vfio_ap/matrix/" MDEV_1 "/ap_config", four) == 0, "nothing changes: %s", c.verdict.reason_text);
	root_does(&c, "devices/vfio_ap/matrix/" MDEV_1 "/unassign_domain", "0x47");
	root_does(&c, "devices/vfio_ap/matrix/" MDEV_1 "/assign_domain", "4");
	cr_expect(judged(&c, "devices/vfio_ap/matrix/" MDEV_1 "/ap_config", four) < 0, "05.0004 is neither grant's to take away");
	close_court(&c);
}

Test(judge, an_apqn_of_a_hidden_mdev_is_not_told_by_the_error)
{
	static const char his[] = "grants:\n- {name: a, to: everyone, mdevs: " MDEV_1 ", assign: {adapters: 5, domains: all}, "
				  "actions: assign%s}\n";
	static const char other[] = "62177883-f1bb-47f0-914d-32a22e3a8805", mdevs[] = "devices/vfio_ap/matrix/";
	char policy[256], path[128];
	struct court c;

	for (int sees = 0; sees <= 1; sees++) {
		snprintf(policy, sizeof(policy), his, sees ? ", see: {mdevs: all}" : "");
		open_court(&c, policy);
		root_does(&c, "bus/ap/apmask", "-5");
		for (int i = 0; i <= 1; i++) {
			root_does(&c, TYPE_1 "create", i ? other : MDEV_1);
			snprintf(path, sizeof(path), "%s%s/assign_adapter", mdevs, i ? other : MDEV_1);
			root_does(&c, path, "5");
		}
		snprintf(path, sizeof(path), "%s%s/assign_domain", mdevs, other);
		root_does(&c, path, "4");
		cr_expect((judged(&c, "devices/vfio_ap/matrix/" MDEV_1 "/assign_domain", "4") == 0) == sees, "sees it: %d", sees);
		cr_expect(c.trial.result == -EADDRINUSE);
		cr_expect(judged(&c, "devices/vfio_ap/matrix/" MDEV_1 "/assign_domain", "0x47") == 0, "nobody has it");
		close_court(&c);
	}
}

Test(judge, a_card_taken_from_the_machine_needs_config)
{
	static const char some[] = "grants:\n- {name: s, to: everyone, pool: {adapters: 5, domains: all}, actions: [uevent, %s]}\n";
	char policy[128];
	struct court c;

	for (int config = 0; config <= 1; config++) {
		snprintf(policy, sizeof(policy), some, config ? "config" : "online, reset, pool, bind, unbind");
		open_court(&c, policy);
		try(&c, "devices/ap/card05/uevent", "change");
		for (unsigned adapter = 5; adapter <= 6; adapter++) {
			c.after.state->machine.adapter[adapter].state = ADAPTER_DECONFIGURED;
			verdict_init(&c.verdict);
			judge_difference(&c.trial, &c.rights, &c.verdict);
			cr_expect((c.verdict.rc == 0) == (config && adapter == 5), "config: %d, adapter %u", config, adapter);
			c.after.state->machine.adapter[adapter].state = c.engine.state->machine.adapter[adapter].state;
		}
		engine_free(&c.after);
		close_court(&c);
	}
}

Test(judge, who_may_create_named_mdevs_creates_those_alone)
{
	static const struct { const char *mdevs; bool named, other; } grants[] = {
		{ MDEV_1, true, false }, { "[own, " MDEV_1 "]", true, true }, { "all", true, true }, { "[]", true, true },
	};
	char policy[160];
	struct court c;

	for (size_t i = 0; i < sizeof(grants) / sizeof(*grants); i++) {
		snprintf(policy, sizeof(policy), "grants:\n- {name: c, to: everyone, mdevs: %s, actions: create}\n", grants[i].mdevs);
		open_court(&c, policy);
		cr_expect((judged(&c, TYPE_1 "create", MDEV_1) == 0) == grants[i].named, "%s", grants[i].mdevs);
		cr_expect((judged(&c, TYPE_1 "create", "62177883-f1bb-47f0-914d-32a22e3a8805") == 0) == grants[i].other, "%s",
			  grants[i].mdevs);
		close_court(&c);
	}
}

#define NODE_1 "devices/virtual/zcrypt/node/"

Test(judge, who_changes_a_zcrypt_node_must_have_all_that_it_reaches)
{
	static const char two[] = "grants:\n- {name: a, to: uid:1000, pool: {adapters: 5, domains: 4}, actions: zcrypt}\n"
				  "- {name: b, to: uid:1000, assign: {adapters: 6, domains: 0x47, control_domains: 0x47}, "
				  "actions: zcrypt}\n";
	struct court c;

	open_court(&c, two);
	root_does(&c, "class/zcrypt/create", "node");
	cr_expect(judged(&c, NODE_1 "ioctlmask", "+1") == 0, "it reaches nothing: %s", c.verdict.reason_text);
	cr_expect(judged(&c, NODE_1 "apmask", "+5,+6") == 0, "%s", c.verdict.reason_text);
	cr_expect(judged(&c, NODE_1 "aqmask", "+4,+0xff") < 0);
	root_does(&c, NODE_1 "apmask", "+5");
	cr_expect(judged(&c, NODE_1 "aqmask", "+4") == 0, "%s", c.verdict.reason_text);
	cr_expect(judged(&c, NODE_1 "aqmask", "+0x47") < 0, "5 of one grant with 0x47 of the other");
	cr_expect(judged(&c, NODE_1 "admask", "+4") == 0, "%s", c.verdict.reason_text);
	cr_expect(judged(&c, NODE_1 "admask", "+0x47") < 0, "likewise to administer");
	root_does(&c, NODE_1 "aqmask", "+4");
	cr_expect(judged(&c, NODE_1 "ioctlmask", "+1") == 0, "%s", c.verdict.reason_text);
	cr_expect(judged(&c, "class/zcrypt/destroy", "node") == 0, "%s", c.verdict.reason_text);
	root_does(&c, NODE_1 "aqmask", "+0xab");
	cr_expect(judged(&c, NODE_1 "ioctlmask", "+1") < 0, "others' requests go through it too");
	cr_expect(judged(&c, "class/zcrypt/destroy", "node") < 0);
	close_court(&c);
}

Test(judge, that_a_reset_is_over_is_nobodys_doing)
{
	struct court c;

	open_court(&c, "grants:\n- {name: s, to: everyone, see: all, actions: [uevent]}\n");
	for (int begins = 0; begins <= 1; begins++) {
		c.engine.state->queue[0x0604].reset_waited = !begins;
		try(&c, "bus/ap/uevent", "change");
		c.after.state->queue[0x0604].reset_waited = begins;
		verdict_init(&c.verdict);
		judge_difference(&c.trial, &c.rights, &c.verdict);
		cr_expect((c.verdict.rc < 0) == begins, "begins: %d", begins);
		engine_free(&c.after);
	}
	close_court(&c);
}

Test(judge, hardware_without_a_card_does_not_change_unseen)
{
	static const char sender[] = "grants:\n- {name: s, to: everyone, see: all, actions: [uevent]}\n";
	struct court c;
	struct state *s;

	open_court(&c, sender);
	/* plugged, and not yet scanned */
	root_does(&c, ".apsysfs/machine", "adapter 7 type=11");
	try(&c, "bus/ap/uevent", "change");
	s = c.after.state;
	for (unsigned queue = 7 << 8; queue < 8 << 8; queue += 51) {
		bool *flags[] = { &s->queue[queue].online, &s->hardware[queue].interrupts };

		for (int i = 0; i < 2; i++) {
			*flags[i] = !*flags[i];
			verdict_init(&c.verdict);
			judge_difference(&c.trial, &c.rights, &c.verdict);
			*flags[i] = !*flags[i];
			cr_expect(c.verdict.rc < 0, "%s of %02x.%04x", i ? "the hardware" : "the state", queue >> 8, queue & 255);
		}
	}
	engine_free(&c.after);
	close_court(&c);
}

Test(judge, roots_limit_counts_what_nobody_else_has)
{
	static const char two[] = "grants:\n- {name: r, to: everyone, actions: create, limits: {mdevs: 2}}\n";
	struct court c;
	struct caller root = { 0, 0, 1 };

	open_court(&c, two);
	rights_of(&c.policy, c.owners, &root, &c.rights);
	root_does(&c, TYPE_1 "create", MDEV_1);
	cr_expect(judged(&c, TYPE_1 "create", "62177883-f1bb-47f0-914d-32a22e3a8805") == 0);
	root_does(&c, TYPE_1 "create", "62177883-f1bb-47f0-914d-32a22e3a8805");
	cr_expect(judged(&c, TYPE_1 "create", "62177883-f1bb-47f0-914d-32a22e3a8806") < 0, "two are root's already");
	cr_assert(owners_set(c.owners, &c.engine, 0, 1000) == 0);
	cr_expect(judged(&c, TYPE_1 "create", "62177883-f1bb-47f0-914d-32a22e3a8806") == 0, "one of them is not");
	close_court(&c);
}

Test(judge, whoever_sees_all_mdevs_is_told_that_there_is_none)
{
	static const char all[] = "grants:\n- {name: a, to: everyone, see: {mdevs: %s}, actions: [bind, unbind]}\n";
	char policy[256];
	struct court c;

	for (int sees = 0; sees <= 1; sees++) {
		snprintf(policy, sizeof(policy), all, sees ? "all" : "own");
		open_court(&c, policy);
		cr_expect((judged(&c, "bus/mdev/drivers/vfio_ap_mdev/unbind", MDEV_1) == 0) == sees);
		close_court(&c);
	}
}

Test(judge, a_mask_that_an_override_forbids_is_told_only_to_who_sees_it)
{
	static const char pool[] = "grants:\n- {name: p, to: everyone, pool: {adapters: 5, domains: all}, actions: pool}\n";
	struct court c;

	open_court(&c, pool);
	root_does(&c, "devices/ap/card05/05.0004/driver_override", "vfio_ap");
	cr_expect(judged(&c, "bus/ap/apmask", "-5") == 0 && c.trial.result == -EINVAL);
	root_does(&c, "devices/ap/card06/06.0004/driver_override", "vfio_ap");
	cr_expect(judged(&c, "bus/ap/apmask", "-5") < 0, "06.0004 is hidden from him");
	cr_expect(judged(&c, "bus/ap/apmask", "-300") == 0, "that is no mask at all");
	close_court(&c);
}

Test(owners, an_mdev_made_anew_is_not_the_old_ones_owners)
{
	static const char *const steps[][2] = {
		{ "devices/vfio_ap/matrix/" MDEV_1 "/remove", "1" },
		{ TYPE_1 "create", "62177883-f1bb-47f0-914d-32a22e3a8805" },	/* where the first was */
		{ TYPE_1 "create", MDEV_1 },					/* as young as that was, elsewhere */
	};
	struct court c;

	open_court(&c, "grants: []\n");
	root_does(&c, TYPE_1 "create", MDEV_1);
	cr_assert(owners_set(c.owners, &c.engine, 0, 1000) == 0);
	cr_expect(owners_of(c.owners, &c.engine, 0) == 1000 && owners_count(c.owners, &c.engine, 1000) == 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		root_does(&c, steps[i][0], steps[i][1]);
	cr_expect(owners_of(c.owners, &c.engine, 0) == 0 && owners_of(c.owners, &c.engine, 1) == 0);
	cr_expect(owners_count(c.owners, &c.engine, 1000) == 0);
	close_court(&c);
}
