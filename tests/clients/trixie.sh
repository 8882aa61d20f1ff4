#!/bin/bash
# SPDX-License-Identifier: MIT
# trixie.sh: unpacks udev, mdevctl and libvirt's node devices of Debian 13 below $BUILD/clients/trixie and prints
# the folder. Exit status 1, and a reason, if they cannot be had.
set -eu
root=$BUILD/clients/trixie
"$(dirname "$0")/fetch.sh" trixie amd64 "$root" udev mdevctl libvirt-daemon libvirt-daemon-driver-nodedev \
	libvirt-clients bash coreutils bsdutils
# where mdevctl's own udev rule looks for it
ln -sf ../bin/mdevctl "$root/usr/sbin/mdevctl"
echo "$root"
