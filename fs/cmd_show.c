/* SPDX-License-Identifier: MIT */
/* apsysfs show: adapters by domains, as a picture or as JSON, once or with each change. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/command.h"
#include "fs/control.h"
#include "fs/picture.h"

#define WIDTH 80
#define CLEAR "\033[H\033[2J"
#define BREATH 100	/* ms: more pictures than ten a second nobody sees */

static const char usage[] =
	"Usage: apsysfs show [OPTIONS]\n"
	"Draw adapters by domains: who owns each queue, and in what condition it is. Adapters and domains next to\n"
	"each other that look the same are drawn once.\n\n"
	"  --sys DIR            a sysfs, such as /sys, or a copy of one (default: the mount)\n"
	CONTROL_OPTION_HELP
	"  --json               as JSON\n"
	"  --watch              again with each change, until the mount is gone or Ctrl-C: on a terminal in place,\n"
	"                       else one picture after the other; with --json an object a line\n"
	"  -h, --help           this text\n\n"
	"Colours only on a terminal, and not if NO_COLOR is set.\n"
	"Exit status: 0 drawn, 1 there is no AP bus or nothing that can be watched, 2 usage.\n";

struct show {
	const char *sys;
	bool json, watch;
};

static int screen_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : WIDTH;
}

/* The whole text of what there is now, from malloc; NULL after setting *ret_rc. */
static char *render(const struct show *s, int *ret_rc)
{
	struct picture *p = malloc(sizeof(*p));
	char *text = NULL;
	size_t length;
	FILE *out;

	*ret_rc = p ? picture_read(p, s->sys) : -ENOMEM;
	if (*ret_rc < 0) {
		free(p);
		return NULL;
	}
	out = open_memstream(&text, &length);
	if (out && s->json)
		picture_print_json(p, out, s->watch);
	else if (out)
		picture_draw(p, out, screen_width(), isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
	if (!out || fclose(out) != 0)
		*ret_rc = -ENOMEM;
	picture_free(p);
	free(p);
	return text;
}

static int show_once(const struct show *s)
{
	int rc;
	char *text = render(s, &rc);

	if (rc < 0)
		fprintf(stderr, "apsysfs show: %s: %s\n", s->sys,
			rc == -ENOENT ? "has no devices/ap; name a sysfs with an AP bus with --sys, or mount one" : strerror(-rc));
	else
		fputs(text, stdout);
	free(text);
	return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

/* --- watching ------------------------------------------------------------------------------------------ */

struct watch {
	char path[4200];	/* of the file that tells of changes */
	int changes;		/* it, open */
	int mounts;		/* the table of mounts, whose poll tells of changes to it; -1: not here */
};

/* Taken off the tree while we have a file of it open, the mount lives on, but nobody will change it any more. */
static bool still_mounted(const struct watch *w)
{
	struct stat open, named;

	return fstat(w->changes, &open) == 0 && stat(w->path, &named) == 0 && open.st_dev == named.st_dev;
}

/* Waits for the next change. false: there will be none, the mount is gone or nobody reads any more. */
static bool wait_for_change(const struct watch *w)
{
	/* the second only tells of an end: of the terminal, or of a pipe's reader */
	struct pollfd fds[] = { { w->changes, POLLPRI, 0 }, { STDOUT_FILENO, 0, 0 }, { w->mounts, POLLPRI, 0 } };

	do {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return false;
		if ((fds[0].revents & (POLLHUP | POLLNVAL)) || (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)))
			return false;
		if (fds[2].revents && !still_mounted(w))
			return false;
	} while (!fds[0].revents);
	return true;
}

/* What changes from now on is news. false: the mount is gone. */
static bool see(int changes)
{
	char text[32];

	return pread(changes, text, sizeof(text), 0) > 0;
}

static void show_anew(const struct show *s, const char *text, bool first)
{
	bool terminal = isatty(STDOUT_FILENO);

	if (!s->json && (terminal || !first))
		fputs(terminal ? CLEAR : "\n", stdout);
	fputs(text, stdout);
	fflush(stdout);
}

static void show_until_end(const struct show *s, const struct watch *w)
{
	char *shown = NULL, *text;
	int rc = 0;

	while (see(w->changes)) {
		text = render(s, &rc);
		/* it may have gone meanwhile */
		if (rc < 0)
			break;
		if (!shown || strcmp(shown, text) != 0)
			show_anew(s, text, !shown);
		free(shown);
		shown = text;
		poll(NULL, 0, BREATH);
		if (!wait_for_change(w) || ferror(stdout))
			break;
	}
	free(shown);
}

static int show_each(const struct show *s)
{
	struct watch w;

	snprintf(w.path, sizeof(w.path), "%s/.apsysfs/changes", s->sys);
	w.changes = open(w.path, O_RDONLY | O_CLOEXEC);
	if (w.changes < 0) {
		fprintf(stderr, "apsysfs show: %s: %s; only a mount of apsysfs can be watched\n", w.path, strerror(errno));
		return STATUS_FAILED;
	}
	w.mounts = open("/proc/self/mounts", O_RDONLY | O_CLOEXEC);
	show_until_end(s, &w);
	close(w.changes);
	if (w.mounts >= 0)
		close(w.mounts);
	return STATUS_OK;
}

/* --- the command --------------------------------------------------------------------------------------- */

static int run(int argc, char **argv)
{
	enum { OPTION_SYS = 1000, OPTION_JSON, OPTION_WATCH };
	static const struct option longs[] = { { "sys", required_argument, NULL, OPTION_SYS },
					       { "json", no_argument, NULL, OPTION_JSON },
					       { "watch", no_argument, NULL, OPTION_WATCH },
					       CONTROL_OPTION_LONG,
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	const char *mount = NULL;
	struct show s = { 0 };
	char control[4096];
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (option == OPTION_SYS) {
			s.sys = optarg;
		} else if (option == OPTION_JSON) {
			s.json = true;
		} else if (option == OPTION_WATCH) {
			s.watch = true;
		} else if (option == 'm') {
			mount = optarg;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		} else {
			fprintf(stderr, "Try 'apsysfs show --help'.\n");
			return STATUS_USAGE;
		}
	}
	if (optind != argc) {
		fprintf(stderr, "apsysfs show: %s: expected options only; try 'apsysfs show --help'\n", argv[optind]);
		return STATUS_USAGE;
	}
	if (!s.sys) {
		if (control_find(mount, control, sizeof(control)) < 0)
			return STATUS_FAILED;
		*strrchr(control, '/') = 0;
		s.sys = control;
	}
	return s.watch ? show_each(&s) : show_once(&s);
}

const struct command command_show = { "show", "draw who owns which queue", usage, run };
