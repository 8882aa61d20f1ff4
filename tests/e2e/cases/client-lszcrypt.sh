#!/bin/bash
# SPDX-License-Identifier: MIT
# s390-tools of Debian 12 for s390x, under qemu-user: lszcrypt and chzcrypt on the host, and lszcrypt in the three
# guests of the worked example.
# seconds: 300
set -eu
command -v qemu-s390x-static >/dev/null || { echo 'skip: there is no qemu-s390x-static (package qemu-user-static)'; exit 77; }
[ "$(id -u)" = 0 ] || { echo 'skip: apt fetches packages for root alone'; exit 77; }
root=$TOP/build/clients/s390-tools
"$TOP/tests/clients/fetch.sh" bookworm s390x "$root" s390-tools 2>why || { echo "skip: s390-tools cannot be had: $(tail -n 1 why)"; exit 77; }
cat >tool <<E2
#!/bin/sh
exec qemu-s390x-static -L "$root" "$root/sbin/\$(basename "\$0")" "\$@"
E2
chmod +x tool
mkdir bin
ln -s ../tool bin/lszcrypt
ln -s ../tool bin/chzcrypt
export PATH="$PWD/bin:$PATH"
cat >machine.yaml <<'EOF'
usage: [4, 0x47, 0xab, 0xff]
control: [4, 0x47, 0xab, 0xff]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX5A }
  - { id: 0x0a, type: CEX7P }
EOF
cat >host.sh <<'E2'
set -eu
lszcrypt >list
awk '{ print $1, $2, $3 }' list | sed -n 3,7p | diff -u - /dev/fd/3 3<<'EOF'
05 CEX5C CCA-Coproc
05.0004 CEX5C CCA-Coproc
05.0047 CEX5C CCA-Coproc
05.00ab CEX5C CCA-Coproc
05.00ff CEX5C CCA-Coproc
EOF
lszcrypt -V 0a.0004 | grep -q 'EP11-Coproc *online'
lszcrypt -b | grep -q '^ap_domain=0x4'
lszcrypt -d | grep -q 'B'
lszcrypt -c 5 >capabilities
grep -qi 'cca' capabilities
chzcrypt -d 0x0a
[ "$(cat /sys/devices/ap/card0a/online)" = 0 ]
lszcrypt 0a | grep -q offline
chzcrypt -e 0x0a
[ "$(cat /sys/devices/ap/card0a/online)" = 1 ]
chzcrypt -c 60
[ "$(cat /sys/bus/ap/config_time)" = 60 ]
chzcrypt --config-off 6
lszcrypt 06 | grep -q deconfig
chzcrypt --config-on 6
echo 1 > /sys/bus/ap/scans
apsysfs machine adapter set 6 state=checkstopped
lszcrypt 06 | grep -q '^06 .*offline'
apsysfs machine adapter set 6 state=online
echo -5 > /sys/bus/ap/apmask
lszcrypt -V 05.0004 | grep -q vfio_ap
E2
"$APSYSFS" run --machine machine.yaml -- sh host.sh
cat >guests.sh <<'E2'
set -eu
sh "$TOP/mount-examples/three-guests.sh" >/dev/null 2>&1
for uuid in $(ls /sys/bus/mdev/devices); do
	sed -n 1p /sys/devices/vfio_ap/matrix/$uuid/matrix
	apsysfs run --guest $uuid -- lszcrypt | awk 'NR > 2 { print "  " $1, $2 }'
done | sed 's/^\([0-9a-f][0-9a-f]\.\)/guest of \1/' >all
cat all
E2
"$APSYSFS" run -- sh guests.sh >guests
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
