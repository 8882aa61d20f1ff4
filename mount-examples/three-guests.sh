#!/bin/sh
# SPDX-License-Identifier: MIT
# The worked example of the kernel's vfio-ap document: adapters 5 and 6 are shared out among three
# guests. Every path is the kernel's own, so this runs on a real machine as it is, and anywhere
# else as
#	apsysfs run -- sh mount-examples/three-guests.sh
# It needs to be root there (inside "apsysfs run" you are).
set -eu

say() {
	printf '\n== %s\n' "$*"
}

if [ ! -d /sys/devices/vfio_ap/matrix ]; then
	echo "there is no /sys/devices/vfio_ap/matrix: first do 'modprobe vfio_ap'," >&2
	echo "or run this as 'apsysfs run -- sh $0' where there is no such hardware" >&2
	exit 1
fi

say 'Take adapters 5 and 6 from the host, on all domains'
echo -5,-6 > /sys/bus/ap/apmask
cat /sys/bus/ap/apmask

say 'and the domains of the guests, on all adapters'
echo -4,-0x47,-0xab,-0xff > /sys/bus/ap/aqmask
cat /sys/bus/ap/aqmask

say 'Their queues went from the zcrypt driver to vfio_ap'
ls /sys/bus/ap/drivers/vfio_ap

say 'Create a mediated device for each guest'
uuid1=$(uuidgen)
uuid2=$(uuidgen)
uuid3=$(uuidgen)
echo "$uuid1" > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo "$uuid2" > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo "$uuid3" > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
ls /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/devices

say 'Guest1: adapters 5 and 6, domains 4 and 0xab'
echo 5 > "/sys/devices/vfio_ap/matrix/$uuid1/assign_adapter"
echo 6 > "/sys/devices/vfio_ap/matrix/$uuid1/assign_adapter"
echo 4 > "/sys/devices/vfio_ap/matrix/$uuid1/assign_domain"
echo 0xab > "/sys/devices/vfio_ap/matrix/$uuid1/assign_domain"
cat "/sys/devices/vfio_ap/matrix/$uuid1/matrix"

say 'Guest2: adapter 5, domains 0x47 and 0xff'
echo 5 > "/sys/devices/vfio_ap/matrix/$uuid2/assign_adapter"
echo 0x47 > "/sys/devices/vfio_ap/matrix/$uuid2/assign_domain"
echo 0xff > "/sys/devices/vfio_ap/matrix/$uuid2/assign_domain"
cat "/sys/devices/vfio_ap/matrix/$uuid2/matrix"

say 'Guest3: adapter 6, domains 0x47 and 0xff'
echo 6 > "/sys/devices/vfio_ap/matrix/$uuid3/assign_adapter"
echo 0x47 > "/sys/devices/vfio_ap/matrix/$uuid3/assign_domain"
echo 0xff > "/sys/devices/vfio_ap/matrix/$uuid3/assign_domain"
cat "/sys/devices/vfio_ap/matrix/$uuid3/matrix"

say 'What belongs to one guest is refused to another'
if echo 4 > "/sys/devices/vfio_ap/matrix/$uuid2/assign_domain"; then
	echo 'Guest2 was given 05.0004, which is of Guest1' >&2
	exit 1
fi
echo 'as it should be'
