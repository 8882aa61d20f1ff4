/* SPDX-License-Identifier: MIT */
/* Pieces of an event's text, for scenario_event.c and scenario_action.c. */
#ifndef CORE_SCENARIO_TEXT_H
#define CORE_SCENARIO_TEXT_H

#include "core/scenario_event.h"

/* Says that these bytes are not what was expected. Returns -EINVAL. */
int scenario_event_refuse(struct page *message, const char *what, size_t length, const char *expected);
/* Behind the blanks. */
const char *scenario_event_blanks(const char *text);
/* The bytes of the word text begins with, which a blank, a colon or a semicolon ends; and is it this one? */
size_t scenario_event_word(const char *text);
bool scenario_event_word_is(const char *text, const char *word);
/* -EINVAL: too long */
int scenario_event_copy(char *to, size_t size, const char *text, size_t length);
/* Reads seconds, a path, and goes behind them. -EINVAL with a message. */
int scenario_event_seconds(const char **text, int64_t *ret, struct page *message);
int scenario_event_path(const char **text, char path[SCENARIO_PATH], struct page *message);

#endif
