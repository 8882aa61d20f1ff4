/* SPDX-License-Identifier: MIT */
/* The text of an audit line. */
#ifndef HOSTBACKEND_AUDIT_TEXT_H
#define HOSTBACKEND_AUDIT_TEXT_H

#include "hostbackend/audit.h"

#define AUDIT_VALUE_MAX 4096	/* bytes of any one text that are kept */

/* One line with its newline, of printable text, with the time of now. -ENOMEM */
int audit_format(const struct audit_line *line, struct page *out);

#endif
