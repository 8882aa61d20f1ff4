#!/bin/bash
# SPDX-License-Identifier: MIT
# Hot plug through a mount: 8 threads, each answer that of a moment; and a listing read in parts is of one moment,
# for who asks us, who reads what the kernel kept, and in a run,
# whose names the kernel is told of one by one.
# seconds: 60
# not over a host: the machine is changed through .apsysfs
set -eu
mkdir m
"$APSYSFS" m
trap 'fusermount3 -uz m' EXIT
moments m
"$APSYSFS" run -- "$BUILD/moments" /sys
"$APSYSFS" run -- "$BUILD/hotplug" 100 /sys
# as many changes as fit into ten seconds, 300 at the least
for i in 1 2 3 4 5 6 7 8 9 10; do
	hotplug 100 "$PWD/m"
	[ $i -ge 3 ] && [ $SECONDS -ge 12 ] && break
done
exit 0
