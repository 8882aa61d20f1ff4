/* SPDX-License-Identifier: MIT */
#include "core/page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void page_init_fixed(struct page *p, char *data, size_t size)
{
	data[0] = '\0';
	*p = (struct page){ .data = data, .size = size };
}

int page_init_growing(struct page *p)
{
	char *data = malloc(SYSFS_PAGE);

	if (!data)
		return -ENOMEM;
	page_init_fixed(p, data, SYSFS_PAGE);
	p->grows = true;
	return 0;
}

void page_free(struct page *p)
{
	if (p->grows)
		free(p->data);
	*p = (struct page){ 0 };
}

/* How many of length more bytes there is room for, after growing where that is allowed. */
static size_t make_room(struct page *p, size_t length)
{
	size_t room = p->size - 1 - p->length, size;
	char *data;

	if (length <= room || !p->grows)
		return length < room ? length : room;
	/* at least twice, so that many small additions stay cheap */
	size = length < p->size ? 2 * p->size : p->size + length;
	data = size > p->size ? realloc(p->data, size) : NULL;
	if (!data)
		return room;
	p->data = data;
	p->size = size;
	return length;
}

void page_vprintf(struct page *p, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(p->data + p->length, p->size - p->length, format, args);
	if (length < 0) {
		p->data[p->length] = '\0';
	} else if ((size_t)length < p->size - p->length) {
		p->length += (size_t)length;
	} else {
		size_t room = make_room(p, (size_t)length);

		vsnprintf(p->data + p->length, room + 1, format, again);
		p->length += room;
	}
	va_end(again);
}

void page_printf(struct page *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	page_vprintf(p, format, args);
	va_end(args);
}

void page_append(struct page *p, const char *text, size_t length)
{
	/* nothing to append may be given as NULL, which memcpy does not take */
	if (!length)
		return;
	length = make_room(p, length);
	memcpy(p->data + p->length, text, length);
	p->length += length;
	p->data[p->length] = '\0';
}
