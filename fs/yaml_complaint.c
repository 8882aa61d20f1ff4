/* SPDX-License-Identifier: MIT */
#include "fs/yaml_complaint.h"

#include <stdio.h>
#include <string.h>

void yaml_complaint_note(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
	struct yaml_complaint *c = ctx;
	char text[256];
	const char *place;

	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = 0;
	/* the first line says what is wrong, the first of the backtrace where */
	place = strstr(text, "(line: ");
	if (place && !c->line)
		sscanf(place, "(line: %u, column: %u", &c->line, &c->column);
	else if (!*c->what)
		snprintf(c->what, sizeof(c->what), "%s", strncmp(text, "Load: ", 6) == 0 ? text + 6 : text);
}
