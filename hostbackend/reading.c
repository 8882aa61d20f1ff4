/* SPDX-License-Identifier: MIT */
#include "hostbackend/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 1024

void reading_complain(struct reading *r, const yaml_node_t *at, const char *format, ...)
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

const char *reading_text(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

bool reading_is(const yaml_node_t *n, const char *text)
{
	return n->type == YAML_SCALAR_NODE && strcmp(reading_text(n), text) == 0;
}

static yaml_node_t *node_at(struct reading *r, int index)
{
	return yaml_document_get_node(&r->document, index);
}

void *reading_allocate(struct reading *r, size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p && r->rc == 0)
		r->rc = -ENOMEM;
	return p;
}

void reading_each(struct reading *r, yaml_node_t *n, take_fn *take, void *into)
{
	if (n->type != YAML_SEQUENCE_NODE) {
		take(r, n, into);
		return;
	}
	for (yaml_node_item_t *i = n->data.sequence.items.start; r->rc == 0 && i < n->data.sequence.items.top; i++)
		take(r, node_at(r, *i), into);
}

size_t reading_count(struct reading *r, const yaml_node_t *n)
{
	size_t count = n->type == YAML_SEQUENCE_NODE
			       ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start)
			       : 1;

	if (count > ITEMS_MAX)
		reading_complain(r, n, "%zu items: expected at most %d", count, ITEMS_MAX);
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
		if (reading_is(name, k->name)) {
			k->take(r, node_at(r, pair->value), (char *)into + k->offset);
			return;
		}
	}
	page_init_fixed(&expected, text, sizeof(text));
	list_keys(keys, &expected);
	reading_complain(r, name, "%s: no such key: expected one of %s", reading_text(name) ? reading_text(name) : "a list", text);
}

static bool same_key(struct reading *r, const yaml_node_pair_t *a, const yaml_node_pair_t *b)
{
	const char *name = reading_text(node_at(r, b->key));

	return name && reading_is(node_at(r, a->key), name);
}

void reading_mapping(struct reading *r, const yaml_node_t *n, const struct key *keys, void *into)
{
	yaml_node_pair_t *first = n->data.mapping.pairs.start;

	if (n->type != YAML_MAPPING_NODE) {
		char text[256];
		struct page expected;

		page_init_fixed(&expected, text, sizeof(text));
		list_keys(keys, &expected);
		reading_complain(r, n, "expected keys with values: %s", text);
		return;
	}
	for (yaml_node_pair_t *p = first; r->rc == 0 && p < n->data.mapping.pairs.top; p++) {
		for (yaml_node_pair_t *q = first; q < p; q++)
			if (same_key(r, q, p))
				reading_complain(r, node_at(r, p->key), "%s: stands here twice", reading_text(node_at(r, p->key)));
		if (r->rc == 0)
			take_key(r, p, keys, into);
	}
}
