#!/bin/bash
# SPDX-License-Identifier: MIT
# Writers that wait (a remove of an mdev that a guest holds) take no thread away: with twenty of them reads, listings
# and writes go on, and writers are not starved by many readers.
# seconds: 60
set -eu
mkdir m
# a kernel whose remove waits for the guest
"$APSYSFS" mount --kernel 6.12 m
trap 'fusermount3 -uz m' EXIT
export APSYSFS_MOUNT="$PWD/m"
matrix=m/devices/vfio_ap/matrix
removers=
for i in $(seq 10 29); do
	uuid=62177883-f1bb-47f0-914d-32a22e3a88$i
	echo "$uuid" >$matrix/mdev_supported_types/vfio_ap-passthrough/create
	"$APSYSFS" guest start "$uuid"
	(echo 1 >"$matrix/$uuid/remove") &
	removers="$removers $!"
done
# they wait: none has ended, and each is known to be leaving
tries=0
until [ "$("$APSYSFS" guest list | grep -c leaving)" = 20 ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { "$APSYSFS" guest list; exit 1; }
	sleep 0.1
done
# shellcheck disable=SC2086 # a list
[ "$(jobs -pr | wc -l)" = 20 ]
timeout 20 attrbench --rounds 1 --threads 8 --count 200 read x m/bus/ap/apmask list x m/bus/ap/devices
timeout 20 attrbench --rounds 1 --count 100 --value 1 write x m/bus/ap/drivers_autoprobe
timeout 20 find m -ls >/dev/null
# a writer among eight readers that never pause: a hundred writes come through
attrbench --rounds 1 --threads 8 --seconds 30 read x m/bus/ap/apmask >/dev/null &
readers=$!
timeout 20 attrbench --rounds 1 --count 100 --value 1 write x m/bus/ap/drivers_autoprobe
kill $readers
"$APSYSFS" guest stop all
# shellcheck disable=SC2086
wait $removers
[ -z "$("$APSYSFS" guest list)" ]
[ "$(find $matrix -maxdepth 1 -name '62177883*' | wc -l)" = 0 ]
