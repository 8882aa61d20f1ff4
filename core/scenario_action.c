/* SPDX-License-Identifier: MIT */
/* What an event does, as text (core/scenario_event.h). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/scenario_text.h"
#include "core/machine.h"
#include "core/parse.h"

/* A machine that has everything: what it refuses is wrong on any. */
static int check_machine_line(const char *line, struct page *message)
{
	struct machine *m = malloc(sizeof(*m));
	int number, rc;

	if (!m)
		return -ENOMEM;
	machine_init(m);
	for (unsigned i = 0; i < AP_IDS; i++) {
		m->adapter[i].present = true;
		m->adapter[i].type = 11;
	}
	rc = machine_edit(m, line, &number, message);
	free(m);
	return rc;
}

/* The words from text on, mode= as func=, behind what is in out. */
static void copy_words(const char *text, size_t length, struct page *out)
{
	const char *end = text + length;

	while ((text = scenario_event_blanks(text)) < end) {
		size_t word = strcspn(text, " \t;\n");
		bool mode = word > 5 && strncmp(text, "mode=", 5) == 0;

		page_printf(out, " %s%.*s", mode ? "func" : "", (int)(word - (mode ? 4 : 0)), text + (mode ? 4 : 0));
		text += word;
	}
}

/* plug ID TYPE ..., set ID|APQN ..., and the words for single states. arg: what follows the verb */
static int parse_plug(const char *verb, const char *arg, size_t length, struct scenario_action *ret, struct page *message)
{
	static const struct { const char *verb, *adapter, *queue; } verbs[] = {
		{ "unplug", " remove", NULL }, { "checkstop", " state=checkstopped", " rc=4" },
		{ "deconfigure", " state=deconfigured", " rc=3" }, { "restore", " state=online", " rc=0" },
		{ "plug", "", NULL }, { "set", "", "" },
	};
	size_t id = strcspn(arg, " \t;\n"), i = 0;
	const char *rest = scenario_event_blanks(arg + id);
	bool is_queue = memchr(arg, '.', id);
	struct page line;

	while (!scenario_event_word_is(verb, verbs[i].verb))
		i++;
	if (!id || (is_queue && !verbs[i].queue))
		return scenario_event_refuse(message, arg, id, "an adapter's number");
	page_init_fixed(&line, ret->text, sizeof(ret->text));
	page_printf(&line, "%s %.*s%s", is_queue ? "queue" : "adapter", (int)id, arg,
		    is_queue ? verbs[i].queue : verbs[i].adapter);
	/* the first word of plug may be the type alone */
	if (scenario_event_word_is(verb, "plug") && rest < arg + length) {
		size_t type = strcspn(rest, " \t;\n");

		if (!memchr(rest, '=', type)) {
			page_printf(&line, " type=%.*s", (int)type, rest);
			rest += type;
		}
	}
	copy_words(rest, (size_t)(arg + length - rest), &line);
	ret->verb = SCENARIO_MACHINE;
	ret->scan = true;
	return check_machine_line(ret->text, message);
}

/* "start guest [UUID] [nokvm]", "stop guest [UUID|all]" */
static int parse_guest(const char *verb, const char *arg, struct scenario_action *ret, struct page *message)
{
	const char *word = scenario_event_blanks(arg + scenario_event_word(arg));
	bool start = scenario_event_word_is(verb, "start");
	uint8_t uuid[16];
	struct page text;

	if (!scenario_event_word_is(arg, "guest"))
		return scenario_event_refuse(message, arg, scenario_event_word(arg), "guest, and a UUID or nothing for the event's");
	ret->verb = SCENARIO_GUEST;
	ret->rest = "";
	page_init_fixed(&text, ret->text, sizeof(ret->text));
	page_printf(&text, "%s ", start ? "start" : "stop");
	if (scenario_event_word(word) == UUID_TEXT - 1 && parse_uuid(word, uuid) == 0)
		page_append(&text, word, UUID_TEXT - 1);
	else if (!start && scenario_event_word_is(word, "all"))
		page_append(&text, word, 3);
	else
		ret->of_subject = true;
	if (!ret->of_subject || scenario_event_word_is(word, "$uuid"))
		word = scenario_event_blanks(word + scenario_event_word(word));
	if (start && scenario_event_word_is(word, "nokvm")) {
		ret->rest = " nokvm";
		word = scenario_event_blanks(word + 5);
	}
	if (*word && *word != ';' && *word != '\n')
		return scenario_event_refuse(message, word, scenario_event_word(word), "a UUID, nokvm (to start) or all (to stop)");
	return 0;
}

static int parse_module(const char *verb, const char *arg, struct scenario_action *ret, struct page *message)
{
	struct page text;

	if (scenario_event_word_is(arg, "module"))
		arg = scenario_event_blanks(arg + 6);
	if (!scenario_event_word(arg))
		return scenario_event_refuse(message, verb, scenario_event_word(verb), "a module's name behind it");
	page_init_fixed(&text, ret->text, sizeof(ret->text));
	page_printf(&text, "%s %.*s", scenario_event_word_is(verb, "load") ? "load" : "unload", (int)scenario_event_word(arg), arg);
	ret->verb = SCENARIO_MODULE;
	arg = scenario_event_blanks(arg + scenario_event_word(arg));
	return *arg && *arg != ';' && *arg != '\n' ? scenario_event_refuse(message, arg, scenario_event_word(arg), "nothing more") : 0;
}

static int parse_write(const char *arg, size_t length, struct scenario_action *ret, struct page *message)
{
	const char *end = arg + length;

	ret->verb = SCENARIO_WRITE;
	if (scenario_event_path(&arg, ret->path, message) < 0)
		return -EINVAL;
	arg = scenario_event_blanks(arg);
	if (arg > end)
		arg = end;
	if (scenario_event_copy(ret->text, sizeof(ret->text), arg, (size_t)(end - arg)) < 0)
		return scenario_event_refuse(message, arg, (size_t)(end - arg), "a text of at most 255 bytes");
	return 0;
}

static int parse_verb(const char *text, size_t length, struct scenario_action *ret, struct page *message)
{
	static const char *const plug[] = { "unplug", "plug", "set", "checkstop", "deconfigure", "restore" };
	const char *arg = scenario_event_blanks(text + scenario_event_word(text));
	size_t rest = length > (size_t)(arg - text) ? length - (size_t)(arg - text) : 0;

	for (size_t i = 0; i < sizeof(plug) / sizeof(*plug); i++)
		if (scenario_event_word_is(text, plug[i]))
			return parse_plug(text, arg, rest, ret, message);
	if (scenario_event_word_is(text, "start") || scenario_event_word_is(text, "stop"))
		return parse_guest(text, arg, ret, message);
	if (scenario_event_word_is(text, "load") || scenario_event_word_is(text, "unload"))
		return parse_module(text, arg, ret, message);
	if (scenario_event_word_is(text, "write"))
		return parse_write(arg, rest, ret, message);
	if (scenario_event_word_is(text, "wait")) {
		ret->verb = SCENARIO_WAIT;
		return scenario_event_seconds(&arg, &ret->wait, message);
	}
	ret->verb = scenario_event_word_is(text, "scan") ? SCENARIO_SCAN : SCENARIO_MACHINE;
	if (ret->verb == SCENARIO_SCAN)
		return rest ? scenario_event_refuse(message, arg, scenario_event_word(arg), "nothing more behind scan") : 0;
	if (scenario_event_copy(ret->text, sizeof(ret->text), text, length) < 0)
		return scenario_event_refuse(message, text, scenario_event_word(text), "at most 255 bytes");
	return check_machine_line(ret->text, message);
}

int scenario_action_parse(const char *text, struct scenario_action *ret, size_t *ret_length, struct page *message)
{
	size_t length = strcspn(text, ";\n"), end = length;

	*ret = (struct scenario_action){ .rest = "" };
	while (length && strchr(" \t\r", text[length - 1]))
		length--;
	if (!length)
		return scenario_event_refuse(message, "", 0, "an action, such as: unplug 5");
	if (text[end] == ';')
		end++;
	*ret_length = end + strspn(text + end, " \t");
	return parse_verb(text, length, ret, message);
}
