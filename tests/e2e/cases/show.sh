#!/bin/bash
# SPDX-License-Identifier: MIT
# apsysfs show: the picture and its JSON, of a mount, of a copied tree, and of 8,192 queues.
# seconds: 120
set -eu
cat >machine.yaml <<'EOF'
usage: [4, 0x47]
control: [4]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX8P }
  - { id: 0x0a, type: CEX8A, state: deconfigured }
EOF
mkdir m copy big
"$APSYSFS" mount --machine machine.yaml m
trap 'fusermount3 -u m; fusermount3 -uq big || :' EXIT
export APSYSFS_MOUNT="$PWD/m"
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
echo -5 >m/bus/ap/apmask
echo $uuid >m/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
echo 5 >m/devices/vfio_ap/matrix/$uuid/assign_adapter
echo 4 >m/devices/vfio_ap/matrix/$uuid/assign_domain
"$APSYSFS" guest start $uuid
echo 0 >m/devices/ap/card06/06.0004/online
"$APSYSFS" show >picture
cat picture
diff -u - picture <<EOF
domain              04 47
05 CEX5C            1  .
06 CEX8P            o  h
0a CEX8A deconf     d  d

h host  . vfio_ap, free  - no driver  o offline  d deconfigured  x checkstopped
1 $uuid (guest runs)
EOF
"$APSYSFS" show --json >one.json
grep -q '"apqn":"05.0004"' one.json
grep -A1 '"owner":"mdev"' one.json | grep -q $uuid
[ "$(grep -c '"apqn"' one.json)" = 6 ]
# a copy, as in a support archive: the guest is not in it, all else is
cp -a m/devices m/bus copy/ 2>/dev/null || :
"$APSYSFS" show --sys copy | sed 's/ (guest runs)//' >copied
sed 's/ (guest runs)//' picture | diff -u - copied
if "$APSYSFS" show --sys /nowhere 2>why; then exit 1; fi
grep -q 'has no devices/ap' why
# 256 adapters by 256 domains, folded into 80 columns; an emulated machine takes minutes to make them
if [ -n "${EMULATED:-}" ]; then echo 'note: emulated, so without the large picture'; exit 0; fi
{
	printf 'kernel: "7.2"\nusage: [0-255]\ncontrol: [0-255]\nadapters:\n'
	for a in $(seq 0 255); do
		state=online
		case $a in 7|200) state=deconfigured ;; 99) state=checkstopped ;; esac
		echo "  - { id: $a, type: $([ "$a" -lt 128 ] && echo CEX8C || echo CEX7P), state: $state }"
	done
} >large.yaml
"$APSYSFS" mount --machine large.yaml big
echo -0x20-0x2f,-0x77 >big/bus/ap/apmask
echo -0x10-0x1f,-0xf0-0xff >big/bus/ap/aqmask
echo 0 >big/devices/ap/card33/33.0044/online
cat >guests.yaml <<EOF
guests:
  - { name: A, uuid: $uuid, adapters: [0x20-0x27], domains: [0x10-0x17] }
  - { name: B, uuid: 62177883-f1bb-47f0-914d-32a22e3a8805, adapters: [0x28-0x2f, 0x77], domains: [0x10-0x13, 0xf0] }
  - { name: C, uuid: 62177883-f1bb-47f0-914d-32a22e3a8806, adapters: [0x20, 0x21], domains: [0xf1, 0xf3, 0xf5] }
EOF
"$APSYSFS" plan --mount "$PWD/big" --apply guests.yaml
"$APSYSFS" show --mount "$PWD/big" >picture
cat picture
diff -u - picture <<EOF
domain              00-0f 10-13 14-17 18-1f 20-43 44    45-ef f0    f1    f2
00-06 CEX8C         h     .     .     .     h     h     h     .     .     .
07 CEX8C deconf     d     d     d     d     d     d     d     d     d     d
08-1f CEX8C         h     .     .     .     h     h     h     .     .     .
20-21 CEX8C         .     1     1     .     .     .     .     .     3     .
22-27 CEX8C         .     1     1     .     .     .     .     .     .     .
28-2f CEX8C         .     2     .     .     .     .     .     2     .     .
30-32 CEX8C         h     .     .     .     h     h     h     .     .     .
33 CEX8C            h     .     .     .     h     o     h     .     .     .
34-62 CEX8C         h     .     .     .     h     h     h     .     .     .
63 CEX8C chkstop    x     x     x     x     x     x     x     x     x     x
64-76 CEX8C         h     .     .     .     h     h     h     .     .     .
77 CEX8C            .     2     .     .     .     .     .     2     .     .
78-7f CEX8C         h     .     .     .     h     h     h     .     .     .
80-c7 CEX7P         h     .     .     .     h     h     h     .     .     .
c8 CEX7P deconf     d     d     d     d     d     d     d     d     d     d
c9-ff CEX7P         h     .     .     .     h     h     h     .     .     .

domain              f3    f4    f5    f6-ff
00-06 CEX8C         .     .     .     .
07 CEX8C deconf     d     d     d     d
08-1f CEX8C         .     .     .     .
20-21 CEX8C         3     .     3     .
22-27 CEX8C         .     .     .     .
28-2f CEX8C         .     .     .     .
30-32 CEX8C         .     .     .     .
33 CEX8C            .     .     .     .
34-62 CEX8C         .     .     .     .
63 CEX8C chkstop    x     x     x     x
64-76 CEX8C         .     .     .     .
77 CEX8C            .     .     .     .
78-7f CEX8C         .     .     .     .
80-c7 CEX7P         .     .     .     .
c8 CEX7P deconf     d     d     d     d
c9-ff CEX7P         .     .     .     .

h host  . vfio_ap, free  - no driver  o offline  d deconfigured  x checkstopped
1 $uuid
2 62177883-f1bb-47f0-914d-32a22e3a8805
3 62177883-f1bb-47f0-914d-32a22e3a8806
EOF
[ "$(awk 'length > 80' picture | wc -l)" = 0 ]
fusermount3 -u big
