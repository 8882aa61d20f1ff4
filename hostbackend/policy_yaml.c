/* SPDX-License-Identifier: MIT */
/* Reads a policy file: the YAML document's nodes, each with its line and column, into grants. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "core/parse.h"
#include "hostbackend/policy.h"
#include "hostbackend/subject.h"

#define GRANTS_MAX 128
#define ITEMS_MAX 1024
#define FILE_MAX (1 << 20)

/* The file being read. The first complaint stays. */
struct reading {
	const char *name;
	yaml_document_t document;
	struct page *message;
	int rc;
};

/* What reads the value of one key into the thing that has it. */
typedef void take_fn(struct reading *r, yaml_node_t *value, void *into);

struct key {
	const char *name;
	take_fn *take;
	size_t offset;		/* in what it is read into */
};

__attribute__((format(printf, 3, 4))) static void complain(struct reading *r, const yaml_node_t *at, const char *format, ...)
{
	va_list args;

	if (r->rc < 0)
		return;
	r->rc = -EINVAL;
	page_printf(r->message, "%s:%zu:%zu: ", r->name, at->start_mark.line + 1, at->start_mark.column + 1);
	va_start(args, format);
	page_vprintf(r->message, format, args);
	va_end(args);
}

static const char *text_of(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

static bool is_text(const yaml_node_t *n, const char *text)
{
	return n->type == YAML_SCALAR_NODE && strcmp(text_of(n), text) == 0;
}

static yaml_node_t *node_at(struct reading *r, int index)
{
	return yaml_document_get_node(&r->document, index);
}

static void *allocate(struct reading *r, size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p && r->rc == 0)
		r->rc = -ENOMEM;
	return p;
}

/* Calls take for each item of a list; a value that is no list is a list of itself. */
static void each(struct reading *r, yaml_node_t *n, take_fn *take, void *into)
{
	if (n->type != YAML_SEQUENCE_NODE) {
		take(r, n, into);
		return;
	}
	for (yaml_node_item_t *i = n->data.sequence.items.start; r->rc == 0 && i < n->data.sequence.items.top; i++)
		take(r, node_at(r, *i), into);
}

static size_t count_items(struct reading *r, const yaml_node_t *n)
{
	size_t count = n->type == YAML_SEQUENCE_NODE
			       ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start)
			       : 1;

	if (count > ITEMS_MAX)
		complain(r, n, "%zu items: expected at most %d", count, ITEMS_MAX);
	return count;
}

static void list_keys(const struct key *keys, struct page *out)
{
	for (; keys->name; keys++)
		page_printf(out, "%s%s", keys->name, keys[1].name ? ", " : "");
}

static void take_key(struct reading *r, const yaml_node_pair_t *pair, const struct key *keys, void *into)
{
	const yaml_node_t *name = node_at(r, pair->key);
	char text[256];
	struct page expected;

	for (const struct key *k = keys; k->name; k++) {
		if (is_text(name, k->name)) {
			k->take(r, node_at(r, pair->value), (char *)into + k->offset);
			return;
		}
	}
	page_init_fixed(&expected, text, sizeof(text));
	list_keys(keys, &expected);
	complain(r, name, "%s: no such key: expected one of %s", text_of(name) ? text_of(name) : "a list", text);
}

static bool same_key(struct reading *r, const yaml_node_pair_t *a, const yaml_node_pair_t *b)
{
	const char *name = text_of(node_at(r, b->key));

	return name && is_text(node_at(r, a->key), name);
}

/* Each key at most once. what: of the mapping, for messages. */
static void take_mapping(struct reading *r, const yaml_node_t *n, const struct key *keys, void *into)
{
	yaml_node_pair_t *first = n->data.mapping.pairs.start;

	if (n->type != YAML_MAPPING_NODE) {
		char text[256];
		struct page expected;

		page_init_fixed(&expected, text, sizeof(text));
		list_keys(keys, &expected);
		complain(r, n, "expected keys with values: %s", text);
		return;
	}
	for (yaml_node_pair_t *p = first; r->rc == 0 && p < n->data.mapping.pairs.top; p++) {
		for (yaml_node_pair_t *q = first; q < p; q++)
			if (same_key(r, q, p))
				complain(r, node_at(r, p->key), "%s: stands here twice", text_of(node_at(r, p->key)));
		if (r->rc == 0)
			take_key(r, p, keys, into);
	}
}

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
	const char *text = text_of(n), *end = text ? text + strlen(text) : NULL, *dash = text ? strchr(text, '-') : NULL;
	struct ap_mask *set = into;
	unsigned first = 1, last = 0;
	bool good = text && parse_id(text, dash ? dash : end, &first);

	if (good && dash)
		good = parse_id(dash + 1, end, &last);
	else
		last = first;
	if (!good || first > last) {
		complain(r, n, "%s: expected a number from 0 to 255, a range such as 4-0x0f, or all", text ? text : "a list");
		return;
	}
	for (; first <= last; first++)
		ap_mask_set(set, first);
}

static void take_set(struct reading *r, yaml_node_t *n, void *into)
{
	if (is_text(n, "all"))
		ap_mask_fill(into, true);
	else
		each(r, n, take_range, into);
}

static void take_mdev(struct reading *r, yaml_node_t *n, void *into)
{
	struct mdev_set *set = into;
	const char *text = text_of(n);

	if (is_text(n, "own"))
		set->own = true;
	else if (is_text(n, "all"))
		set->all = true;
	else if (text && strlen(text) == UUID_TEXT - 1 && parse_uuid(text, set->uuid[set->count]) == 0)
		set->count++;
	else
		complain(r, n, "%s: expected own, all, or the UUID of an mdev", text ? text : "a list");
}

static void take_mdevs(struct reading *r, yaml_node_t *n, void *into)
{
	struct mdev_set *set = into;

	set->uuid = allocate(r, count_items(r, n), sizeof(*set->uuid));
	if (r->rc == 0)
		each(r, n, take_mdev, set);
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

	if (!is_text(n, "all")) {
		take_mapping(r, n, see_keys, g);
		return;
	}
	fill(&g->see);
	ap_mask_fill(&g->see_controls, true);
	g->see_mdevs.all = true;
}

static void take_pool(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	if (is_text(n, "all"))
		fill(&g->pool);
	else
		take_mapping(r, n, pool_keys, g);
}

static void take_assign(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	if (!is_text(n, "all")) {
		take_mapping(r, n, assign_keys, g);
		return;
	}
	fill(&g->assign);
	ap_mask_fill(&g->assign_controls, true);
}

/* --- the other keys of a grant ----------------------------------------------------------------------- */

static void take_action(struct reading *r, yaml_node_t *n, void *into)
{
	const char *text = text_of(n);
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
	complain(r, n, "%s: no such action: expected %sor all", text ? text : "a list", names);
}

static void take_actions(struct reading *r, yaml_node_t *n, void *into)
{
	each(r, n, take_action, into);
}

static void take_count(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;
	const char *text = text_of(n);
	uint64_t value;

	if (!text || !*text || text[strspn(text, "0123456789")] || parse_ulong(text, &value) < 0 || value > 65536) {
		complain(r, n, "%s: expected how many mdevs each may have, 0 to 65536", text ? text : "a list");
		return;
	}
	g->has_limit = true;
	g->mdev_limit = (unsigned)value;
}

static void take_limits(struct reading *r, yaml_node_t *n, void *into)
{
	static const struct key keys[] = { { "mdevs", take_count, 0 }, { 0 } };

	take_mapping(r, n, keys, into);
}

static void take_subject(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;
	const char *text = text_of(n);
	int rc = text ? subject_parse(text, &g->to[g->to_count]) : -EINVAL;

	if (rc == 0)
		g->to_count++;
	else if (rc == -ENOENT)
		complain(r, n, "%s: this system knows no such %s", text, strncmp(text, "user:", 5) == 0 ? "user" : "group");
	else
		complain(r, n, "%s: expected user:NAME, uid:N, group:NAME, gid:N or everyone", text ? text : "a list");
}

static void take_to(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;

	g->to = allocate(r, count_items(r, n), sizeof(*g->to));
	if (r->rc == 0)
		each(r, n, take_subject, g);
}

static void take_name(struct reading *r, yaml_node_t *n, void *into)
{
	struct grant *g = into;
	const char *text = text_of(n);

	if (!text || !*text || strlen(text) > 64 || strpbrk(text, "\n\t")) {
		complain(r, n, "expected a name of 1 to 64 characters in one line");
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
	take_mapping(r, n, grant_keys, g);
	if (!g->name) {
		complain(r, n, "a grant needs a name: the audit says by it what decided");
		return;
	}
	if (!g->to_count)
		complain(r, n, "grant %s: needs \"to\": whom it is for", g->name);
	for (unsigned i = 0; r->rc == 0 && i + 1 < p->count; i++)
		if (strcmp(p->grant[i].name, g->name) == 0)
			complain(r, n, "grant %s: line %u has one of this name", g->name, p->grant[i].line);
}

static void take_grants(struct reading *r, yaml_node_t *n, void *into)
{
	struct policy *p = into;
	size_t count = count_items(r, n);

	if (n->type != YAML_SEQUENCE_NODE || count > GRANTS_MAX) {
		complain(r, n, "grants: expected a list of at most %d", GRANTS_MAX);
		return;
	}
	p->grant = allocate(r, count, sizeof(*p->grant));
	if (r->rc == 0)
		each(r, n, take_grant, p);
}

static int read_document(struct reading *r, struct policy *ret)
{
	static const struct key keys[] = { { "grants", take_grants, 0 }, { 0 } };
	yaml_node_t *root = yaml_document_get_root_node(&r->document);

	/* an empty file grants nothing; somebody meant something else */
	if (root)
		take_mapping(r, root, keys, ret);
	if (r->rc == 0 && !ret->grant) {
		r->rc = -EINVAL;
		page_printf(r->message, "%s:1:1: expected \"grants:\" and a list, which may be empty: []", r->name);
	}
	return r->rc;
}

int policy_parse(const char *name, const char *text, size_t length, struct policy *ret, struct page *message)
{
	struct reading r = { .name = name, .message = message };
	struct policy p = { 0 };
	yaml_parser_t parser;
	int rc = -EINVAL;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (yaml_parser_load(&parser, &r.document)) {
		rc = read_document(&r, &p);
		yaml_document_delete(&r.document);
	} else {
		page_printf(message, "%s:%zu:%zu: not YAML: %s", name, parser.problem_mark.line + 1,
			    parser.problem_mark.column + 1, parser.problem ? parser.problem : "out of memory");
	}
	yaml_parser_delete(&parser);
	if (rc < 0)
		policy_free(&p);
	else
		*ret = p;
	return rc;
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

int policy_load(const char *path, struct policy *ret, struct page *message)
{
	struct page text;
	int rc = page_init_growing(&text);

	if (rc < 0)
		return rc;
	rc = read_file(path, &text);
	if (rc < 0)
		page_printf(message, "%s: %s", path, strerror(-rc));
	else
		rc = policy_parse(path, text.data, text.length, ret, message);
	page_free(&text);
	return rc;
}
