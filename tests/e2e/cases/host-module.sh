#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 60
# A host's module that is loaded while the overlay is mounted: what it brings is read, written and listed as what was there
# before, though no Landlock rule can be of it; and so after it was loaded once more.
# not over a host: it is about its own
set -eu
top=$(mktemp -d /tmp/apsysfs-module.XXXXXX)
cd "$top"
mkdir m n
. "$TOP/tests/e2e/leave-host.sh"
trap 'leave_host n m; cd /; rm -rf --one-file-system "$top"' EXIT
is() { [ "$1" = "$2" ] || { echo "expected \"$2\", but it is \"$1\"" >&2; exit 1; }; }
module() { APSYSFS_MOUNT="$top/m" "$APSYSFS" module "$1" vfio_ap; }
matrix=devices/vfio_ap/matrix
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
printf 'grants:\n  - { name: all, to: everyone, see: all, pool: all, assign: all, mdevs: all, actions: all }\n' >policy.yaml
"$APSYSFS" mount m
for policy in '' policy.yaml; do
	module unload
	# shellcheck disable=SC2086 # an option, or none
	"$APSYSFS" mount --host m ${policy:+--policy $policy} n
	[ ! -e n/bus/matrix ]
	for _ in 1 2; do
		module load
		is "$(cat n/bus/matrix/drivers_autoprobe)" 1
		echo 0 >n/bus/matrix/drivers_autoprobe
		is "$(cat m/bus/matrix/drivers_autoprobe)" 0
		echo -5 >n/bus/ap/apmask
		echo $uuid >n/$matrix/mdev_supported_types/vfio_ap-passthrough/create
		echo 5 >n/$matrix/$uuid/assign_adapter
		echo 4 >n/$matrix/$uuid/assign_domain
		is "$(cat n/$matrix/$uuid/matrix)" 05.0004
		is "$(ls n/$matrix/$uuid)" "$(ls m/$matrix/$uuid)"
		echo 1 >n/$matrix/$uuid/remove
		module unload
		[ ! -e n/bus/matrix ]
		echo +5 >n/bus/ap/apmask
	done
	fusermount3 -u n
	module load
done
