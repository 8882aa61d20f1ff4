#!/bin/bash
# SPDX-License-Identifier: MIT
# What --state and --state-sync cost a write: measured in turn with a mount that keeps nothing, and printed. No bound, as
# the disk and the machine differ; but each write has to be in the file when it is answered.
set -eu
mkdir plain state sync
"$APSYSFS" plain
"$APSYSFS" mount --state kept state
"$APSYSFS" mount --state kept-sync --state-sync sync
trap 'fusermount3 -u plain; fusermount3 -u state; fusermount3 -u sync' EXIT
file=bus/ap/config_time
size=$(stat -c %s kept)
attrbench --rounds 5 --count 200 --value 30 write plain plain/$file write state state/$file write sync sync/$file >samples
median() { awk -v l="$1" '$2 == l { print $5 }' samples | sort -n | sed -n 3p; }
for how in plain state sync; do
	awk -v how=$how -v p="$(median plain)" -v n="$(median $how)" \
		'BEGIN { printf "write, %-5s  %8.1f us (median), %.2f of a mount that keeps nothing\n", how, n, n / p; exit !(p > 0 && n > 0) }'
done
[ "$(stat -c %s kept)" -gt "$size" ]
