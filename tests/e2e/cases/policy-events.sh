#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# A plain user's own run below a policy, which in there knows him as root: of the uevents he hears those of what it shows
# him and no other, whoever did it, with the masks cut as the files are. The run needs no grant of .apsysfs.
set -eu
[ -n "${AS_USER:-}" ] || [ "$(id -u)" != 0 ] || exec "$TOP/tests/clients/as-user.sh" policy-events
command -v udevadm >/dev/null || { echo 'skip: there is no udevadm; "make deps-test" installs it'; exit 77; }
his='see: {adapters: 5, domains: all, control_domains: all, mdevs: 62177883-f1bb-47f0-914d-32a22e3a8804},
	pool: {adapters: 5, domains: all}, assign: {adapters: 5, domains: all, control_domains: all},
	mdevs: 62177883-f1bb-47f0-914d-32a22e3a8804'
printf '%s\n' 'grants:' "  - {name: his, to: uid:0, $his, actions: [pool, create, remove, assign, uevent, machine]}" >machine.yaml
printf '%s\n' 'grants:' "  - {name: his, to: uid:0, $his, actions: [uevent]}" >uevent.yaml
cat >common.sh <<'END'
set -eu
listen() { udevadm monitor --kernel --property >heard & listener=$!; until_there '^KERNEL'; sleep 0.3; }
until_there() { for _ in $(seq 100); do grep -q "$1" heard && return; sleep 0.1; done; echo "did not come: $1" >&2; exit 1; }
END
cat >inside.sh <<'END'
. ./common.sh
listen
type=/sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
hidden=ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1
echo -5 >/sys/bus/ap/apmask
echo $uuid >$type/create
echo 1 >/sys/devices/vfio_ap/matrix/$uuid/remove
# hardware that he may make come and go, and does not see
apsysfs machine adapter add 9 type=CEX5C
apsysfs machine adapter remove 9
apsysfs machine adapter remove 6
# an mdev that he does not see either
echo $hidden >$type/create || :
[ ! -e /sys/bus/mdev/devices/$hidden ]
echo "change $uuid LAST=1" >/sys/devices/ap/card05/uevent
until_there SYNTH_ARG_LAST=1
kill $listener
END
${AS_USER:-} "$APSYSFS" run --net --policy machine.yaml -- bash inside.sh
# "unbind /devices/ap/card05/05.0004", and the mask
sed -n 's/^KERNEL\[[0-9.]*\] *\([a-z]*\) *\([^ ]*\) (.*/\1 \2/p; s/^APMASK=/  APMASK=/p; s/^SYNTH_ARG_LAST/  &/p' heard | grep -v /virtual/bdi/ >events
mdev=/devices/vfio_ap/matrix/62177883-f1bb-47f0-914d-32a22e3a8804
{
	for domain in 0004 0047 00ab 00ff; do printf '%s /devices/ap/card05/05.%s\n' unbind $domain bind $domain; done
	echo 'change /devices/ap'
	echo "  APMASK=0x$(printf '%064d' 0)"
	printf '%s\n' "add $mdev" 'add /devices/virtual/vfio/0' "add $mdev/vfio-dev/vfio0" "bind $mdev"
	printf '%s\n' "remove $mdev/vfio-dev/vfio0" 'remove /devices/virtual/vfio/0' "unbind $mdev" "remove $mdev"
	printf '%s\n' 'change /devices/ap/card05' '  SYNTH_ARG_LAST=1'
} >want
# that all queues have drivers, the hidden ones too, is not told
diff -u want events
# without a grant of .apsysfs the run is the same, /dev too; and what is not granted is refused in it
cat >inside.sh <<'END'
. ./common.sh
listen
[ ! -e /sys/.apsysfs ] && [ -c /dev/null ] && [ -c /dev/z90crypt ] && [ ! -e /sys/devices/ap/card06 ]
if (echo -5 >/sys/bus/ap/apmask) 2>/dev/null; then echo 'he moves what he may not' >&2; exit 1; fi
echo "change 62177883-f1bb-47f0-914d-32a22e3a8804 LAST=1" >/sys/devices/ap/card05/uevent
until_there SYNTH_ARG_LAST=1
kill $listener
END
${AS_USER:-} "$APSYSFS" run --net --policy uevent.yaml -- bash inside.sh
[ "$(grep -c '^KERNEL\[.*/devices/ap' heard)" = 1 ]
