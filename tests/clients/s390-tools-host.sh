# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Inside run, on a host: every option line of lszcrypt and chzcrypt, and lszcrypt after each thing that can happen
# to a card. Prints what was said, and each exit status.
say() {
	echo "\$ $*"
	"$@" 2>&1
	echo "rc=$?"
}
list() {
	echo "--- $*"
	say lszcrypt
	say lszcrypt -V
}
uuid=11111111-2222-4333-8444-555555555555
mdev=/sys/devices/vfio_ap/matrix/$uuid

# domain ab for guests
echo -0xab > /sys/bus/ap/aqmask
echo -0xff > /sys/bus/ap/aqmask
say lszcrypt
say lszcrypt -V
say lszcrypt -VV
say lszcrypt -b
say lszcrypt -d
say lszcrypt -s
say lszcrypt -c 5
say lszcrypt -c 0x06
say lszcrypt -c 0x0a
say lszcrypt -c 5.4
say lszcrypt -c 0a.0004
say lszcrypt -c 7
say lszcrypt --accelonly
say lszcrypt --ccaonly
say lszcrypt --ep11only
say lszcrypt --cardonly
say lszcrypt --queueonly
say lszcrypt 05
say lszcrypt 05.0004
say lszcrypt .47
say lszcrypt -V 05.00ab
say lszcrypt 07
say lszcrypt --accelonly --ccaonly

echo '--- chzcrypt'
say chzcrypt -V -d 05.0004
list 'a queue offline'
say chzcrypt -V -e 05.0004
say chzcrypt -V -d 6
list 'a card offline'
say chzcrypt -V -e 0x06
say chzcrypt -V -e card06 05.0047
say chzcrypt -V -a -d
list 'all offline'
say chzcrypt -V -a -e
say chzcrypt -V -p
say lszcrypt -b
say chzcrypt -V -n
say chzcrypt -V -c 10
say chzcrypt -V -t 30000
say chzcrypt -V -q 0x47
say lszcrypt -b
say chzcrypt -V -q 5
say chzcrypt -q 300
say chzcrypt -V --config-off 6
list 'a card deconfigured by its own file'
say chzcrypt -V --config-off 6
say chzcrypt -e 6
say chzcrypt -V --config-on 6
say chzcrypt --config-on 05.0004
say chzcrypt -V --se-bind 05.0004
say chzcrypt -d 07
say chzcrypt -d 05.00ab
echo 1 > /sys/bus/ap/scans
list 'and configured again'

apsysfs machine adapter set 0x0a state=deconfigured
list 'a card deconfigured by the hardware'
say lszcrypt -c 0x0a
apsysfs machine adapter set 0x0a state=checkstopped
list 'a card checkstopped'
say chzcrypt -V -e 0x0a
apsysfs machine adapter set 0x0a state=online
apsysfs machine adapter remove 0x0a
list 'a card unplugged'
echo "$uuid" > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo 5 > $mdev/assign_adapter
echo 0xab > $mdev/assign_domain
list 'a queue assigned to a guest'
apsysfs guest start $uuid
list 'the guest runs'
apsysfs guest stop $uuid
echo 1 > $mdev/remove
echo +0xab,-0x47 | tr , '\n' | while read -r edit; do echo "$edit" > /sys/bus/ap/aqmask; done
list 'other domains for guests'
