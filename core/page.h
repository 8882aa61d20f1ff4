/* SPDX-License-Identifier: MIT */
/* Text that an attribute shows: never longer than its page; control files may grow theirs. */
#ifndef CORE_PAGE_H
#define CORE_PAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define SYSFS_PAGE 4096

struct page {
	char *data;	/* room for size bytes; data[length] is always 0 */
	size_t length;
	size_t size;
	bool grows;	/* data is from malloc and is enlarged when full; else the text is cut */
};

/* data: size bytes that outlive the page; what is printed beyond size - 1 bytes is dropped. */
void page_init_fixed(struct page *p, char *data, size_t size);
/* An empty page that grows; free with page_free. Returns 0 or -ENOMEM. */
int page_init_growing(struct page *p);
void page_free(struct page *p);
/* Appends; what does not fit (or cannot be allocated) is cut off. */
void page_printf(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_vprintf(struct page *p, const char *format, va_list args);
void page_append(struct page *p, const char *text, size_t length);

#endif
