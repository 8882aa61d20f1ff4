/* SPDX-License-Identifier: MIT */
#include "fs/machine_json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static void add_number(struct json_object *o, const char *key, unsigned value)
{
	json_object_object_add(o, key, json_object_new_int((int)value));
}

static void add_flag(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

static void add_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void add_ids(struct json_object *o, const char *key, const struct ap_mask *ids)
{
	struct json_object *list = json_object_new_array();

	for (int i = ap_mask_next(ids, 0); i >= 0; i = ap_mask_next(ids, (unsigned)i + 1))
		json_object_array_add(list, json_object_new_int(i));
	json_object_object_add(o, key, list);
}

static void add_load(struct json_object *o, const struct machine_load *load)
{
	struct json_object *l = json_object_new_object();

	json_object_object_add(l, "rate", json_object_new_int64(load->rate));
	add_number(l, "pending", load->pending);
	add_number(l, "wave", load->wave);
	json_object_object_add(o, "load", l);
}

static const char *mode_of(uint32_t functions)
{
	return functions == AP_FUNCTIONS_CCA	 ? "cca"
	       : functions == AP_FUNCTIONS_ACCEL ? "accel"
	       : functions == AP_FUNCTIONS_EP11	 ? "ep11"
						 : "other";
}

static struct json_object *adapter_json(unsigned id, const struct machine_adapter *a)
{
	static const char *const states[] = { "online", "deconfigured", "checkstopped" };
	struct json_object *o = json_object_new_object();
	char text[32];

	add_number(o, "id", id);
	add_number(o, "hwtype", a->type);
	if (a->type >= 10 && a->type <= 14)
		snprintf(text, sizeof(text), "CEX%u", a->type - 6u);
	else
		snprintf(text, sizeof(text), "%u", a->type);
	add_text(o, "type", text);
	add_text(o, "mode", mode_of(a->functions));
	snprintf(text, sizeof(text), "0x%08x", a->functions);
	add_text(o, "functions", text);
	add_text(o, "state", states[a->state]);
	add_number(o, "depth", a->depth + 1u);
	add_number(o, "ml", a->message_limit);
	add_number(o, "bs", a->bind_state);
	add_number(o, "nd", a->domain_limit);
	if (*a->serial)
		snprintf(text, sizeof(text), "%s", a->serial);
	else
		snprintf(text, sizeof(text), "93AAB0%02X", id);
	add_text(o, "serial", text);
	add_load(o, &a->load);
	return o;
}

/* What is not as its adapter. */
static struct json_object *queues_json(const struct machine *m)
{
	struct json_object *list = json_object_new_array();

	for (unsigned queue = 0; queue < AP_IDS * AP_IDS; queue++) {
		struct json_object *o;
		char apqn[24];

		if (!m->queue_rc[queue] && !m->load_slot[queue])
			continue;
		o = json_object_new_object();
		snprintf(apqn, sizeof(apqn), "%02x.%04x", queue >> 8, queue & 0xff);
		add_text(o, "apqn", apqn);
		add_number(o, "rc", m->queue_rc[queue]);
		if (m->load_slot[queue])
			add_load(o, machine_load_of(m, queue));
		json_object_array_add(list, o);
	}
	return list;
}

static void add_settings(struct json_object *o, const struct machine *m)
{
	add_number(o, "max_adapter", m->max_adapter);
	add_number(o, "max_domain", m->max_domain);
	add_flag(o, "qci", m->qci);
	add_flag(o, "apsc", m->apsc);
	add_flag(o, "apxa", m->apxa);
	add_flag(o, "qact", m->qact);
	add_flag(o, "rc8a", m->rc8a);
	add_flag(o, "apsb", m->apsb);
	add_flag(o, "sclp_reconfig", m->sclp_reconfig);
	add_flag(o, "no_reply", m->no_reply);
	add_flag(o, "secure_guest", m->secure_guest);
	json_object_object_add(o, "reset_delay", json_object_new_int64(m->reset_delay));
	json_object_object_add(o, "associate_delay", json_object_new_int64(m->associate_delay));
}

void machine_json_print(const struct machine *m, struct page *out)
{
	struct json_object *o = json_object_new_object(), *adapters = json_object_new_array();

	add_settings(o, m);
	add_ids(o, "usage", &m->usage_domains);
	add_ids(o, "control", &m->control_domains);
	for (unsigned a = 0; a < AP_IDS; a++)
		if (m->adapter[a].present)
			json_object_array_add(adapters, adapter_json(a, &m->adapter[a]));
	json_object_object_add(o, "adapters", adapters);
	json_object_object_add(o, "queues", queues_json(m));
	page_printf(out, "%s\n", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
}
