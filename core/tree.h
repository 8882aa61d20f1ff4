/* SPDX-License-Identifier: MIT */
/* The tree: names, listings, links and files, all from the rows of core/attr.h. */
#ifndef CORE_TREE_H
#define CORE_TREE_H

#include "core/attr.h"

/* Is the node's object still the one it was made for? -ENOENT else. */
int tree_alive(const struct engine *e, struct node n);
/* -ENOENT, -ENOTDIR */
int tree_find(const struct engine *e, struct node dir, const char *name, struct node *ret);
int tree_list(const struct engine *e, struct node dir, backend_emit_fn *emit, void *ctx);
int tree_stat(const struct engine *e, struct node n, struct node_stat *ret);
/* The link's text: up to the nearest ancestor that holds the target, then down (abi.md 3.7). -EINVAL: no link */
int tree_readlink(const struct engine *e, struct node n, struct page *out);
/* "/bus/ap/apmask" */
void tree_path(const struct engine *e, struct node n, struct page *out);
/* The row of a file or link, NULL for directories. */
const struct row *tree_row(struct node n);
/* -ENODEV: gone; -EIO: no such method; else what the row says */
int tree_show(struct engine *e, struct node n, struct page *out);
int tree_store(struct engine *e, struct node n, const char *text, size_t length);
/* A path from the root, "bus/ap/apmask"; links are not followed. -ENOENT */
int tree_lookup(const struct engine *e, const char *path, struct node *ret);

#endif
