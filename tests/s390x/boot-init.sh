#!/bin/bash
# SPDX-License-Identifier: MIT
# The first process of the machine that boot.sh boots: makes it a Linux that can mount, runs the cases, says how they
# ended as its last line, and switches the machine off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
mount -t proc proc /proc
mount -t sysfs sys /sys
# not the root file system: that of an initramfs cannot be left by pivot_root
mount -t tmpfs -o mode=1777 tmp /tmp
ln -s /proc/self/fd /dev/fd
# as udev's rule has it
[ -c /dev/fuse ] || { depmod && modprobe fuse; }
chmod 666 /dev/fuse
echo "s390x-boot: machine $(uname -m), Linux $(uname -r), $(nproc) CPUs, $(lscpu | grep -i 'byte order' | tr -s ' ')"
mapfile -t cases </tree/cases
cd /tree && EMULATED=1 tests/e2e/run.sh "${cases[@]}" | tee /tmp/verdict
echo "s390x-boot: $(tail -n 1 /tmp/verdict)"
sync
echo o >/proc/sysrq-trigger
sleep 60
