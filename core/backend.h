/* SPDX-License-Identifier: MIT */
/* The waist: what a front end asks, and what the virtual machine and a host's sysfs answer. */
#ifndef CORE_BACKEND_H
#define CORE_BACKEND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/page.h"

/* show and store may return this instead of 0 or -errno: the answer comes later, through call->answer */
#define BACKEND_WAITS 1

#define BACKEND_ROOT UINT64_C(1)

struct caller {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

/* One show or store. Belongs to the front end, which keeps it in place until it is answered. */
struct backend_call {
	struct caller caller;	/* who reads or writes now */
	struct caller opener;	/* who opened the file, perhaps to hand it on */
	struct page page;	/* show: the text comes here. store: the text written, with a NUL behind it */
	/* After BACKEND_WAITS, once, from another thread, no lock held: result is 0 or -errno. */
	void (*answer)(struct backend_call *call, int result);
	/* the rest is the backend's while it waits */
	struct backend_call *next;
	uint64_t node;
	uint64_t triggers;
	uint32_t ticket;
	bool is_store;
	int result;
};

/* a device: a node as in /dev, of characters */
enum node_type { NODE_IS_DIRECTORY, NODE_IS_FILE, NODE_IS_LINK, NODE_IS_DEVICE };

struct node_stat {
	enum node_type type;
	mode_t mode;		/* permission bits */
	uid_t uid;
	gid_t gid;
	uint32_t nlink;		/* directories: 2 + sub-directories, else 1 */
	uint64_t size;		/* files 4096, else 0 */
	int64_t born;		/* nanoseconds since the epoch: when the object came to be */
	bool can_show, can_store;	/* files: has the method (a missing one gives EIO, or EACCES by mode) */
	bool constant;		/* files: the text cannot change while the node lives */
	bool ignores_missing;	/* a bus file: 4.20 takes reads and writes that have no method for nothing */
	bool control;		/* below .apsysfs: texts are not limited to a page */
	bool as_owner;		/* a policy lets this caller do what the mode lets the owner do */
	bool no_store;		/* a policy lets this caller write nothing here, whatever the mode says */
	bool notifies;		/* a poll of it waits for the next change of anything */
	bool lasting;		/* the name stands for this as long as the backend lives */
	uint64_t original;	/* files: the inode of another's file that each who may read this reads unchanged; 0: none */
	dev_t device;		/* devices: its numbers, as makedev(3) has them */
};

typedef void backend_emit_fn(void *ctx, const char *name, uint64_t node, enum node_type type);

struct backend;
struct engine;

/* e: the state as it is; may be looked at until the function returns, and not after. */
typedef void backend_inspect_fn(void *ctx, const struct engine *e);

/*
 * All mandatory. int is 0 or -errno. Called from many threads; the backend locks itself, and never
 * while it waits. caller: for whom; where views differ (traits), what he may not see is not there.
 * NULL: the program itself, which sees all.
 */
struct backend_ops {
	/* -ENOENT: no such name, or the directory is gone; -ENOTDIR */
	int (*find)(struct backend *b, uint64_t dir, const char *name, const struct caller *caller,
		    uint64_t *ret_child);
	/* Every entry but . and .., in any order. -ENOENT, -ENOTDIR */
	int (*list)(struct backend *b, uint64_t dir, const struct caller *caller, backend_emit_fn *emit, void *ctx);
	/* -ENODEV: the object is gone; -EIO: no such method; else the attribute's own errno */
	int (*show)(struct backend *b, uint64_t node, struct backend_call *call);
	/* As show. A good store takes the whole text. */
	int (*store)(struct backend *b, uint64_t node, struct backend_call *call);
	/* The caller of a waiting call was interrupted: answers it with -EINTR if the kernel's wait can be. */
	void (*interrupt)(struct backend *b, struct backend_call *call);
	/* -ENOENT: gone; *ret with links then says that it was a directory, and what of it is still known */
	int (*stat)(struct backend *b, uint64_t node, const struct caller *caller, struct node_stat *ret);
	int (*readlink)(struct backend *b, uint64_t node, const struct caller *caller, struct page *out);
	/* Somebody opens a file, for writing too or only for reading. -EACCES: a policy refuses (and has said so in
	 * its audit); modes are the front end's to check. -ENOENT: gone. */
	int (*open)(struct backend *b, uint64_t node, const struct caller *caller, bool writes);
	/* A descriptor for reading of the file whose inode stat has in original; the caller closes it. -EOPNOTSUPP: there
	 * is none; -ENODEV: gone; else the errno of opening it. May wait for whoever has the file. */
	int (*original)(struct backend *b, uint64_t node, const struct caller *caller);
	/* Calls fn with the engine that holds the present state, locked against change. fn calls no backend. */
	void (*inspect)(struct backend *b, backend_inspect_fn *fn, void *ctx);
	/* Grows with every entry that appears or vanishes anywhere. */
	uint64_t (*generation)(struct backend *b);
	/* Nanoseconds since the epoch, by the clock the backend lives by. */
	int64_t (*now)(struct backend *b);
	/* Once, before it is served: what happens without being asked for begins. Threads are only started from here on,
	 * so that they have what limits the one that calls it. */
	void (*begin)(struct backend *b);
	void (*destroy)(struct backend *b);
};

/* What a backend tells its front end. All may be called from any thread, without a lock held. */
struct backend_listener {
	/* Entries appeared or vanished. Called before the store that caused it is answered. */
	void (*topology_changed)(void *ctx);
	/* Something may have changed, whatever it is. Called after topology_changed, before the answer. */
	void (*changed)(void *ctx);
	/* One uevent as the kernel's netlink carries it: "add@/devices/x\0ACTION=add\0...", in order. */
	void (*uevent)(void *uevent_ctx, const char *payload, size_t length);
	void *ctx, *uevent_ctx;
};

/* How this kernel's sysfs itself differs from others' (abi.md 3). */
struct backend_traits {
	bool gone_has_no_links;		/* fstat of a removed object: 0 links, else as before */
	bool reads_repeat;		/* 4.20: a read that starts amid the text gives the rest and all of it again */
	bool no_method_is_ignored;	/* 4.20: bus files without a method read and write as nothing, else EIO */
	bool no_security_xattr;		/* 4.20: security.* cannot be stored */
	bool changes_unseen;		/* things change that the listener is not told of: nothing may be kept */
	bool views_differ;		/* a policy shows each caller his own tree: nothing may be kept for others */
};

struct backend {
	const struct backend_ops *ops;
	struct backend_traits traits;
	struct backend_listener listener;	/* set before the first call; members may be NULL */
};

#endif
