#!/bin/bash
# SPDX-License-Identifier: MIT
# A guest (run --guest) lives while its hardware changes on the host: what is assigned, unassigned, filtered,
# unplugged and deconfigured there its AP bus sees by itself, with uevents; and lszcrypt with it.
# seconds: 120
set -eu
command -v lszcrypt >/dev/null || (. "$TOP/tests/clients/s390-tools.sh"; s390_tools bookworm) >log 2>&1 || :
tools=$CASE_DIR/bin-bookworm
[ -x "$tools/lszcrypt" ] || echo "note: without lszcrypt: $(tail -n 1 log)"
export tools
cat >machine.yaml <<'E2'
usage: [4, 0x47, 0xab]
control: [4, 0x47, 0xab]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX5A }
  - { id: 7, type: CEX7P }
E2

# Each step N: the devices it should come to have stand in want.N; once they are there, done.N tells what it has.
cat >guest.sh <<'E2'
set -eu
# devices, then which cards are configured, then the first eight control domains
seen() {
	{
		ls /sys/bus/ap/devices
		cat /sys/devices/ap/card*/config 2>/dev/null || :
		cut -c3-4 /sys/bus/ap/ap_control_domain_mask
	} | tr '\n' ' '
}
n=1
while :; do
	while [ ! -e want.$n ]; do sleep 0.05; done
	IFS= read -r want <want.$n
	[ "$want" != end ] || break
	tries=0
	while [ "$(seen)" != "$want" ] && [ $tries -lt 80 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	{
		seen
		echo
		[ ! -x "$tools/lszcrypt" ] || "$tools/lszcrypt" | awk 'NR > 2 { print $1, $2, $4 }'
	} >part
	mv part done.$n
	n=$((n + 1))
done
grep -a -o '^uevent [a-z]*@/devices/ap/[^ ]*' "${APSYSFS_OUTER:-/sys}"/.apsysfs/events | sed 's/^uevent //' >events
E2
cat >host.sh <<'E2'
set -eu
uuid=11111111-2222-4333-8444-555555555555
mdev=/sys/devices/vfio_ap/matrix/$uuid
echo $uuid > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
printf '%s\n' -5 -6 -7 | while read -r a; do echo $a > /sys/bus/ap/apmask; done
echo 5 > $mdev/assign_adapter
echo 4 > $mdev/assign_domain
echo 0x47 > $mdev/assign_domain
apsysfs guest start $uuid
apsysfs run --guest $uuid -- sh guest.sh &
n=0
# step WHAT-THE-GUEST-SEES: compares with what it has to have
step() {
	n=$((n + 1))
	printf '%s\n' "$1 " >want.part
	mv want.part want.$n
	tries=0
	while [ ! -e done.$n ] && [ $tries -lt 300 ]; do sleep 0.05; tries=$((tries + 1)); done
	read -r has <done.$n || { echo "step $n: the guest did not answer" >&2; exit 1; }
	[ "$has" = "$1" ] || { echo "step $n: expected the guest to see \"$1\", but it sees \"$has\"" >&2; exit 1; }
}
step '05.0004 05.0047 card05 1 00'
echo 6 > $mdev/assign_adapter
step '05.0004 05.0047 06.0004 06.0047 card05 card06 1 1 00'
echo 0x47 > $mdev/unassign_domain
step '05.0004 06.0004 card05 card06 1 1 00'
echo 4 > $mdev/assign_control_domain
step '05.0004 06.0004 card05 card06 1 1 08'
# filtered: a queue that vfio_ap has no more
echo 05.0004 > /sys/bus/ap/drivers/vfio_ap/unbind
step '06.0004 card06 1 08'
echo 05.0004 > /sys/bus/ap/drivers/vfio_ap/bind
step '05.0004 06.0004 card05 card06 1 1 08'
apsysfs machine adapter set 6 state=deconfigured
step '05.0004 06.0004 card05 card06 1 0 08'
apsysfs machine adapter remove 5
step '06.0004 card06 0 08'
apsysfs machine adapter add 5 type=CEX5C
step '05.0004 06.0004 card05 card06 1 0 08'
apsysfs machine adapter set 6 state=online
step '05.0004 06.0004 card05 card06 1 1 08'
apsysfs guest stop $uuid
step 00
apsysfs guest start $uuid
step '05.0004 06.0004 card05 card06 1 1 08'
echo end >want.$((n + 1))
wait
[ -s events ]
E2
${AS_USER:-} "$APSYSFS" run --machine machine.yaml -- sh host.sh
if [ -x "$tools/lszcrypt" ]; then
	sed 1d done.8 | diff -u - /dev/fd/3 3<<'EOF'
06 CEX5A deconfig
06.0004 CEX5A deconfig
EOF
	sed 1d done.12 | diff -u - /dev/fd/3 3<<'EOF'
05 CEX5C online
05.0004 CEX5C online
06 CEX5A online
06.0004 CEX5A online
EOF
fi
# what its bus told of the cards: each appeared and vanished once for each step that did it
grep '/card0[0-9]$' events | diff -u - /dev/fd/3 3<<'EOF'
add@/devices/ap/card05
bind@/devices/ap/card05
add@/devices/ap/card06
bind@/devices/ap/card06
unbind@/devices/ap/card05
remove@/devices/ap/card05
add@/devices/ap/card05
bind@/devices/ap/card05
change@/devices/ap/card06
unbind@/devices/ap/card05
remove@/devices/ap/card05
add@/devices/ap/card05
bind@/devices/ap/card05
change@/devices/ap/card06
unbind@/devices/ap/card05
remove@/devices/ap/card05
unbind@/devices/ap/card06
remove@/devices/ap/card06
add@/devices/ap/card05
bind@/devices/ap/card05
add@/devices/ap/card06
bind@/devices/ap/card06
EOF
