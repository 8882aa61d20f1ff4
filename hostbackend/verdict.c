/* SPDX-License-Identifier: MIT */
#include "hostbackend/verdict.h"

#include <errno.h>
#include <stdarg.h>

void verdict_init(struct verdict *v)
{
	v->rc = 0;
	v->grant = NULL;
	v->effects = 0;
	page_init_fixed(&v->reason, v->reason_text, sizeof(v->reason_text));
	page_init_fixed(&v->before, v->before_text, sizeof(v->before_text));
	page_init_fixed(&v->after, v->after_text, sizeof(v->after_text));
}

/* The first few by name, then dots: a mask write may move thousands. */
static void tell(struct page *out, const char *object, const char *what, const char *value)
{
	if (out->length + 80 > out->size) {
		if (out->data[out->length - 1] != '.')
			page_printf(out, "; ...");
		return;
	}
	page_printf(out, "%s%s %s=%s", out->length ? "; " : "", object, what, value);
}

void verdict_effect(struct verdict *v, const char *object, const char *what, const char *before, const char *after)
{
	v->effects++;
	tell(&v->before, object, what, before);
	tell(&v->after, object, what, after);
}

void verdict_need(struct verdict *v, const struct grant *g, const char *format, ...)
{
	va_list args;

	if (g) {
		v->grant = v->grant ? v->grant : g;
		return;
	}
	if (v->rc < 0)
		return;
	v->rc = -EACCES;
	va_start(args, format);
	page_vprintf(&v->reason, format, args);
	va_end(args);
}
