#!/bin/bash
# SPDX-License-Identifier: MIT
# run --guest --net: a listener in the guest (udevadm monitor --kernel) sees the events of the guest's own AP bus, when
# its hardware comes and goes and when the guest moves a queue, and none of the host's; a listener on the host, in a
# run --net of its own, sees none of the guest's.
# seconds: 120
set -eu
command -v udevadm >/dev/null || { echo 'skip: there is no udevadm; "make deps-test" installs it'; exit 77; }
cat >machine.yaml <<'E2'
usage: [4, 0x47]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX5A }
E2
cat >common.sh <<'E2'
set -eu
trap 'echo "$0: line $LINENO" >&2' ERR
until_true() { for _ in $(seq 200); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.05; done; echo "$0: never came true: $*" >&2; exit 1; }
# listens into FILE, from when the kernel answers on
listen() { # FILE MARK: an event that shows that it listens
	stdbuf -oL udevadm monitor --kernel >"$1" 2>&1 &
	monitor=$!
	heard() { echo change >"/sys/devices/ap/$2/uevent"; sleep 0.05; grep -q "change */devices/ap/$2" "$1"; }
	until_true heard "$1" "$2"
}
# the events of our bus, the mark's own left out
events() { # FILE MARK
	sed -n "s/^KERNEL\[[0-9.]*\] *\([a-z]*\) *\([^ ]*\) (\(ap\|mdev\|vfio-dev\|matrix\))$/\1 \2/p" "$1" | grep -v "^change /devices/ap/$2$"
}
E2
cat >guest.sh <<'E2'
. ./common.sh
listen guest.log card05
touch guest.listens
# the host gives 06.0004, then takes all of 6 away
until_true test -e /sys/devices/ap/card06/06.0004/driver
touch guest.has6
until_true test ! -e /sys/devices/ap/card06
# the guest's own doing, and the end of its events
echo 05.0004 >/sys/bus/ap/drivers/cex4queue/unbind
echo 05.0004 >/sys/bus/ap/drivers/cex4queue/bind
until_true grep -q 'bind.*05\.0004' guest.log
echo change >/sys/devices/ap/card05/05.0004/uevent
until_true grep -q 'change.*05\.0004' guest.log
kill $monitor
events guest.log card05 >guest.events
E2
cat >host.sh <<'E2'
. ./common.sh
uuid=11111111-2222-4333-8444-555555555555
mdev=/sys/devices/vfio_ap/matrix/$uuid
listen host.log card06
echo $uuid >/sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo -4 >/sys/bus/ap/aqmask
echo 5 >$mdev/assign_adapter
echo 4 >$mdev/assign_domain
apsysfs guest start $uuid
apsysfs run --guest $uuid --net -- bash ./guest.sh &
guest=$!
until_true test -e guest.listens
# nothing to the guest: a queue of the host's, a card that it does not have
echo 0 >/sys/devices/ap/card05/05.0047/online
apsysfs machine adapter add 9 type=CEX8P
echo 6 >$mdev/assign_adapter
until_true test -e guest.has6
echo 6 >$mdev/unassign_adapter
wait $guest
echo change >/sys/devices/ap/card05/05.0047/uevent
until_true grep -q 'change.*05\.0047' host.log
kill $monitor
events host.log card06 >host.events
E2
${AS_USER:-} "$APSYSFS" run --net --machine machine.yaml -- bash ./host.sh
diff -u - guest.events <<'EOF'
add /devices/ap/card06
bind /devices/ap/card06
add /devices/ap/card06/06.0004
bind /devices/ap/card06/06.0004
change /devices/ap
unbind /devices/ap/card06/06.0004
remove /devices/ap/card06/06.0004
unbind /devices/ap/card06
remove /devices/ap/card06
unbind /devices/ap/card05/05.0004
bind /devices/ap/card05/05.0004
change /devices/ap/card05/05.0004
EOF
# cards come and go and queues are moved on the host by nobody but the host: what the guest lost is still there
grep -q '^add /devices/ap/card09$' host.events
if grep '\(add\|remove\) /devices/ap/card0[56]' host.events; then echo "the host heard the guest's" >&2; exit 1; fi
