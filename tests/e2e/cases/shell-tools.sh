#!/bin/bash
# SPDX-License-Identifier: MIT
# find, grep -r, tar, cp -a, du, tail and cat over the whole tree, all at once, while masks and cards change:
# none blocks, none crashes, and what they copy is what is there.
# seconds: 120
set -eu
mkdir m copy
"$APSYSFS" m
trap 'fusermount3 -uz m' EXIT
export APSYSFS_MOUNT="$PWD/m"
change() {
	for _ in 1 2 3 4 5; do
		echo -5 >m/bus/ap/apmask
		"$APSYSFS" machine adapter add 9 type=CEX8C
		echo +5 >m/bus/ap/apmask
		"$APSYSFS" machine adapter remove 9
	done
}
# whoever takes a minute hangs; what vanishes meanwhile is no failure of theirs
bounded() { timeout 60 "$@" >/dev/null 2>>errors || [ $? -lt 124 ] || { echo "hangs: $*" >&2; touch hung; }; }
change &
for _ in 1 2 3; do
	bounded find m -ls &
	bounded grep -r . m/bus m/devices m/class &
	bounded tar cf - m &
	bounded du -a m &
	bounded sh -c 'find m -type f -perm /444 -exec tail -n 1 {} +' &
done
wait
[ ! -e hung ]
# at rest every readable file reads, and a copy is the tree
count=$(find m -type f -perm /444 | wc -l)
[ "$count" -gt 150 ]
find m -type f -perm /444 -exec cat {} + >/dev/null 2>unread || :
# the kernel gives these an r and no way to read them
if grep -v 'class/zcrypt/\(create\|destroy\)\|devices/virtual/zcrypt' unread; then exit 1; fi
find m -printf '%P %y %l\n' | sort >one
cp -a m copy/ 2>/dev/null || :
(cd copy/m && find . -printf '%P %y %l\n') | sort | comm -13 - one >missing
# only what root may not read is missing from a copy
while read -r path type _; do
	[ "$type" = f ] && [ -z "$(find "m/$path" -perm /444)" ] || { echo "not copied: $path" >&2; exit 1; }
done <missing
