#!/bin/sh
# SPDX-License-Identifier: MIT
# Mounts the virtual AP bus on a folder of its own, looks at it, changes it, unmounts it.
# Needs no root; APSYSFS names the program if it is not installed.
set -eu
apsysfs=${APSYSFS:-apsysfs}

dir=$(mktemp -d)
trap 'fusermount3 -u "$dir" 2>/dev/null || true; rmdir "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# returns when the mount answers
"$apsysfs" "$dir"

echo '== The cards, and the queues of one of them'
ls "$dir/devices/ap"
ls "$dir/devices/ap/card05"

echo '== A few attributes'
for attribute in apmask aqmask ap_domain ap_max_domain_id features; do
	printf '%-18s %s\n' "$attribute" "$(cat "$dir/bus/ap/$attribute")"
done
printf '%-18s %s\n' 'type of card05' "$(cat "$dir/devices/ap/card05/type")"

echo '== A queue changes its driver with a bit of apmask'
readlink "$dir/devices/ap/card05/05.0004/driver"
echo -5 > "$dir/bus/ap/apmask"
cat "$dir/bus/ap/apmask"
readlink "$dir/devices/ap/card05/05.0004/driver"
