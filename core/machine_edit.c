/* SPDX-License-Identifier: MIT */
/* The line form of a machine: what the control file takes (core/machine.h). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine_line.h"

static int edit_ids(struct line *l, struct ap_mask *ids)
{
	struct ap_mask next = { 0 };
	unsigned first, last;
	char word[LINE_WORD] = "";

	while (line_word(l, word)) {
		if (line_range(l, word, &first, &last) < 0)
			return -EINVAL;
		for (; first <= last; first++)
			ap_mask_set(&next, first);
	}
	*ids = next;
	return 0;
}

static void change_domain(struct ap_mask *ids, unsigned id, bool add)
{
	if (add)
		ap_mask_set(ids, id);
	else
		ap_mask_clear(ids, id);
}

/* domain add|remove ID [usage|control] */
static int edit_domain(struct line *l, struct machine *m)
{
	char verb[LINE_WORD] = "", word[LINE_WORD] = "";
	bool usage = true, control = true, add;
	uint64_t id;

	if (!line_word(l, verb) || (strcmp(verb, "add") != 0 && strcmp(verb, "remove") != 0))
		return line_refuse(l, "domain", "add or remove, then the domain's number");
	add = strcmp(verb, "add") == 0;
	if (!line_word(l, word))
		return line_refuse(l, verb, "the domain's number");
	if (line_number(l, word, AP_IDS - 1, &id) < 0)
		return -EINVAL;
	if (line_word(l, word)) {
		usage = strcmp(word, "usage") == 0;
		control = strcmp(word, "control") == 0;
		if (!usage && !control)
			return line_refuse(l, word, "usage, control, or nothing for both");
	}
	if (usage)
		change_domain(&m->usage_domains, (unsigned)id, add);
	if (control)
		change_domain(&m->control_domains, (unsigned)id, add);
	return 0;
}

static bool *flag_of(struct machine *m, const char *word)
{
	static const char *const names[] = { "qci", "apsc", "apxa", "qact", "rc8a", "apsb", "sclp_reconfig",
					     "no_reply", "secure_guest" };
	bool *const flags[] = { &m->qci, &m->apsc, &m->apxa, &m->qact, &m->rc8a, &m->apsb, &m->sclp_reconfig,
				&m->no_reply, &m->secure_guest };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(word, names[i]) == 0)
			return flags[i];
	return NULL;
}

static uint32_t *delay_of(struct machine *m, const char *word)
{
	if (strcmp(word, "reset_delay") == 0)
		return &m->reset_delay;
	return strcmp(word, "associate_delay") == 0 ? &m->associate_delay : NULL;
}

static int edit_setting(struct line *l, const char *name, struct machine *m)
{
	bool *flag = flag_of(m, name);
	uint32_t *delay = delay_of(m, name);
	bool limit = strcmp(name, "max_adapter") == 0 || strcmp(name, "max_domain") == 0;
	char word[LINE_WORD] = "";
	uint64_t value;

	if (!flag && !limit && !delay)
		return line_refuse(l, name,
				   "new, adapter, queue, domain, usage, control, max_adapter, max_domain, reset_delay, "
				   "associate_delay or a flag");
	if (!line_word(l, word))
		return line_refuse(l, name, "a number behind it");
	if (line_number(l, word, flag ? 1 : limit ? AP_IDS - 1 : UINT32_MAX, &value) < 0)
		return -EINVAL;
	if (flag)
		*flag = value;
	else if (delay)
		*delay = (uint32_t)value;
	else if (name[4] == 'a')
		m->max_adapter = (uint16_t)value;
	else
		m->max_domain = (uint16_t)value;
	return 0;
}

static int edit_line(struct line *l, struct machine *m)
{
	char word[LINE_WORD] = "";
	int rc = 0;

	if (!line_word(l, word))
		return 0;
	if (strcmp(word, "new") == 0)
		machine_init(m);
	else if (strcmp(word, "usage") == 0)
		rc = edit_ids(l, &m->usage_domains);
	else if (strcmp(word, "control") == 0)
		rc = edit_ids(l, &m->control_domains);
	else if (strcmp(word, "adapter") == 0)
		rc = line_edit_adapter(l, m);
	else if (strcmp(word, "queue") == 0)
		rc = line_edit_queue(l, m);
	else if (strcmp(word, "domain") == 0)
		rc = edit_domain(l, m);
	else
		rc = edit_setting(l, word, m);
	if (rc == 0 && line_word(l, word))
		return line_refuse(l, word, "nothing more on this line");
	return rc;
}

int machine_edit(struct machine *m, const char *text, int *ret_line, struct page *message)
{
	struct machine *next = malloc(sizeof(*next));
	int rc = 0;

	if (!next)
		return -ENOMEM;
	*next = *m;
	for (int number = 1; *text && rc == 0; number++) {
		struct line l = { text, message };

		rc = edit_line(&l, next);
		if (rc < 0)
			*ret_line = number;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (rc == 0)
		*m = *next;
	free(next);
	return rc;
}
