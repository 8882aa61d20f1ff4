#!/bin/bash
# SPDX-License-Identifier: MIT
# A host that does not answer holds up nobody who asks for nothing of it, however many others wait for it; when it
# goes on, all who waited are answered.
# seconds: 60
set -eu
mkdir m n
"$APSYSFS" mount -f m &
host=$!
leave() {
	kill -CONT $host
	fusermount3 -uz n || :
	fusermount3 -uz m || :
	wait
}
trap leave EXIT
until mountpoint -q m; do sleep 0.05; done
"$APSYSFS" mount --host m n
cat n/bus/ap/apmask >mask
readers=
kill -STOP $host
for i in 1 2 3; do
	cat n/bus/ap/apmask >"read$i" &
	readers="$readers $!"
	# one at a time, as it would be if each took the last thread that listens
	for _ in $(seq 3); do timeout 10 stat -f n >/dev/null; done
done
for _ in $(seq 30); do timeout 10 stat -f n >/dev/null; done
for i in 1 2 3; do [ ! -s "read$i" ]; done
kill -CONT $host
# shellcheck disable=SC2086 # a list
wait $readers
for i in 1 2 3; do cmp mask "read$i"; done
