/* SPDX-License-Identifier: MIT */
#include "fs/held.h"

#include <errno.h>

#include "fs/epoch.h"

void held_add(struct server *s, struct held *h, uint64_t node, const struct node_stat *at_open)
{
	*h = (struct held){ .node = node, .at_open = *at_open };
	pthread_mutex_lock(&s->held_lock);
	h->next = s->held;
	if (h->next)
		h->next->previous = h;
	s->held = h;
	pthread_mutex_unlock(&s->held_lock);
}

void held_remove(struct server *s, struct held *h)
{
	pthread_mutex_lock(&s->held_lock);
	if (h->previous)
		h->previous->next = h->next;
	else
		s->held = h->next;
	if (h->next)
		h->next->previous = h->previous;
	pthread_mutex_unlock(&s->held_lock);
}

bool held_remembers(struct server *s, uint64_t node, struct node_stat *ret)
{
	bool found = false;

	pthread_mutex_lock(&s->held_lock);
	for (struct held *h = s->held; h && !found; h = h->next) {
		if (h->node != node)
			continue;
		*ret = h->at_open;
		if (s->backend->traits.gone_has_no_links)
			ret->nlink = 0;
		found = true;
	}
	pthread_mutex_unlock(&s->held_lock);
	return found;
}

int held_stat(struct server *s, uint64_t node, const struct caller *caller, struct node_stat *st)
{
	int rc;

	*st = (struct node_stat){ 0 };
	rc = s->backend->ops->stat(s->backend, node, caller, st);
	if (rc == -ENOENT && held_remembers(s, node, st))
		return 0;
	/* a directory is not opened here, but somebody may have it open, or stand in it */
	if (rc == -ENOENT && !s->backend->traits.views_differ && st->type == NODE_IS_DIRECTORY && st->nlink) {
		if (s->backend->traits.gone_has_no_links)
			st->nlink = 0;
		return 0;
	}
	return rc;
}

void held_check_all(struct server *s)
{
	struct node_stat st;

	pthread_mutex_lock(&s->held_lock);
	for (struct held *h = s->held; h; h = h->next) {
		if (h->gone || s->backend->ops->stat(s->backend, h->node, NULL, &st) == 0)
			continue;
		h->gone = true;
		epoch_drop_attributes(s, h->node);
	}
	pthread_mutex_unlock(&s->held_lock);
}
