/* SPDX-License-Identifier: MIT */
/* apsysfs policy check: what a policy says, and whether it would let a write through. */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mdev.h"
#include "core/parse.h"
#include "core/tree.h"
#include "fs/command.h"
#include "fs/options.h"
#include "hostbackend/explain.h"
#include "hostbackend/judge.h"

struct check_options {
	struct machine_options machine;
	struct caller caller;
	bool has_caller, json;
};

static const char usage[] =
	"Usage: apsysfs policy check FILE [OPTIONS] [write PATH TEXT]...\n"
	"Check a policy file, say in words what it grants, and whether it would let writes through: one after the\n"
	"other, on a virtual machine. PATH is below /sys, such as bus/ap/apmask. To ask about a host as it is now,\n"
	"have it recorded: apsysfs record --sys /sys >host.yaml, and then --machine host.yaml.\n\n"
	"  --user NAME, --uid N  the user who writes (default: you)\n"
	"  --json                the answer as JSON\n"
	OPTIONS_HARDWARE_HELP
	"  -h, --help           this text\n\n"
	"Exit status: 0 the file is good and every write would be let through, 1 not, 2 usage.\n";

static int find_user(const char *name, struct caller *ret)
{
	const struct passwd *entry = getpwnam(name);

	if (!entry) {
		fprintf(stderr, "apsysfs policy: --user %s: this system knows no such user\n", name);
		return STATUS_USAGE;
	}
	ret->uid = entry->pw_uid;
	ret->gid = entry->pw_gid;
	return STATUS_OK;
}

static int take_uid(const char *text, struct caller *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);
	const struct passwd *entry;

	if (!*text || *end || *text == '-' || value >= UINT32_MAX) {
		fprintf(stderr, "apsysfs policy: --uid %s: expected a number\n", text);
		return STATUS_USAGE;
	}
	entry = getpwuid((uid_t)value);
	ret->uid = (uid_t)value;
	ret->gid = entry ? entry->pw_gid : (gid_t)value;
	return STATUS_OK;
}

static int parse(int argc, char **argv, struct check_options *o)
{
	enum { OPTION_USER = 1000, OPTION_UID, OPTION_JSON };
	static const struct option longs[] = { OPTIONS_HARDWARE_LONG,
					       { "user", required_argument, NULL, OPTION_USER },
					       { "uid", required_argument, NULL, OPTION_UID },
					       { "json", no_argument, NULL, OPTION_JSON },
					       { "help", no_argument, NULL, 'h' }, { 0 } };
	int option, status = STATUS_OK;

	while (!status && (option = getopt_long(argc, argv, "+h", longs, NULL)) != -1) {
		if (options_take(&o->machine, option, optarg, &status))
			continue;
		switch (option) {
		case OPTION_USER:
			status = find_user(optarg, &o->caller);
			o->has_caller = true;
			break;
		case OPTION_UID:
			status = take_uid(optarg, &o->caller);
			o->has_caller = true;
			break;
		case OPTION_JSON:
			o->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(STATUS_OK);
		default:
			fprintf(stderr, "Try 'apsysfs policy --help'.\n");
			status = STATUS_USAGE;
		}
	}
	return status;
}

/* --- one write ----------------------------------------------------------------------------------- */

struct question {
	const struct policy *policy;
	struct owners *owners;
	struct check_options *o;
	const char *path, *text;
	struct json_object *answers;
	bool refused;
	/* kept from one write to the next */
	struct backend *backend;
};

static void answer(struct question *q, const struct verdict *v, int result)
{
	const char *rule = v->rc == 0 && v->grant ? v->grant->name : NULL;
	struct json_object *a;

	q->refused |= v->rc < 0;
	if (!q->o->json) {
		printf("%s <- %s: %s", q->path, q->text, v->rc < 0 ? "refused" : "let through");
		if (rule)
			printf(" by grant \"%s\"", rule);
		if (v->rc < 0)
			printf(": %s", v->reason_text);
		else if (result < 0)
			printf("; fails by itself: %s", strerror(-result));
		printf("\n");
		if (v->rc == 0 && v->effects)
			printf("  before: %s\n  after:  %s\n", v->before_text, v->after_text);
		return;
	}
	a = json_object_new_object();
	json_object_object_add(a, "path", json_object_new_string(q->path));
	json_object_object_add(a, "text", json_object_new_string(q->text));
	json_object_object_add(a, "allowed", json_object_new_boolean(v->rc == 0));
	if (rule)
		json_object_object_add(a, "grant", json_object_new_string(rule));
	if (v->rc < 0)
		json_object_object_add(a, "reason", json_object_new_string(v->reason_text));
	if (v->rc == 0)
		json_object_object_add(a, "result", json_object_new_int(result));
	json_object_object_add(a, "before", json_object_new_string(v->before_text));
	json_object_object_add(a, "after", json_object_new_string(v->after_text));
	json_object_array_add(q->answers, a);
}

/* The guard of the machine: answers instead of deciding. */
struct asking {
	struct store_guard store;	/* first */
	struct question *q;
};

static int judge_and_answer(struct store_guard *s, const struct trial *t)
{
	struct question *q = ((struct asking *)s)->q;
	struct rights r;
	struct verdict v;
	uint8_t uuid[16];

	rights_of(q->policy, q->owners, &t->caller, &r);
	judge_write(t, &r, &v);
	answer(q, &v, t->result);
	/* what he creates is his in the writes that follow */
	if (v.rc == 0 && t->node.kind == DIR_TYPE && t->result == 0 && parse_uuid(t->text, uuid) == 0)
		(void)owners_set(q->owners, t->after, (uint32_t)mdev_find(t->after, uuid), t->caller.uid);
	return v.rc;
}

static void nothing(struct store_guard *s, const struct trial *t, int result)
{
}

static int find_node(const struct question *q, uint64_t *ret)
{
	char copy[4096], *rest = copy;
	struct backend *b = q->backend;
	int rc = 0;

	snprintf(copy, sizeof(copy), "%s", strncmp(q->path, "/sys/", 5) == 0 ? q->path + 5 : q->path);
	*ret = BACKEND_ROOT;
	for (char *name; rc == 0 && (name = strsep(&rest, "/"));)
		if (*name)
			rc = b->ops->find(b, *ret, name, NULL, ret);
	return rc;
}

static void answer_store(struct backend_call *call, int result)
{
}

static int ask(struct question *q)
{
	struct backend_call *call = calloc(1, sizeof(*call));
	uint64_t node;
	int rc = find_node(q, &node);

	if (rc < 0 || !call) {
		fprintf(stderr, "apsysfs policy: %s: %s, on this machine\n", q->path, strerror(-rc));
		free(call);
		return STATUS_FAILED;
	}
	call->caller = call->opener = q->o->caller;
	call->answer = answer_store;
	call->page = (struct page){ .data = (char *)(uintptr_t)q->text, .length = strlen(q->text) };
	call->page.size = call->page.length + 1;
	rc = q->backend->ops->store(q->backend, node, call);
	/* one that waits keeps the call */
	if (rc != BACKEND_WAITS)
		free(call);
	return STATUS_OK;
}

static int ask_all(struct question *q, char **words, int count)
{
	struct asking asking = { .store = { .judge = judge_and_answer, .done = nothing }, .q = q };
	int status = options_boot_guarded(&q->o->machine, &asking.store, &q->backend);

	for (int i = 0; i < count && !status; i += 3) {
		q->path = words[i + 1];
		q->text = words[i + 2];
		status = ask(q);
	}
	if (q->backend)
		q->backend->ops->destroy(q->backend);
	return status ? status : q->refused ? STATUS_FAILED : STATUS_OK;
}

/* --- the command ---------------------------------------------------------------------------------- */

static void print_words(const struct policy *p, const struct check_options *o, const char *file)
{
	struct page out;

	if (o->json || page_init_growing(&out) < 0)
		return;
	explain_policy(p, o->has_caller ? &o->caller : NULL, &out);
	printf("%s: good\n%s", file, out.data);
	page_free(&out);
}

static int check(struct check_options *o, const char *file, char **words, int count)
{
	struct question q = { .o = o, .answers = json_object_new_array() };
	struct policy policy = { 0 };
	char text[1024];
	struct page message;
	int status = STATUS_OK;

	page_init_fixed(&message, text, sizeof(text));
	if (policy_load(file, NULL, &policy, &message) < 0 || owners_open(NULL, &q.owners, &message) < 0) {
		fprintf(stderr, "apsysfs policy: %s\n", text);
		json_object_put(q.answers);
		return STATUS_FAILED;
	}
	q.policy = &policy;
	print_words(&policy, o, file);
	if (count)
		status = ask_all(&q, words, count);
	if (o->json)
		printf("%s\n", json_object_to_json_string_ext(q.answers, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(q.answers);
	owners_free(q.owners);
	policy_free(&policy);
	return status;
}

static int run(int argc, char **argv)
{
	struct check_options o = { .caller = { getuid(), getgid(), getpid() } };
	bool is_check = argc > 2 && strcmp(argv[1], "check") == 0;
	int status, count;

	/* options stand behind the file, and before the writes, whose texts may look like options */
	optind = is_check ? 3 : 1;
	status = parse(argc, argv, &o);
	if (status)
		return status;
	count = argc - optind;
	if (!is_check || count % 3) {
		fprintf(stderr, "apsysfs policy: expected check FILE [write PATH TEXT]...; try 'apsysfs policy --help'\n");
		return STATUS_USAGE;
	}
	for (int i = 0; i < count; i += 3) {
		if (strcmp(argv[optind + i], "write") == 0)
			continue;
		fprintf(stderr, "apsysfs policy: %s: expected write PATH TEXT\n", argv[optind + i]);
		return STATUS_USAGE;
	}
	return check(&o, argv[2], argv + optind, count);
}

const struct command command_policy = { "policy", "check a policy, and what it would let through", usage, run };
