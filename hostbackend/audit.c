/* SPDX-License-Identifier: MIT */
#include "hostbackend/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct audit {
	int fd;
};

int audit_open_file(const char *path, struct audit **ret)
{
	struct audit *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (a->fd < 0) {
		int rc = -errno;

		free(a);
		return rc;
	}
	*ret = a;
	return 0;
}

void audit_close(struct audit *a)
{
	if (!a)
		return;
	close(a->fd);
	free(a);
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	if (text)
		json_object_object_add(o, key, json_object_new_string(text));
}

static void add_number(struct json_object *o, const char *key, int64_t number)
{
	json_object_object_add(o, key, json_object_new_int64(number));
}

int audit_write(struct audit *a, const struct audit_line *line)
{
	static const char *const outcomes[] = { "allowed", "refused", "result", "open-refused", "policy" };
	struct json_object *o = json_object_new_object();
	const char *text;
	size_t length;
	ssize_t n;

	if (!o)
		return -ENOMEM;
	add_number(o, "time", time(NULL));
	add_number(o, "uid", line->caller.uid);
	add_number(o, "gid", line->caller.gid);
	add_number(o, "pid", line->caller.pid);
	add_number(o, "opener_uid", line->opener.uid);
	add_text(o, "command", line->command);
	add_text(o, "path", line->path);
	if (line->text)
		json_object_object_add(o, "text", json_object_new_string_len(line->text, (int)line->length));
	add_text(o, "before", line->before);
	add_text(o, "after", line->after);
	add_text(o, "rule", line->rule);
	add_text(o, "outcome", outcomes[line->outcome]);
	add_text(o, "reason", line->reason);
	add_number(o, "result", line->result);
	json_object_object_add(o, "v", json_object_new_int(1));
	text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &length);
	/* the NUL behind the text becomes the newline: one write, so that lines of others do not come between */
	((char *)(uintptr_t)text)[length] = '\n';
	n = write(a->fd, text, length + 1);
	((char *)(uintptr_t)text)[length] = 0;
	json_object_put(o);
	return n == (ssize_t)length + 1 ? 0 : n < 0 ? -errno : -ENOSPC;
}
