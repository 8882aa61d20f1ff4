#!/bin/bash
# SPDX-License-Identifier: MIT
# mask: what masks, lists and lines for ap_config do, in sentences; and what of them the kernel does then.
set -eu
says() { # SENTENCE ARGUMENT...
	local sentence=$1
	shift
	"$APSYSFS" mask "$@" >out
	grep -qxF -- "$sentence" out || { cat out; echo "does not say: $sentence"; return 1; }
}
refused() { # STATUS WORDS ARGUMENT...
	local status=$1 words=$2 got=0
	shift 2
	"$APSYSFS" mask "$@" 2>err || got=$?
	[ $got = "$status" ] || { echo "status $got, expected $status: $*"; return 1; }
	grep -q -- "$words" err || { cat err; echo "does not say: $words"; return 1; }
}
says "Gives adapter 5 to the host's drivers." -- +5,-6
says "Takes adapter 6 from the host's drivers, for vfio_ap." -- +5,-6
says 'All other adapters stay as they are.' -- +5,-6
says "Takes domains 4 and 71 (0x47) from the host's drivers, for vfio_ap." --for aqmask -- -4,-0x47
says "Gives domains 1-3, 9 and 32-47 (0x20-0x2f) to the host's drivers." --for aqmask +1-3,+0x20-0x2f,+9
# the last word on a number counts
says "Takes adapter 5 from the host's drivers, for vfio_ap." -- +5,-5
# with a base it says what is so already
says "Gives adapters 4 and 16 (0x10) to the host's drivers; no change for adapter 4." --base 0x0800 +4,+16
says "Takes adapter 7 from the host's drivers, for vfio_ap, which changes nothing." --base 0x0800 -- -7
says "Gives adapters 0-4 to the host's drivers, and takes adapters 5-255 (0x05-0xff) from them, for vfio_ap, whoever had them before." 0xf8
says "Gives no adapter to the host's drivers: all queues are vfio_ap's." 0x0
says "Gives the mediated device adapters 5-6, domain 4 and no control domain, in place of all that it had." 0x06,0x08,0x0
says "Its guest gets 2 queues, as far as they are vfio_ap's: 05.0004, 06.0004." 0x06,0x08,0x0
says "Its guest gets no queue: that takes an adapter and a domain." 0x06,0x0,0x08
says "Control domains may be changed by the guest, not used." 0x06,0x0,0x08
says 'mask     0xf800000000000000000000000000000000000000000000000000000000000000' 0xf8
says 'numbers  0-4 (5 of 256)' 0xf8
says 'edit     +4,-5-6' --base 0x06 0x08
refused 1 'EINVAL; expected 0x and up to 64 hex digits' 0xfg
refused 1 'EINVAL' +256
refused 1 'EINVAL' 0x06,0x08
refused 2 'expected apmask or aqmask' --for apqn 0x1
refused 2 'expected a mask, such as 0xffff' --base +5 +5
refused 2 'expected one mask' 0x1 0x2
refused 2 'mask --help' --nothing 0x1

echo '-- what is said of an edit is what the kernel does with it'
# shellcheck disable=SC2016
"$APSYSFS" run -- sh -euc '
	f=/sys/bus/ap/apmask
	echo 0x0800 >$f
	for edit in +4,+16 -- -7 +0-255 -5,+5 -0x10-0x20,+0x11; do
		[ $edit != -- ] || continue
		before=$(cat $f)
		"$0" mask --base $before -- $edit | sed -n "s/^mask *//p" >said
		echo $edit >$f
		[ "$(cat $f)" = "$(cat said)" ] || { echo "$edit of $before"; exit 1; }
	done' "$APSYSFS"
