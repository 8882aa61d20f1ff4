#!/bin/bash
# SPDX-License-Identifier: MIT
# Bad input: a message that names what is wrong and what to do, the documented status, nothing half mounted.
set -u
mkdir m full
echo x >file
bad=0

# refused STATUS TEXT COMMAND...: ends so, with this text on standard error, and mounts nothing
refused() {
	local status=$1 text=$2
	shift 2
	"$@" >out 2>err </dev/null
	local got=$?
	if [ $got -ne "$status" ] || ! grep -qF -- "$text" err; then
		printf '%s\n  status %s instead of %s, or this is not in its message: %s\n' "$*" $got "$status" "$text"
		sed 's/^/  | /' err
		bad=1
	fi
	if grep -q " $CASE_DIR/" /proc/self/mountinfo; then echo "$*: left a mount"; bad=1; fi
}
machine() { # TEXT: a machine file
	printf '%b' "$1" >machine.yaml
}

refused 2 'choose 4.20, 5.10, 6.1, 6.12 or 7.2' "$APSYSFS" mount --kernel 3.2 m
refused 1 'does not exist; make it first' "$APSYSFS" mount nowhere
refused 1 'is not a directory' "$APSYSFS" mount file
refused 2 'expected one mount point' "$APSYSFS" mount
refused 2 'expected one mount point' "$APSYSFS" mount m full
refused 2 'no such command' "$APSYSFS" mont m
refused 1 'No such file' "$APSYSFS" mount --machine nowhere.yaml m
refused 1 'Is a directory' "$APSYSFS" mount --machine full m
refused 1 'is not one that FUSE knows' "$APSYSFS" mount -o nonsense=1 m
refused 2 'expected real or virtual' "$APSYSFS" mount --clock broken m
refused 1 'at most 1024' "$APSYSFS" mount --cmdline "ap.apmask=0x$(printf '%01100d' 0)" m
refused 125 'expected a command' "$APSYSFS" run
refused 127 'No such file' "$APSYSFS" run -- ./nowhere
refused 126 'Permission denied' "$APSYSFS" run -- ./file
refused 125 'expected SRC:DST' "$APSYSFS" run --bind x -- true
refused 125 'both must exist' "$APSYSFS" run --bind "$PWD/nowhere:/tmp" -- true
refused 1 'is not a mount of apsysfs' "$APSYSFS" machine --mount "$PWD/m" show

machine 'adapters: [\n'
refused 1 'machine.yaml:1:11: libyaml' "$APSYSFS" mount --machine machine.yaml m
machine 'adapters:\n  - { id: 5, type: CEX5, colour: red }\n'
refused 1 'machine.yaml:2:' "$APSYSFS" mount --machine machine.yaml m
grep -q 'colour' err || { echo 'the unknown key is not named'; bad=1; }
machine 'adapters:\n  - { id: 5, type: CEX5 }\n  - { id: 0x100, type: CEX5 }\n'
refused 1 'machine.yaml:3:11: adapters.1.id: "0x100": expected a number from 0 to 255' \
	"$APSYSFS" mount --machine machine.yaml m
machine 'usage: [1, 2, 9-3]\n'
refused 1 'machine.yaml:1:15: usage.2: "3": expected an end that is not below the start' \
	"$APSYSFS" mount --machine machine.yaml m
machine 'kernel: "2.6"\n'
refused 1 'machine.yaml:1:9: kernel: "2.6": expected 4.20' "$APSYSFS" mount --machine machine.yaml m
machine 'new\nadapter 5 type=11\nadapter 5 weight=3\n'
refused 1 'machine.yaml:3: "weight"' "$APSYSFS" mount --machine machine.yaml m
head -c 100000 /dev/urandom >machine.yaml
refused 1 'machine.yaml:' "$APSYSFS" mount --machine machine.yaml m

# no /dev/fuse, or one that may not be opened
if [ "$(id -u)" = 0 ]; then
	refused 1 '/dev/fuse: No such file or directory; load the fuse module' \
		unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" mount m' "$APSYSFS"
	refused 125 '/dev/fuse: No such file or directory' \
		unshare -m sh -c 'mount -t tmpfs none /dev && exec "$0" run -- true' "$APSYSFS"
fi

# a mount point that is in use
"$APSYSFS" m
"$APSYSFS" m 2>err && { echo 'mounted twice'; bad=1; }
grep -q 'unmount it first: fusermount3 -u' err || { cat err; bad=1; }
fusermount3 -u m
exit $bad
