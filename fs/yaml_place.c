/* SPDX-License-Identifier: MIT */
#include "fs/yaml_place.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static yaml_node_t *value_of(yaml_document_t *document, const yaml_node_t *mapping, const char *key, size_t length)
{
	yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;

	for (; pair < mapping->data.mapping.pairs.top; pair++) {
		yaml_node_t *name = yaml_document_get_node(document, pair->key);

		if (name->type == YAML_SCALAR_NODE && name->data.scalar.length == length &&
		    memcmp(name->data.scalar.value, key, length) == 0)
			return yaml_document_get_node(document, pair->value);
	}
	return NULL;
}

static yaml_node_t *item_of(yaml_document_t *document, const yaml_node_t *sequence, const char *number)
{
	ptrdiff_t count = sequence->data.sequence.items.top - sequence->data.sequence.items.start;
	long index = strtol(number, NULL, 10);

	return index < count ? yaml_document_get_node(document, sequence->data.sequence.items.start[index]) : NULL;
}

static yaml_mark_t walk(yaml_document_t *document, const char *path)
{
	yaml_node_t *node = yaml_document_get_root_node(document);
	yaml_mark_t mark = { 0 };

	while (node) {
		size_t length = strcspn(path, ".");

		mark = node->start_mark;
		if (node->type == YAML_MAPPING_NODE)
			node = value_of(document, node, path, length);
		else
			node = node->type == YAML_SEQUENCE_NODE && length ? item_of(document, node, path) : NULL;
		path += length + (path[length] == '.');
	}
	return mark;
}

struct yaml_place yaml_place_of(const char *text, size_t length, const char *path)
{
	yaml_document_t document;
	yaml_mark_t mark = { 0 };
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return (struct yaml_place){ 1, 1 };
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	if (yaml_parser_load(&parser, &document)) {
		mark = walk(&document, path);
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return (struct yaml_place){ mark.line + 1, mark.column + 1 };
}
