/* SPDX-License-Identifier: MIT */
#include "fs/scenario_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/scenario_event.h"

#define WHAT 80

#define TEXT(member) \
	CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_event, member, 0, 512)

static const cyaml_schema_value_t action_schema = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, 512) };

static const cyaml_schema_field_t event_fields[] = {
	TEXT(after), TEXT(every), TEXT(write), TEXT(text), TEXT(mdev), TEXT(guest), TEXT(always),
	CYAML_FIELD_SEQUENCE("do", CYAML_FLAG_POINTER, struct yaml_event, actions, &action_schema, 1, CYAML_UNLIMITED),
	CYAML_FIELD_END
};

const cyaml_schema_value_t yaml_event_schema = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_event,
								     event_fields) };

/* What would end the value in a line, and so be something else there. */
static bool is_plain(const char *value, const char *ends)
{
	return *value && !strpbrk(value, ends);
}

static int complain(struct page *message, const char *value, const char *expected)
{
	page_printf(message, "\"%s\": expected %s", value, expected);
	return -EINVAL;
}

/* "write bus/ap/apmask", as far as the line form knows nothing of quotes and lists. */
static int print_when(const struct yaml_event *y, struct page *line, char *what, struct page *message)
{
	const struct { const char *key, *value; } when[] = {
		{ "after", y->after }, { "every", y->every }, { "write", y->write }, { "mdev", y->mdev }, { "guest", y->guest },
	};
	int said = 0;

	for (size_t i = 0; i < sizeof(when) / sizeof(*when); i++) {
		if (!when[i].value)
			continue;
		snprintf(what, WHAT, "%s", when[i].key);
		if (said++)
			return complain(message, when[i].key, "only one of after, every, write, mdev and guest");
		if (!is_plain(when[i].value, " \t\n;\":"))
			return complain(message, when[i].value, "a word without blanks, quotes, colons and semicolons");
		page_printf(line, "%s %s", when[i].key, when[i].value);
	}
	*what = 0;
	if (!said)
		return complain(message, "do", "after, every, write, mdev or guest before it");
	if (!y->text)
		return 0;
	snprintf(what, WHAT, "text");
	if (!y->write)
		return complain(message, y->text, "write, whose text it is");
	if (strpbrk(y->text, "\"\n"))
		return complain(message, y->text, "a text without quotes and line breaks");
	page_printf(line, " \"%s\"", y->text);
	return 0;
}

/* Is the event right with this action alone? */
static int check(const char *line, struct page *message)
{
	struct scenario_event event;

	return scenario_event_parse(line, &event, message);
}

int yaml_event_print(const struct yaml_event *y, struct page *out, char *what, struct page *message)
{
	char text[SCENARIO_LINE], trial[SCENARIO_LINE];
	bool always = y->always && (strcmp(y->always, "true") == 0 || strcmp(y->always, "yes") == 0);
	struct page line, one;

	page_init_fixed(&line, text, sizeof(text));
	page_printf(&line, "%s", always ? "always " : "");
	if (print_when(y, &line, what, message) < 0)
		return -EINVAL;
	page_init_fixed(&one, trial, sizeof(trial));
	page_printf(&one, "%s: scan", text);
	if (check(trial, message) < 0)
		return -EINVAL;
	for (unsigned i = 0; i < y->actions_count; i++) {
		snprintf(what, WHAT, "do.%u", i);
		if (strpbrk(y->actions[i], ";\n"))
			return complain(message, y->actions[i], "one action, without a semicolon");
		page_init_fixed(&one, trial, sizeof(trial));
		page_printf(&one, "after 0: %s", y->actions[i]);
		if (check(trial, message) < 0)
			return -EINVAL;
		page_printf(&line, "%s%s", i ? "; " : ": ", y->actions[i]);
	}
	*what = 0;
	if (check(text, message) < 0)
		return -EINVAL;
	page_printf(out, "%s\n", text);
	return 0;
}
