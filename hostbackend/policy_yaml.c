/* SPDX-License-Identifier: MIT */
/* Reads a policy file: the YAML document's nodes, each with its line and column, into grants. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/parse.h"
#include "hostbackend/policy.h"
#include "hostbackend/reading.h"
#include "hostbackend/subject.h"

#define GRANTS_MAX 128
#define FILE_MAX (1 << 20)

/* --- sets ---------------------------------------------------------------------------------------- */

/* A number from 0 to 255, decimal or 0x hex, that ends before end. */
static bool parse_id(const char *text, const char *end, unsigned *ret)
{
	uint64_t value;
	bool overflow;
	size_t length = parse_digits(text, false, &value, &overflow);

	/* a zero in front would be octal for some and not for others */
	if (*text == '0' && length > 1 && (text[1] | 32) != 'x')
		return false;
	if (!length || text + length != end || overflow || value >= AP_IDS)
		return false;
	*ret = (unsigned)value;
	return true;
}

static void take_range(struct reading *r, yaml_node_t *n, void *into)
{
	const char *text = reading_text(n), *end = text ? text + strlen(text) : NULL, *dash = text ? strchr(text, '-') : NULL;
	struct ap_mask *set = into;
	unsigned first = 1, last = 0;
	bool good = text && parse_id(text, dash ? dash : end, &first);

	if (good && dash)
		good = parse_id(dash + 1, end, &last);
	else
		last = first;
	if (!good || first > last) {
		reading_complain(r, n, "%s: expected a number from 0 to 255, a range such as 4-0x0f, or all", text ? text : "a list");
		return;
	}
	for (; first <= last; first++)
		ap_mask_set(set, first);
}

static void take_set(struct reading *r, yaml_node_t *n, void *into)
{
	if (reading_is(n, "all"))
		ap_mask_fill(into, true);
	else
		reading_each(r, n, take_range, into);
}

static void take_mdev(struct reading *r, yaml_node_t *n, void *into)
{
	struct mdev_set *set = into;
	const char *text = reading_text(n);

	if (reading_is(n, "own"))
		set->own = true;
	else if (reading_is(n, "all"))
		set->all = true;
	else if (text && strlen(text) == UUID_TEXT - 1 && parse_uuid(text, set->uuid[set->count]) == 0)
		set->count++;
	else
		reading_complain(r, n, "%s: expected own, all, or the UUID of an mdev", text ? text : "a list");
}

static void take_mdevs(struct reading *r, yaml_node_t *n, void *into)
{
	struct mdev_set *set = into;

	set->uuid = reading_allocate(r, reading_count(r, n), sizeof(*set->uuid));
	if (r->rc == 0)
		reading_each(r, n, take_mdev, set);
}

static const struct key see_keys[] = {
	{ "adapters", take_set, offsetof(struct grant, see.adapters) },
	{ "domains", take_set, offsetof(struct grant, see.domains) },
	{ "control_domains", take_set, offsetof(struct grant, see_controls) },
	{ "mdevs", take_mdevs, offsetof(struct grant, see_mdevs) },
	{ 0 },
};
static const struct key pool_keys[] = {
	{ "adapters", take_set, offsetof(struct grant, pool.adapters) },
	{ "domains", take_set, offsetof(struct grant, pool.domains) },
	{ 0 },
};
static const struct key assign_keys[] = {
	{ "adapters", take_set, offsetof(struct grant, assign.adapters) },
	{ "domains", take_set, offsetof(struct grant, assign.domains) },
	{ "control_domains", take_set, offsetof(struct grant, assign_controls) },
	{ 0 },
};

static void fill(struct area *area)
{
	ap_mask_fill(&area->adapters, true);
	ap_mask_fill(&area->domains, true);
}

static void take_see(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	if (!reading_is(n, "all")) {
		reading_mapping(r, n, see_keys, g);
		return;
	}
	fill(&g->see);
	ap_mask_fill(&g->see_controls, true);
	g->see_mdevs.all = true;
}

static void take_pool(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	if (reading_is(n, "all"))
		fill(&g->pool);
	else
		reading_mapping(r, n, pool_keys, g);
}

static void take_assign(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	if (!reading_is(n, "all")) {
		reading_mapping(r, n, assign_keys, g);
		return;
	}
	fill(&g->assign);
	ap_mask_fill(&g->assign_controls, true);
}

/* --- the other keys of a grant ----------------------------------------------------------------------- */

static void take_action(struct reading *r, yaml_node_t *n, void *into)
{
	const char *text = reading_text(n);
	int action = text ? policy_action_from_name(text, strlen(text)) : -1;
	uint32_t *actions = into;
	char names[256];
	struct page expected;

	if (text && strcmp(text, "all") == 0) {
		*actions = ACTION_ALL;
		return;
	}
	if (action >= 0) {
		*actions |= UINT32_C(1) << action;
		return;
	}
	page_init_fixed(&expected, names, sizeof(names));
	for (enum policy_action a = 0; a < ACTIONS; a++)
		page_printf(&expected, "%s, ", policy_action_name(a));
	reading_complain(r, n, "%s: no such action: expected %sor all", text ? text : "a list", names);
}

static void take_actions(struct reading *r, yaml_node_t *n, void *into)
{
	reading_each(r, n, take_action, into);
}

static void take_count(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;
	const char *text = reading_text(n);
	uint64_t value;

	if (!text || !*text || text[strspn(text, "0123456789")] || parse_ulong(text, &value) < 0 || value > 65536) {
		reading_complain(r, n, "%s: expected how many mdevs each may have, 0 to 65536", text ? text : "a list");
		return;
	}
	g->has_limit = true;
	g->mdev_limit = (unsigned)value;
}

static void take_limits(struct reading *r, yaml_node_t *n, void *into)
{
	static const struct key keys[] = { { "mdevs", take_count, 0 }, { 0 } };

	reading_mapping(r, n, keys, into);
}

static void take_delegate(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	if (!reading_is(n, "true") && !reading_is(n, "false"))
		reading_complain(r, n, "%s: expected true or false", reading_text(n) ? reading_text(n) : "a list");
	g->modes_decide = reading_is(n, "false");
}

struct policy_reading {
	struct reading reading;
	const struct subject_lookup *lookup;
};

static int find_subject(struct reading *r, const char *text, struct subject *ret)
{
	const struct subject_lookup *lookup = ((struct policy_reading *)r)->lookup;

	return lookup ? lookup->find(lookup->ctx, text, ret) : subject_parse(text, ret);
}

static void take_subject(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;
	const char *text = reading_text(n);
	int rc = text ? find_subject(r, text, &g->to[g->to_count]) : -EINVAL;

	if (rc == 0)
		g->to_count++;
	else if (rc == -ENOENT)
		reading_complain(r, n, "%s: this system knows no such %s", text, strncmp(text, "user:", 5) == 0 ? "user" : "group");
	else if (rc != -EINVAL)
		reading_complain(r, n, "%s: cannot be looked up: %s", text, strerror(-rc));
	else
		reading_complain(r, n, "%s: expected user:NAME, uid:N, group:NAME, gid:N or everyone", text ? text : "a list");
}

static void take_to(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	g->to = reading_allocate(r, reading_count(r, n), sizeof(*g->to));
	if (r->rc == 0)
		reading_each(r, n, take_subject, g);
}

static void take_name(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;
	const char *text = reading_text(n);

	if (!text || !*text || strlen(text) > 64 || strpbrk(text, "\n\t")) {
		reading_complain(r, n, "expected a name of 1 to 64 characters in one line");
		return;
	}
	g->name = strdup(text);
	if (!g->name)
		r->rc = -ENOMEM;
}

static const struct key grant_keys[] = {
	{ "name", take_name, 0 },
	{ "to", take_to, 0 },
	{ "see", take_see, 0 },
	{ "pool", take_pool, 0 },
	{ "assign", take_assign, 0 },
	{ "actions", take_actions, offsetof(struct grant, actions) },
	{ "delegate", take_delegate, 0 },
	{ "limits", take_limits, 0 },
	{ "mdevs", take_mdevs, offsetof(struct grant, mdevs) },
	{ 0 },
};

/* --- the file -------------------------------------------------------------------------------------- */

static void take_grant(struct reading *r, yaml_node_t *n, void *into)
{
	struct policy *p = into;
	struct grant *g = &p->grant[p->count++];

	g->line = (unsigned)n->start_mark.line + 1;
	reading_mapping(r, n, grant_keys, g);
	if (!g->name) {
		reading_complain(r, n, "a grant needs a name: the audit says by it what decided");
		return;
	}
	if (!g->to_count)
		reading_complain(r, n, "grant %s: needs \"to\": whom it is for", g->name);
	for (unsigned i = 0; r->rc == 0 && i + 1 < p->count; i++)
		if (strcmp(p->grant[i].name, g->name) == 0)
			reading_complain(r, n, "grant %s: line %u has one of this name", g->name, p->grant[i].line);
}

static void take_grants(struct reading *r, yaml_node_t *n, void *into)
{
	struct policy *p = into;
	size_t count = reading_count(r, n);

	if (n->type != YAML_SEQUENCE_NODE || count > GRANTS_MAX) {
		reading_complain(r, n, "grants: expected a list of at most %d", GRANTS_MAX);
		return;
	}
	p->grant = reading_allocate(r, count, sizeof(*p->grant));
	if (r->rc == 0)
		reading_each(r, n, take_grant, p);
}

static int read_document(struct reading *r, struct policy *ret)
{
	static const struct key keys[] = { { "grants", take_grants, 0 }, { 0 } };
	yaml_node_t *root = yaml_document_get_root_node(&r->document);

	/* an empty file grants nothing; somebody meant something else */
	if (root)
		reading_mapping(r, root, keys, ret);
	if (r->rc == 0 && !ret->grant) {
		r->rc = -EINVAL;
		page_printf(r->message, "%s:1:1: expected \"grants:\" and a list, which may be empty: []", r->name);
	}
	return r->rc;
}

static int parse(struct policy_reading *of, const char *text, size_t length, struct policy *ret)
{
	struct reading *r = &of->reading;
	struct policy p = { 0 };
	yaml_parser_t parser;
	int rc = -EINVAL;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (yaml_parser_load(&parser, &r->document)) {
		rc = read_document(r, &p);
		yaml_document_delete(&r->document);
	} else {
		page_printf(r->message, "%s:%zu:%zu: not YAML: %s", r->name, parser.problem_mark.line + 1,
			    parser.problem_mark.column + 1, parser.problem ? parser.problem : "out of memory");
	}
	yaml_parser_delete(&parser);
	if (rc < 0)
		policy_free(&p);
	else
		*ret = p;
	return rc;
}

int policy_parse(const char *name, const char *text, size_t length, struct policy *ret, struct page *message)
{
	struct policy_reading r = { .reading = { .name = name, .message = message } };

	return parse(&r, text, length, ret);
}

static int read_file(const char *path, struct page *out)
{
	char part[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, part, sizeof(part))) > 0 && out->length < FILE_MAX)
		page_append(out, part, (size_t)n);
	if (n != 0)
		rc = n < 0 ? -errno : -EFBIG;
	close(fd);
	return rc;
}

int policy_load(const char *path, const struct subject_lookup *lookup, struct policy *ret, struct page *message)
{
	struct policy_reading r = { { .name = path, .message = message }, lookup };
	struct page text;
	int rc = page_init_growing(&text);

	if (rc < 0)
		return rc;
	rc = read_file(path, &text);
	if (rc < 0)
		page_printf(message, "%s: %s", path, strerror(-rc));
	else
		rc = parse(&r, text.data, text.length, ret);
	page_free(&text);
	return rc;
}
