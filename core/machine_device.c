/* SPDX-License-Identifier: MIT */
/* The lines of a machine's text form that are about adapters and queues (core/machine.h). */
#include <errno.h>
#include <string.h>

#include "core/machine_line.h"
#include "core/parse.h"

#define HWTYPE_MIN 4	/* below the oldest known: a machine may have what no kernel here drives */
#define HWTYPE_MAX 31
#define HWTYPE_CEX4 10
#define RATE_MAX 10000000	/* more than any card does; keeps sums of decades in 64 bits */
#define DEFAULT_DEPTH 7	/* TAPQ's field: 8 entries */

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
		return line_refuse(l, text, "cca, accel, ep11, or the function bits as 0x and hex digits");
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
	return line_refuse(l, text, "online, deconfigured or checkstopped");
}

static int parse_serial(struct line *l, const char *text, struct machine_adapter *a)
{
	if (strlen(text) >= sizeof(a->serial))
		return line_refuse(l, text, "a serial number of at most 16 characters");
	memset(a->serial, 0, sizeof(a->serial));
	memcpy(a->serial, text, strlen(text));
	return 0;
}

/* Up to CEX3 accelerator and coprocessor are two types, and their function bits do not say which. */
static bool parse_old_type(const char *text, uint8_t *ret)
{
	static const char *const names[] = { "CEX2A", "CEX2C", "CEX3A", "CEX3C" };

	for (uint8_t i = 0; i < 4; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (uint8_t)(6 + i);
			return true;
		}
	}
	return false;
}

/* "CEX5", or with the letter of its mode "CEX5C"; or a number */
static int parse_type(struct line *l, const char *text, struct machine_adapter *a)
{
	static const struct { char letter; uint32_t functions; } modes[] = {
		{ 'A', AP_FUNCTIONS_ACCEL }, { 'C', AP_FUNCTIONS_CCA }, { 'P', AP_FUNCTIONS_EP11 },
	};
	uint64_t number;

	if (strncmp(text, "CEX", 3) != 0) {
		if (line_number(l, text, HWTYPE_MAX, &number) < 0)
			return -EINVAL;
		if (number < HWTYPE_MIN)
			return line_refuse(l, text, "a hardware type from 4 to 31 (11 is CEX5)");
		a->type = (uint8_t)number;
		return 0;
	}
	if (parse_old_type(text, &a->type)) {
		a->functions = text[4] == 'A' ? AP_FUNCTIONS_ACCEL : AP_FUNCTIONS_CCA;
		return 0;
	}
	if (text[3] < '4' || text[3] > '8' || (text[4] && text[5]))
		return line_refuse(l, text,
				   "CEX4 to CEX8, with A, C or P for the mode, CEX2A, CEX2C, CEX3A, CEX3C, or a hardware type's number");
	a->type = (uint8_t)(HWTYPE_CEX4 + text[3] - '4');
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (text[4] != modes[i].letter)
			continue;
		a->functions = modes[i].functions;
		return 0;
	}
	return text[4] ? line_refuse(l, text, "A (accelerator), C (CCA) or P (EP11) behind the type") : 0;
}

/* 1: not a key of a load */
static int edit_load_key(struct line *l, const char *key, const char *value, struct machine_load *load)
{
	uint64_t number;

	if (strcmp(key, "rate") == 0) {
		if (line_number(l, value, RATE_MAX, &number) < 0)
			return -EINVAL;
		load->rate = (uint32_t)number;
	} else if (strcmp(key, "pending") == 0) {
		if (line_number(l, value, UINT16_MAX, &number) < 0)
			return -EINVAL;
		load->pending = (uint16_t)number;
	} else if (strcmp(key, "wave") == 0) {
		if (line_number(l, value, UINT16_MAX, &number) < 0)
			return -EINVAL;
		load->wave = (uint16_t)number;
	} else {
		return 1;
	}
	return 0;
}

static int edit_number_key(struct line *l, const char *key, const char *value, struct machine_adapter *a)
{
	const struct { const char *key; unsigned most; uint8_t *field; } fields[] = {
		{ "ml", 255, &a->message_limit }, { "bs", 3, &a->bind_state }, { "nd", 255, &a->domain_limit },
	};
	uint64_t number;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (strcmp(key, fields[i].key) != 0)
			continue;
		if (line_number(l, value, fields[i].most, &number) < 0)
			return -EINVAL;
		*fields[i].field = (uint8_t)number;
		return 0;
	}
	if (strcmp(key, "depth") != 0)
		return line_refuse(l, key, "type, func, depth, state, ml, bs, nd, serial, rate, pending or wave");
	if (line_number(l, value, 256, &number) < 0)
		return -EINVAL;
	if (number == 0)
		return line_refuse(l, value, "a depth from 1 to 256 entries");
	a->depth = (uint8_t)(number - 1);
	return 0;
}

static int edit_adapter_key(struct line *l, char *word, struct machine_adapter *a)
{
	char *value = strchr(word, '=');
	int rc;

	if (!value)
		return line_refuse(l, word, "key=value, or remove");
	*value++ = 0;
	if (strcmp(word, "type") == 0)
		return parse_type(l, value, a);
	if (strcmp(word, "func") == 0)
		return parse_functions(l, value, &a->functions);
	if (strcmp(word, "state") == 0)
		return parse_state(l, value, &a->state);
	if (strcmp(word, "serial") == 0)
		return parse_serial(l, value, a);
	rc = edit_load_key(l, word, value, &a->load);
	return rc == 1 ? edit_number_key(l, word, value, a) : rc;
}

int line_edit_adapter(struct line *l, struct machine *m)
{
	struct machine_adapter a;
	char word[LINE_WORD] = "";
	uint64_t id;

	if (!line_word(l, word))
		return line_refuse(l, "adapter", "the adapter's number");
	if (line_number(l, word, AP_IDS - 1, &id) < 0)
		return -EINVAL;
	a = m->adapter[id];
	if (!a.present)
		a = (struct machine_adapter){ .present = true, .depth = DEFAULT_DEPTH, .domain_limit = 255,
					      .functions = AP_FUNCTIONS_CCA };
	while (line_word(l, word)) {
		if (strcmp(word, "remove") == 0)
			a = (struct machine_adapter){ 0 };
		else if (edit_adapter_key(l, word, &a) < 0)
			return -EINVAL;
	}
	if (a.present && !a.type)
		return line_refuse(l, "adapter", "type=N for an adapter that was not there");
	m->adapter[id] = a;
	return 0;
}

/* One "key=value" for every queue from first to last. */
static int edit_queue_key(struct line *l, char *word, struct machine *m, unsigned first, unsigned last)
{
	char *value = strchr(word, '=');
	uint64_t rc = 0;
	bool is_rc, as_adapter;

	if (!value)
		return line_refuse(l, word, "rc=N (0: as its adapter), rate=N, pending=N, wave=N or load=adapter");
	*value++ = 0;
	is_rc = strcmp(word, "rc") == 0;
	as_adapter = strcmp(word, "load") == 0 && strcmp(value, "adapter") == 0;
	if (is_rc && line_number(l, value, 255, &rc) < 0)
		return -EINVAL;
	for (unsigned queue = first; queue <= last; queue++) {
		struct machine_load load = *machine_load_of(m, queue);
		int result = is_rc || as_adapter ? 0 : edit_load_key(l, word, value, &load);

		if (result == 1)
			return line_refuse(l, word, "rc, rate, pending, wave, or load=adapter");
		if (is_rc)
			m->queue_rc[queue] = (uint8_t)rc;
		else if (result == 0 && machine_set_load(m, queue, as_adapter ? NULL : &load) < 0)
			return line_refuse(l, value, "at most 255 different loads of queues");
		if (result < 0)
			return result;
	}
	return 0;
}

/* "06", "0047": as sysfs has it, both hexadecimal. */
static bool read_apqn(const char *adapter, const char *domain, uint64_t *ret_adapter, unsigned *ret_domain)
{
	char name[8];
	unsigned number;

	if (strlen(adapter) != 2 || strlen(domain) != 4)
		return false;
	memcpy(name, adapter, 2);
	name[2] = '.';
	memcpy(name + 3, domain, 5);
	if (parse_apqn(name, &number, ret_domain) < 0 || *ret_domain >= AP_IDS)
		return false;
	*ret_adapter = number;
	return true;
}

int line_edit_queue(struct line *l, struct machine *m)
{
	unsigned first, last;
	uint64_t adapter;
	char word[LINE_WORD] = "", *dot;
	int rc = 0;

	if (!line_word(l, word))
		return line_refuse(l, "queue", "ADAPTER.DOMAIN rc=N, or remove");
	if (strcmp(word, "remove") == 0) {
		memset(m->queue_rc, 0, sizeof(m->queue_rc));
		machine_clear_loads(m);
		return 0;
	}
	dot = strchr(word, '.');
	if (!dot)
		return line_refuse(l, word, "ADAPTER.DOMAIN or ADAPTER.FIRST-LAST");
	*dot = 0;
	if (read_apqn(word, dot + 1, &adapter, &first))
		last = first;
	else if (line_number(l, word, AP_IDS - 1, &adapter) < 0 || line_range(l, dot + 1, &first, &last) < 0)
		return -EINVAL;
	if (!line_word(l, word))
		return line_refuse(l, "queue", "rc=N, the queue's response code (0: as its adapter), or its load");
	do {
		rc = edit_queue_key(l, word, m, (unsigned)adapter << 8 | first, (unsigned)adapter << 8 | last);
	} while (rc == 0 && line_word(l, word));
	return rc;
}
