/* SPDX-License-Identifier: MIT */
/*
 * A host's AP bus, read from its files into an engine's state: there core/tree.c names, lists and links it, and a
 * write can be tried on it. What is read again keeps its life as long as the host's own inode does.
 */
#ifndef HOSTBACKEND_HOST_MIRROR_H
#define HOSTBACKEND_HOST_MIRROR_H

#include "core/attr.h"
#include "hostbackend/host_sysfs.h"

/*
 * How much is read: who is there and bound (what the tree needs); also masks, overrides and assignments; also what is
 * online and configured; all that can be seen.
 */
enum host_depth { HOST_TREE, HOST_BINDINGS, HOST_STATE, HOST_RECORD };

/* Told of each file that is there and cannot be read or understood. why: -errno, or 0 and what was expected. */
typedef void host_complain_fn(void *ctx, const char *path, int error, const char *expected);

/* The host's numbers of an object's directory and of its link to the driver, 0: not there. */
struct host_seen {
	uint64_t object, driver;
};

struct host_mirror {
	const struct host_sysfs *sys;
	struct engine engine;
	host_complain_fn *complain;	/* may be NULL */
	void *complain_ctx;
	unsigned complaints;		/* so far */
	struct host_seen card[AP_IDS], queue[QUEUES], mdev[MDEVS], node[ZCRYPT_NODES], module[MODULES];
	bool mdev_found[MDEVS];		/* by the scan under way */
	/* HOST_RECORD: what the state has no place for */
	char serial[AP_IDS][ADAPTER_SERIAL];
	uint16_t pending[AP_IDS];
	int guests_unknown;		/* mdevs of which nothing says whether a guest has them */
	uint8_t answer[QUEUES];		/* the response code that what is seen of a queue tells of, beyond config and chkstop */
	bool secure;			/* queues have se_bind */
};

/* Returns 0, -ENOMEM, or -ENOENT: no AP bus there. sys must outlive it. Nothing but the kernel is read yet. */
int host_mirror_init(struct host_mirror *m, const struct host_sysfs *sys);
void host_mirror_free(struct host_mirror *m);

/* Reads everything. The machine that the engine's state runs on becomes one that would look so (host_machine.h). */
void host_scan_all(struct host_mirror *m, enum host_depth depth);

/* Parts. Each drops from the state what is no longer there. */
void host_scan_module(struct host_mirror *m, enum module_id module);
void host_scan_modules(struct host_mirror *m, enum host_depth depth);
void host_scan_bus(struct host_mirror *m, enum host_depth depth);
/* One card without its queues, one queue */
void host_scan_card(struct host_mirror *m, unsigned adapter, enum host_depth depth);
void host_scan_queue(struct host_mirror *m, unsigned queue, enum host_depth depth);
/* All cards, or all queues of one; which there are and what they are */
void host_scan_cards(struct host_mirror *m, enum host_depth depth);
void host_scan_queues(struct host_mirror *m, unsigned adapter, enum host_depth depth);
void host_scan_mdev(struct host_mirror *m, const uint8_t uuid[16], enum host_depth depth);
void host_scan_mdevs(struct host_mirror *m, enum host_depth depth);
void host_scan_nodes(struct host_mirror *m, enum host_depth depth);

/* --- for the files that scan --- */

#define HOST_PATH 256
#define HOST_NAME 64

/* dir "/" name; what does not fit is nowhere */
const char *host_join(char to[HOST_PATH], const char *dir, const char *name);
void host_complain(struct host_mirror *m, const char *path, int error, const char *expected);
/* The text of dir/name without the newline at its end; false: not there, or (said) not readable. */
bool host_text(struct host_mirror *m, const char *dir, const char *name, char *text, size_t size);
/* A decimal or 0x number; *ret stays as it is if there is none. */
bool host_number(struct host_mirror *m, const char *dir, const char *name, long *ret);
bool host_flag(struct host_mirror *m, const char *dir, const char *name, bool *ret);
bool host_mask(struct host_mirror *m, const char *dir, const char *name, struct ap_mask *ret);
/* The last part of a link's text; false: no link there. */
bool host_link_name(struct host_mirror *m, const char *dir, const char *name, char text[HOST_NAME]);
/* The host's number of an entry, 0: not there. */
uint64_t host_inode(const struct host_mirror *m, const char *path);
/* Compares with what was seen before and keeps the new numbers: a set of enum mirror_life. */
unsigned host_life(struct host_seen *seen, struct host_seen now);

#endif
