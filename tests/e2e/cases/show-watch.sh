#!/bin/bash
# SPDX-License-Identifier: MIT
# show --watch on a terminal of 80 columns: a change appears, nothing runs while nothing changes, Ctrl-C ends it and
# leaves the terminal as it was, and so does the end of the mount, by unmounting and by its daemon's death.
# seconds: 60
set -eu
command -v script >/dev/null || { echo 'skip: there is no script(1) (package bsdutils)'; exit 77; }
# a mount of anybody's wakes it: in a mount namespace of our own there are none but ours
if [ "$(id -u)" = 0 ] && [ -z "${IN_PRIVATE:-}" ] && unshare -m true 2>/dev/null; then
	exec unshare -m env IN_PRIVATE=1 "$0"
fi
mkdir m
mkfifo keys
export APSYSFS_MOUNT="$PWD/m"
watcher=
trap 'fusermount3 -uzq m || :; [ -z "$watcher" ] || kill $watcher 2>/dev/null || :' EXIT

wait_until() { # WHAT COMMAND...: up to 20 s
	local what=$1
	shift
	for _ in $(seq 400); do
		if "$@"; then return; fi
		sleep 0.05
	done
	echo "never came: $what"
	cat -v screen
	return 1
}
shows() { grep -aq -- "$1" screen; }
ended() { ! kill -0 "$watcher" 2>/dev/null; }

watch_mount() { # in a terminal, as from a shell that goes on after Ctrl-C
	rm -f screen before after status show.pid
	cat >session <<'EOF'
trap : INT
stty rows 24 cols 80
stty -g >before
sh -c 'echo $$ >show.pid; exec "$APSYSFS" show --watch'
echo $? >status
stty -g >after
EOF
	# bash lets what it starts with & ignore SIGINT
	TERM=linux env --default-signal=INT script -qfc 'bash session' screen <keys >/dev/null 2>&1 &
	watcher=$!
	exec 3>keys
	wait_until 'the first picture' shows '^0[56] CEX5'
	wait_until 'its legend' shows 'h host'
}
ends_with() { # STATUS
	wait_until 'the end' ended
	wait "$watcher" || :
	exec 3>&-
	[ "$(cat status)" = "$1" ] || { echo "status $(cat status), expected $1"; cat -v screen; return 1; }
	cmp before after
}

"$APSYSFS" m
echo '-- a change appears, in place, and fits'
watch_mount
shows $'\033\\[H\033\\[2J'
"$APSYSFS" machine adapter add 0x0b type=CEX8P
wait_until 'the new card' shows '^0b CEX8P'
sed 's/\x1b\[[0-9;]*[A-Za-z]//g; s/\r//' screen | awk '!/^Script / && length > 80 { print "too long: " $0; bad = 1 } END { exit bad }'

echo '-- while nothing changes it does nothing'
activity() {
	awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$(cat show.pid)/status"
	cut -d' ' -f14,15 "/proc/$(cat show.pid)/stat"
}
quiet() {
	local was
	was=$(activity)
	sleep 2
	[ "$(activity)" = "$was" ]
}
wait_until 'two seconds without a switch or a tick' quiet
size=$(stat -c %s screen)
cat m/bus/ap/ap_domain m/devices/ap/card05/hwtype >/dev/null # reading is no change
quiet
[ "$(stat -c %s screen)" = "$size" ]

echo '-- Ctrl-C'
printf '\003' >&3
ends_with 130

echo '-- unmounted'
watch_mount
fusermount3 -uz m
ends_with 0

echo '-- the daemon dies'
"$APSYSFS" mount -f m &
daemon=$!
wait_until 'the mount' test -e m/bus/ap
watch_mount
kill -KILL $daemon
ends_with 0
fusermount3 -uzq m || :

echo '-- into a pipe: without colours, until the reader is gone; with --json an object a line'
"$APSYSFS" m
"$APSYSFS" show --watch | head -n 3 >piped &
reader=$!
wait_until 'three lines' test -s piped
for id in 20 21 22 23; do "$APSYSFS" machine adapter add $id type=CEX8P; done
wait $reader
if grep -q $'\033' piped; then exit 1; fi
timeout 20 "$APSYSFS" show --watch --json >lines &
watcher=$!
wait_until 'the first object' test -s lines
"$APSYSFS" machine adapter remove 20
# shellcheck disable=SC2016
wait_until 'the second' sh -c '[ "$(wc -l <lines)" -ge 2 ]'
kill $watcher
wait $watcher || :
python3 -c 'import json, sys; [json.loads(l) for l in open("lines")]'
