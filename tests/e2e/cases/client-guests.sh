#!/bin/bash
# SPDX-License-Identifier: MIT
# lszcrypt in the three guests of the worked example: each sees its cards and queues, and nothing else.
# seconds: 240
set -eu
. "$TOP/tests/clients/s390-tools.sh"
s390_tools bookworm
cat >guests.sh <<'E2'
set -eu
sh "$TOP/mount-examples/three-guests.sh" >/dev/null 2>&1
for uuid in $(ls /sys/bus/mdev/devices); do
	sed -n 1p /sys/devices/vfio_ap/matrix/$uuid/matrix
	apsysfs run --guest $uuid -- lszcrypt | awk 'NR > 2 { print "  " $1, $2 }'
done | sed 's/^\([0-9a-f][0-9a-f]\.\)/guest of \1/' >all
cat all
E2
${AS_USER:-} "$APSYSFS" run -- sh guests.sh >guests
blocks() { awk '/^guest of/ { name = $0 } { print name "|" $0 }' guests | sort -s -t'|' -k1,1 | sed 's/^[^|]*|//'; }
blocks | diff -u - /dev/fd/3 3<<'EOF'
guest of 05.0004
  05 CEX5C
  05.0004 CEX5C
  05.00ab CEX5C
  06 CEX5A
  06.0004 CEX5A
  06.00ab CEX5A
guest of 05.0047
  05 CEX5C
  05.0047 CEX5C
  05.00ff CEX5C
guest of 06.0047
  06 CEX5A
  06.0047 CEX5A
  06.00ff CEX5A
EOF
