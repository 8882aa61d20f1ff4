/* SPDX-License-Identifier: MIT */
/* The picture for programs. */
#include <json-c/json.h>
#include <stdio.h>

#include "fs/picture.h"

static const char *const owner_names[] = { NULL, "none", "host", "vfio_ap", "mdev" };
static const char *const condition_names[] = { "good", "offline", "deconfigured", "checkstopped" };

static struct json_object *ids_json(const struct ap_mask *m)
{
	struct json_object *list = json_object_new_array();

	for (int i = ap_mask_next(m, 0); i >= 0; i = ap_mask_next(m, (unsigned)i + 1))
		json_object_array_add(list, json_object_new_int(i));
	return list;
}

static struct json_object *queue_json(const struct picture *p, int adapter, int domain)
{
	const struct picture_queue *q = &p->queue[adapter << 8 | domain];
	struct json_object *o = json_object_new_object();
	char apqn[24];

	snprintf(apqn, sizeof(apqn), "%02x.%04x", (unsigned)adapter, (unsigned)domain);
	json_object_object_add(o, "apqn", json_object_new_string(apqn));
	json_object_object_add(o, "owner", json_object_new_string(owner_names[q->owner]));
	if (q->owner == OWNER_MDEV)
		json_object_object_add(o, "mdev", json_object_new_string(p->mdev[q->mdev].uuid));
	json_object_object_add(o, "condition", json_object_new_string(condition_names[q->condition]));
	return o;
}

static struct json_object *adapter_json(const struct picture *p, int adapter)
{
	struct json_object *o = json_object_new_object(), *queues = json_object_new_array();

	json_object_object_add(o, "id", json_object_new_int(adapter));
	json_object_object_add(o, "type", json_object_new_string(p->type[adapter]));
	json_object_object_add(o, "condition", json_object_new_string(condition_names[p->condition[adapter]]));
	for (int d = ap_mask_next(&p->domains, 0); d >= 0; d = ap_mask_next(&p->domains, (unsigned)d + 1))
		if (p->queue[adapter << 8 | d].owner != OWNER_ABSENT)
			json_object_array_add(queues, queue_json(p, adapter, d));
	json_object_object_add(o, "queues", queues);
	return o;
}

static struct json_object *mdev_json(const struct picture_mdev *m)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "uuid", json_object_new_string(m->uuid));
	json_object_object_add(o, "running", json_object_new_boolean(m->running));
	json_object_object_add(o, "adapters", ids_json(&m->adapters));
	json_object_object_add(o, "domains", ids_json(&m->domains));
	return o;
}

void picture_print_json(const struct picture *p, FILE *out, bool one_line)
{
	struct json_object *o = json_object_new_object(), *adapters = json_object_new_array(), *mdevs = json_object_new_array();

	for (int a = ap_mask_next(&p->adapters, 0); a >= 0; a = ap_mask_next(&p->adapters, (unsigned)a + 1))
		json_object_array_add(adapters, adapter_json(p, a));
	for (size_t i = 0; i < p->mdevs; i++)
		json_object_array_add(mdevs, mdev_json(&p->mdev[i]));
	json_object_object_add(o, "adapters", adapters);
	json_object_object_add(o, "mdevs", mdevs);
	fprintf(out, "%s\n", json_object_to_json_string_ext(o, (one_line ? JSON_C_TO_STRING_PLAIN : JSON_C_TO_STRING_PRETTY) | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
