#!/bin/bash
# SPDX-License-Identifier: MIT
# What somebody gets to read who does it wrong: no mount, two mounts, numbers, names and files that are none.
set -eu
refused() { # STATUS WORDS COMMAND...
	local status=$1 words=$2 got=0
	shift 2
	"$APSYSFS" "$@" >out 2>err </dev/null || got=$?
	[ $got = "$status" ] || { cat err; echo "status $got, expected $status: $*"; return 1; }
	grep -qF -- "$words" err || { cat err; echo "$*: does not say: $words"; return 1; }
	if grep -q 'line 1' err; then cat err; echo "$*: speaks of a line"; return 1; fi
}
mkdir m n
if ! grep -q ' fuse.apsysfs ' /proc/self/mounts; then refused 1 'nothing of apsysfs is mounted; mount it, or work inside' show; fi
"$APSYSFS" m
"$APSYSFS" n
trap 'fusermount3 -u m; fusermount3 -u n' EXIT
refused 1 'mounts: say which with --mount DIR' show
grep -qx "  $PWD/m" err
grep -qx "  $PWD/n" err
export APSYSFS_MOUNT=$PWD/m
refused 2 'no such command' foo bar
refused 2 'expected show, apply, scan' machine shw
refused 2 'expected add, set or remove' machine adapter add
refused 1 '"300": expected a number from 0 to 255' machine adapter add 300 type=CEX5C
refused 1 '"five": expected a number' machine adapter add five type=CEX5C
refused 1 "adapter 9 is not there; use 'adapter add'" machine adapter set 9 state=online
refused 1 "adapter 5 is there already; use 'adapter set'" machine adapter add 5 type=CEX5C
refused 1 '"broken": expected online, deconfigured or checkstopped' machine adapter set 5 state=broken
refused 1 '"color": expected type, func, depth' machine adapter set 5 color=red
refused 1 'expected the UUID' guest start 1234
refused 1 'there is no such mediated device' guest start 62177883-f1bb-47f0-914d-32a22e3a8804
refused 1 'this kernel has no such module' module load nosuch
refused 1 '"nonsense": expected after, every, write' scenario add nonsense
refused 1 'there is nothing in it; expected guests with name' plan -
refused 1 'has no bus/ap' record --sys /nowhere
refused 2 '--json: expected show' machine --json scan
printf 'adapters:\n  - { id: 5 type: CEX5C }\n' >bad.yaml
refused 1 'bad.yaml:2:11' machine apply bad.yaml
# what is refused has changed nothing
"$APSYSFS" machine show >after
"$APSYSFS" machine --mount n show | diff - after
