/* SPDX-License-Identifier: MIT */
/* Which part of a host has to be looked at again before a question about a directory is answered. */
#ifndef HOSTBACKEND_HOST_REFRESH_H
#define HOSTBACKEND_HOST_REFRESH_H

#include "hostbackend/host_mirror.h"

/* For the object that n is of. */
void host_refresh_object(struct host_mirror *m, struct node n);
/* For a name below the directory; for all of them. Neither reads more than what can be found there. */
void host_refresh_name(struct host_mirror *m, struct node dir, const char *name);
void host_refresh_entries(struct host_mirror *m, struct node dir);

#endif
