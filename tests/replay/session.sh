#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # the scripts use what is set here
# session.sh SCRIPT: one script of the corpus, inside "apsysfs run --clock virtual", with the functions
# that the recording machine had (tests/corpus/FORMAT.md). Here
#	hardware	is changed through .apsysfs/machine, from a copy of the machine's file
#	time		passes when a script sleeps: the clock is told to advance
#	modules		are loaded and unloaded through .apsysfs/modules
#	a VM		is a guest of .apsysfs/guests, ended when its seconds have passed
# /tmp is a folder of this session's.
control=${SESSION_CONTROL:-/sys/.apsysfs}
A=/sys/bus/ap
V=/sys/devices/vfio_ap/matrix
T=$V/mdev_supported_types/vfio_ap-passthrough
U1=62177883-f1bb-47f0-914d-32a22e3a8804
U2=ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1
U3=8f1e1c3c-9d0c-4d1a-8a3d-3d3d5b0f4c2e

for _c in w r t tc ls_ st x s as; do eval "$_c() { probe $_c \"\$@\"; }"; done
note() { echo "# $*"; }
rep() { head -c "$1" /dev/zero | tr '\0' "$2"; }

# --- time: seconds of the virtual clock; every wait gives real processes a moment to run into their blocks
now=0 holds=
moment() { command sleep "${SESSION_MOMENT:-0.05}"; }
advance() { echo "advance $1" > $control/clock; now=$((now + $1)); }
sleep() {
	_end=$((now + ${1%.*}))
	moment
	for _h in $holds; do # DEADLINE:UUID, in the order of their start
		[ "${_h%%:*}" -le $_end ] || continue
		[ "${_h%%:*}" -le $now ] || advance $((${_h%%:*} - now))
		echo "stop ${_h#*:}" > $control/guests/control 2>/dev/null
		holds=$(echo "$holds" | sed "s/$_h//")
	done
	[ $_end -le $now ] || advance $((_end - now))
	moment
}
usleep() { :; }
settle() { sleep 1; }
uev() { usleep 0; cat $control/events; echo > $control/events; }
uevclr() { echo > $control/events; }

# --- hardware: the corpus' words for a machine, in ours
apply() {
	sed -f /tmp/machine.sed /tmp/host/ap.conf > /tmp/machine
	cat /tmp/machine > $control/machine || { echo "session: the machine was refused:"; cat $control/error; } >&2
}
cfg() { cat > /tmp/host/ap.conf.new; mv /tmp/host/ap.conf.new /tmp/host/ap.conf; apply; }
cfgsed() {
	sed "$@" /tmp/host/ap.conf > /tmp/host/ap.conf.new
	mv /tmp/host/ap.conf.new /tmp/host/ap.conf
	apply
	echo "# apconf: sed $*"
}
scan() {
	if [ -f $A/scans ]; then echo 1 > $A/scans; else echo 1 > $control/scan; fi
	settle
}

# --- modules
lsmod() { sed 's/^\([^ ]*\) \([0-9]*\) \([0-9]*\) \(.*\)/\1 \2 \3 \4/' $control/modules; }
insmod() { echo "load $1" > $control/modules; }
rmmod() {
	if echo "unload $1" > $control/modules; then return; fi 2>/dev/null
	echo "rmmod: can't unload module '$1': Resource temporarily unavailable"
	return 1
}
ld() {
	for m in "$@"; do
		case $m in irqbypass|iommufd|vfio_virqfd) continue ;; esac # built in on the recording machine
		lsmod | grep -q "^$m " && continue
		insmod "$m" 2>/dev/null && echo "# insmod $m ok"
	done
}
load_ap() { ld zcrypt zcrypt_cex2c zcrypt_cex2a zcrypt_cex4; }
load_vfio() { ld irqbypass iommufd vfio vfio_virqfd vfio_iommu_type1 mdev vfio_mdev kvm vfio_ap; }
load_all() { load_ap; load_vfio; settle; }
dmesg() { cat $control/log; }
uname() { cut -d' ' -f2 $control/kernel; }

# --- a VM that holds an mdev for some seconds
vfiohold() { # MDEV SECONDS [nokvm]
	_group=$(readlink "$1/iommu_group")
	echo "vfio open container -> ok"
	echo "vfio open group ${_group##*/} -> ok"
	echo "vfio SET_CONTAINER -> ok"
	echo "vfio SET_IOMMU -> ok"
	[ -n "$3" ] || printf 'kvm %s -> ok\n' open CREATE_VM ENABLE_APIE "CREATE_DEVICE vfio" GROUP_ADD
	if echo "start ${1##*/} $3" | sed 's/ $//' > $control/guests/control; then
		echo "vfio GET_DEVICE_FD -> ok"
		holds="$holds $((now + $2)):${1##*/}"
	else
		echo "vfio GET_DEVICE_FD -> EINVAL"
	fi 2>/dev/null
}

# the recorder's tail -c N FILE begins N bytes before the file's size
tail() { case "$#$1" in 3-c) cat "$3" | command tail -c "+$((4097 - $2))" ;; *) command tail "$@" ;; esac; }

# --- what the scripts do to mounts
mount() {
	case "$*" in
	"-t sysfs x "*) command mount --rbind /sys "$4" ;;
	*) command mount -i "$@" ;;
	esac
}
umount() { command umount -l "$@"; }

mkdir -p /tmp/host
: > /tmp/uev
cd /tmp || exit 1
echo "# kernel $(uname -r) s390x"
# shellcheck disable=SC2046
sed -e 's#/host/ap.conf#/tmp/host/ap.conf#g' -e 's#/proc/cmdline#/tmp/cmdline#g' "$1" > /tmp/script
grep -q '^# NOMODULES' "$1" || load_all
uevclr
. /tmp/script
echo "# end"
