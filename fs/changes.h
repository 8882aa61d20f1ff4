/* SPDX-License-Identifier: MIT */
/* Who waits, by poll(2), for the next change of anything: the control file "changes". */
#ifndef FS_CHANGES_H
#define FS_CHANGES_H

#include "fs/server.h"

/* Lives in the open file. */
struct watcher {
	struct watcher *next, *previous;	/* of those with a handle; protected by the server's watch_lock */
	struct fuse_pollhandle *handle;		/* protected by watch_lock; NULL: nobody sleeps */
	uint64_t seen;				/* how many changes there were when it was last read */
};

/* The file is about to be read: what changes from now on is news. */
void changes_see(struct server *s, struct watcher *w);
/* Was there a change since? If not, the handle (may be NULL) is told of the next one. Takes the handle. */
bool changes_news(struct server *s, struct watcher *w, struct fuse_pollhandle *handle);
void changes_forget(struct server *s, struct watcher *w);
/* Something changed. */
void changes_tell(struct server *s);

#endif
