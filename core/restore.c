/* SPDX-License-Identifier: MIT */
#include "core/restore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/attr_parameter.h"
#include "core/binding.h"
#include "core/mirror.h"
#include "core/module.h"
#include "core/parse.h"
#include "core/restore_fact.h"

/* --- the bus, modules, kvm -------------------------------------------------------------------------- */

static int bus_number(struct fact *l, const struct pair *p)
{
	struct state *s = l->e->state;
	uint64_t value = 0;
	int rc = 0;

	if (pair_is(p, "domain") && strcmp(p->value, "-1") == 0)
		s->default_domain = -1;
	else if (pair_is(p, "domain") && (rc = fact_number(l, p->value, AP_IDS - 1, &value)) == 0)
		s->default_domain = (int)value;
	else if (pair_is(p, "config_time") && (rc = fact_number(l, p->value, 120, &value)) == 0)
		s->config_time = value < 5 ? 5 : (int)value;
	else if (pair_is(p, "poll_timeout") && (rc = fact_number(l, p->value, UINT64_C(120000000000), &value)) == 0)
		s->poll_timeout = value;
	else if (rc == 0 && !pair_is(p, "domain"))
		return fact_refuse(l, p->key, "apmask, aqmask, domain, config_time, poll_thread, poll_timeout, autoprobe, "
					      "mdev_autoprobe or matrix_autoprobe");
	if (pair_is(p, "config_time"))
		s->next_scan = s->now + s->config_time * NANOSECONDS;
	return rc;
}

static int restore_bus(struct fact *l)
{
	struct state *s = l->e->state;
	struct pair p;
	int rc;

	while ((rc = fact_pair(l, &p)) == 0 && p.key) {
		if (pair_is(&p, "apmask"))
			rc = fact_mask(l, &p, &s->apmask);
		else if (pair_is(&p, "aqmask"))
			rc = fact_mask(l, &p, &s->aqmask);
		else if (pair_is(&p, "poll_thread"))
			rc = fact_flag(l, &p, &s->poll_thread);
		else if (pair_is(&p, "autoprobe"))
			rc = fact_flag(l, &p, &s->autoprobe);
		else if (pair_is(&p, "mdev_autoprobe"))
			rc = fact_flag(l, &p, &s->mdev_autoprobe);
		else if (pair_is(&p, "matrix_autoprobe"))
			rc = fact_flag(l, &p, &s->matrix_autoprobe);
		else
			rc = bus_number(l, &p);
		if (rc < 0)
			return rc;
	}
	if (rc == 0)
		binding_revise(l->e);
	return rc;
}

static int restore_module(struct fact *l)
{
	enum module_id module;
	char name[RESTORE_NAME] = "", words[RESTORE_WORD];
	int length;

	if (!fact_word(l, name, sizeof(name)) || module_from_name(l->e, name, &module) < 0)
		return fact_refuse(l, name, "a module that this kernel has");
	if (!module_builtin(module) && !module_loaded(l->e, module) && module_load(l->e, module) < 0)
		return fact_refuse(l, name, "the modules it needs to be named before it");
	length = snprintf(words, sizeof(words), "%.*s", (int)strcspn(l->rest, "\n"), l->rest);
	if (length >= (int)sizeof(words) || parameters_check(l->e, module, words) < 0)
		return fact_refuse(l, words, "parameters of the module, as modprobe takes them");
	if (words[strspn(words, " ")])
		parameters_set(l->e, module, words);
	return 0;
}

/* --- nodes -------------------------------------------------------------------------------------------- */

static int restore_node(struct fact *l)
{
	struct zcrypt_node put = { 0 };
	uint64_t minor = ZCRYPT_NODES;
	char name[RESTORE_NAME] = "";
	struct pair p;
	int rc;

	if (!fact_word(l, name, sizeof(name)))
		return fact_refuse(l, "node", "its name");
	fact_undo_escapes(name);
	if (strlen(name) >= sizeof(put.name))
		return fact_refuse(l, name, "a name of at most 31 characters");
	memcpy(put.name, name, strlen(name) + 1);
	while ((rc = fact_pair(l, &p)) == 0 && p.key) {
		if (pair_is(&p, "minor"))
			rc = fact_number(l, p.value, ZCRYPT_NODES - 1, &minor);
		else if (pair_is(&p, "ioctls"))
			rc = fact_mask(l, &p, &put.ioctls);
		else if (pair_is(&p, "adapters"))
			rc = fact_mask(l, &p, &put.adapters);
		else if (pair_is(&p, "domains"))
			rc = fact_mask(l, &p, &put.domains);
		else if (pair_is(&p, "admin"))
			rc = fact_mask(l, &p, &put.admin);
		else
			return fact_refuse(l, p.key, "minor, ioctls, adapters, domains or admin");
		if (rc < 0)
			return rc;
	}
	if (rc == 0 && minor == ZCRYPT_NODES)
		return fact_refuse(l, name, "minor=N behind the node's name");
	if (rc == 0 && !module_loaded(l->e, MODULE_ZCRYPT))
		return fact_refuse(l, name, "zcrypt among the modules, for there to be a node");
	if (rc == 0)
		mirror_put_node(l->e, (unsigned)minor, &put, MIRROR_SAME);
	return rc;
}

static int restore_line(struct fact *l)
{
	static const struct { const char *word; int (*restore)(struct fact *l); } kind[] = {
		{ "bus", restore_bus },	      { "module", restore_module }, 		{ "node", restore_node },     { "device", restore_device }, { "mdev", restore_mdev },
	};
	char word[RESTORE_NAME] = "";

	l->place[0] = 0;
	if (!fact_word(l, word, sizeof(word)))
		return 0;
	if (word[0] == '@') {
		snprintf(l->place, sizeof(l->place), "%.60s", word + 1);
		if (!fact_word(l, word, sizeof(word)))
			return 0;
	}
	for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++)
		if (strcmp(word, kind[i].word) == 0)
			return kind[i].restore(l);
	return fact_refuse(l, word, "bus, module, node, device or mdev");
}

int restore_state(struct engine *e, const char *lines, struct page *message)
{
	struct fact l = { .e = e, .rest = lines, .message = message };
	int rc = 0;

	while (*l.rest && rc == 0) {
		rc = restore_line(&l);
		l.rest += strcspn(l.rest, "\n");
		l.rest += *l.rest == '\n';
	}
	e->state->topology++;
	return rc;
}
