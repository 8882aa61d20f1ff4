#!/bin/bash
# SPDX-License-Identifier: MIT
# With --passthrough a text that cannot change reads as it does without, and the little that differs is what is documented.
set -eu
mkdir slow fast
"$APSYSFS" slow
trap 'fusermount3 -uz slow; fusermount3 -uzq fast || :' EXIT
"$APSYSFS" mount --passthrough fast
if ! grep -qx 'passthrough 1' fast/.apsysfs/stats; then
	echo 'skip: no passthrough here (Linux 6.9 and CAP_SYS_ADMIN)'
	exit 77
fi
texts() { (cd "$1" && find . -type f -perm /444 -print0 | sort -z | grep -zvE 'uevent$|/power/|\.apsysfs' | xargs -0 grep -sH '' || :); }
texts slow >one
texts fast >two
# a second time, from the files that are there by now
texts slow >three
texts fast >four
cmp one two
cmp three four
[ "$(wc -l <one)" -gt 100 ]

# try MOUNT OPERATION...: what each system call answers
try() {
	local mount=$1
	shift
	(cd "$mount" && probe x devices/ap/card05/type "$@" | sed "s/^x [^;]*//")
}
same() {
	[ "$(try slow "$@")" = "$(try fast "$@")" ] || { echo "differs: $*: $(try slow "$@") $(try fast "$@")" >&2; exit 1; }
}
same r r:4096 r:1 r:4096
same r r:1 r:2 pr:3:10 r:100 s:0:0 r:4
same r poll:0 r:3 poll:0 poll:0
same r fstat ft:0 w:x ioctl:1
same rw r:1
same w w:x
same 'r|DIRECT' r:1
same 'r|TRUNC' r:1
same r pr:4095:10 pr:4096:10 s:0:2 r:1 s:-1:0
chmod 644 slow/devices/ap/card05/type fast/devices/ap/card05/type
same rw r:4096 w:x pr:0:9
same w w:x
# while one reads, another may open for writing
exec 5<fast/devices/ap/card05/type 6>fast/devices/ap/card05/type
read -r text <&5
[ "$text" = CEX5C ]
exec 5<&- 6>&-
# what differs
exec 5<fast/devices/ap/card05/type
"$APSYSFS" machine --mount fast adapter remove 5
[ ! -e fast/devices/ap/card05 ]
[ -z "$(cat <&5)" ]
