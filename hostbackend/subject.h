/* SPDX-License-Identifier: MIT */
/* To whom a grant is. */
#ifndef HOSTBACKEND_SUBJECT_H
#define HOSTBACKEND_SUBJECT_H

#include "hostbackend/policy.h"

/*
 * "everyone", "user:NAME", "uid:N", "group:NAME", "gid:N". Of a group also its members, by the group database.
 * -EINVAL: none of these; -ENOENT: the system knows no such name; -ENOMEM. ret->member is from malloc.
 */
int subject_parse(const char *text, struct subject *ret);
/* For a process that does it for another: rc and, if it is 0, s as bytes. Returns their number; too many: -E2BIG in them. */
size_t subject_pack(int rc, const struct subject *s, void *bytes, size_t size);
/* rc; or -EPROTO, -ENOMEM. */
int subject_unpack(const void *bytes, size_t length, struct subject *ret);
/* The other way. */
void subject_print(const struct subject *s, struct page *out);

#endif
