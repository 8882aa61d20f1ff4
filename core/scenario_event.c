/* SPDX-License-Identifier: MIT */
/* Events as text. What an action may be is in scenario_action.c. */
#include "core/scenario_event.h"

#include <errno.h>
#include <string.h>

#include "core/scenario_text.h"
#include "core/parse.h"

static const char *const trigger_names[] = { NULL, "after", "every", "write", "mdev", "guest" };

int scenario_event_refuse(struct page *message, const char *what, size_t length, const char *expected)
{
	page_printf(message, "\"%.*s\": expected %s", (int)length, what, expected);
	return -EINVAL;
}

const char *scenario_event_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

size_t scenario_event_word(const char *text)
{
	return strcspn(text, " \t:;\n");
}

bool scenario_event_word_is(const char *text, const char *word)
{
	return scenario_event_word(text) == strlen(word) && strncmp(text, word, strlen(word)) == 0;
}

int scenario_event_copy(char *to, size_t size, const char *text, size_t length)
{
	if (length >= size)
		return -EINVAL;
	memcpy(to, text, length);
	to[length] = 0;
	return 0;
}

int scenario_event_seconds(const char **text, int64_t *ret, struct page *message)
{
	size_t length = scenario_event_word(*text), digits;
	int64_t unit = INT64_C(1000000000);
	uint64_t whole;
	bool overflow;

	digits = parse_digits(*text, true, &whole, &overflow);
	if (!digits || overflow || whole > 1000000000)
		return scenario_event_refuse(message, *text, length, "seconds, such as 5 or 0.25");
	*ret = (int64_t)whole * unit;
	if ((*text)[digits] == '.')
		for (digits++; (*text)[digits] >= '0' && (*text)[digits] <= '9'; digits++) {
			unit /= 10;
			*ret += ((*text)[digits] - '0') * unit;
		}
	if (digits != length)
		return scenario_event_refuse(message, *text, length, "seconds, such as 5 or 0.25");
	*text += length;
	return 0;
}

int scenario_event_path(const char **text, char path[SCENARIO_PATH], struct page *message)
{
	const char *from = *text;
	size_t length;

	from += strspn(from, "/");
	if (strncmp(from, "sys/", 4) == 0)
		from += 4;
	length = strcspn(from, " \t;\n");
	/* the colon behind a path ends an event's words; no name in the tree ends so */
	if (length && from[length - 1] == ':')
		length--;
	if (!length || scenario_event_copy(path, SCENARIO_PATH, from, length) < 0)
		return scenario_event_refuse(message, *text, scenario_event_word(*text), "the path of a file, such as bus/ap/apmask");
	*text = from + length;
	return 0;
}

/* "TEXT" in quotes, if there is one */
static int parse_quoted(const char **text, struct scenario_event *v, struct page *message)
{
	const char *end;

	*text = scenario_event_blanks(*text);
	if (**text != '"')
		return 0;
	end = strchr(*text + 1, '"');
	if (!end || memchr(*text, '\n', (size_t)(end - *text)) ||
	    scenario_event_copy(v->text, sizeof(v->text), *text + 1, (size_t)(end - *text - 1)) < 0)
		return scenario_event_refuse(message, *text, scenario_event_word(*text), "a text of at most 255 bytes in quotes");
	v->has_text = true;
	*text = end + 1;
	return 0;
}

static int parse_subject(const char **text, struct scenario_event *v, struct page *message)
{
	size_t length = scenario_event_word(*text);

	if (!length || scenario_event_word_is(*text, "any")) {
		*text += length;
		return 0;
	}
	if (length != UUID_TEXT - 1 || parse_uuid(*text, v->uuid) < 0)
		return scenario_event_refuse(message, *text, length, "a UUID, or nothing for any");
	v->has_uuid = true;
	*text += length;
	return 0;
}

static int parse_when(const char **text, struct scenario_event *v, struct page *message)
{
	for (unsigned t = SCENARIO_ON_AFTER; t <= SCENARIO_ON_GUEST; t++)
		if (scenario_event_word_is(*text, trigger_names[t]))
			v->trigger = (uint8_t)t;
	if (!v->trigger)
		return scenario_event_refuse(message, *text, scenario_event_word(*text), "after, every, write, mdev or guest");
	*text = scenario_event_blanks(*text + scenario_event_word(*text));
	switch (v->trigger) {
	case SCENARIO_ON_WRITE:
		return scenario_event_path(text, v->path, message) < 0 ? -EINVAL : parse_quoted(text, v, message);
	case SCENARIO_ON_MDEV:
	case SCENARIO_ON_GUEST:
		return parse_subject(text, v, message);
	default:
		if (scenario_event_seconds(text, &v->interval, message) < 0)
			return -EINVAL;
		if (v->trigger == SCENARIO_ON_EVERY && v->interval < INT64_C(1000000))
			return scenario_event_refuse(message, "every", 5, "at least 0.001 seconds behind it");
		return 0;
	}
}

/* Checks each action, and keeps them with one "; " between them. */
static int parse_actions(const char *text, struct scenario_event *v, struct page *message)
{
	struct page kept;

	page_init_fixed(&kept, v->actions, sizeof(v->actions));
	do {
		struct scenario_action action;
		size_t length, with_end;

		text = scenario_event_blanks(text);
		if (scenario_action_parse(text, &action, &with_end, message) < 0)
			return -EINVAL;
		length = strcspn(text, ";\n");
		while (length && strchr(" \t", text[length - 1]))
			length--;
		if (kept.length + length + 3 > sizeof(v->actions))
			return scenario_event_refuse(message, text, length, "at most 1023 bytes of actions");
		if (kept.length)
			page_append(&kept, "; ", 2);
		page_append(&kept, text, length);
		text += with_end;
	} while (*text && *text != '\n');
	return 0;
}

int scenario_event_parse(const char *line, struct scenario_event *ret, struct page *message)
{
	struct scenario_event v = { 0 };
	const char *text = scenario_event_blanks(line);

	if (scenario_event_word_is(text, "always")) {
		v.always = true;
		text = scenario_event_blanks(text + 6);
	}
	if (parse_when(&text, &v, message) < 0)
		return -EINVAL;
	text = scenario_event_blanks(text);
	if (*text != ':')
		return scenario_event_refuse(message, text, scenario_event_word(text), "a colon, and the actions behind it");
	if (parse_actions(text + 1, &v, message) < 0)
		return -EINVAL;
	if (v.trigger == SCENARIO_ON_AFTER && v.always)
		return scenario_event_refuse(message, "always", 6, "every, for an event that comes again and again");
	v.always = v.always || v.trigger == SCENARIO_ON_EVERY;
	*ret = v;
	return 0;
}

static void print_seconds(int64_t ns, struct page *out)
{
	char fraction[16];
	struct page digits;

	page_init_fixed(&digits, fraction, sizeof(fraction));
	page_printf(&digits, "%09lld", (long long)(ns % 1000000000));
	while (digits.length > 1 && fraction[digits.length - 1] == '0')
		fraction[--digits.length] = 0;
	page_printf(out, " %lld", (long long)(ns / 1000000000));
	if (ns % 1000000000)
		page_printf(out, ".%s", fraction);
}

void scenario_event_print(const struct scenario_event *v, struct page *out)
{
	char uuid[UUID_TEXT];

	page_printf(out, "%s%s", v->always && v->trigger != SCENARIO_ON_EVERY ? "always " : "", trigger_names[v->trigger]);
	if (v->trigger == SCENARIO_ON_AFTER || v->trigger == SCENARIO_ON_EVERY)
		print_seconds(v->interval, out);
	else if (v->trigger == SCENARIO_ON_WRITE)
		page_printf(out, " %s", v->path);
	if (v->has_text)
		page_printf(out, " \"%s\"", v->text);
	if (v->has_uuid) {
		format_uuid(v->uuid, uuid);
		page_printf(out, " %s", uuid);
	}
	page_printf(out, ": %s", v->actions);
}
