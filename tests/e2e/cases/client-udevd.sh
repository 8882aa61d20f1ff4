#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 300
# systemd-udevd and udevadm, of Debian 12 (252) and of trixie (257): rules on add, bind, change, unbind and remove,
# trigger that waits, settle, wait, monitor, the database; a rule that sets apmask when all is bound, as chzdev
# writes it; and mdevctl's own rule, which starts mdevs when vfio_ap is loaded.
# not over a host: modules come and go, which there the host's own commands do
set -eu
[ -x /lib/systemd/systemd-udevd ] || { echo 'skip: there is no systemd-udevd; "make deps-test" installs it'; exit 77; }
mkdir -p rules
cat >rules/41-ap.rules <<'R'
ACTION=="change", SUBSYSTEM=="ap", DEVPATH=="/devices/ap", ENV{BINDINGS}=="complete", ENV{COMPLETECOUNT}=="1", ATTR{../../bus/ap/apmask}="-5"
R
cat >rules/90-log.rules <<'R'
SUBSYSTEM=="ap|mdev|matrix", RUN+="/bin/sh -c 'echo $env{ACTION} $devpath >>/run/rules.log'"
SUBSYSTEM=="ap", ENV{DEVTYPE}=="ap_queue", ATTR{online}=="1", ENV{TEST_QUEUE}="online"
SUBSYSTEM=="mdev", ACTION=="bind", ENV{TEST_DRIVER}="$env{DRIVER}", TAG+="systemd"
R

cat >inside.sh <<'E2'
set -eu
trap 'echo "inside.sh: line $LINENO" >&2' ERR
fail() { echo "$*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
until_true() { for _ in $(seq 100); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.1; done; fail "never came true: $*"; }
if [ "$1" = here ]; then in=; else in="$TOP/tests/clients/enter.sh $1"; fi
udevadm() { ${in:-env} udevadm "$@"; }
seen() { grep -qx "$1" /run/rules.log; }
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
mkdir -p /run/udev
: >/run/rules.log
udevadm --version
${in:-env} /lib/systemd/systemd-udevd >udevd.log 2>&1 &
udevd=$!
until_true udevadm control --ping
${in:-env} stdbuf -oL udevadm monitor --property >monitor.log 2>&1 &
monitor=$!
until_true grep -q '^KERNEL' monitor.log

# a rule sets the mask, once, when the last queue is bound
is "$(cat /sys/bus/ap/apmask)" 0x"$(printf '%064d' 0 | tr 0 f)"
modprobe zcrypt_cex4
until_true grep -qx 0xfb"$(printf '%062d' 0 | tr 0 f)" /sys/bus/ap/apmask
udevadm settle -t 30
seen 'bind /devices/ap/card05/05.0004'
seen 'change /devices/ap'

# mdevctl's rule: vfio_ap is loaded, and what is defined to start by itself is there
${in:-env} mdevctl define -u $uuid -p matrix -t vfio_ap-passthrough --auto
${in:-env} mdevctl modify -u $uuid --addattr=assign_adapter --value=5
${in:-env} mdevctl modify -u $uuid --addattr=assign_domain --value=4
modprobe vfio_ap
until_true grep -qx 05.0004 /sys/devices/vfio_ap/matrix/$uuid/matrix
udevadm settle -t 30
seen 'add /devices/vfio_ap/matrix'
seen 'change /devices/vfio_ap/matrix'
seen "add /devices/vfio_ap/matrix/$uuid"
seen "bind /devices/vfio_ap/matrix/$uuid"
is "$(${in:-env} mdevctl list)" "$uuid matrix vfio_ap-passthrough auto (defined)"
udevadm info /sys/bus/mdev/devices/$uuid >info
grep -qx 'E: TEST_DRIVER=vfio_ap_mdev' info
grep -qx 'E: SUBSYSTEM=mdev' info

# trigger waits for its own events: by a UUID of each
udevadm trigger --settle --action=change --subsystem-match=ap
is "$(grep -c '^change /devices/ap/card' /run/rules.log)" 10
is "$(udevadm trigger --verbose --dry-run --subsystem-match=ap --attr-match=online=1 | wc -l)" 6
udevadm info --export-db | grep -A20 '^P: /devices/ap/card06/06.0047$' >info
grep -qx 'E: TEST_QUEUE=online' info
given=$(udevadm trigger --uuid --action=change /sys/devices/ap/card06/06.0047)
until_true grep -qx "SYNTH_UUID=$given" monitor.log
echo 'change 10000000-0000-4000-8000-000000000001 A=b' >/sys/devices/ap/card06/uevent
until_true grep -qx SYNTH_ARG_A=b monitor.log

# attributes by walk, a device that comes, one that goes
udevadm info -a --path=/devices/ap/card06/06.0047 >walk
grep -q 'ATTR{online}=="1"' walk
grep -q 'DRIVERS=="cex4card"' walk
echo 'adapter 6 remove
scan' >"${APSYSFS_OUTER:-/sys}"/.apsysfs/machine
udevadm settle -t 30
seen 'unbind /devices/ap/card06/06.0047'
seen 'remove /devices/ap/card06/06.0047'
seen 'remove /devices/ap/card06'
udevadm wait --timeout=60 /sys/devices/ap/card08/08.0047 &
wait=$!
echo 'adapter 8 type=CEX8P
scan' >"${APSYSFS_OUTER:-/sys}"/.apsysfs/machine
wait $wait
udevadm settle -t 30
seen 'add /devices/ap/card08/08.0004'
rmmod vfio_ap
udevadm settle -t 30
seen "unbind /devices/vfio_ap/matrix/$uuid"
seen "remove /devices/vfio_ap/matrix/$uuid"
[ ! -e /run/udev/data/+mdev:$uuid ]
seen 'remove /devices/vfio_ap/matrix'

# each event of the kernel came out of udev, in the same order for each device
# (the host's own devices come and go meanwhile, and those events are seen too)
events() { sed -n "/devices.ap\|vfio_ap/s/^$1 *\[[0-9.]*\] *\([a-z]*\) *\([^ ]*\) (.*/\2 \1/p" monitor.log | sort -s -k1,1; }
alike() { events KERNEL >kernel.events; events UDEV >udev.events; cmp kernel.events udev.events; }
until_true alike || { diff kernel.events udev.events; exit 1; }
[ "$(wc -l <kernel.events)" -gt 60 ]
kill $monitor
wait $monitor || :
kill $udevd
wait $udevd || :
# (a plain user's socket has the usual size, and he cannot give files to groups that he is not in)
if grep -v 'receive buffer size\|set owner/mode of .*: Invalid argument' udevd.log | grep -iE 'failed|error'; then fail 'udevd complains'; fi
E2

# how: $1 root of the programs or "here"; private /run, rules, definitions
try() {
	rm -rf run defs
	mkdir -p run defs/scripts.d/callouts defs/scripts.d/notifiers defs/matrix
	if [ "$1" = here ]; then
		${AS_USER:-} "$APSYSFS" run --no-modules --net --bind "$PWD/run:/run" --bind "$PWD/rules:/etc/udev/rules.d" \
			--bind "$PWD/defs:/etc/mdevctl.d" --bind "$PWD/sbin:/usr/sbin" -- bash ./inside.sh here
	else
		mkdir -p "$1/etc/udev/rules.d" "$1/etc/mdevctl.d"
		"$TOP/tests/clients/enter.sh" "$1"
		${AS_USER:-} "$APSYSFS" run --no-modules --net --bind "$PWD/run:/run" --bind "$PWD/rules:$1/etc/udev/rules.d" \
			--bind "$PWD/defs:$1/etc/mdevctl.d" -- bash ./inside.sh "$1"
	fi
}
show() { tail -n 30 run/rules.log udevd.log; grep -A3 '^KERNEL.*\(ap\|mdev\|matrix\))' monitor.log | tail -n 20; } 2>&1

# the rule calls /usr/sbin/mdevctl, but the package has it in /usr/bin
cp -a /usr/sbin sbin
ln -sf /usr/bin/mdevctl sbin/mdevctl
try here || { show; exit 1; }

if [ "$(id -u)" = 0 ]; then
	if root=$("$TOP/tests/clients/trixie.sh" 2>why); then
		try "$root" || { show; exit 1; }
	else
		echo "note: trixie's udev was not tried: $(cat why)"
	fi
fi
