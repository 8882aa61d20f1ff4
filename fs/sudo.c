/* SPDX-License-Identifier: MIT */
#include "fs/sudo.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "core/page.h"
#include "fs/kmod.h"

#define FAILED 1

static const char *const places[] = { "/usr/bin/sudo", "/bin/sudo", "/usr/local/bin/sudo", "/usr/sbin/sudo" };

struct request {
	bool shell, background, no_command;	/* no_command: -v, -k and their like want none */
	const char *directory;
};

bool sudo_is_called(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return strcmp(slash ? slash + 1 : argv0, "sudo") == 0;
}

static int refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int refuse(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "sudo: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	return FAILED;
}

static bool is_root(const char *name)
{
	return strcmp(name, "root") == 0 || strcmp(name, "#0") == 0 || strcmp(name, "0") == 0;
}

/* The environment stays as it is, and nobody is asked for a password: most options have nothing left to say. */
static int parse(int argc, char **argv, struct request *r)
{
	static const struct option longs[] = {
		{ "askpass", no_argument, NULL, 'A' },		{ "background", no_argument, NULL, 'b' },
		{ "bell", no_argument, NULL, 'B' },		{ "close-from", required_argument, NULL, 'C' },
		{ "chdir", required_argument, NULL, 'D' },	{ "preserve-env", optional_argument, NULL, 'E' },
		{ "group", required_argument, NULL, 'g' },	{ "set-home", no_argument, NULL, 'H' },
		{ "login", no_argument, NULL, 'i' },		{ "remove-timestamp", no_argument, NULL, 'K' },
		{ "reset-timestamp", no_argument, NULL, 'k' },	{ "list", no_argument, NULL, 'l' },
		{ "non-interactive", no_argument, NULL, 'n' },	{ "preserve-groups", no_argument, NULL, 'P' },
		{ "prompt", required_argument, NULL, 'p' },	{ "stdin", no_argument, NULL, 'S' },
		{ "shell", no_argument, NULL, 's' },		{ "command-timeout", required_argument, NULL, 'T' },
		{ "user", required_argument, NULL, 'u' },	{ "validate", no_argument, NULL, 'v' },
		{ 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "+AbBC:D:Eg:HiKklnPp:SsT:u:v", longs, NULL)) != -1) {
		switch (option) {
		case 'u':
		case 'g':
			if (!is_root(optarg))
				return refuse("%s: in a plain user's 'apsysfs run' there is nobody but root", optarg);
			break;
		case 'b':
			r->background = true;
			break;
		case 'D':
			r->directory = optarg;
			break;
		case 'i':
		case 's':
			r->shell = true;
			break;
		case 'K':
		case 'k':
		case 'l':
		case 'v':
			r->no_command = true;
			break;
		case '?':
			return refuse("'apsysfs run' stands in for sudo here, and does not know that option");
		default:
			break;
		}
	}
	return 0;
}

static bool is_assignment(const char *word)
{
	const char *equal = strchr(word, '=');

	return equal && equal > word && !memchr(word, '/', (size_t)(equal - word));
}

/* With -i and -s the words are one line for a shell, which is to read each as it stands. */
static int become_shell(char **words)
{
	const char *shell = getenv("SHELL");
	struct page line;

	if (!shell || !*shell)
		shell = "/bin/sh";
	if (!*words) {
		execl(shell, shell, NULL);
		return refuse("%s: %s", shell, strerror(errno));
	}
	if (page_init_growing(&line) < 0)
		return refuse("%s", strerror(ENOMEM));
	for (char **w = words; *w; w++) {
		page_printf(&line, "%s", w == words ? "" : " ");
		for (const char *c = *w; *c; c++)
			page_printf(&line, isalnum((unsigned char)*c) || strchr("_-$", *c) ? "%c" : "\\%c", *c);
	}
	execl(shell, shell, "-c", line.data, NULL);
	return refuse("%s: %s", shell, strerror(errno));
}

static int become(const struct request *r, char **words)
{
	if (r->directory && chdir(r->directory) < 0)
		return refuse("%s: %s", r->directory, strerror(errno));
	if (r->shell)
		return become_shell(words);
	execvp(*words, words);
	/* a folder of $PATH that may not be searched has not got it either */
	if (errno == ENOENT || (errno == EACCES && !strchr(*words, '/')))
		return refuse("%s: command not found", *words);
	return refuse("%s: %s", *words, strerror(errno));
}

int sudo_main(int argc, char **argv)
{
	struct request r = { 0 };
	char **words;

	if (parse(argc, argv, &r))
		return FAILED;
	for (words = argv + optind; *words && is_assignment(*words); words++)
		putenv(*words);
	if (!*words && r.no_command)
		return 0;
	if (!*words && !r.shell)
		return refuse("expected a command");
	if (r.background) {
		pid_t child = fork();

		if (child != 0)
			return child < 0 ? refuse("%s", strerror(errno)) : 0;
	}
	return become(&r, words);
}

void sudo_install(void)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (realpath(places[i], real) && mount(KMOD_BIN "/apsysfs", real, NULL, MS_BIND, NULL) < 0)
			fprintf(stderr, "apsysfs run: %s is the host's, and will refuse its work: %s\n", real,
				strerror(errno));
}
