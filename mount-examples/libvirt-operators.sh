#!/bin/sh
# SPDX-License-Identifier: MIT
# libvirt operators without root: root mounts the host's AP bus once, under operators.policy.yaml, and whoever is in the
# group makes and fills the mdevs that libvirt's guests name. On a host, as root (without one: below "apsysfs run --"):
#	groupadd apops; usermod -aG apops OPERATOR
#	sh libvirt-operators.sh OPERATOR
# libvirt starts a guest with such an mdev as it does with any other:
#	<hostdev mode='subsystem' type='mdev' model='vfio-ap'>
#	  <source><address uuid='62177883-f1bb-47f0-914d-32a22e3a8804'/></source>
#	</hostdev>
# and the operator talks to it as a member of the group libvirt. mdevctl, and programs that know /sys alone, see the
# guarded tree where it belongs by the bind mounts below; for libvirt's own daemon virtnodedevd.conf does the same.
set -eu
: "${APSYSFS:=apsysfs}"
here=$(dirname "$0")
operator=$1
dir=/run/apsysfs/operators
uuid=62177883-f1bb-47f0-914d-32a22e3a8804

mkdir -p "$dir"
"$APSYSFS" mount --host /sys --policy "$here/operators.policy.yaml" --owners /run/apsysfs/operators.owners \
	--audit /run/apsysfs/operators.audit "$dir"
trap 'umount "$dir"' EXIT

# what the operator does, in a session of his own: root in it is he himself, and stays within the policy
setpriv --reuid="$operator" --regid="$operator" --init-groups --inh-caps=-all \
	unshare --user --map-root-user --mount sh -eu -s "$dir" "$uuid" <<'SESSION'
dir=$1 uuid=$2
for part in bus/ap bus/mdev devices/ap devices/vfio_ap class/mdev_bus; do
	mount --bind "$dir/$part" "/sys/$part"
done
echo -5 >/sys/bus/ap/apmask
if command -v mdevctl >/dev/null; then
	mdevctl start -u "$uuid" -p matrix -t vfio_ap-passthrough
else
	echo "$uuid" >/sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
fi
matrix=/sys/devices/vfio_ap/matrix/$uuid
echo 5 >"$matrix/assign_adapter"
echo 4 >"$matrix/assign_domain"
echo 4 >"$matrix/assign_control_domain"
echo "the operator's mdev has $(cat "$matrix/matrix")"
echo 6 2>/dev/null >"$matrix/assign_adapter" || echo 'adapter 6 is not for operators'
echo -6 2>/dev/null >/sys/bus/ap/apmask || echo 'nor is it theirs to take from the host'
SESSION
echo "the host has made it: $(cat "/sys/devices/vfio_ap/matrix/$uuid/matrix")"
