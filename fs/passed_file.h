/* SPDX-License-Identifier: MIT */
/*
 * The files that the kernel reads past us (passthrough.h): for the time that an opener has one, it is his node's alone.
 * Two pools, each bounded: memory files with texts that cannot change, and files of whoever has the text, a host.
 */
#ifndef FS_PASSED_FILE_H
#define FS_PASSED_FILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/backend.h"

struct server;
struct passed_file;
struct passed_files;	/* both pools */

/* NULL: out of memory */
struct passed_files *passed_files_new(void);
void passed_files_free(struct passed_files *p);

/*
 * The file of a node, st: what was seen of it. NULL: it is to be read as any other. To be called for each open of a
 * node that may be passed, since the kernel takes all that are open at a time from one file. *ret_mark: for
 * passed_file_was_read. The second may wait for whoever has the file.
 */
struct passed_file *passed_file_open_text(struct server *s, uint64_t node, const struct caller *caller, unsigned *ret_mark);
struct passed_file *passed_file_open_original(struct server *s, uint64_t node, const struct node_stat *st,
					      const struct caller *caller);
void passed_file_release(struct server *s, struct passed_file *f);
/* Was it read since it was opened, by this opener or a later one? Of an original nobody knows: false. */
bool passed_file_was_read(struct server *s, const struct passed_file *f, unsigned mark);
/* Is it a file of another's, of which nobody knows? */
bool passed_file_is_original(const struct passed_file *f);
int passed_file_backing(const struct passed_file *f);
/* Objects may be gone: their texts go too, and what no opener has of others' files is closed. */
void passed_files_drop_gone(struct server *s);

#endif
