#!/bin/bash
# SPDX-License-Identifier: MIT
# not below a policy: there SIGHUP reads the policy anew
# Every way a mount may end leaves nothing: signals, fusermount3 -u, and with files still open.
set -eu
mkdir m
gone() { # PID: within 5 s neither the process nor the mount is there
	for _ in $(seq 50); do
		kill -0 "$1" 2>/dev/null || ! [ -e "/proc/$1/cmdline" ] || [ -z "$(tr -d '\0' <"/proc/$1/cmdline")" ] || { sleep 0.1; continue; }
		! grep -q " $CASE_DIR/m " /proc/self/mountinfo || { sleep 0.1; continue; }
		return 0
	done
	echo "still there" >&2
	return 1
}
start() {
	"$APSYSFS" mount -f m &
	daemon=$!
	for _ in $(seq 50); do [ -e m/bus/ap ] && return; sleep 0.1; done
	echo 'did not mount' >&2
	return 1
}
for signal in TERM INT HUP; do
	start
	# an interactive shell's children have no SIGINT, so it is sent only where it can arrive
	if [ $signal = INT ] && grep -q '^SigIgn:.*[2367abef]$' "/proc/$daemon/status"; then signal=TERM; fi
	kill -$signal $daemon
	gone $daemon
done
start
fusermount3 -u m
gone $daemon
start
exec 3<m/bus/ap/apmask 4<m/devices/ap
kill -TERM $daemon
gone $daemon
exec 3<&- 4<&-
# in the background, and unmounted lazily while somebody works in it
"$APSYSFS" m
exec 3<m/bus/ap/apmask
fusermount3 -uz m
exec 3<&-
# a daemon that somebody else unmounted leaves alone what is mounted there next
for _ in $(seq 30); do
	"$APSYSFS" mount m
	fusermount3 -u m
	"$APSYSFS" mount m
	sleep 0.02
	[ -d m/bus/ap ]
	fusermount3 -u m
done
