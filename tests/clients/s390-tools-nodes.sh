# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Inside run: zcryptctl makes, fills and removes nodes of its own, which are in /dev too.
say() {
	echo "\$ $*"
	"$@" 2>&1
	echo "rc=$?"
}
node() { stat -c '%n %F %a %t:%T' "/dev/$1" 2>&1; }
say zcryptctl list
say zcryptctl create mynode
node mynode
say zcryptctl create
say zcryptctl create mynode
say zcryptctl addap mynode 5
say zcryptctl addap mynode 6
say zcryptctl delap mynode 6
say zcryptctl adddom mynode 4
say zcryptctl adddom mynode 0x47
say zcryptctl deldom mynode 4
say zcryptctl addctrl mynode 71
say zcryptctl addioctl mynode ICARSAMODEXPO
say zcryptctl addioctl mynode ZSECSENDCPRB
say zcryptctl delioctl mynode ICARSAMODEXPO
say zcryptctl list
cut -c1-8 /sys/class/zcrypt/mynode/apmask
cat > config <<'E2'
node = other
 aps = 5, 6
 doms = ALL
 ioctls = ALL
E2
say zcryptctl config config
cut -c1-8 /sys/class/zcrypt/other/apmask
cut -c1-8 /sys/class/zcrypt/other/aqmask
node other
say zcryptctl destroy other
node other
say zcryptctl destroy mynode
say zcryptctl destroy mynode
say zcryptctl addap mynode 5
say zcryptctl listconfig
# those of the kernel itself; what they say they are is all there is to them
node vfio/vfio
node z90crypt
cat /dev/z90crypt
echo 11111111-2222-4333-8444-555555555555 > /sys/class/mdev_bus/matrix/mdev_supported_types/vfio_ap-passthrough/create
node vfio/0
echo 1 > /sys/bus/mdev/devices/11111111-2222-4333-8444-555555555555/remove
node vfio/0
# the rest is the host's
head -c 4 /dev/zero | tr '\0' x >/dev/null && echo 'zero reads'
