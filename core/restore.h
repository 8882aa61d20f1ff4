/* SPDX-License-Identifier: MIT */
/* A recorded state, put into a booted machine as it was: no write that led there is repeated. */
#ifndef CORE_RESTORE_H
#define CORE_RESTORE_H

#include "core/engine.h"

/*
 * One fact a line, KEY=VALUE without blanks (a byte that is one, or a \, is written as \ and two hex digits):
 *   bus apmask=0x... aqmask=0x... domain=N config_time=N poll_thread=0|1 poll_timeout=N autoprobe=0|1
 *       mdev_autoprobe=0|1 matrix_autoprobe=0|1
 *   module NAME PARAMETER=VALUE    loads it
 *   node NAME minor=N ioctls=MASK adapters=MASK domains=MASK admin=MASK
 *   device cardXX|XX.YYYY driver=NAME|none online=0|1 config=0|1 chkstop=0|1 read=0|1; a card ordinal_read=0|1;
 *       a queue initiated=0|1 resetting=0|1 interrupts=0|1 override=TEXT bind_state=0..3 association=N|none
 *   mdev UUID adapters=LIST domains=LIST controls=LIST bound=0|1 guest=none|kvm|nokvm group=N|none device=N|none
 *       guest_adapters=LIST guest_domains=LIST guest_controls=LIST     LIST: 5,0x10-0x1f or empty
 * "@WORD" in front is kept for messages. Returns 0; or -EINVAL, -ENOMEM and message says why, beginning with the WORD.
 */
int restore_state(struct engine *e, const char *lines, struct page *message);
/* How a record says what a queue, a card differs in from what boot made of it: a line as above, or nothing. */
void restore_print_device(const struct engine *want, const struct engine *have, uint32_t device, struct page *out);
void restore_print_bus(const struct engine *e, struct page *out);
void restore_print_node(const struct engine *e, unsigned minor, struct page *out);
/* with_guest: also what the guest gets, though the matrix and the drivers do not tell it */
void restore_print_mdev(const struct engine *e, uint32_t slot, bool with_guest, struct page *out);

#endif
