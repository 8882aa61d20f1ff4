/* SPDX-License-Identifier: MIT */
/* The hardware that a mirrored bus would be seen on, and the guests that hold its mdevs. */
#ifndef HOSTBACKEND_HOST_MACHINE_H
#define HOSTBACKEND_HOST_MACHINE_H

#include "hostbackend/host_mirror.h"

/*
 * Makes the state's machine one on which a scan changes nothing of what is in the state: for a trial that scans, and
 * for a record. What no file shows stays as machine_init has it; SCLP is taken to be able to configure.
 */
void host_machine(struct host_mirror *m);

/*
 * Which mdevs are open: from the control file of one of our mounts, else from the queues' status, else from vfio_ap's
 * reference count, which does not say which: guests_unknown mdevs are a guess then.
 */
void host_guests(struct host_mirror *m);

#endif
