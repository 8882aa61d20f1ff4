/* SPDX-License-Identifier: MIT */
#include "fs/changes.h"

/* Call with watch_lock held. */
static void unlist(struct server *s, struct watcher *w)
{
	if (!w->handle)
		return;
	fuse_pollhandle_destroy(w->handle);
	w->handle = NULL;
	if (w->previous)
		w->previous->next = w->next;
	else
		s->watchers = w->next;
	if (w->next)
		w->next->previous = w->previous;
}

/* Call with watch_lock held. */
static void enlist(struct server *s, struct watcher *w, struct fuse_pollhandle *handle)
{
	w->handle = handle;
	w->previous = NULL;
	w->next = s->watchers;
	if (w->next)
		w->next->previous = w;
	s->watchers = w;
}

void changes_see(struct server *s, struct watcher *w)
{
	pthread_mutex_lock(&s->watch_lock);
	w->seen = s->changes;
	pthread_mutex_unlock(&s->watch_lock);
}

bool changes_news(struct server *s, struct watcher *w, struct fuse_pollhandle *handle)
{
	bool news;

	pthread_mutex_lock(&s->watch_lock);
	news = w->seen != s->changes;
	if (handle) {
		unlist(s, w);
		if (news)
			fuse_pollhandle_destroy(handle);
		else
			enlist(s, w, handle);
	}
	pthread_mutex_unlock(&s->watch_lock);
	return news;
}

void changes_forget(struct server *s, struct watcher *w)
{
	pthread_mutex_lock(&s->watch_lock);
	unlist(s, w);
	pthread_mutex_unlock(&s->watch_lock);
}

void changes_tell(struct server *s)
{
	pthread_mutex_lock(&s->watch_lock);
	s->changes++;
	while (s->watchers) {
		(void)fuse_lowlevel_notify_poll(s->watchers->handle);
		unlist(s, s->watchers);
	}
	pthread_mutex_unlock(&s->watch_lock);
}
