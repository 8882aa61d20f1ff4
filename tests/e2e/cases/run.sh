#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs run: exit status, stdin, signals, environment, real entries of /sys, parallel and nested
# runs, as root and as a plain user; and nothing is left when it is killed.
# not over a host: it is about a run, its kernel and its end, and there are two then
set -eu
is() { [ "$1" = "$2" ] || { echo "expected \"$2\", but it is \"$1\"" >&2; exit 1; }; }
status() { local s=0; "$@" || s=$?; echo $s; }
# what others mount meanwhile is theirs
# below /dev/shm others may mount meanwhile, such as the measurements
mounts() { awk '$5 ~ "^/(sys|proc|dev)(/|$)" && $5 !~ "^/dev/shm/"' /proc/self/mountinfo; }
before=$(mounts)

is "$(status "$APSYSFS" run -- sh -c 'exit 42')" 42
is "$(status "$APSYSFS" run -- sh -c 'kill -TERM $$')" 143
is "$(echo hello | "$APSYSFS" run -- cat)" hello
is "$("$APSYSFS" run -- sh -c 'echo $APSYSFS_MOUNT')" /sys
is "$("$APSYSFS" run --kernel 5.10 -- cut -d' ' -f1 /sys/.apsysfs/kernel)" 5.10
is "$("$APSYSFS" run -- id -u)" 0
[ ! -e /sys/bus/ap/apmask ] || echo 'note: this host has an AP bus of its own'
# real entries stay sysfs
if [ -e /sys/class/net/lo ]; then is "$("$APSYSFS" run -- stat -f -c %T /sys/fs)" sysfs; fi
# and they are still there when things have come and gone
is "$("$APSYSFS" run -- sh -c 'for i in 1 2; do
	apsysfs machine adapter remove 6; apsysfs machine adapter add 6 type=CEX5A; apsysfs module unload vfio_ap
	apsysfs module load vfio_ap; ls /sys/*/* >/dev/null 2>&1 || :; done; stat -f -c %T /sys/fs')" "$(stat -f -c %T /sys/fs)"
is "$("$APSYSFS" run -- sh -c 'ls /sys' | tr '\n' ' ')" "$(ls /sys | tr '\n' ' ')"
# no trace of it outside, two at once do not meet
"$APSYSFS" run -- sh -c 'echo -5 > /sys/bus/ap/apmask; sleep 1; cat /sys/bus/ap/apmask' >one &
is "$("$APSYSFS" run -- cat /sys/bus/ap/apmask)" 0x"$(printf '%064d' 0 | tr 0 f)"
wait $!
grep -qx "0xfb$(printf '%062d' 0 | tr 0 f)" one
# nested
is "$("$APSYSFS" run -- "$APSYSFS" run --kernel 6.1 -- cut -d' ' -f1 /sys/.apsysfs/kernel)" 6.1
# --bind covers a path for the command alone
mkdir defs covered
echo mine >defs/x
is "$("$APSYSFS" run --bind "$PWD/defs:$PWD/covered" -- cat covered/x)" mine
[ ! -e covered/x ]

# signals reach the command; killed, nothing is left
"$APSYSFS" run -- sh -c 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.1; done' >log &
pid=$!
for _ in $(seq 50); do grep -q ready log && break; sleep 0.1; done
kill -TERM $pid
s=0
wait $pid || s=$?
is $s 7
grep -q caught log
"$APSYSFS" run -- sleep 1000 &
pid=$!
sleep 0.5
kill -KILL $pid
wait $pid 2>/dev/null || :

if [ "$(id -u)" = 0 ]; then
	# a plain user: here /dev/fuse may be root's alone, so in a namespace of its own it is everybody's
	mkdir -m 777 user
	cp "$APSYSFS" "$TOP/mount-examples/three-guests.sh" user
	chmod 755 "$CASE_DIR" "$(dirname "$CASE_DIR")"
	unshare -m sh -euc '
		mknod user/fuse c 10 229
		chmod 666 user/fuse
		mount --bind user/fuse /dev/fuse
		cd user
		setpriv --reuid 65534 --regid 65534 --clear-groups ./apsysfs run -- sh ./three-guests.sh
		setpriv --reuid 65534 --regid 65534 --clear-groups ./apsysfs run -- id -u' >user/out 2>user/err || {
		cat user/out user/err
		exit 1
	}
	sed -n '/^== Guest3/,/^$/p' user/out | grep -qx 06.00ff
	is "$(tail -n 1 user/out)" 0
else
	echo 'note: not root, so all of it ran as a plain user'
fi
is "$(mounts)" "$before"
