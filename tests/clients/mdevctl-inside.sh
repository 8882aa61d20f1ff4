# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Inside run: mdevctl through the whole life of mediated devices, and the kernel's refusals. Prints what was said.
say() {
	echo "\$ $*"
	s=0
	"$@" >said 2>&1 || s=$?
	sed '/^ *[0-9]*: <unknown>$/d; /^Stack backtrace:$/d; /^ *[0-9]*: __libc_start_main$/d; /^$/d' said
	echo "rc=$s"
}
show() { for f; do echo "$f:"; cat "$f" 2>&1; done; }
there() { if [ -e "$1" ]; then echo "$1 is there"; else echo "$1 is not there"; fi; }
u1=11111111-2222-4333-8444-555555555555
u2=22222222-2222-4333-8444-555555555555
mdev=/sys/bus/mdev/devices/$u1

say mdevctl types
printf '%s\n' -0xab -0xff | while read -r edit; do echo "$edit" > /sys/bus/ap/aqmask; done
cat >one.json <<'E2'
{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_adapter":"5"},{"assign_domain":"0xab"},{"assign_control_domain":"0xab"}]}
E2
say mdevctl define -u $u1 -p matrix --jsonfile one.json
say mdevctl list -d -v
show /etc/mdevctl.d/matrix/$u1
echo
say mdevctl start -u $u1
show $mdev/matrix $mdev/control_domains
readlink $mdev
say mdevctl list
say mdevctl list -v
say mdevctl list --dumpjson
say mdevctl start -u $u1
say mdevctl modify -u $u1 --addattr=assign_domain --value=0xff
say mdevctl modify -u $u1 --auto
say mdevctl list -d -v
# what is defined is not what runs, until it is started anew
show $mdev/matrix
say mdevctl stop -u $u1
there $mdev
say mdevctl list
say mdevctl start -u $u1
show $mdev/matrix
say mdevctl modify -u $u1 --delattr --index=3
say mdevctl stop -u $u1
say mdevctl stop -u $u1
say mdevctl start -p matrix -t vfio_ap-passthrough -u $u2
say mdevctl list
say mdevctl define -u $u2
say mdevctl stop -u $u2

echo '--- the autostart of a parent'
say mdevctl start-parent-mdevs matrix
there $mdev
say mdevctl stop -u $u1

echo '--- refused by the kernel'
say mdevctl start -u $u1
refused() { # JSON
	echo "$1" >two.json
	say mdevctl start -u $u2 -p matrix --jsonfile two.json
	there /sys/bus/mdev/devices/$u2
}
# EADDRINUSE: the other mdev has it
refused '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_adapter":"5"},{"assign_domain":"171"}]}'
# EADDRNOTAVAIL: the host has it
refused '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_adapter":"5"},{"assign_domain":"4"}]}'
# ENODEV: more than the machine can have
refused '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_adapter":"256"}]}'
# EINVAL: no number
refused '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_adapter":"five"}]}'
# no such attribute, no such type, no such parent
refused '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_card":"5"}]}'
refused '{"mdev_type":"vfio_ap-other","start":"manual","attrs":[]}'
say mdevctl start -u $u2 -p matrix2 -t vfio_ap-passthrough
# a guest holds it: 4.20 refuses (EBUSY), later ones wait for it to go
apsysfs guest start $u1
if [ "$(cut -d' ' -f1 "${APSYSFS_OUTER:-/sys}"/.apsysfs/kernel)" = 4.20 ]; then
	say mdevctl stop -u $u1
	there $mdev
	apsysfs guest stop $u1
	say mdevctl stop -u $u1
else
	mdevctl stop -u $u1 &
	while [ -e $mdev ]; do sleep 0.05; done
	jobs %1 >/dev/null 2>&1 && echo 'stop waits for the guest'
	apsysfs guest stop $u1
	wait $!
	echo "rc=$?"
fi
there $mdev
say mdevctl undefine -u $u1
say mdevctl undefine -u $u2
say mdevctl list -d
