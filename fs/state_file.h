/* SPDX-License-Identifier: MIT */
/*
 * A virtual machine in a file: an image of its state and what was asked of it since. Each operation is in the file
 * before it is carried out, and whole or not at all; the file is replaced now and then by one with a newer image.
 */
#ifndef FS_STATE_FILE_H
#define FS_STATE_FILE_H

#include <stdbool.h>

#include "core/recorder.h"

struct state_file;

struct state_options {
	const char *path;
	bool sync;		/* operations are on the disk before they are answered, not only in the kernel's hands */
	unsigned long limit;	/* bytes of operations after which a new image is due */
};

/* Opens and locks it, and checks what it is. 0, or -1 after saying on standard error what is wrong with it. */
int state_file_open(const struct state_options *options, struct state_file **ret);
/* The options it began with, as text; NULL: it is new. */
const char *state_file_options(const struct state_file *f);
struct image_source state_file_image(struct state_file *f);
/* Carries out again what came after the image, and records on. A new file begins with the options. 0 or -1, as above. */
int state_file_begin(struct state_file *f, struct backend *b, const char *options);

#endif
