/* SPDX-License-Identifier: MIT */
/* Subjects as bytes, from one process to another that does not trust them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostbackend/subject.h"

static uint32_t member[] = { 7, 4294967294u, 9 };
static const struct subject group = { SUBJECT_GROUP, 70000, 3, member };

Test(subject, arrives_as_it_was)
{
	_Alignas(16) char bytes[256];
	struct subject s;
	size_t length = subject_pack(0, &group, bytes, sizeof(bytes));

	cr_assert_eq(subject_unpack(bytes, length, &s), 0);
	cr_expect(s.kind == SUBJECT_GROUP && s.id == 70000 && s.count == 3);
	cr_expect_arr_eq(s.member, member, sizeof(member));
	free(s.member);
	length = subject_pack(0, &(struct subject){ .kind = SUBJECT_USER, .id = 5 }, bytes, sizeof(bytes));
	cr_assert_eq(subject_unpack(bytes, length, &s), 0);
	cr_expect(s.kind == SUBJECT_USER && s.id == 5 && s.count == 0 && !s.member);
}

Test(subject, an_error_arrives_without_a_subject)
{
	_Alignas(16) char bytes[256];
	struct subject s;

	cr_expect_eq(subject_unpack(bytes, subject_pack(-ENOENT, &group, bytes, sizeof(bytes)), &s), -ENOENT);
	cr_expect(s.count == 0 && !s.member);
	/* more members than there is room for */
	cr_expect_eq(subject_unpack(bytes, subject_pack(0, &group, bytes, 24), &s), -E2BIG);
}

Test(subject, what_is_no_subject_is_refused)
{
	_Alignas(16) char bytes[256], changed[256];
	size_t length = subject_pack(0, &group, bytes, sizeof(bytes));
	const uint32_t wrong[][2] = { { 0, 1 }, { 4, SUBJECT_GROUP + 1 }, { 12, 2 }, { 12, 4 }, { 12, UINT32_MAX } };
	struct subject s;

	for (size_t cut = 0; cut < length; cut += 4)
		cr_expect_eq(subject_unpack(bytes, cut, &s), -EPROTO, "%zu bytes", cut);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memcpy(changed, bytes, length);
		memcpy(changed + wrong[i][0], &wrong[i][1], 4);
		cr_expect_eq(subject_unpack(changed, length, &s), -EPROTO, "%u at %u", wrong[i][1], wrong[i][0]);
		cr_expect(!s.member);
	}
}
