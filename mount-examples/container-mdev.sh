#!/bin/sh
# SPDX-License-Identifier: MIT
# A container that is given one mdev, and a live view of it instead of a frozen copy of sysfs. As root on a host; without
# one, below "apsysfs run --". The container here is util-linux's unshare; for others the same bind mounts are
#	LXC		lxc-mdev.conf
#	podman		podman run --volume /run/apsysfs/container/devices/vfio_ap:/sys/devices/vfio_ap:rslave \
#			    --volume /run/apsysfs/container/devices/ap:/sys/devices/ap:rslave \
#			    --volume /run/apsysfs/container/bus/ap:/sys/bus/ap:rslave --device /dev/vfio IMAGE
#	Kubernetes	daemonset.yaml
set -eu
: "${APSYSFS:=apsysfs}"
here=$(dirname "$0")
dir=/run/apsysfs/container
matrix=/sys/devices/vfio_ap/matrix
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
other=ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1

# the host's part: adapter 5 is for guests, and the mdev is there, beside one that is none of the container's business
echo -5 >/sys/bus/ap/apmask
echo $uuid >$matrix/mdev_supported_types/vfio_ap-passthrough/create
echo $other >$matrix/mdev_supported_types/vfio_ap-passthrough/create
mkdir -p "$dir"
"$APSYSFS" mount --host /sys --policy "$here/container.policy.yaml" --audit /run/apsysfs/container.audit "$dir"
trap 'umount "$dir"' EXIT

# the container: its root is 100000 out here, its mounts follow the host's and not the other way round
unshare --mount --propagation slave sh -eu -s "$dir" "$uuid" <<'CONTAINER'
for part in bus/ap devices/ap devices/vfio_ap; do
	mount --bind "$1/$part" "/sys/$part"
done
exec setpriv --reuid=100000 --regid=100000 --clear-groups sh -eu -s "$2" <<'INSIDE'
cd /sys/devices/vfio_ap/matrix
echo "mdevs in the container: $(ls -d *-*-*-*-*)"
echo "cards: $(ls -d /sys/devices/ap/card*)"
echo 5 >"$1/assign_adapter"
echo 4 >"$1/assign_domain"
echo "its matrix: $(cat "$1/matrix")"
echo 1 2>/dev/null >"$1/remove" || echo 'it cannot remove it'
echo +5 2>/dev/null >/sys/bus/ap/apmask || echo 'nor take the adapter back'
INSIDE
CONTAINER
echo "the host sees the same: $(cat $matrix/$uuid/matrix)"
