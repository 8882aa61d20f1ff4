#!/bin/sh
# SPDX-License-Identifier: MIT
# The machine command: plug, change, break, unplug, from outside and while the mount runs.
set -eu
mkdir m
"$APSYSFS" m
trap 'fusermount3 -u m' EXIT
export APSYSFS_MOUNT="$CASE_DIR/m"
cards() { for c in m/devices/ap/card*; do printf '%s ' "${c##*/}"; done; }
is() { [ "$1" = "$2" ] || { echo "expected \"$2\", but it is \"$1\"" >&2; exit 1; }; }

is "$(cards)" 'card05 card06 '
"$APSYSFS" machine adapter add 0x0a type=CEX8P depth=16
is "$(cards)" 'card05 card06 card0a '
is "$(cat m/devices/ap/card0a/type)" CEX8P
"$APSYSFS" machine adapter set 0x0a state=checkstopped
is "$(cat m/devices/ap/card0a/chkstop)" 1
"$APSYSFS" machine --no-scan adapter remove 0x0a
is "$(cards)" 'card05 card06 card0a '
"$APSYSFS" machine scan
is "$(cards)" 'card05 card06 '
"$APSYSFS" machine domain add 9
[ -d m/devices/ap/card05/05.0009 ]
"$APSYSFS" machine queue set 5.9 rc=3
is "$(cat m/devices/ap/card05/05.0009/config)" 0
"$APSYSFS" machine queue clear
"$APSYSFS" machine domain remove 9
[ ! -e m/devices/ap/card05/05.0009 ]

# what show prints is a machine file, and so is the other form
"$APSYSFS" machine show >one.yaml
"$APSYSFS" machine show --lines >one.lines
"$APSYSFS" machine adapter remove 6
is "$(cards)" 'card05 '
"$APSYSFS" machine apply one.yaml
is "$(cards)" 'card05 card06 '
"$APSYSFS" machine show | diff -u one.yaml -
"$APSYSFS" machine apply one.lines
"$APSYSFS" machine show | diff -u one.yaml -

# a change that is refused changes nothing and says why
for bad in 'adapter add 5 type=CEX8' 'adapter remove 7' 'adapter add 7 type=CEX9' 'adapter set 5 state=broken' \
	'adapter add 300 type=CEX8' 'domain add 256' 'queue set 5.4 rc=x' 'adapter add 7'; do
	# shellcheck disable=SC2086
	if "$APSYSFS" machine $bad 2>why; then echo "done, but it should be refused: $bad" >&2; exit 1; fi
	[ -s why ]
	"$APSYSFS" machine show | diff -u one.yaml -
done

# guests and modules
create=m/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
echo $uuid >$create
"$APSYSFS" guest start $uuid
is "$("$APSYSFS" guest list)" "$uuid kvm running"
if "$APSYSFS" module unload vfio_ap 2>why; then exit 1; fi
"$APSYSFS" guest stop $uuid
"$APSYSFS" module unload vfio_ap
[ ! -e m/devices/vfio_ap ]
"$APSYSFS" module load vfio_ap
[ -d m/devices/vfio_ap/matrix ]
