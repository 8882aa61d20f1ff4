#!/bin/bash
# SPDX-License-Identifier: MIT
# What "plan --mdevctl" prints, run by the real mdevctl: guests come to be, change what they have among each other, and
# are there again after they are started from their definitions.
# seconds: 120
set -eu
command -v mdevctl >/dev/null || { echo 'skip: there is no mdevctl; "make deps-test" installs it'; exit 77; }
u1=93e16ad1-9276-478d-84a1-a1391d853e10 u2=9bef9f47-41b9-49c1-bd0b-ac7509f6031b u3=d0d0889f-6097-4049-a581-ec01e60397e0
cp "$TOP/mount-examples/three-guests.yaml" first.yaml
cat >second.yaml <<EOF
guests:
  - { name: Guest1, uuid: $u1, adapters: [5, 6], domains: [4] }
  - { name: Guest2, uuid: $u2, adapters: [5], domains: [0x47, 0xff, 0xab], control: [4] }
  - { name: Guest3, uuid: $u3, adapters: [6], domains: [0xff, 0xab] }
EOF
cat >inside.sh <<'EOF'
set -eu
# the wish holds: by what the kernel says, by a plan that has nothing left to do, and by what is defined
holds() {
	apsysfs plan "$1" | grep -q 'holds already'
	apsysfs plan --mdevctl "$1" >left
	if grep 'mdevctl st' left; then echo "$1 is left to do"; exit 1; fi
	[ "$(mdevctl list -d | grep -c "matrix vfio_ap-passthrough")" = 3 ]
}
plan() {
	apsysfs plan --mdevctl "$1" >script
	sh -e script
	holds "$1"
}
echo '-- made'; plan first.yaml
echo '-- changed'; plan second.yaml
[ "$(cat /sys/devices/vfio_ap/matrix/*-*/matrix | tr '\n' ' ')" = '05.0004 06.0004 05.0047 05.00ab 05.00ff 06.00ab 06.00ff ' ]
echo '-- once more'; sh -e script && holds second.yaml
echo '-- gone, and started from what is defined'
for u in $(mdevctl list | cut -d' ' -f1); do mdevctl stop -u "$u"; done
mdevctl start-parent-mdevs matrix
holds second.yaml
EOF
for kernel in 7.2 4.20; do
	rm -rf defs
	mkdir -p defs/scripts.d/callouts defs/scripts.d/notifiers
	echo "=== Linux $kernel"
	"$APSYSFS" run --kernel $kernel --bind "$PWD/defs:/etc/mdevctl.d" -- sh inside.sh
done
