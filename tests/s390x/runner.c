/* SPDX-License-Identifier: MIT */
/* Runs the tests of the Criterion stand-in, each in a process of its own, and counts. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

static struct shim_test *tests;
static bool failed;	/* of the test that this process runs */

void shim_register(struct shim_test *test)
{
	test->next = tests;
	tests = test;
}

void shim_check(bool ok, bool fatal, const char *where, const char *format, ...)
{
	va_list args;

	if (ok)
		return;
	failed = true;
	va_start(args, format);
	printf("  %s:", where);
	vprintf(format, args);
	printf("\n");
	va_end(args);
	if (fatal)
		exit(1);
}

/* In the child. A test that never ends is ended by its alarm. */
static void run(const struct shim_test *test)
{
	alarm(test->options.timeout > 0 ? (unsigned)test->options.timeout + 1 : 120);
	if (test->options.init)
		test->options.init();
	test->run();
	if (test->options.fini)
		test->options.fini();
	exit(failed ? 1 : 0);
}

static bool passes(const struct shim_test *test)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(1);
	}
	if (child == 0)
		run(test);
	if (waitpid(child, &status, 0) != child)
		return false;
	if (test->options.signal)
		return WIFSIGNALED(status) && WTERMSIG(status) == test->options.signal;
	return WIFEXITED(status) && WEXITSTATUS(status) == test->options.exit_code;
}

int main(void)
{
	unsigned good = 0, bad = 0;

	for (const struct shim_test *t = tests; t; t = t->next) {
		if (t->options.disabled)
			continue;
		if (passes(t)) {
			good++;
		} else {
			printf("FAIL %s/%s\n", t->suite, t->name);
			bad++;
		}
	}
	printf("%u passed, %u failed\n", good, bad);
	return bad || !good;
}
