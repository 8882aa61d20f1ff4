#!/bin/bash
# SPDX-License-Identifier: MIT
# 256 adapters with 256 domains: 65,536 queues.
# seconds: 120
set -eu
{
	echo 'usage: [0-255]'
	echo 'control: [0-255]'
	echo 'adapters:'
	for a in $(seq 0 255); do echo "  - { id: $a, type: CEX8C }"; done
} >large.yaml
mkdir m
t0=$(date +%s%N)
"$APSYSFS" mount --machine large.yaml m
t1=$(date +%s%N)
# the oldest: the one that waits to unmount is its child, and has the same command line
pid=$(pgrep -o -f "[ ]--machine large.yaml m")
[ "$(ls m/bus/ap/devices | wc -l)" = 65792 ]
t2=$(date +%s%N)
entries=$(find m | wc -l)
t3=$(date +%s%N)
echo 0x0 >m/bus/ap/apmask
t4=$(date +%s%N)
[ "$(ls m/bus/ap/drivers/vfio_ap | wc -l)" -gt 65536 ]
rss=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
echo "ready $(((t1 - t0) / 1000000)) ms, list $(((t2 - t1) / 1000000)) ms, find of $entries entries $(((t3 - t2) / 1000000)) ms, mask $(((t4 - t3) / 1000000)) ms, RSS $((rss / 1024)) MiB"
fusermount3 -u m
[ "$entries" -gt 700000 ]
# a bound for what would grow with the tree; a sanitizer keeps memory of its own
if ! ldd "$APSYSFS" | grep -qE 'asan|tsan'; then [ "$rss" -lt 262144 ]; fi
