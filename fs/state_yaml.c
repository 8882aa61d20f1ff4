/* SPDX-License-Identifier: MIT */
#include "fs/state_yaml.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define TEXT(type, member) \
	CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, 16384)
#define NEEDED(type, member) CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER, type, member, 0, 512)
#define LIST(member) \
	CYAML_FIELD_SEQUENCE(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct state_mdev, member, \
			     &state_word_schema, 0, CYAML_UNLIMITED)

const cyaml_schema_value_t state_word_schema = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, 1024) };

const cyaml_schema_field_t state_bus_fields[] = {
	TEXT(struct state_bus, apmask),		 TEXT(struct state_bus, aqmask),
	TEXT(struct state_bus, domain),		 TEXT(struct state_bus, config_time),
	TEXT(struct state_bus, poll_thread),	 TEXT(struct state_bus, poll_timeout),
	TEXT(struct state_bus, autoprobe),	 TEXT(struct state_bus, mdev_autoprobe),
	TEXT(struct state_bus, matrix_autoprobe), CYAML_FIELD_END
};

static const cyaml_schema_field_t device_fields[] = {
	NEEDED(struct state_device, device),	TEXT(struct state_device, driver),
	TEXT(struct state_device, online),	TEXT(struct state_device, read),
	TEXT(struct state_device, config),	TEXT(struct state_device, chkstop),
	TEXT(struct state_device, ordinal_read), TEXT(struct state_device, initiated),
	TEXT(struct state_device, resetting),	TEXT(struct state_device, interrupts),
	TEXT(struct state_device, override),	TEXT(struct state_device, bind_state),
	TEXT(struct state_device, association), CYAML_FIELD_END
};
const cyaml_schema_value_t state_device_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct state_device,
								       device_fields) };

static const cyaml_schema_field_t node_fields[] = {
	NEEDED(struct state_node, node),   NEEDED(struct state_node, minor), TEXT(struct state_node, ioctls),
	TEXT(struct state_node, adapters), TEXT(struct state_node, domains), TEXT(struct state_node, admin),
	CYAML_FIELD_END
};
const cyaml_schema_value_t state_node_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct state_node,
								     node_fields) };

static const cyaml_schema_field_t mdev_fields[] = {
	NEEDED(struct state_mdev, mdev),  TEXT(struct state_mdev, bound), TEXT(struct state_mdev, guest),
	TEXT(struct state_mdev, group),	  TEXT(struct state_mdev, device), LIST(adapters), LIST(domains), LIST(controls),
	LIST(guest_adapters), LIST(guest_domains), LIST(guest_controls), CYAML_FIELD_END
};
const cyaml_schema_value_t state_mdev_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct state_mdev,
								     mdev_fields) };

/* --- to lines --------------------------------------------------------------------------------------------- */

static void begin(struct page *out, const char *path, const char *word)
{
	page_printf(out, "@%s %s", path, word);
}

/* A word may hold anything but what ends it: that stands as \ and two digits. */
static void write_word(struct page *out, const char *value)
{
	for (; *value; value++) {
		if (isspace((unsigned char)*value))
			page_printf(out, "\\%02x", (unsigned char)*value);
		else
			page_append(out, value, 1);
	}
}

static void write_pair(struct page *out, const char *key, const char *value)
{
	if (!value)
		return;
	page_printf(out, " %s=", key);
	write_word(out, strcmp(value, "true") == 0 ? "1" : strcmp(value, "false") == 0 ? "0" : value);
}

static void write_list(struct page *out, const char *key, char *const *id, unsigned count)
{
	if (!id)
		return;
	page_printf(out, " %s=", key);
	for (unsigned i = 0; i < count; i++) {
		page_printf(out, "%s", i ? "," : "");
		write_word(out, id[i]);
	}
}

static void write_bus(struct page *out, const struct state_bus *b)
{
	begin(out, "bus", "bus");
	write_pair(out, "apmask", b->apmask);
	write_pair(out, "aqmask", b->aqmask);
	write_pair(out, "domain", b->domain);
	write_pair(out, "config_time", b->config_time);
	write_pair(out, "poll_thread", b->poll_thread);
	write_pair(out, "poll_timeout", b->poll_timeout);
	write_pair(out, "autoprobe", b->autoprobe);
	write_pair(out, "mdev_autoprobe", b->mdev_autoprobe);
	write_pair(out, "matrix_autoprobe", b->matrix_autoprobe);
	page_printf(out, "\n");
}

static void write_device(struct page *out, unsigned index, const struct state_device *d)
{
	char path[64];

	snprintf(path, sizeof(path), "devices.%u", index);
	begin(out, path, "device ");
	write_word(out, d->device);
	write_pair(out, "driver", d->driver);
	write_pair(out, "online", d->online);
	write_pair(out, "config", d->config);
	write_pair(out, "chkstop", d->chkstop);
	write_pair(out, "read", d->read);
	write_pair(out, "ordinal_read", d->ordinal_read);
	write_pair(out, "initiated", d->initiated);
	write_pair(out, "resetting", d->resetting);
	write_pair(out, "interrupts", d->interrupts);
	write_pair(out, "override", d->override);
	write_pair(out, "bind_state", d->bind_state);
	write_pair(out, "association", d->association);
	page_printf(out, "\n");
}

static void write_node(struct page *out, unsigned index, const struct state_node *n)
{
	char path[64];

	snprintf(path, sizeof(path), "nodes.%u", index);
	begin(out, path, "node ");
	write_word(out, n->node);
	write_pair(out, "minor", n->minor);
	write_pair(out, "ioctls", n->ioctls);
	write_pair(out, "adapters", n->adapters);
	write_pair(out, "domains", n->domains);
	write_pair(out, "admin", n->admin);
	page_printf(out, "\n");
}

static void write_mdev(struct page *out, unsigned index, const struct state_mdev *m)
{
	char path[64];

	snprintf(path, sizeof(path), "mdevs.%u", index);
	begin(out, path, "mdev ");
	write_word(out, m->mdev);
	write_list(out, "adapters", m->adapters, m->adapters_count);
	write_list(out, "domains", m->domains, m->domains_count);
	write_list(out, "controls", m->controls, m->controls_count);
	write_pair(out, "bound", m->bound);
	write_pair(out, "guest", m->guest);
	write_pair(out, "group", m->group);
	write_pair(out, "device", m->device);
	write_list(out, "guest_adapters", m->guest_adapters, m->guest_adapters_count);
	write_list(out, "guest_domains", m->guest_domains, m->guest_domains_count);
	write_list(out, "guest_controls", m->guest_controls, m->guest_controls_count);
	page_printf(out, "\n");
}

void state_yaml_lines(const struct state_yaml *y, struct page *out)
{

	char path[64];

	for (unsigned i = 0; i < y->modules_count; i++) {
		snprintf(path, sizeof(path), "modules.%u", i);
		begin(out, path, "module ");
		/* its words stay words, on their line */
		for (const char *c = y->modules[i]; *c; c++)
			page_printf(out, "%c", isspace((unsigned char)*c) ? ' ' : *c);
		page_printf(out, "\n");
	}
	if (y->bus)
		write_bus(out, y->bus);
	for (unsigned i = 0; i < y->devices_count; i++)
		write_device(out, i, &y->devices[i]);
	for (unsigned i = 0; i < y->nodes_count; i++)
		write_node(out, i, &y->nodes[i]);
	for (unsigned i = 0; i < y->mdevs_count; i++)
		write_mdev(out, i, &y->mdevs[i]);
}

/* --- to YAML ---------------------------------------------------------------------------------------------- */

/* What is not plainly a word is quoted; within single quotes only they are special. */
static void print_value(const char *value, size_t length, struct page *out)
{
	bool plain = length > 0;

	for (size_t i = 0; i < length; i++)
		plain &= isalnum((unsigned char)value[i]) || value[i] == '_' || (value[i] == '-' && i > 0);
	if (plain) {
		page_append(out, value, length);
		return;
	}
	page_append(out, "'", 1);
	for (size_t i = 0; i < length; i++)
		page_append(out, value[i] == '\'' ? "''" : value + i, value[i] == '\'' ? 2 : 1);
	page_append(out, "'", 1);
}

static void print_ids(const char *value, size_t length, struct page *out)
{
	page_printf(out, "[");
	for (size_t i = 0; i < length; i++)
		page_printf(out, value[i] == ',' ? ", " : "%c", value[i]);
	page_printf(out, "]");
}

/* The pairs of a line, with a comma between. */
static void print_pairs(const char *line, const char *between, bool lists, struct page *out)
{
	const char *comma = "";

	while (*(line += strspn(line, " ")) && *line != '\n') {
		size_t length = strcspn(line, " \n"), key = strcspn(line, "=");
		const char *value = line + key + 1;
		size_t rest = length - key - 1;

		page_printf(out, "%s%.*s: ", comma, (int)key, line);
		if (lists && key > 6 && (strncmp(value - 2, "s=", 2) == 0))
			print_ids(value, rest, out);
		else
			print_value(value, rest, out);
		comma = between;
		line += length;
	}
}

static void print_item(const char *line, const char *kind, struct page *out)
{
	size_t length;

	page_printf(out, "  - { %s: ", kind);
	line += strspn(line, " ");
	length = strcspn(line, " \n");
	print_value(line, length, out);
	if (line[length] == ' ') {
		page_printf(out, ", ");
		print_pairs(line + length, ", ", strcmp(kind, "mdev") == 0, out);
	}
	page_printf(out, " }\n");
}

static void print_modules(const char *lines, struct page *out)
{
	const char *comma = "";

	page_printf(out, "modules: [");
	for (; *lines; lines += strcspn(lines, "\n"), lines += *lines == '\n') {
		if (strncmp(lines, "module ", 7) != 0)
			continue;
		page_printf(out, "%s", comma);
		print_value(lines + 7, strcspn(lines + 7, "\n"), out);
		comma = ", ";
	}
	page_printf(out, "]\n");
}

void state_yaml_print(const char *lines, struct page *out)
{
	static const char *const kinds[] = { "device", "node", "mdev" };
	const char *section = "";

	print_modules(lines, out);
	for (; *lines; lines += strcspn(lines, "\n"), lines += *lines == '\n') {
		size_t word = strcspn(lines, " \n");

		if (strncmp(lines, "bus ", 4) == 0) {
			page_printf(out, "bus:\n  ");
			print_pairs(lines + word, "\n  ", false, out);
			page_printf(out, "\n");
		}
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			if (strlen(kinds[i]) != word || strncmp(lines, kinds[i], word) != 0)
				continue;
			if (section != kinds[i])
				page_printf(out, "%ss:\n", kinds[i]);
			section = kinds[i];
			print_item(lines + word, kinds[i], out);
		}
	}
}
