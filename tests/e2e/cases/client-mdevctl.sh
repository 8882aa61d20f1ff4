#!/bin/bash
# SPDX-License-Identifier: MIT
# mdevctl, as Debian has it, on our tree: types, define, modify, start, list, failures, stop, undefine.
set -eu
command -v mdevctl >/dev/null || { echo 'skip: there is no mdevctl; "make deps-test" installs it'; exit 77; }
mkdir -p defs/scripts.d/callouts defs/scripts.d/notifiers
cat >inside.sh <<'E2'
set -eu
u1=62177883-f1bb-47f0-914d-32a22e3a8804
u2=ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1
type='-p matrix -t vfio_ap-passthrough'
is() { [ "$1" = "$2" ] || { echo "expected \"$2\", but it is \"$1\"" >&2; exit 1; }; }
mdevctl types >types
grep -q 'vfio_ap-passthrough' types
grep -q 'Available instances: 65536' types
grep -q 'Device API: vfio-ap' types
echo -5 > /sys/bus/ap/apmask
mdevctl define -u $u1 $type
mdevctl modify -u $u1 --addattr=assign_adapter --value=5
mdevctl modify -u $u1 --addattr=assign_domain --value=0x4
mdevctl start -u $u1
is "$(mdevctl list)" "$u1 matrix vfio_ap-passthrough manual (defined)"
is "$(cat /sys/devices/vfio_ap/matrix/$u1/matrix)" 05.0004
# the same queue for another guest: the kernel's word is passed on, and nothing of it is left
mdevctl define -u $u2 $type
mdevctl modify -u $u2 --addattr=assign_adapter --value=5
mdevctl modify -u $u2 --addattr=assign_domain --value=4
if mdevctl start -u $u2 2>why; then exit 1; fi
cat why
[ ! -e /sys/devices/vfio_ap/matrix/$u2 ]
mdevctl stop -u $u1
is "$(mdevctl list)" ''
mdevctl start -u $u2
is "$(cat /sys/devices/vfio_ap/matrix/$u2/matrix)" 05.0004
mdevctl stop -u $u2
mdevctl undefine -u $u1
mdevctl undefine -u $u2
is "$(mdevctl list -d)" ''
E2
"$APSYSFS" run --bind "$PWD/defs:/etc/mdevctl.d" -- sh inside.sh
for kernel in 4.20 5.10 6.1 6.12; do
	"$APSYSFS" run --kernel $kernel --bind "$PWD/defs:/etc/mdevctl.d" -- sh inside.sh
done
mdevctl version 2>/dev/null || mdevctl --version
