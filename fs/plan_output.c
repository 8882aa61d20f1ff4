/* SPDX-License-Identifier: MIT */
#include "fs/plan_output.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/mdev.h"
#include "core/parse.h"

void plan_print_script(const struct plan_result *r)
{
	int wish = -1;

	printf("#!/bin/sh\n# for kernel %s; by apsysfs plan\nset -e\n", r->plan.engine->rules->name);
	for (int i = 0; i < r->writes; i++) {
		if (r->write[i].wish != wish && !strstr(r->write[i].path, "/create"))
			printf("# %s\n", r->plan.wish[wish = r->write[i].wish].name);
		printf("echo %s > /sys/%s\n", r->write[i].text, r->write[i].path);
	}
	if (!r->writes)
		printf("# all of it holds already\n");
}

static void add_attributes(struct json_object *list, const char *name, const struct ap_mask *ids)
{
	for (int i = ap_mask_next(ids, 0); i >= 0; i = i < AP_IDS - 1 ? ap_mask_next(ids, (unsigned)i + 1) : -1) {
		struct json_object *o = json_object_new_object();
		char text[16];

		snprintf(text, sizeof(text), i < 10 ? "%d" : "0x%02x", (unsigned)i);
		json_object_object_add(o, name, json_object_new_string(text));
		json_object_array_add(list, o);
	}
}

static void print_definition(const struct plan_wish *wish)
{
	struct json_object *o = json_object_new_object(), *attrs = json_object_new_array();
	char uuid[UUID_TEXT];

	format_uuid(wish->uuid, uuid);
	json_object_object_add(o, "mdev_type", json_object_new_string("vfio_ap-passthrough"));
	json_object_object_add(o, "start", json_object_new_string("auto"));
	add_attributes(attrs, "assign_adapter", &wish->wanted.adapters);
	add_attributes(attrs, "assign_domain", &wish->wanted.domains);
	add_attributes(attrs, "assign_control_domain", &wish->wanted.controls);
	json_object_object_add(o, "attrs", attrs);
	/* it does not define anew what is defined */
	printf("# %s\n[ -z \"$(mdevctl list --defined --uuid %s)\" ] || mdevctl undefine --uuid %s\n", wish->name, uuid, uuid);
	printf("mdevctl define --uuid %s --parent matrix --jsonfile /dev/stdin <<'EOF'\n%s\nEOF\n", uuid,
	       json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
}

/* Which mdevs are new, before the plan was carried out, is told by its creates. */
static bool is_created(const struct plan_result *r, int wish)
{
	for (int i = 0; i < r->writes; i++)
		if (r->write[i].wish == wish && strstr(r->write[i].path, "/create"))
			return true;
	return false;
}

static bool is_changed(const struct plan_result *r, int wish)
{
	for (int i = 0; i < r->writes; i++)
		if (r->write[i].wish == wish)
			return true;
	return false;
}

void plan_print_mdevctl(const struct plan_result *r)
{
	printf("#!/bin/sh\n# for kernel %s and mdevctl; by apsysfs plan\nset -e\n", r->plan.engine->rules->name);
	for (int i = 0; i < r->writes; i++)
		if (r->write[i].wish < 0)
			printf("echo %s > /sys/%s\n", r->write[i].text, r->write[i].path);
	/* first those that are there and change: they give up what others may want */
	for (int w = 0; w < r->plan.wishes; w++) {
		char uuid[UUID_TEXT];

		format_uuid(r->plan.wish[w].uuid, uuid);
		if (is_changed(r, w) && !is_created(r, w))
			printf("mdevctl stop --uuid %s\n", uuid);
	}
	for (int w = 0; w < r->plan.wishes; w++) {
		char uuid[UUID_TEXT];

		format_uuid(r->plan.wish[w].uuid, uuid);
		print_definition(&r->plan.wish[w]);
		if (is_changed(r, w))
			printf("mdevctl start --uuid %s\n", uuid);
	}
}

void plan_print_json(const struct plan_result *r, const char *why)
{
	struct json_object *o = json_object_new_object(), *writes = json_object_new_array();

	json_object_object_add(o, "kernel", json_object_new_string(r->plan.engine->rules->name));
	json_object_object_add(o, "possible", json_object_new_boolean(!*why));
	if (*why)
		json_object_object_add(o, "reason", json_object_new_string(why));
	for (int i = 0; !*why && i < r->writes; i++) {
		struct json_object *write = json_object_new_object();
		char path[256];

		snprintf(path, sizeof(path), "/sys/%s", r->write[i].path);
		json_object_object_add(write, "path", json_object_new_string(path));
		json_object_object_add(write, "text", json_object_new_string(r->write[i].text));
		if (r->write[i].wish >= 0)
			json_object_object_add(write, "guest", json_object_new_string(r->plan.wish[r->write[i].wish].name));
		json_object_array_add(writes, write);
	}
	json_object_object_add(o, "writes", writes);
	printf("%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
