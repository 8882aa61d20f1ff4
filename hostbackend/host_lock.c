/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "core/tree.h"
#include "hostbackend/host.h"

int64_t host_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

void host_lock(struct host *h)
{
	pthread_mutex_lock(&h->lock);
	h->mirror->engine.state->now = host_clock();
}

int host_enter(struct host *h)
{
	int rc = host_sysfs_gone(&h->sys);

	if (rc == 0)
		host_lock(h);
	return rc;
}

void host_unlock(struct host *h)
{
	bool changed = h->mirror->engine.state->topology != h->topology && !h->telling;

	if (changed) {
		h->topology = h->mirror->engine.state->topology;
		h->telling = true;
	}
	pthread_mutex_unlock(&h->lock);
	if (!changed)
		return;
	if (h->backend.listener.topology_changed)
		h->backend.listener.topology_changed(h->backend.listener.ctx);
	pthread_mutex_lock(&h->lock);
	h->telling = false;
	pthread_mutex_unlock(&h->lock);
}

void host_path(const struct host *h, struct node n, char path[HOST_PATH])
{
	char text[HOST_PATH];
	struct page out;

	page_init_fixed(&out, text, sizeof(text));
	tree_path(&h->mirror->engine, n, &out);
	memcpy(path, text + 1, out.length);
}
