/* SPDX-License-Identifier: MIT */
/* A line of a machine's text form being read: words, numbers, and where to say what is wrong. */
#ifndef CORE_MACHINE_LINE_H
#define CORE_MACHINE_LINE_H

#include "core/machine.h"

#define LINE_WORD 64

struct line {
	const char *text;
	struct page *message;
};

/* Says that a word is not what was expected. Returns -EINVAL. */
int line_refuse(struct line *l, const char *what, const char *expected);
/* The next word; false at the end of the line. A word too long for any meaning is cut, and so refused by its reader. */
bool line_word(struct line *l, char word[LINE_WORD]);
/* Each -EINVAL after saying why. A range is "a" or "a-b"; its text is cut in two. */
int line_number(struct line *l, const char *text, uint64_t max, uint64_t *ret);
int line_range(struct line *l, char *text, unsigned *ret_first, unsigned *ret_last);

/* The lines of devices, behind their first word; in machine_device.c. */
int line_edit_adapter(struct line *l, struct machine *m);
int line_edit_queue(struct line *l, struct machine *m);

#endif
