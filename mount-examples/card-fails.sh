#!/bin/sh
# SPDX-License-Identifier: MIT
# A script under test, and what it meets while cards fail as card-fails.yaml says (how to run it stands there).
set -eu
: "${APSYSFS:=apsysfs}"
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
matrix=/sys/devices/vfio_ap/matrix
card=/sys/devices/ap/card05
pass() { # SECONDS
	echo "advance $1" >/sys/.apsysfs/clock
	printf '%s s later: ' "$1"
}

echo -5 >/sys/bus/ap/apmask
[ ! -e /sys/devices/ap/card06 ] && echo 'adapter 6 is gone'
echo $uuid >$matrix/mdev_supported_types/vfio_ap-passthrough/create
echo 5 >$matrix/$uuid/assign_adapter
echo 4 >$matrix/$uuid/assign_domain
pass 2
"$APSYSFS" guest list
pass 3
echo "checkstopped is $(cat $card/chkstop)"
pass 10
echo "checkstopped is $(cat $card/chkstop)"
pass 45
echo "queue 05.0047 is configured: $(cat $card/05.0047/config)"
pass 1
echo "queue 05.0047 is configured: $(cat $card/05.0047/config)"
"$APSYSFS" scenario show
