#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 240
# libvirt's node devices, of Debian 13: list by capability, dumpxml of a card, a queue, the matrix device and a
# mediated one; create, define, start, update --live, autostart, destroy, undefine; what the kernel refuses.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: entering the root with the programs needs root'; exit 77; }
root=$("$TOP/tests/clients/trixie.sh" 2>why) || { echo "skip: libvirt cannot be had: $(tail -n 1 why)"; exit 77; }
mkdir -p run defs/matrix defs/scripts.d/callouts defs/scripts.d/notifiers "$root/etc/mdevctl.d" "$root/var/lib/libvirt"
cp "$TOP/tests/clients/callout.sh" defs/scripts.d/callouts/
cat >inside.sh <<'E2'
set -eu
trap 'echo "inside.sh: line $LINENO" >&2' ERR
fail() { echo "$*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
until_true() { # each wait is bounded by time: a virsh alone may take a while
	local end=$((SECONDS + 40))
	while [ $SECONDS -lt $end ]; do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.1; done
	fail "never came true: $*"
}
root=$1
in="$TOP/tests/clients/enter.sh $root"
virsh() { timeout 20 $in virsh -q -c nodedev:///system "$@"; }
listed() { virsh nodedev-list "$@"; }
# libvirt learns from udev and mdevctl, in threads of its own: what it is to show it shows in the end
alike() { "$@" | sed '/^$/d' >shown; cmp expected shown; }
shows() { cat >expected; (until_true alike "$@") || { diff -u expected shown; exit 1; }; }
uuid=11111111-2222-4333-8444-555555555555
node=mdev_11111111_2222_4333_8444_555555555555_matrix
matrix=/sys/devices/vfio_ap/matrix/$uuid/matrix
mkdir -p /run/udev /run/libvirt
export LC_ALL=C
echo -5,-6 >/sys/bus/ap/apmask
$in /lib/systemd/systemd-udevd >udevd.log 2>&1 &
udevd=$!
until_true $in udevadm control --ping
$in libvirtd >libvirtd.log 2>&1 &
libvirtd=$!
until_true virsh nodedev-list --cap ap_matrix
$in libvirtd --version

is "$(listed --cap ap_card)" 'ap_card05
ap_card06'
is "$(listed --cap ap_queue | tr '\n' ' ')" 'ap_05_0004 ap_05_0047 ap_05_00ab ap_05_00ff ap_06_0004 ap_06_0047 ap_06_00ab ap_06_00ff '
is "$(listed --cap ap_matrix)" ap_matrix
is "$(listed --cap mdev_types)" ap_matrix
shows listed --cap mdev </dev/null
shows virsh nodedev-dumpxml ap_card05 <<'X'
<device>
  <name>ap_card05</name>
  <path>/sys/devices/ap/card05</path>
  <parent>computer</parent>
  <driver>
    <name>cex4card</name>
  </driver>
  <capability type='ap_card'>
    <ap-adapter>0x05</ap-adapter>
  </capability>
</device>
X
shows virsh nodedev-dumpxml ap_05_0004 <<'X'
<device>
  <name>ap_05_0004</name>
  <path>/sys/devices/ap/card05/05.0004</path>
  <parent>ap_card05</parent>
  <driver>
    <name>vfio_ap</name>
  </driver>
  <capability type='ap_queue'>
    <ap-adapter>0x05</ap-adapter>
    <ap-domain>0x0004</ap-domain>
  </capability>
</device>
X
virsh nodedev-dumpxml ap_matrix >matrix.xml
for line in "<type id='vfio_ap-passthrough'>" '<name>VFIO AP Passthrough Device</name>' \
	'<deviceAPI>vfio-ap</deviceAPI>' '<availableInstances>65536</availableInstances>'; do
	grep -qF "$line" matrix.xml || { cat matrix.xml; exit 1; }
done

xml() { # ADAPTER DOMAIN [UUID] [NAME]
	echo "<device>${4:+<name>$4</name>}<parent>ap_matrix</parent><capability type='mdev'>
<type id='vfio_ap-passthrough'/><uuid>${3:-$uuid}</uuid><attr name='assign_adapter' value='$1'/>
<attr name='assign_domain' value='$2'/></capability></device>"
}
xml 5 0xab >one.xml
xml 6 0xff $uuid $node >two.xml
xml 5 0xab 21111111-2222-4333-8444-555555555555 >same.xml

# for this session
virsh nodedev-create one.xml
is "$(cat $matrix)" 05.00ab
shows listed --cap mdev <<<$node
# libvirt looks when udev tells of the device, which may be before mdevctl gave it its queues: once more
$in udevadm trigger --settle --action=change /sys/bus/mdev/devices/$uuid
shows virsh nodedev-dumpxml $node <<X
<device>
  <name>$node</name>
  <path>/sys/devices/vfio_ap/matrix/$uuid</path>
  <parent>ap_matrix</parent>
  <driver>
    <name>vfio_ap_mdev</name>
  </driver>
  <capability type='mdev'>
    <type id='vfio_ap-passthrough'/>
    <uuid>$uuid</uuid>
    <parent_addr>matrix</parent_addr>
    <iommuGroup number='$(basename "$(readlink /sys/bus/mdev/devices/$uuid/iommu_group)")'/>
    <attr name='assign_adapter' value='5'/>
    <attr name='assign_domain' value='171'/>
  </capability>
</device>
X
# the same queue once more: the kernel's word comes through, and nothing is left of it
if virsh nodedev-create same.xml >why 2>&1; then fail 'the queue was given away twice'; fi
grep -q 'Address already in use' why || { cat why; exit 1; }
[ ! -e /sys/devices/vfio_ap/matrix/21111111-2222-4333-8444-555555555555 ]
virsh nodedev-destroy $node
[ ! -e $matrix ]
shows listed --cap mdev </dev/null

# lasting
virsh nodedev-define one.xml
shows listed --cap mdev --all <<<$node
shows listed --cap mdev </dev/null
virsh nodedev-start $node
is "$(cat $matrix)" 05.00ab
info() { virsh nodedev-info $node | awk '{ $1 = $1 } 1'; }
shows info <<X
Name: $node
Parent: ap_matrix
Active: yes
Persistent: yes
Autostart: no
X
# what the kernel refuses changes nothing: adapter 7 is the host's
xml 7 4 $uuid $node >host.xml
if virsh nodedev-update $node host.xml --live >why 2>&1; then fail 'a queue of the host was given away'; fi
grep -q 'Cannot assign requested address' why || { cat why; exit 1; }
is "$(cat $matrix)" 05.00ab
virsh nodedev-update $node two.xml --live --config
is "$(cat $matrix)" 06.00ff
values() { virsh nodedev-dumpxml $node | sed -n "s/.*<attr.*value='\([0-9]*\)'.*/\1/p"; }
shows values <<<$'6\n255'
grep -q '"assign_adapter": "6"' defs/matrix/$uuid
virsh nodedev-autostart $node
$in mdevctl list -d | grep -q "^$uuid matrix vfio_ap-passthrough auto"
# a card that goes, one that comes
echo 'adapter 6 remove
adapter 8 type=CEX8P
scan' >"${APSYSFS_OUTER:-/sys}"/.apsysfs/machine
gone() { ! virsh nodedev-info ap_card06; }
until_true gone
until_true virsh nodedev-info ap_08_0004
virsh nodedev-dumpxml ap_card08 | grep -q '<ap-adapter>0x08</ap-adapter>'
virsh nodedev-destroy $node
[ ! -e $matrix ]
virsh nodedev-undefine $node
shows listed --cap mdev --all </dev/null
is "$($in mdevctl list -d)" ''

# started by itself when the module is loaded, and seen
# (over a host the host's own commands load it)
if [ -z "${APSYSFS_OUTER:-}" ]; then
	modprobe -r vfio_ap
	gone() { ! virsh nodedev-info ap_matrix; }
	until_true gone
	modprobe vfio_ap
	until_true virsh nodedev-info ap_matrix
fi
ended() { ! kill -0 "$1"; }
kill $libvirtd $udevd
until_true ended $libvirtd
until_true ended $udevd
E2
"$APSYSFS" run --net --bind "$PWD/run:/run" --bind "$PWD/defs:$root/etc/mdevctl.d" -- bash ./inside.sh "$root" || {
	grep -v 'ethtool ioctl' libvirtd.log | tail -n 20
	tail -n 20 udevd.log
	exit 1
}
