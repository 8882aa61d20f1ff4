/* SPDX-License-Identifier: MIT */
/* What the host's /sys has in the directories that the virtual one shares with it. */
#ifndef FS_HOST_PLACES_H
#define FS_HOST_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/backend.h"

struct host_place {
	char *path;		/* below /sys, no slash in front */
	enum node_type type;
	char *target;		/* links: their text */
};

struct host_places {
	struct host_place *place;
	size_t count, size;
};

/* A path below /sys that the virtual kernel has, or may come to have. */
bool host_places_is_ours(const char *path);

/* Reads the shared directories below host ("/sys"), names that the virtual kernel has left out. -ENOMEM, -errno */
int host_places_read(struct host_places *h, const char *host);
/* One more place. -ENOMEM */
int host_places_add(struct host_places *h, const char *path, enum node_type type, const char *target);
void host_places_free(struct host_places *h);

#endif
