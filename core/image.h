/* SPDX-License-Identifier: MIT */
/* The state of a virtual machine as bytes, for a program of the same build: a control file shows them. */
#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include "core/engine.h"

void image_print(const struct engine *e, struct page *out);
/* An engine in the state that was printed. -EINVAL: the bytes are of another build, or not all there; -ENOMEM. */
int image_boot(const char *bytes, size_t length, struct engine *ret);

#endif
