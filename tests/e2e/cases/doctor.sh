#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs doctor: all is well, a live mount, a dead one, one that hangs, and no /dev/fuse; what it advises works.
set -eu
# what others have mounted on this machine is not ours to judge
if [ "$(id -u)" = 0 ]; then
	[ -n "${IN_PRIVATE:-}" ] || exec unshare -m env IN_PRIVATE=1 "$0"
	awk '$3 == "fuse.apsysfs" { print $2 }' /proc/self/mounts | while read -r other; do umount -l "$other"; done
fi
mkdir m
"$APSYSFS" mount -f m &
daemon=$!
for _ in $(seq 50); do [ -e m/bus/ap ] && break; sleep 0.1; done
"$APSYSFS" doctor >well
cat well
grep -q "^ok .*/m: a mount that answers" well
# a daemon that is there and does not answer
kill -STOP $daemon
if "$APSYSFS" doctor >stopped; then echo 'the stopped daemon was not seen' >&2; exit 1; fi
grep -q '^WRONG .*/m: does not answer' stopped
kill -CONT $daemon
kill -KILL $daemon
wait $daemon 2>/dev/null || :
if "$APSYSFS" doctor >dead; then echo 'the dead mount was not seen' >&2; exit 1; fi
cat dead
grep -q '^WRONG .*/m: Transport endpoint is not connected' dead
if "$APSYSFS" mount m 2>why; then exit 1; fi
grep -q 'holds a dead mount; remove it' why
advice=$(sed -n 's/.*its daemon is gone: \(.*\) (as root.*/\1/p' dead)
sh -c "$advice"
"$APSYSFS" doctor
if [ "$(id -u)" = 0 ]; then
	if unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" doctor' "$APSYSFS" >none; then exit 1; fi
	grep -q '^WRONG  /dev/fuse: No such file' none
fi
