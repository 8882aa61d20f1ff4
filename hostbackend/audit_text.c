/* SPDX-License-Identifier: MIT */
#include "hostbackend/audit_text.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What happened, and how it ended; outcomes of AUDIT_POLICY depend on the reason. */
static const struct {
	const char *event, *outcome;
} names[] = {
	[AUDIT_ALLOWED] = { "write", "allowed" },
	[AUDIT_WOULD_ALLOW] = { "write", "would-allow" },
	[AUDIT_REFUSED] = { "write", "denied" },
	[AUDIT_RESULT] = { "result", "allowed" },
	[AUDIT_OPEN_REFUSED] = { "open", "denied" },
	[AUDIT_POLICY] = { "policy", "loaded" },
};

struct draft {
	struct json_object *object;
	bool failed;		/* no memory for some of it */
};

static void add(struct draft *o, const char *key, struct json_object *value)
{
	if (!value || json_object_object_add(o->object, key, value) < 0) {
		json_object_put(value);
		o->failed = true;
	}
}

static void add_number(struct draft *o, const char *key, int64_t number)
{
	add(o, key, json_object_new_int64(number));
}

/* Of bytes that may be anything: a character each, U+0000 to U+00FF, so that nothing is lost and all of it is UTF-8. */
static void add_bytes(struct draft *o, const char *key, const char *bytes, size_t length)
{
	char text[2 * AUDIT_VALUE_MAX];
	int n = 0;

	for (size_t i = 0; i < length && i < AUDIT_VALUE_MAX; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte >= 0x80)
			text[n++] = (char)(0xc0 | byte >> 6);
		text[n++] = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
	}
	add(o, key, json_object_new_string_len(text, n));
}

static void add_text(struct draft *o, const char *key, const char *text)
{
	if (text)
		add_bytes(o, key, text, strlen(text));
}

static void add_time(struct draft *o)
{
	struct timespec now;
	struct tm utc;
	char text[64];
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + n, sizeof(text) - n, ".%06ldZ", now.tv_nsec / 1000);
	add_text(o, "time", text);
}

/* By the process that asks right now; a name is its owner's to choose, so it explains and proves nothing. */
static void add_command(struct draft *o, const struct audit_line *line)
{
	char path[32], name[64];
	ssize_t n = -1;
	int fd;

	if (line->command) {
		add_text(o, "command", line->command);
		return;
	}
	/* 0: a process of another pid namespace */
	if (line->caller.pid <= 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)line->caller.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, sizeof(name));
		close(fd);
	}
	if (n > 0)
		add_bytes(o, "command", name, (size_t)n - (name[n - 1] == '\n'));
}

static void add_result(struct draft *o, int result)
{
	const char *name = result == 0 ? "done" : result == BACKEND_WAITS ? "waits" : strerrorname_np(-result);

	add_text(o, "result", name ? name : "unknown");
}

static void add_value(struct draft *o, const struct audit_line *line)
{
	if (!line->text)
		return;
	add_bytes(o, "value", line->text, line->length);
	if (line->length > AUDIT_VALUE_MAX)
		add_number(o, "value_length", (int64_t)line->length);
}

static void add_who(struct draft *o, const struct audit_line *line)
{
	add_number(o, "uid", line->caller.uid);
	add_number(o, "gid", line->caller.gid);
	add_number(o, "pid", line->caller.pid);
	add_command(o, line);
	if (line->opener.uid != line->caller.uid)
		add_number(o, "opener_uid", line->opener.uid);
	if (line->opener.pid != line->caller.pid)
		add_number(o, "opener_pid", line->opener.pid);
}

static void add_all(struct draft *o, const struct audit_line *line)
{
	bool policy = line->outcome == AUDIT_POLICY;

	add_number(o, "v", 1);
	add_time(o);
	add_text(o, "event", names[line->outcome].event);
	add_text(o, "outcome", policy && line->reason ? "refused" : names[line->outcome].outcome);
	if (!policy)
		add_who(o, line);
	add_text(o, policy ? "file" : "attribute", line->path);
	add_value(o, line);
	add_text(o, "before", line->before);
	add_text(o, "after", line->after);
	/* of the policy file, which its parser saw to be UTF-8 */
	if (line->rule)
		add(o, "rule", json_object_new_string(line->rule));
	add_text(o, "reason", line->reason);
	add_result(o, line->result);
}

/* JSON leaves DEL and U+0080 to U+009F as they are, but terminals may obey them. */
static void print_safely(const char *text, size_t length, struct page *out)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i], next = (unsigned char)text[i + 1];

		if (byte == 0x7f)
			page_append(out, "\\u007f", 6);
		else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f)
			page_printf(out, "\\u%04x", (unsigned)(unsigned char)text[++i]);
		else
			page_append(out, text + i, 1);
	}
	page_append(out, "\n", 1);
}

static int format(struct draft *o, const struct audit_line *line, struct page *out)
{
	const char *text;
	size_t length;

	add_all(o, line);
	text = json_object_to_json_string_length(o->object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	if (o->failed || !text)
		return -ENOMEM;
	print_safely(text, length, out);
	/* a page that cannot grow cuts */
	return out->length && out->data[out->length - 1] == '\n' ? 0 : -ENOMEM;
}

int audit_format(const struct audit_line *line, struct page *out)
{
	struct draft draft = { .object = json_object_new_object() };
	int rc;

	if (!draft.object)
		return -ENOMEM;
	rc = format(&draft, line, out);
	json_object_put(draft.object);
	return rc;
}
