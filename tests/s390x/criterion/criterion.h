/* SPDX-License-Identifier: MIT */
/* Stand-in for Criterion where there is none (s390x under emulation): what our unit tests use of it. */
#ifndef TESTS_S390X_CRITERION_H
#define TESTS_S390X_CRITERION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shim_options {
	void (*init)(void);
	void (*fini)(void);
	const char *description;
	double timeout;
	int signal;		/* the test is to be killed by it */
	int exit_code;		/* the test is to exit with it */
	bool disabled;
};

struct shim_test {
	const char *suite, *name;
	void (*run)(void);
	struct shim_options options;
	struct shim_test *next;
};

void shim_register(struct shim_test *test);
void shim_check(bool ok, bool fatal, const char *where, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define SHIM_TEXT(x) #x
#define SHIM_LINE(x) SHIM_TEXT(x)
#define SHIM_WHERE __FILE__ ":" SHIM_LINE(__LINE__)

#define Test(suite_, name_, ...) \
	static void shim_run_##suite_##_##name_(void); \
	static struct shim_test shim_test_##suite_##_##name_ = { \
		.suite = #suite_, .name = #name_, .run = shim_run_##suite_##_##name_, \
		.options = { .timeout = 0, __VA_ARGS__ } \
	}; \
	__attribute__((constructor)) static void shim_add_##suite_##_##name_(void) \
	{ \
		shim_register(&shim_test_##suite_##_##name_); \
	} \
	static void shim_run_##suite_##_##name_(void)

/* The text in front names the check; a message of the test's own follows it. */
#define SHIM_CHECK(fatal, ok, text, ...) \
	shim_check(ok, fatal, SHIM_WHERE ": " text, " " __VA_ARGS__)

#define cr_assert(c, ...) SHIM_CHECK(true, !!(c), #c, __VA_ARGS__)
#define cr_expect(c, ...) SHIM_CHECK(false, !!(c), #c, __VA_ARGS__)
#define cr_assert_not(c, ...) SHIM_CHECK(true, !(c), "not " #c, __VA_ARGS__)
#define cr_expect_not(c, ...) SHIM_CHECK(false, !(c), "not " #c, __VA_ARGS__)
#define cr_assert_fail(...) SHIM_CHECK(true, false, "fail", __VA_ARGS__)
#define cr_expect_fail(...) SHIM_CHECK(false, false, "fail", __VA_ARGS__)

#define SHIM_COMPARE(fatal, a, op, b, ...) SHIM_CHECK(fatal, (a) op (b), #a " " #op " " #b, __VA_ARGS__)
#define cr_assert_eq(a, b, ...) SHIM_COMPARE(true, a, ==, b, __VA_ARGS__)
#define cr_expect_eq(a, b, ...) SHIM_COMPARE(false, a, ==, b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...) SHIM_COMPARE(true, a, !=, b, __VA_ARGS__)
#define cr_expect_neq(a, b, ...) SHIM_COMPARE(false, a, !=, b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...) SHIM_COMPARE(true, a, <, b, __VA_ARGS__)
#define cr_expect_lt(a, b, ...) SHIM_COMPARE(false, a, <, b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...) SHIM_COMPARE(true, a, <=, b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...) SHIM_COMPARE(false, a, <=, b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...) SHIM_COMPARE(true, a, >, b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...) SHIM_COMPARE(false, a, >, b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...) SHIM_COMPARE(true, a, >=, b, __VA_ARGS__)
#define cr_expect_geq(a, b, ...) SHIM_COMPARE(false, a, >=, b, __VA_ARGS__)
#define cr_assert_null(a, ...) SHIM_COMPARE(true, (const void *)(a), ==, NULL, __VA_ARGS__)
#define cr_expect_null(a, ...) SHIM_COMPARE(false, (const void *)(a), ==, NULL, __VA_ARGS__)
#define cr_assert_not_null(a, ...) SHIM_COMPARE(true, (const void *)(a), !=, NULL, __VA_ARGS__)
#define cr_expect_not_null(a, ...) SHIM_COMPARE(false, (const void *)(a), !=, NULL, __VA_ARGS__)

#define SHIM_STRINGS(fatal, a, op, b, ...) \
	SHIM_CHECK(fatal, strcmp(a, b) op 0, #a " " #op " " #b, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) SHIM_STRINGS(true, a, ==, b, __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...) SHIM_STRINGS(false, a, ==, b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) SHIM_STRINGS(true, a, !=, b, __VA_ARGS__)
#define cr_expect_str_neq(a, b, ...) SHIM_STRINGS(false, a, !=, b, __VA_ARGS__)
#define cr_assert_str_empty(a, ...) SHIM_STRINGS(true, a, ==, "", __VA_ARGS__)
#define cr_expect_str_empty(a, ...) SHIM_STRINGS(false, a, ==, "", __VA_ARGS__)

#define SHIM_ARRAYS(fatal, a, op, b, size, ...) \
	SHIM_CHECK(fatal, memcmp(a, b, size) op 0, #a " " #op " " #b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, size, ...) SHIM_ARRAYS(true, a, ==, b, size, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, size, ...) SHIM_ARRAYS(false, a, ==, b, size, __VA_ARGS__)
#define cr_assert_arr_neq(a, b, size, ...) SHIM_ARRAYS(true, a, !=, b, size, __VA_ARGS__)
#define cr_expect_arr_neq(a, b, size, ...) SHIM_ARRAYS(false, a, !=, b, size, __VA_ARGS__)

#endif
