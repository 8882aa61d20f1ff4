#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016 # each tree expands it
# not below a policy: each caller has his own view there, so nothing is kept
# However the kernel is told that names have changed, by one epoch or one by one (--no-epoch), the tree looks the same
# after each change as to who never looked before; also when there are more names than are kept.
# seconds: 120
set -eu
for adapter in 1 2 3; do echo "  - { id: $adapter, type: CEX8C }"; done >adapters
{ echo 'usage: [4, 0x47]'; echo 'adapters:'; cat adapters; } >small.yaml
{ echo 'usage: [0-255]'; echo 'adapters:'; cat adapters; } >large.yaml
mkdir epoch names
trap 'fusermount3 -uzq epoch || :; fusermount3 -uzq names || :' EXIT
uuid=62177883-f1bb-47f0-914d-32a22e3a8804 matrix=devices/vfio_ap/matrix

# all there is, by name, with what a stat and a readlink say
look() { (cd "$1" && find . -path ./.apsysfs -prune -o -printf '%p %y %m %n %s %l\n' | sort); }

# both COMMAND...: in each tree, which then must look alike; where nobody looked before, and where all was looked at
both() {
	local tree
	for tree in epoch names; do
		(cd $tree && export APSYSFS_MOUNT="$PWD" && eval "$*") || { echo "$tree: failed: $*" >&2; exit 1; }
		look $tree >$tree.all
	done
	cmp epoch.all names.all || { echo "differs after: $*" >&2; diff epoch.all names.all | head -20 >&2; exit 1; }
}

"$APSYSFS" mount --machine small.yaml epoch
"$APSYSFS" mount --machine small.yaml --no-epoch names
both true
[ "$(wc -l <names.all)" -gt 300 ]
for _ in 1 2; do
	both '[ ! -e bus/ap/devices/card09 ]; apsysfs machine adapter add 9 type=CEX7A; [ -e bus/ap/devices/card09/09.0047/online ]'
	both 'apsysfs machine domain add 0x11; [ -e devices/ap/card03/03.0011 ]'
	both 'echo -1,-2 >bus/ap/apmask; [ ! -e bus/ap/drivers/cex4queue/01.0004 ]; [ -e bus/ap/drivers/vfio_ap/01.0004 ]'
	both "[ ! -e $matrix/$uuid ]; echo $uuid >$matrix/mdev_supported_types/vfio_ap-passthrough/create; [ -d $matrix/$uuid ]"
	both "echo 1 >$matrix/$uuid/assign_adapter; echo 4 >$matrix/$uuid/assign_domain"
	both "cd devices/ap/card03 && apsysfs machine adapter remove 3 && [ ! -e online ] && [ ! -e ../card03 ]"
	both "apsysfs guest start $uuid; echo 1 >$matrix/$uuid/remove & until ! [ -e bus/mdev/devices/$uuid ]; do sleep 0.05; done
		[ -e $matrix/$uuid ]"
	both "apsysfs guest stop $uuid; until ! [ -e $matrix/$uuid ]; do sleep 0.05; done"
	both 'apsysfs machine adapter add 3 type=CEX8P; [ -e devices/ap/card03/FW_version ]'
	both 'apsysfs machine domain remove 0x11; [ ! -e devices/ap/card02/02.0011 ]'
	both 'echo +1,+2 >bus/ap/apmask; [ -L devices/ap/card01/01.0004/driver ]'
	both 'apsysfs module unload vfio_ap; [ ! -e devices/vfio_ap ] && [ ! -e module/vfio_ap ]'
	both 'apsysfs module load vfio_ap; [ -e devices/vfio_ap/matrix ]'
	both 'apsysfs machine adapter remove 9; [ ! -e bus/ap/devices/card09 ]'
done
# links of a directory that is looked at and not listed
both 'apsysfs machine domain add 0x11; n=$(stat -c %h devices/ap/card03); apsysfs machine domain add 0x12
	[ "$(stat -c %h devices/ap/card03)" = $((n + 1)) ]'

fusermount3 -u epoch
fusermount3 -u names

# 13,000 names, 800 directories, and 9,000 that are not there but may come to be
"$APSYSFS" mount --machine large.yaml epoch
"$APSYSFS" mount --machine large.yaml --no-epoch names
both true
[ "$(wc -l <names.all)" -gt 13000 ]
both 'printf "bus/ap/devices/%02x.%04x\n" $(seq -f "%g" 5 16004) | xargs stat >/dev/null 2>&1 || :'
both 'apsysfs machine adapter add 9 type=CEX8C; [ -e bus/ap/devices/09.0047/online ]'
both 'apsysfs machine adapter remove 2; [ ! -e bus/ap/devices/02.0047 ]; [ ! -e devices/ap/card02 ]'
both 'apsysfs machine adapter add 2 type=CEX8A; [ -e devices/ap/card02/02.0047/load ]'
