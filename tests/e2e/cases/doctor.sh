#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs doctor: all is well, a live mount, a dead one, and no /dev/fuse; what it advises works.
set -eu
mkdir m
"$APSYSFS" mount -f m &
daemon=$!
for _ in $(seq 50); do [ -e m/bus/ap ] && break; sleep 0.1; done
"$APSYSFS" doctor >well
cat well
grep -q "^ok .*/m: a mount that answers" well
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
