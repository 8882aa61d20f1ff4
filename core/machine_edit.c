/* SPDX-License-Identifier: MIT */
/* The line form of a machine: what the control file takes (core/machine.h). */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine.h"
#include "core/parse.h"

#define WORD 64
#define HWTYPE_MIN 4	/* below the oldest known: a machine may have what no kernel here drives */
#define HWTYPE_MAX 31
#define HWTYPE_CEX4 10

/* A line being read: words, and where to say what is wrong. */
struct line {
	const char *text;
	struct page *message;
};

static int refuse(struct line *l, const char *what, const char *expected)
{
	page_printf(l->message, "\"%s\": expected %s", what, expected);
	return -EINVAL;
}

/* The next word; false at the end of the line. A word too long for any meaning is cut, and so refused by its reader. */
static bool next_word(struct line *l, char word[WORD])
{
	size_t n = 0;

	while (*l->text == ' ' || *l->text == '\t')
		l->text++;
	if (!*l->text || *l->text == '#' || *l->text == '\n')
		return false;
	for (; *l->text && !isspace((unsigned char)*l->text); l->text++)
		if (n + 1 < WORD)
			word[n++] = *l->text;
	word[n] = 0;
	return true;
}

static int parse_number(struct line *l, const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value;

	if (!isdigit((unsigned char)*text) || parse_ulong(text, &value) < 0 || strchr(text, '\n') || value > max) {
		page_printf(l->message, "\"%s\": expected a number from 0 to %llu", text, (unsigned long long)max);
		return -EINVAL;
	}
	*ret = value;
	return 0;
}

/* "a" or "a-b" */
static int parse_range(struct line *l, char *text, unsigned *ret_first, unsigned *ret_last)
{
	char *dash = strchr(text, '-');
	uint64_t first, last;

	if (dash)
		*dash = 0;
	if (parse_number(l, text, AP_IDS - 1, &first) < 0)
		return -EINVAL;
	last = first;
	if (dash && parse_number(l, dash + 1, AP_IDS - 1, &last) < 0)
		return -EINVAL;
	if (last < first)
		return refuse(l, dash + 1, "an end that is not below the start of its range");
	*ret_first = (unsigned)first;
	*ret_last = (unsigned)last;
	return 0;
}

static int edit_ids(struct line *l, struct ap_mask *ids)
{
	struct ap_mask next = { 0 };
	unsigned first, last;
	char word[WORD] = "";

	while (next_word(l, word)) {
		if (parse_range(l, word, &first, &last) < 0)
			return -EINVAL;
		for (; first <= last; first++)
			ap_mask_set(&next, first);
	}
	*ids = next;
	return 0;
}

static int parse_functions(struct line *l, const char *text, uint32_t *ret)
{
	uint64_t value;

	if (strcmp(text, "cca") == 0)
		*ret = AP_FUNCTIONS_CCA;
	else if (strcmp(text, "accel") == 0)
		*ret = AP_FUNCTIONS_ACCEL;
	else if (strcmp(text, "ep11") == 0)
		*ret = AP_FUNCTIONS_EP11;
	else if (parse_ulong(text, &value) == 0 && value <= UINT32_MAX)
		*ret = (uint32_t)value;
	else
		return refuse(l, text, "cca, accel, ep11, or the function bits as 0x and hex digits");
	return 0;
}

static int parse_state(struct line *l, const char *text, uint8_t *ret)
{
	static const char *const names[] = { "online", "deconfigured", "checkstopped" };

	for (uint8_t i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	return refuse(l, text, "online, deconfigured or checkstopped");
}

static int parse_serial(struct line *l, const char *text, struct machine_adapter *a)
{
	if (strlen(text) >= sizeof(a->serial))
		return refuse(l, text, "a serial number of at most 16 characters");
	memset(a->serial, 0, sizeof(a->serial));
	memcpy(a->serial, text, strlen(text));
	return 0;
}

/* "CEX5", or with the letter of its mode "CEX5C"; or a number */
static int parse_type(struct line *l, const char *text, struct machine_adapter *a)
{
	static const struct { char letter; uint32_t functions; } modes[] = {
		{ 'A', AP_FUNCTIONS_ACCEL }, { 'C', AP_FUNCTIONS_CCA }, { 'P', AP_FUNCTIONS_EP11 },
	};
	uint64_t number;

	if (strncmp(text, "CEX", 3) != 0) {
		if (parse_number(l, text, HWTYPE_MAX, &number) < 0)
			return -EINVAL;
		if (number < HWTYPE_MIN)
			return refuse(l, text, "a hardware type from 4 to 31 (11 is CEX5)");
		a->type = (uint8_t)number;
		return 0;
	}
	if (text[3] < '4' || text[3] > '8' || (text[4] && text[5]))
		return refuse(l, text, "CEX4 to CEX8, with A, C or P for the mode, or a hardware type's number");
	a->type = (uint8_t)(HWTYPE_CEX4 + text[3] - '4');
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (text[4] != modes[i].letter)
			continue;
		a->functions = modes[i].functions;
		return 0;
	}
	return text[4] ? refuse(l, text, "A (accelerator), C (CCA) or P (EP11) behind the type") : 0;
}

static int edit_number_key(struct line *l, const char *key, const char *value, struct machine_adapter *a)
{
	uint64_t number;

	if (strcmp(key, "depth") == 0) {
		if (parse_number(l, value, 256, &number) < 0)
			return -EINVAL;
		if (number == 0)
			return refuse(l, value, "a depth from 1 to 256 entries");
		a->depth = (uint8_t)(number - 1);
	} else if (strcmp(key, "ml") == 0) {
		if (parse_number(l, value, 255, &number) < 0)
			return -EINVAL;
		a->message_limit = (uint8_t)number;
	} else if (strcmp(key, "bs") == 0) {
		if (parse_number(l, value, 3, &number) < 0)
			return -EINVAL;
		a->bind_state = (uint8_t)number;
	} else if (strcmp(key, "nd") == 0) {
		if (parse_number(l, value, 255, &number) < 0)
			return -EINVAL;
		a->domain_limit = (uint8_t)number;
	} else if (strcmp(key, "rate") == 0) {
		if (parse_number(l, value, UINT32_MAX, &number) < 0)
			return -EINVAL;
		a->request_rate = (uint32_t)number;
	} else if (strcmp(key, "pending") == 0) {
		if (parse_number(l, value, UINT16_MAX, &number) < 0)
			return -EINVAL;
		a->pending = (uint16_t)number;
	} else {
		return refuse(l, key, "type, func, depth, state, ml, bs, nd, serial, rate or pending");
	}
	return 0;
}

static int edit_adapter_key(struct line *l, char *word, struct machine_adapter *a)
{
	char *value = strchr(word, '=');

	if (!value)
		return refuse(l, word, "key=value, or remove");
	*value++ = 0;
	if (strcmp(word, "type") == 0)
		return parse_type(l, value, a);
	if (strcmp(word, "func") == 0)
		return parse_functions(l, value, &a->functions);
	if (strcmp(word, "state") == 0)
		return parse_state(l, value, &a->state);
	if (strcmp(word, "serial") == 0)
		return parse_serial(l, value, a);
	return edit_number_key(l, word, value, a);
}

static int edit_adapter(struct line *l, struct machine *m)
{
	struct machine_adapter a;
	char word[WORD] = "";
	uint64_t id;

	if (!next_word(l, word))
		return refuse(l, "adapter", "the adapter's number");
	if (parse_number(l, word, AP_IDS - 1, &id) < 0)
		return -EINVAL;
	a = m->adapter[id];
	if (!a.present)
		a = (struct machine_adapter){ .present = true, .depth = 7, .domain_limit = 255,
					      .functions = AP_FUNCTIONS_CCA };
	while (next_word(l, word)) {
		if (strcmp(word, "remove") == 0)
			a = (struct machine_adapter){ 0 };
		else if (edit_adapter_key(l, word, &a) < 0)
			return -EINVAL;
	}
	if (a.present && !a.type)
		return refuse(l, "adapter", "type=N for an adapter that was not there");
	m->adapter[id] = a;
	return 0;
}

static int edit_queue(struct line *l, struct machine *m)
{
	unsigned first, last;
	uint64_t adapter, rc;
	char word[WORD] = "", *dot;

	if (!next_word(l, word))
		return refuse(l, "queue", "ADAPTER.DOMAIN rc=N, or remove");
	if (strcmp(word, "remove") == 0) {
		memset(m->queue_rc, 0, sizeof(m->queue_rc));
		return 0;
	}
	dot = strchr(word, '.');
	if (!dot)
		return refuse(l, word, "ADAPTER.DOMAIN or ADAPTER.FIRST-LAST");
	*dot = 0;
	if (parse_number(l, word, AP_IDS - 1, &adapter) < 0 || parse_range(l, dot + 1, &first, &last) < 0)
		return -EINVAL;
	if (!next_word(l, word) || strncmp(word, "rc=", 3) != 0)
		return refuse(l, word, "rc=N, the queue's response code (0: as its adapter)");
	if (parse_number(l, word + 3, 255, &rc) < 0)
		return -EINVAL;
	for (; first <= last; first++)
		m->queue_rc[adapter << 8 | first] = (uint8_t)rc;
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
	char verb[WORD] = "", word[WORD] = "";
	bool usage = true, control = true, add;
	uint64_t id;

	if (!next_word(l, verb) || (strcmp(verb, "add") != 0 && strcmp(verb, "remove") != 0))
		return refuse(l, "domain", "add or remove, then the domain's number");
	add = strcmp(verb, "add") == 0;
	if (!next_word(l, word))
		return refuse(l, verb, "the domain's number");
	if (parse_number(l, word, AP_IDS - 1, &id) < 0)
		return -EINVAL;
	if (next_word(l, word)) {
		usage = strcmp(word, "usage") == 0;
		control = strcmp(word, "control") == 0;
		if (!usage && !control)
			return refuse(l, word, "usage, control, or nothing for both");
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

static int edit_setting(struct line *l, const char *name, struct machine *m)
{
	bool *flag = flag_of(m, name);
	bool limit = strcmp(name, "max_adapter") == 0 || strcmp(name, "max_domain") == 0;
	char word[WORD] = "";
	uint64_t value;

	if (!flag && !limit && strcmp(name, "reset_delay") != 0)
		return refuse(l, name, "new, adapter, queue, domain, usage, control, max_adapter, max_domain, reset_delay or a flag");
	if (!next_word(l, word))
		return refuse(l, name, "a number behind it");
	if (parse_number(l, word, flag ? 1 : limit ? AP_IDS - 1 : UINT32_MAX, &value) < 0)
		return -EINVAL;
	if (flag)
		*flag = value;
	else if (!limit)
		m->reset_delay = (uint32_t)value;
	else if (name[4] == 'a')
		m->max_adapter = (uint16_t)value;
	else
		m->max_domain = (uint16_t)value;
	return 0;
}

static int edit_line(struct line *l, struct machine *m)
{
	char word[WORD] = "";
	int rc = 0;

	if (!next_word(l, word))
		return 0;
	if (strcmp(word, "new") == 0)
		machine_init(m);
	else if (strcmp(word, "usage") == 0)
		rc = edit_ids(l, &m->usage_domains);
	else if (strcmp(word, "control") == 0)
		rc = edit_ids(l, &m->control_domains);
	else if (strcmp(word, "adapter") == 0)
		rc = edit_adapter(l, m);
	else if (strcmp(word, "queue") == 0)
		rc = edit_queue(l, m);
	else if (strcmp(word, "domain") == 0)
		rc = edit_domain(l, m);
	else
		rc = edit_setting(l, word, m);
	if (rc == 0 && next_word(l, word))
		return refuse(l, word, "nothing more on this line");
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
