/* SPDX-License-Identifier: MIT */
#include "fs/plan_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "core/mask_parse.h"
#include "core/parse.h"
#include "fs/file_text.h"
#include "fs/yaml_complaint.h"
#include "fs/yaml_place.h"

struct yaml_guest {
	char *name, *uuid;
	char **adapters, **domains, **control;
	unsigned adapters_count, domains_count, control_count;
};

struct yaml_guests {
	struct yaml_guest *guests;
	unsigned guests_count;
};

static const cyaml_schema_value_t id_schema = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, 32) };

#define IDS(member) \
	CYAML_FIELD_SEQUENCE(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_guest, member, &id_schema, 0, \
			     CYAML_UNLIMITED)

static const cyaml_schema_field_t guest_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_guest, name, 1, PLAN_NAME - 1),
	CYAML_FIELD_STRING_PTR("uuid", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_guest, uuid, 0, 64),
	IDS(adapters), IDS(domains), IDS(control), CYAML_FIELD_END
};
static const cyaml_schema_value_t guest_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_guest, guest_fields) };
static const cyaml_schema_field_t guests_fields[] = {
	CYAML_FIELD_SEQUENCE("guests", CYAML_FLAG_POINTER, struct yaml_guests, guests, &guest_schema, 1, CYAML_UNLIMITED),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t guests_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct yaml_guests,
									guests_fields) };

struct loading {
	const char *name;
	struct page text;
	struct page *message;
};

static int complain(struct loading *l, const char *path, const char *value, const char *expected)
{
	struct yaml_place place = yaml_place_of(l->text.data, l->text.length, path);

	page_printf(l->message, "%s:%zu:%zu: %s: \"%s\": expected %s", l->name, place.line, place.column, path, value, expected);
	return -EINVAL;
}

static int take_ids(struct loading *l, unsigned guest, const char *key, char *const *id, unsigned count, struct ap_mask *ret)
{
	for (unsigned i = 0; i < count; i++) {
		char text[40], path[64];

		snprintf(text, sizeof(text), "+%s", id[i]);
		snprintf(path, sizeof(path), "guests.%u.%s.%u", guest, key, i);
		if (strpbrk(id[i], ",+ \t\n") || mask_parse(text, ret, MASK_OVERFLOW_SATURATES, ret) < 0)
			return complain(l, path, id[i], "a number from 0 to 255 (0x for hexadecimal), or a range such as 0x10-0x1f");
	}
	return 0;
}

static int take_guest(struct loading *l, unsigned i, const struct yaml_guest *y, struct plan_wish *ret)
{
	char path[64];
	int rc = 0;

	if (y->name)
		snprintf(ret->name, sizeof(ret->name), "%s", y->name);
	else
		snprintf(ret->name, sizeof(ret->name), "Guest%u", i + 1);
	snprintf(path, sizeof(path), "guests.%u.uuid", i);
	if (!y->uuid)
		uuid_generate_random(ret->uuid);
	else if (strlen(y->uuid) != UUID_TEXT - 1 || parse_uuid(y->uuid, ret->uuid) < 0)
		rc = complain(l, path, y->uuid, "a UUID such as 62177883-f1bb-47f0-914d-32a22e3a8804");
	if (rc == 0)
		rc = take_ids(l, i, "adapters", y->adapters, y->adapters_count, &ret->wanted.adapters);
	if (rc == 0)
		rc = take_ids(l, i, "domains", y->domains, y->domains_count, &ret->wanted.domains);
	if (rc == 0)
		rc = take_ids(l, i, "control", y->control, y->control_count, &ret->wanted.controls);
	return rc;
}

static int convert(struct loading *l, const struct yaml_guests *y, struct plan_wish **ret, int *ret_count)
{
	struct plan_wish *wish = calloc(y->guests_count, sizeof(*wish));
	int rc = wish ? 0 : -ENOMEM;

	for (unsigned i = 0; rc == 0 && i < y->guests_count; i++)
		rc = take_guest(l, i, &y->guests[i], &wish[i]);
	if (rc < 0) {
		free(wish);
		return rc;
	}
	*ret = wish;
	*ret_count = (int)y->guests_count;
	return 0;
}

int plan_file_load(const char *path, struct plan_wish **ret, int *ret_count, struct page *message)
{
	struct loading l = { .name = path, .message = message };
	struct yaml_complaint c = { 0 };
	const cyaml_config_t config = { .log_fn = yaml_complaint_note, .log_ctx = &c, .log_level = CYAML_LOG_ERROR,
					.mem_fn = cyaml_mem };
	struct yaml_guests *y = NULL;
	cyaml_err_t error;
	int rc = page_init_growing(&l.text);

	if (rc == 0)
		rc = file_text_read(path, &l.text);
	if (rc < 0) {
		page_printf(message, "%s: %s", path, strerror(-rc));
		page_free(&l.text);
		return -EINVAL;
	}
	error = cyaml_load_data((const uint8_t *)l.text.data, l.text.length, &config, &guests_schema, (void **)&y, NULL);
	if (error == CYAML_OK && y) {
		rc = convert(&l, y, ret, ret_count);
	} else {
		page_printf(message, "%s:%u:%u: %s; expected guests with name, uuid, adapters, domains and control", path,
			    c.line ? c.line : 1, c.column ? c.column : 1,
			    *c.what ? c.what : error == CYAML_OK ? "there is nothing in it" : cyaml_strerror(error));
		rc = -EINVAL;
	}
	cyaml_free(&config, &guests_schema, y, 0);
	page_free(&l.text);
	return rc;
}
