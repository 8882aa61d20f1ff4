#!/bin/bash
# SPDX-License-Identifier: MIT
# Twenty runs at once do not meet, in three depths; what a run started is gone when it ends, however it ends.
# seconds: 120
set -eu
cat >one.sh <<'E2'
set -eu
echo "-$1" > /sys/bus/ap/apmask
[ "$DEPTH" = 0 ] || DEPTH=$((DEPTH - 1)) apsysfs run -- sh one.sh $(($1 + 100)) >/dev/null
touch ready.$1
# all of them are there before any looks again
[ "$1" -ge 100 ] || while [ "$(ls ready.? ready.?? 2>/dev/null | wc -l)" -lt 20 ]; do sleep 0.1; done
cat /sys/bus/ap/apmask
readlink /sys/class/net/lo >/dev/null 2>&1 || [ ! -e /sys/class/net/lo ]
E2
for n in $(seq 0 19); do
	DEPTH=$((n % 3)) "$APSYSFS" run -- sh one.sh $n >mask.$n &
done
wait
for n in $(seq 0 19); do
	want=$(awk -v n=$n 'BEGIN {
		for (i = 0; i < 64; i++) d[i] = 15
		d[int(n / 4)] -= 2 ^ (3 - n % 4)
		printf "0x"
		for (i = 0; i < 64; i++) printf "%x", d[i]
		print ""
	}')
	[ "$(cat mask.$n)" = "$want" ] || { echo "run $n has $(cat mask.$n), expected $want"; exit 1; }
done

# what the command left running, whatever it ignores, and deeper runs too
marked() { grep -lsz "^LEFT=$1-$$\$" /proc/[0-9]*/environ 2>/dev/null | wc -l; }
gone() { # NAME
	for _ in $(seq 100); do [ "$(marked "$1")" = 0 ] && return; sleep 0.05; done
	echo "$1: processes are left" >&2
	exit 1
}
temporary() { find /tmp /run /dev/shm -maxdepth 1 -user "$(id -u)" -name '*apsysfs*' ! -name 'apsysfs-e2e.*' 2>/dev/null | sort; }
before=$(temporary)
LEFT=end-$$ "$APSYSFS" run -- sh -c 'trap "" TERM HUP; sleep 1000 & setsid sleep 1000 & sleep 0.2'
gone end
LEFT=kill-$$ "$APSYSFS" run -- sh -c '
	trap "" TERM HUP INT
	setsid sleep 1000 &
	apsysfs run -- sh -c "touch deep; sleep 1000" &
	while :; do sleep 0.1; done' &
pid=$!
for _ in $(seq 200); do [ -e deep ] && break; sleep 0.05; done
[ -e deep ]
[ "$(marked kill)" -gt 5 ]
kill -KILL $pid
wait $pid 2>/dev/null || :
gone kill
[ "$(temporary)" = "$before" ]
