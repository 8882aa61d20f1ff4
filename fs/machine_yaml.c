/* SPDX-License-Identifier: MIT */
#include "fs/machine_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/state_yaml.h"
#include "fs/scenario_yaml.h"
#include "fs/yaml_complaint.h"
#include "fs/yaml_place.h"

/* Every value is taken as text: machine_edit knows what it may be. */
struct yaml_adapter {
	char *id, *type, *mode, *state, *depth, *ml, *bs, *nd, *serial, *rate, *pending, *wave;
};

struct yaml_queue {
	char *queue, *rc, *rate, *pending, *wave, *load;
};

struct yaml_machine {
	char *kernel, *cmdline;
	char *max_adapter, *max_domain, *qci, *apsc, *apxa, *qact, *rc8a, *apsb, *sclp_reconfig, *reset_delay, *no_reply,
		*associate_delay, *secure_guest;
	char **usage, **control;
	unsigned usage_count, control_count;
	struct yaml_adapter *adapters;
	unsigned adapters_count;
	struct yaml_queue *queues;
	unsigned queues_count;
	struct state_yaml state;
	struct yaml_event *events;
	unsigned events_count;
};

#define TEXT(type, member) CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, 512)
#define NEEDED(type, member) CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER, type, member, 0, 512)
#define LIST(member, schema) \
	CYAML_FIELD_SEQUENCE(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_machine, member, schema, 0, \
			     CYAML_UNLIMITED)

/* Members of the state within the machine: the count stands beside each. */
#define STATE_LIST(key, schema) \
	CYAML_FIELD_SEQUENCE_COUNT(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_machine, state.key, \
				   state.key##_count, schema, 0, CYAML_UNLIMITED)
#define STATE_PART(key, fields) \
	CYAML_FIELD_MAPPING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_machine, state.key, fields)

static const cyaml_schema_field_t adapter_fields[] = {
	NEEDED(struct yaml_adapter, id),    NEEDED(struct yaml_adapter, type),	TEXT(struct yaml_adapter, mode),
	TEXT(struct yaml_adapter, state),   TEXT(struct yaml_adapter, depth),	TEXT(struct yaml_adapter, ml),
	TEXT(struct yaml_adapter, bs),	    TEXT(struct yaml_adapter, nd),	TEXT(struct yaml_adapter, serial),
	TEXT(struct yaml_adapter, rate),    TEXT(struct yaml_adapter, pending),
	TEXT(struct yaml_adapter, wave),    CYAML_FIELD_END
};
static const cyaml_schema_field_t queue_fields[] = {
	NEEDED(struct yaml_queue, queue), TEXT(struct yaml_queue, rc),	 TEXT(struct yaml_queue, rate),
	TEXT(struct yaml_queue, pending), TEXT(struct yaml_queue, wave), TEXT(struct yaml_queue, load),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t adapter_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_adapter,
									 adapter_fields) };
static const cyaml_schema_value_t queue_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_queue,
								       queue_fields) };
static const cyaml_schema_value_t id_schema = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, 32) };

static const cyaml_schema_field_t machine_fields[] = {
	TEXT(struct yaml_machine, kernel),	  TEXT(struct yaml_machine, cmdline),
	TEXT(struct yaml_machine, max_adapter),	  TEXT(struct yaml_machine, max_domain),
	TEXT(struct yaml_machine, qci),		  TEXT(struct yaml_machine, apsc),
	TEXT(struct yaml_machine, apxa),	  TEXT(struct yaml_machine, qact),
	TEXT(struct yaml_machine, rc8a),	  TEXT(struct yaml_machine, apsb),
	TEXT(struct yaml_machine, sclp_reconfig), TEXT(struct yaml_machine, reset_delay),
	TEXT(struct yaml_machine, associate_delay),
	TEXT(struct yaml_machine, no_reply),	  TEXT(struct yaml_machine, secure_guest),
	LIST(usage, &id_schema),		  LIST(control, &id_schema),
	STATE_LIST(modules, &state_word_schema),  STATE_PART(bus, state_bus_fields),
	STATE_LIST(devices, &state_device_schema),
	STATE_LIST(nodes, &state_node_schema),	  STATE_LIST(mdevs, &state_mdev_schema),
	LIST(adapters, &adapter_schema),	  LIST(queues, &queue_schema),
	LIST(events, &yaml_event_schema),	  CYAML_FIELD_END
};
static const cyaml_schema_field_t events_fields[] = { LIST(events, &yaml_event_schema), CYAML_FIELD_END };
static const cyaml_schema_value_t events_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_machine,
									events_fields) };
static const cyaml_schema_value_t machine_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_machine,
									 machine_fields) };

/* --- to the line form ------------------------------------------------------------------------------ */

struct loading {
	const char *name, *text;
	size_t length;
	struct machine *machine;
	struct page *message;
};

/* One fact; path: where it stands in the file, for a message. */
static int edit(const struct loading *l, const char *path, const char *line)
{
	char why[256];
	struct page reason;
	struct yaml_place place;
	int number;

	page_init_fixed(&reason, why, sizeof(why));
	if (machine_edit(l->machine, line, &number, &reason) == 0)
		return 0;
	place = yaml_place_of(l->text, l->length, path);
	page_printf(l->message, "%s:%zu:%zu: %s: %s", l->name, place.line, place.column, path, why);
	return -EINVAL;
}

/* A value ends at its line and has no blank, else it would be other facts as well. */
static const char *word(const char *value)
{
	static const char *const yes[] = { "true", "yes", "on" }, *const no[] = { "false", "no", "off" };

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(value, yes[i]) == 0)
			return "1";
		if (strcmp(value, no[i]) == 0)
			return "0";
	}
	return *value && !strpbrk(value, " \t\n#") ? value : "?";
}

static int set(const struct loading *l, const char *key, const char *value)
{
	char line[640];

	if (!value)
		return 0;
	snprintf(line, sizeof(line), "%s %s", key, word(value));
	return edit(l, key, line);
}

static int set_ids(const struct loading *l, const char *key, char *const *id, unsigned count)
{
	char line[64], path[64], all[AP_IDS * 16];
	struct page list;

	page_init_fixed(&list, all, sizeof(all));
	page_printf(&list, "%s", key);
	for (unsigned i = 0; i < count; i++) {
		int rc;

		/* each by itself first, so that a message knows which */
		snprintf(line, sizeof(line), "%s %s", key, word(id[i]));
		snprintf(path, sizeof(path), "%s.%u", key, i);
		rc = edit(l, path, line);
		if (rc < 0)
			return rc;
		page_printf(&list, " %s", word(id[i]));
	}
	return edit(l, key, all);
}

static int set_adapter(const struct loading *l, unsigned index, const struct yaml_adapter *a)
{
	const struct { const char *key, *as, *value; } field[] = {
		{ "type", "type", a->type }, { "mode", "func", a->mode },   { "state", "state", a->state },
		{ "depth", "depth", a->depth }, { "ml", "ml", a->ml },	    { "bs", "bs", a->bs },
		{ "nd", "nd", a->nd },	     { "serial", "serial", a->serial }, { "rate", "rate", a->rate },
		{ "pending", "pending", a->pending }, { "wave", "wave", a->wave },
	};
	char line[640], path[64];
	int rc;

	snprintf(path, sizeof(path), "adapters.%u.id", index);
	snprintf(line, sizeof(line), "adapter %s remove", word(a->id));
	rc = edit(l, path, line);
	for (size_t i = 0; rc == 0 && i < sizeof(field) / sizeof(*field); i++) {
		if (!field[i].value)
			continue;
		snprintf(path, sizeof(path), "adapters.%u.%s", index, field[i].key);
		snprintf(line, sizeof(line), "adapter %s %s=%s", word(a->id), field[i].as, word(field[i].value));
		rc = edit(l, path, line);
	}
	return rc;
}

static int set_queue(const struct loading *l, unsigned index, const struct yaml_queue *q)
{
	const struct { const char *key, *value; } field[] = {
		{ "rc", q->rc }, { "rate", q->rate }, { "pending", q->pending }, { "wave", q->wave }, { "load", q->load },
	};
	char line[640], path[64];
	int rc = 0, said = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(field) / sizeof(*field); i++) {
		if (!field[i].value)
			continue;
		said++;
		snprintf(line, sizeof(line), "queue %s %s=%s", word(q->queue), field[i].key, word(field[i].value));
		snprintf(path, sizeof(path), "queues.%u.%s", index, field[i].key);
		rc = edit(l, path, line);
	}
	if (said)
		return rc;
	/* what the line form says of a queue without a word */
	snprintf(line, sizeof(line), "queue %s", word(q->queue));
	snprintf(path, sizeof(path), "queues.%u", index);
	return edit(l, path, line);
}

static int set_settings(const struct loading *l, const struct yaml_machine *y)
{
	const struct { const char *key, *value; } field[] = {
		{ "max_adapter", y->max_adapter }, { "max_domain", y->max_domain }, { "qci", y->qci },
		{ "apsc", y->apsc },		   { "apxa", y->apxa },		    { "qact", y->qact },
		{ "rc8a", y->rc8a },		   { "apsb", y->apsb },		    { "sclp_reconfig", y->sclp_reconfig },
		{ "reset_delay", y->reset_delay }, { "associate_delay", y->associate_delay }, { "no_reply", y->no_reply },	    { "secure_guest", y->secure_guest },
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(field) / sizeof(*field); i++)
		rc = set(l, field[i].key, field[i].value);
	return rc;
}

static int set_kernel(const struct loading *l, const char *name, struct machine_setup *ret)
{
	struct yaml_place place = yaml_place_of(l->text, l->length, "kernel");

	if (!name)
		return 0;
	ret->has_kernel = kernel_from_name(name, &ret->kernel) == 0;
	if (ret->has_kernel)
		return 0;
	page_printf(l->message, "%s:%zu:%zu: kernel: \"%s\": expected 4.20, 5.10, 6.1, 6.12 or 7.2", l->name, place.line,
		    place.column, name);
	return -EINVAL;
}

static int convert_state(const struct yaml_machine *y, struct machine_setup *ret)
{
	struct page lines;
	int rc = page_init_growing(&lines);

	if (rc < 0)
		return rc;
	state_yaml_lines(&y->state, &lines);
	ret->has_modules = y->state.modules != NULL;
	/* the page's memory goes over to the setup */
	ret->state = lines.data;
	return 0;
}

static int set_events(const struct loading *l, const struct yaml_machine *y, struct machine_setup *ret)
{
	struct page lines;
	int rc = page_init_growing(&lines);

	if (rc < 0)
		return rc;
	if (ret->events)
		page_printf(&lines, "%s", ret->events);
	for (unsigned i = 0; rc == 0 && i < y->events_count; i++) {
		char why[256], path[64], what[80];
		struct yaml_place place;
		struct page reason;

		page_init_fixed(&reason, why, sizeof(why));
		rc = yaml_event_print(&y->events[i], &lines, what, &reason);
		if (rc == 0)
			continue;
		snprintf(path, sizeof(path), "events.%u%s%.30s", i, *what ? "." : "", what);
		place = yaml_place_of(l->text, l->length, path);
		page_printf(l->message, "%s:%zu:%zu: %s: %s", l->name, place.line, place.column, path, why);
	}
	if (rc == 0 && lines.length) {
		free(ret->events);
		ret->events = strdup(lines.data);
	}
	page_free(&lines);
	return rc;
}

static int convert(const struct loading *l, const struct yaml_machine *y, struct machine_setup *ret)
{
	int rc = set_kernel(l, y->kernel, ret);

	machine_init(l->machine);
	if (rc == 0)
		rc = set_settings(l, y);
	if (rc == 0)
		rc = set_ids(l, "usage", y->usage, y->usage_count);
	if (rc == 0)
		rc = set_ids(l, "control", y->control, y->control_count);
	for (unsigned i = 0; rc == 0 && i < y->adapters_count; i++)
		rc = set_adapter(l, i, &y->adapters[i]);
	for (unsigned i = 0; rc == 0 && i < y->queues_count; i++)
		rc = set_queue(l, i, &y->queues[i]);
	if (rc == 0)
		rc = set_events(l, y, ret);
	if (rc == 0 && y->cmdline)
		ret->cmdline = strdup(y->cmdline);
	return rc == 0 ? convert_state(y, ret) : rc;
}

typedef int convert_fn(const struct loading *l, const struct yaml_machine *y, struct machine_setup *ret);

static int load(const struct loading *l, const cyaml_schema_value_t *schema, convert_fn *fn, struct machine_setup *ret)
{
	struct yaml_complaint complaint = { 0 };
	const cyaml_config_t config = { .log_fn = yaml_complaint_note, .log_ctx = &complaint, .log_level = CYAML_LOG_ERROR,
					.mem_fn = cyaml_mem };
	struct yaml_machine *y = NULL;
	cyaml_err_t error = cyaml_load_data((const uint8_t *)l->text, l->length, &config, schema, (void **)&y, NULL);
	int rc = -EINVAL;

	if (error == CYAML_OK && y)
		rc = fn(l, y, ret);
	else
		page_printf(l->message, "%s:%u:%u: %s; see apsysfs-machine(5)", l->name, complaint.line ? complaint.line : 1,
			    complaint.column ? complaint.column : 1,
			    *complaint.what ? complaint.what : cyaml_strerror(error));
	cyaml_free(&config, schema, y, 0);
	return rc;
}

int machine_yaml_load(const char *name, const char *text, size_t length, struct machine_setup *ret,
		      struct page *message)
{
	const struct loading l = { name, text, length, &ret->machine, message };

	return load(&l, &machine_schema, convert, ret);
}

int machine_yaml_load_events(const char *name, const char *text, size_t length, struct machine_setup *ret,
			     struct page *message)
{
	const struct loading l = { name, text, length, &ret->machine, message };

	return load(&l, &events_schema, set_events, ret);
}
