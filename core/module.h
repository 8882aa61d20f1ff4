/* SPDX-License-Identifier: MIT */
/* The virtual kernel's modules and what their loading brings (abi.md 9). */
#ifndef CORE_MODULE_H
#define CORE_MODULE_H

#include "core/engine.h"

const char *module_name(enum module_id module);
/* -ENOENT: no such module in this kernel. A name may be written with - for _. */
int module_from_name(const struct engine *e, const char *name, enum module_id *ret);
bool module_exists(const struct engine *e, enum module_id module);
/* Not loaded, and all that it needs is */
bool module_can_load(const struct engine *e, enum module_id module);
static inline bool module_loaded(const struct engine *e, enum module_id module)
{
	return e->state->module[module].loaded;
}
/* Built into the kernel: ap. Has a directory all the same. */
bool module_builtin(enum module_id module);
/* insmod. -EEXIST: is loaded; -ENOENT: no such module, or one it needs is not loaded (as unknown symbols). */
int module_load(struct engine *e, enum module_id module);
/* rmmod. -ENOENT: not loaded; -EAGAIN (EWOULDBLOCK): in use. */
int module_unload(struct engine *e, enum module_id module);
/* The modules that hold it, one bit each (1 << id). */
uint32_t module_holders(const struct engine *e, enum module_id module);
unsigned module_refcount(const struct engine *e, enum module_id module);
unsigned module_size(const struct engine *e, enum module_id module);
/* What must be loaded before it, one bit each; some may not exist in this kernel. */
uint32_t module_needs(enum module_id module);
/* As its source declares; NULL: none. And the checksum that modpost adds then, as one build of this kernel had. */
const char *module_version(enum module_id module);
const char *module_source_version(const struct engine *e);
/* As modinfo has it, "key: value" lines, an empty one behind; the file's name is below the release's kernel/. */
void module_print_info(const struct engine *e, enum module_id module, struct page *out);
/* The loaded ones as /proc/modules prints them to who may not see addresses, the last loaded first. */
void module_print_loaded(const struct engine *e, struct page *out);
/* "load vfio_ap", "load kvm nested=1", "unload vfio_ap": as load and unload, and parameters_check. */
int module_store_command(struct engine *e, const char *text);

/* /sys/class/zcrypt create and destroy: -EEXIST, -ENOSPC, -ENOENT. minor: node. */
int zcrypt_store_create(struct engine *e, const char *text);
int zcrypt_store_destroy(struct engine *e, const char *text);
void zcrypt_remove_all(struct engine *e);
int zcrypt_store_mask(struct engine *e, struct ap_mask *mask, const char *text);
/* Of the node in this place, as in sysfs: '/' is '!' */
void zcrypt_sysfs_name(const struct engine *e, unsigned node, char name[ZCRYPT_NODE_NAME]);

#endif
