/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "hostbackend/audit.h"

static const struct audit_line sample = {
	.outcome = AUDIT_REFUSED, .caller = { 1001, 1002, 0 }, .opener = { 0, 0, 0 }, .command = "sh",
	.path = "/bus/ap/apmask", .text = "-5", .length = 2, .before = "apmask 5", .after = "apmask -",
	.rule = "operators", .reason = "adapter 5 is in no grant's pool", .result = -EACCES,
};

static void folder(char *path)
{
	strcpy(path, "/tmp/apsysfs-audit.XXXXXX");
	cr_assert(mkdtemp(path) != NULL);
	cr_assert_eq(chdir(path), 0);
}

static void leave(const char *path)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", path);
	cr_assert_eq(system(command), 0);
}

static size_t slurp(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, size - 1);

	close(fd);
	cr_assert(n >= 0);
	text[n] = 0;
	return (size_t)n;
}

/* Writes the line and reads it back; its text stays in *ret. */
static struct json_object *round_trip(const struct audit_line *line, char *text, size_t size)
{
	struct json_object *o;
	struct audit *a;
	char dir[64];
	size_t n;

	folder(dir);
	cr_assert_eq(audit_open_file("log", &a), 0);
	cr_assert_eq(audit_write(a, line), 0);
	audit_close(a);
	n = slurp("log", text, size);
	leave(dir);
	cr_assert(n > 0 && text[n - 1] == '\n');
	cr_assert_eq(strchr(text, '\n') - text, (long)n - 1, "one line");
	o = json_tokener_parse(text);
	cr_assert(o != NULL, "%s", text);
	return o;
}

static const char *string_of(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) ? json_object_get_string(value) : "(none)";
}

Test(audit, a_line_says_who_what_and_why)
{
	static const struct {
		const char *key, *value;
	} expected[] = {
		{ "v", "1" },
		{ "event", "write" },
		{ "outcome", "denied" },
		{ "uid", "1001" },
		{ "gid", "1002" },
		{ "pid", "0" },
		{ "command", "sh" },
		{ "opener_uid", "0" },
		{ "attribute", "/bus/ap/apmask" },
		{ "value", "-5" },
		{ "before", "apmask 5" },
		{ "after", "apmask -" },
		{ "rule", "operators" },
		{ "reason", "adapter 5 is in no grant's pool" },
		{ "result", "EACCES" },
	};
	char text[8192];
	struct json_object *o = round_trip(&sample, text, sizeof(text));

	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		cr_expect_str_eq(string_of(o, expected[i].key), expected[i].value, "%s", expected[i].key);
	cr_expect_eq(json_object_object_length(o), sizeof(expected) / sizeof(*expected) + 1);
	/* 2026-11-24T23:59:59.123456Z */
	cr_expect_eq(strlen(string_of(o, "time")), 27);
	cr_expect(string_of(o, "time")[10] == 'T' && string_of(o, "time")[26] == 'Z');
	json_object_put(o);
}

Test(audit, outcomes_and_results)
{
	static const struct {
		enum audit_outcome outcome;
		int result;
		const char *reason, *event, *text, *result_text;
	} cases[] = {
		{ AUDIT_ALLOWED, 0, NULL, "write", "allowed", "done" },
		{ AUDIT_ALLOWED, BACKEND_WAITS, NULL, "write", "allowed", "waits" },
		{ AUDIT_ALLOWED, -EINVAL, NULL, "write", "allowed", "EINVAL" },
		{ AUDIT_WOULD_ALLOW, 0, NULL, "write", "would-allow", "done" },
		{ AUDIT_REFUSED, -EACCES, "no", "write", "denied", "EACCES" },
		{ AUDIT_RESULT, -EBUSY, NULL, "result", "allowed", "EBUSY" },
		{ AUDIT_OPEN_REFUSED, -EACCES, "no", "open", "denied", "EACCES" },
		{ AUDIT_POLICY, 0, NULL, "policy", "loaded", "done" },
		{ AUDIT_POLICY, -EINVAL, "p.yaml:1:1: no", "policy", "refused", "EINVAL" },
	};
	char text[8192];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct audit_line line = { .outcome = cases[i].outcome, .result = cases[i].result,
					   .reason = cases[i].reason, .path = "/x" };
		struct json_object *o = round_trip(&line, text, sizeof(text));

		cr_expect_str_eq(string_of(o, "event"), cases[i].event, "%zu", i);
		cr_expect_str_eq(string_of(o, "outcome"), cases[i].text, "%zu", i);
		cr_expect_str_eq(string_of(o, "result"), cases[i].result_text, "%zu", i);
		json_object_put(o);
	}
}

Test(audit, a_value_may_be_any_bytes_and_none_is_lost)
{
	struct audit_line line = sample;
	char bytes[256], text[8192];
	struct json_object *o, *value;
	const char *got;
	size_t at = 0;

	for (size_t i = 0; i < 256; i++)
		bytes[i] = (char)i;
	line.text = bytes;
	line.length = sizeof(bytes);
	o = round_trip(&line, text, sizeof(text));
	for (const char *c = text; *c && *c != '\n'; c++)
		cr_expect((unsigned char)*c >= 0x20 && *c != 0x7f, "a terminal would obey byte %02x", (unsigned char)*c);
	cr_expect_eq(strstr(text, "\xc2\x9b"), NULL, "neither its 8-bit forms");
	json_object_object_get_ex(o, "value", &value);
	got = json_object_get_string(value);
	for (unsigned i = 0; i < 256; i++) {
		unsigned c = (unsigned char)got[at++];

		if (c >= 0x80)
			c = (c & 3) << 6 | ((unsigned char)got[at++] & 0x3f);
		cr_expect_eq(c, i);
	}
	cr_expect_eq((size_t)json_object_get_string_len(value), at);
	json_object_put(o);
}

Test(audit, a_long_value_is_cut_and_says_so)
{
	static char text[65536], bytes[300000];
	struct audit_line line = sample;
	struct json_object *o;

	memset(bytes, 1, sizeof(bytes));
	line.text = bytes;
	line.length = sizeof(bytes);
	o = round_trip(&line, text, sizeof(text));
	cr_expect_eq(strlen(string_of(o, "value")), 4096);
	cr_expect_str_eq(string_of(o, "value_length"), "300000");
	json_object_put(o);
}

Test(audit, the_command_is_that_of_the_process)
{
	struct audit_line line = sample;
	char text[8192], own[64] = "";
	struct json_object *o;

	line.command = NULL;
	line.caller.pid = getpid();
	line.opener = line.caller;
	cr_assert(slurp("/proc/self/comm", own, sizeof(own)) > 0);
	own[strlen(own) - 1] = 0;
	o = round_trip(&line, text, sizeof(text));
	cr_expect_str_eq(string_of(o, "command"), own);
	cr_expect_str_eq(string_of(o, "opener_uid"), "(none)");
	json_object_put(o);
	line.caller.pid = 0x7ffffffe;
	o = round_trip(&line, text, sizeof(text));
	cr_expect_str_eq(string_of(o, "command"), "(none)");
	json_object_put(o);
}

Test(audit, what_cannot_be_recorded_is_an_error)
{
	struct audit *a;

	cr_assert_eq(audit_open_file("/dev/full", &a), 0);
	cr_expect_eq(audit_write(a, &sample), -ENOSPC);
	audit_close(a);
	cr_expect_eq(audit_open_file("/nowhere/log", &a), -ENOENT);
	cr_expect_eq(audit_open_file("/", &a), -EISDIR);
	cr_expect_eq(audit_open_journal("/nowhere/socket", &a), -ENOENT);
}

Test(audit, a_file_is_private_and_appended_to)
{
	static char text[8192];
	struct audit *a;
	struct stat st;
	char dir[64];

	folder(dir);
	umask(0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(audit_open_file("log", &a), 0);
		/* the name is good from anywhere */
		cr_assert_eq(chdir("/"), 0);
		cr_expect_eq(audit_write(a, &sample), 0);
		cr_assert_eq(chdir(dir), 0);
		audit_close(a);
	}
	cr_assert_eq(stat("log", &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	slurp("log", text, sizeof(text));
	cr_expect(strchr(strchr(text, '\n') + 1, '\n') != NULL, "two lines");
	leave(dir);
}

Test(audit, a_file_that_was_moved_away_is_opened_anew)
{
	struct audit *a;
	char dir[64];
	struct stat st;

	folder(dir);
	cr_assert_eq(audit_open_file("log", &a), 0);
	cr_assert_eq(rename("log", "old"), 0);
	cr_expect_eq(audit_write(a, &sample), 0);
	cr_expect_eq(audit_reopen(a), 0);
	cr_expect_eq(audit_write(a, &sample), 0);
	cr_assert_eq(stat("log", &st), 0);
	cr_expect(st.st_size > 0);
	/* where it cannot be, the old one goes on */
	cr_assert_eq(unlink("log"), 0);
	cr_assert_eq(mkdir("log", 0700), 0);
	cr_expect_eq(audit_reopen(a), -EISDIR);
	cr_expect_eq(audit_write(a, &sample), 0);
	audit_close(a);
	leave(dir);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

Test(audit, the_journal_gets_fields_of_a_line_each)
{
	static char text[65536];
	struct audit *a;
	char dir[64];
	ssize_t n;
	int fd, rc = 0;

	folder(dir);
	fd = listen_at("socket");
	cr_assert_eq(audit_open_journal("socket", &a), 0);
	cr_assert_eq(audit_write(a, &sample), 0);
	n = recv(fd, text, sizeof(text) - 1, 0);
	cr_assert(n > 0);
	text[n] = 0;
	cr_expect_eq(strncmp(text, "SYSLOG_IDENTIFIER=apsysfs\nPRIORITY=5\nMESSAGE={\"v\":1,", 52), 0, "%s", text);
	cr_expect_eq(text[n - 1], '\n');
	/* one that was started anew is found, one that is gone or does not keep up is an error */
	close(fd);
	unlink("socket");
	cr_expect_eq(audit_write(a, &sample), -ECONNREFUSED);
	fd = listen_at("socket");
	cr_expect_eq(audit_write(a, &sample), 0);
	cr_expect(recv(fd, text, sizeof(text) - 1, 0) > 0);
	for (int i = 0; i < 10000 && rc == 0; i++)
		rc = audit_write(a, &sample);
	cr_expect_eq(rc, -EAGAIN);
	close(fd);
	audit_close(a);
	leave(dir);
}

static void *write_many(void *audit)
{
	for (int i = 0; i < 500; i++)
		cr_assert_eq(audit_write(audit, &sample), 0);
	return NULL;
}

Test(audit, lines_of_many_threads_do_not_mix)
{
	pthread_t thread[4];
	struct audit *a;
	char dir[64], line[8192];
	int lines = 0;
	FILE *f;

	folder(dir);
	cr_assert_eq(audit_open_file("log", &a), 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, write_many, a);
	for (int i = 0; i < 50; i++)
		cr_expect_eq(audit_reopen(a), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	audit_close(a);
	f = fopen("log", "r");
	while (fgets(line, sizeof(line), f)) {
		struct json_object *o = json_tokener_parse(line);

		cr_assert(o != NULL, "%s", line);
		json_object_put(o);
		lines++;
	}
	fclose(f);
	cr_expect_eq(lines, 2000);
	leave(dir);
}

/* The manual names each key: as a word behind .B or .BR. */
Test(audit, every_key_is_in_the_manual)
{
	struct audit_line line = sample;
	static char manual[65536], text[65536], long_value[5000];
	struct json_object *o;

	slurp("fs/man/apsysfs-audit.5", manual, sizeof(manual));
	line.caller.pid = 1;
	line.text = long_value;
	line.length = sizeof(long_value);
	for (int policy = 0; policy < 2; policy++) {
		if (policy)
			line.outcome = AUDIT_POLICY;
		o = round_trip(&line, text, sizeof(text));
		json_object_object_foreach(o, key, value)
		{
			bool found = false;

			for (char *at = manual; (at = strstr(at, "\n.TP\n.B")) != NULL; at++) {
				char head[256];

				snprintf(head, sizeof(head), "%.*s", (int)strcspn(at + 5, "\n"), at + 5);
				for (char *word = strtok(head, " \","); word; word = strtok(NULL, " \","))
					found |= strcmp(word, key) == 0;
			}
			cr_expect(found, "%s is not in apsysfs-audit(5)", key);
			(void)value;
		}
		json_object_put(o);
	}
}
