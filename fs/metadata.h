/* SPDX-License-Identifier: MIT */
/* What chmod, chown, utimes and setxattr left on nodes, as kernfs keeps it: a record for touched nodes only. */
#ifndef FS_METADATA_H
#define FS_METADATA_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "core/backend.h"

struct metadata;

/* Times are by the backend's clock. NULL: out of memory. */
struct metadata *metadata_new(struct backend *backend);
struct timespec metadata_now(struct metadata *m);
void metadata_free(struct metadata *m);

/* Fills st from the backend's answer and what was set on the node. */
void metadata_fill(struct metadata *m, uint64_t node, const struct node_stat *from, struct stat *st);

/* Which times an operation sets (abi.md 3.1): the first of any kind sets all three to now. */
enum metadata_times { TIMES_NONE, TIMES_CHANGE, TIMES_MODIFY_CHANGE };

/* -ENOMEM. from: the node as the backend has it. */
int metadata_chmod(struct metadata *m, uint64_t node, const struct node_stat *from, mode_t mode);
int metadata_chown(struct metadata *m, uint64_t node, const struct node_stat *from, uid_t uid, gid_t gid);
int metadata_utimes(struct metadata *m, uint64_t node, const struct node_stat *from, const struct timespec *atime,
		    const struct timespec *mtime);
int metadata_touch(struct metadata *m, uint64_t node, const struct node_stat *from, enum metadata_times times);
/* Entries appeared or vanished: the mtime and ctime of a directory that was set something on follow its entries. */
void metadata_entries_changed(struct metadata *m);

/* Extended attributes of any name and value. -ENOMEM, -ENODATA, -ERANGE, -EEXIST. size 0 asks for the length. */
int metadata_set_xattr(struct metadata *m, uint64_t node, const struct node_stat *from, const char *name,
		       const char *value, size_t size, int flags);
int metadata_get_xattr(struct metadata *m, uint64_t node, const char *name, char *value, size_t size);
int metadata_list_xattr(struct metadata *m, uint64_t node, char *list, size_t size);
int metadata_remove_xattr(struct metadata *m, uint64_t node, const char *name);

#endif
