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
# 256 adapters by 32 domains fit a screen; reading 8,192 queues takes minutes where a machine is emulated
if [ -n "${EMULATED:-}" ]; then echo 'note: emulated, so without the large picture'; exit 0; fi
{ echo 'usage: [0-31]'; echo 'adapters:'; for a in $(seq 0 255); do echo "  - { id: $a, type: CEX8C }"; done; } >large.yaml
"$APSYSFS" mount --machine large.yaml big
echo -0x20-0x2f >big/bus/ap/apmask
"$APSYSFS" show --mount "$PWD/big" >picture
head -n 5 picture
diff -u - <(head -n 4 picture) <<'EOF'
domain              00-1f
00-1f CEX8C         h
20-2f CEX8C         .
30-ff CEX8C         h
EOF
fusermount3 -u big
