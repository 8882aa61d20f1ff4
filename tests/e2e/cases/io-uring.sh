#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# mount --io-uring: requests come through memory shared with the kernel, and nothing else is different: every text, each
# call's answer, a listing, a whole machine written at once; what waits holds up nobody, however many they are. Where it is
# not to be had the mount says so, and is as any.
# not over a host: it is for a virtual machine alone
set -eu
mkdir m n
trap 'fusermount3 -uqz n || :; fusermount3 -uqz m || :' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
"$APSYSFS" mount --io-uring n 2>why || fail "$(cat why)"
is "$(cat n/devices/ap/card05/type)" CEX5C
if ! grep -qx 'io_uring 1' n/.apsysfs/stats; then
	grep -q 'io-uring: .*; mounted without' why || fail "nothing says why: $(cat why)"
	echo 'skip: no FUSE over io_uring here (Linux 6.16, and Y in /sys/module/fuse/parameters/enable_uring)'
	exit 77
fi
[ ! -s why ] || fail "$(cat why)"
fusermount3 -u n
"$APSYSFS" mount --io-uring --no-epoch n 2>why
grep -q 'names are dropped one by one' why || fail "$(cat why)"
grep -qx 'io_uring 0' n/.apsysfs/stats || fail 'a ring, with names that are dropped one by one'
fusermount3 -u n
! "$APSYSFS" mount --io-uring --host m n 2>why || fail 'taken with --host'
grep -q 'no option of a virtual machine' why || fail "$(cat why)"

"$APSYSFS" mount -f --clock virtual m &
plain=$!
"$APSYSFS" mount -f --io-uring --clock virtual n 2>said &
daemon=$!
for _ in $(seq 200); do [ -e n/bus/ap ] && [ -e m/bus/ap ] && break; sleep 0.05; done
"$APSYSFS" stats --mount n --json | grep -q '"io_uring":true'
same() { # COMMAND: in both
	is "$(cd n && eval "$1" 2>&1)" "$(cd m && eval "$1" 2>&1)"
}
all="find . -path ./.apsysfs -prune -o -printf '%p %y %l %m %U %G %n %s\n' | sort; grep -rs --exclude-dir=.apsysfs --exclude=request_count '' . | sort"
same "$all"
matrix=devices/vfio_ap/matrix
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
same "probe x bus/ap/apmask rw r:5 w:-9 pr:0:8 w:zz w:+9 r:100"
same "probe x devices/ap/card05/type 'r|DIRECT'; probe x devices/ap/card05/type r poll:0 r:1 r:9 fstat ft:0 mmap; probe x nothing r"
same "echo -5 >bus/ap/apmask; echo $uuid >$matrix/mdev_supported_types/vfio_ap-passthrough/create; echo 5 >$matrix/$uuid/assign_adapter; cat $matrix/$uuid/matrix"
same 'mkdir x; rm bus/ap/apmask; ln -s a b; mv bus bus2; chmod 600 bus/ap/config_time; stat -c %a bus/ap/config_time; setfattr -n user.x -v y bus/ap/apmask; getfattr -n user.x bus/ap/apmask'
same "$all"
"$APSYSFS" machine --mount n adapter add 7 type=CEX7P
"$APSYSFS" machine --mount m adapter add 7 type=CEX7P
same "$all"
# attributes of the same file by many at a time, on every processor
attrbench --threads 8 --rounds 2 read x n/bus/ap/apmask read y n/devices/ap/card07/hwtype cat x n/devices/ap/card05/uevent \
	list x n/bus/ap/devices >/dev/null
attrbench --threads 8 --rounds 2 --value 30 write x n/bus/ap/config_time >/dev/null

# removes of what guests hold wait, more than a queue has places at first; nobody else does
uuids=$(for i in $(seq 40); do printf 'a1000000-0000-4000-8000-0000000000%02x\n' "$i"; done)
for u in $uuids; do echo "$u" >n/$matrix/mdev_supported_types/vfio_ap-passthrough/create; "$APSYSFS" guest --mount n start "$u" >/dev/null; done
removes=()
for u in $uuids; do echo 1 >n/$matrix/"$u"/remove & removes+=($!); done
waits() { awk '$1 == "request" && $2 == "WRITE" { print $3 }' n/.apsysfs/stats; }
for _ in $(seq 100); do
	pids=0
	for p in "${removes[@]}"; do [ "$(cut -d' ' -f3 "/proc/$p/stat")" = D ] || grep -qs request_wait "/proc/$p/wchan" && pids=$((pids + 1)); done
	[ $pids = 40 ] && break
	sleep 0.05
done
is $pids 40
for cpu in $(seq 0 $(($(nproc) - 1))); do
	timeout 20 taskset -c "$cpu" attrbench --rounds 1 --count 200 read x n/bus/ap/apmask >/dev/null || fail "held up on processor $cpu"
	timeout 20 taskset -c "$cpu" sh -c "echo +9 >n/bus/ap/apmask; ls n/bus/ap/devices >/dev/null" || fail "held up on processor $cpu"
done
for p in "${removes[@]}"; do kill -0 "$p" || fail 'a remove did not wait'; done
for u in $uuids; do "$APSYSFS" guest --mount n stop "$u" >/dev/null; done
for p in "${removes[@]}"; do wait "$p" || fail 'a remove failed'; done
[ ! -e n/$matrix/"$u" ] || fail 'it is not removed'

# ended in the middle of requests: at once, and nothing is left
attrbench --threads 4 --seconds 5 --rounds 1 read x n/bus/ap/apmask >/dev/null 2>&1 &
load=$!
sleep 0.3
kill -TERM $daemon
wait $daemon || fail "exit status $?: $(cat said)"
wait $load || :
is "$(cat said)" ''
! mountpoint -q n || fail 'still mounted'
kill -TERM $plain
wait $plain
