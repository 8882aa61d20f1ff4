#!/bin/bash
# SPDX-License-Identifier: MIT
# udevadm on our tree: info of every device, and uevents as the kernel sends them in run --net.
set -eu
command -v udevadm >/dev/null || { echo 'skip: there is no udevadm; "make deps-test" installs it'; exit 77; }
cat >inside.sh <<'E2'
set -eu
udevadm info --path=/devices/ap/card05 >card
grep -q '^E: DEVTYPE=ap_card' card
grep -q '^E: DRIVER=cex4card' card
grep -q '^E: MODALIAS=ap:t0B' card
udevadm info -a --path=/devices/ap/card05/05.0004 >queue
grep -q 'KERNELS=="card05"' queue
grep -q 'ATTR{online}=="1"' queue
udevadm monitor --kernel --property >events &
for _ in $(seq 50); do grep -q '^KERNEL' events && break; sleep 0.1; done
sleep 0.3
echo -5 > /sys/bus/ap/apmask
echo 62177883-f1bb-47f0-914d-32a22e3a8804 > /sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
for _ in $(seq 50); do grep -q 'DRIVER=vfio_ap_mdev' events && break; sleep 0.1; done
kill $!
sed -n 's/^KERNEL\[[0-9.]*\] *\([a-z]*\) *\([^ ]*\) (\(ap\|mdev\|vfio-dev\))$/\1 \2/p' events >ours
diff -u - ours <<'EOF'
unbind /devices/ap/card05/05.0004
bind /devices/ap/card05/05.0004
unbind /devices/ap/card05/05.0047
bind /devices/ap/card05/05.0047
unbind /devices/ap/card05/05.00ab
bind /devices/ap/card05/05.00ab
unbind /devices/ap/card05/05.00ff
bind /devices/ap/card05/05.00ff
change /devices/ap
add /devices/vfio_ap/matrix/62177883-f1bb-47f0-914d-32a22e3a8804
add /devices/vfio_ap/matrix/62177883-f1bb-47f0-914d-32a22e3a8804/vfio-dev/vfio0
bind /devices/vfio_ap/matrix/62177883-f1bb-47f0-914d-32a22e3a8804
EOF
grep -q '^APMASK=0xfbff' events
E2
"$APSYSFS" run --net -- sh inside.sh
