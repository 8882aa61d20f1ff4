# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Inside run: lszdev and chzdev of the device type ap (from 2.22 on); masks, a mask that takes a guest's queue,
# and what is persistent, below ./etc.
say() {
	echo "\$ $*"
	"$@" 2>&1
	echo "rc=$?"
}
masks() { cut -c1-4 /sys/bus/ap/apmask; cut -c43-46 /sys/bus/ap/aqmask; }
uuid=11111111-2222-4333-8444-555555555555
mkdir etc
say lszdev -t ap --info
say chzdev -t ap apmask=-6 -a --no-settle
say chzdev -t ap aqmask=-0xab -a --no-settle
masks
say lszdev -t ap -a
echo $uuid > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo 6 > /sys/devices/vfio_ap/matrix/$uuid/assign_adapter
echo 0xab > /sys/devices/vfio_ap/matrix/$uuid/assign_domain
say chzdev -t ap apmask=0-255 aqmask=0-255 -a --no-settle
masks
cat /sys/devices/vfio_ap/matrix/$uuid/matrix
say chzdev -t ap apmask=+7 -a --no-settle
say chzdev -t ap apmask=3,5-10 aqmask=0x47 -p --no-settle --base /etc=etc
cat etc/udev/rules.d/41-ap.rules
say lszdev -t ap -p --base /etc=etc
say chzdev -t ap -r apmask -p --no-settle --base /etc=etc
say lszdev -t ap --info --base /etc=etc
masks
rm -rf etc
