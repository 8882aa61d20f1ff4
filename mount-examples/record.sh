#!/bin/sh
# SPDX-License-Identifier: MIT
# Records the AP bus of a machine, here of a virtual one, and mounts what was recorded: the same tree again.
# On a mainframe, or with a support archive that holds a copy of /sys, name that with --sys instead.
# Needs no root; APSYSFS names the program if it is not installed.
set -eu
apsysfs=${APSYSFS:-apsysfs}

dir=$(mktemp -d)
mkdir "$dir/original" "$dir/again"
trap 'fusermount3 -u "$dir/original" 2>/dev/null || true; fusermount3 -u "$dir/again" 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

"$apsysfs" "$dir/original"

echo '== A guest is prepared: adapter 5 leaves the host, an mdev takes a queue of it'
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
matrix=$dir/original/devices/vfio_ap/matrix
echo -5 > "$dir/original/bus/ap/apmask"
echo $uuid > "$matrix/mdev_supported_types/vfio_ap-passthrough/create"
echo 5 > "$matrix/$uuid/assign_adapter"
echo 4 > "$matrix/$uuid/assign_domain"

echo '== What record writes'
"$apsysfs" record --sys "$dir/original" > "$dir/machine.yaml"
cat "$dir/machine.yaml"

echo '== The recorded machine, mounted'
"$apsysfs" mount --machine "$dir/machine.yaml" "$dir/again"
cat "$dir/again/bus/ap/apmask" "$dir/again/devices/vfio_ap/matrix/$uuid/matrix"
"$apsysfs" show --sys "$dir/again"
