/* SPDX-License-Identifier: MIT */
/* A file's whole text; "-": of standard input. */
#ifndef FS_FILE_TEXT_H
#define FS_FILE_TEXT_H

#include "core/page.h"

/* Appends it to out, which grows. -errno: of opening or reading it. */
int file_text_read(const char *path, struct page *out);

#endif
