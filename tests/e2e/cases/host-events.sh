#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# run --host --net: a host's uevents reach the command, in the host's order and with its properties; a policy lets through
# those of what it shows; what is written to a uevent file comes back from the host. A run with a network stands for the host.
# not below a policy: it has one of its own
set -eu
command -v udevadm >/dev/null || { echo 'skip: there is no udevadm; "make deps-test" installs it'; exit 77; }
cat >policy.yaml <<'END'
grants:
  - name: five
    to: uid:0
    see: {adapters: 5, domains: all, control_domains: all}
    pool: {adapters: 5, domains: all}
    actions: [uevent, pool]
END
# listen FILE: until the listener is there
cat >listen.sh <<'END'
listen() {
	udevadm monitor --kernel --property >"$1" &
	listener=$!
	for _ in $(seq 100); do grep -q '^KERNEL' "$1" && break; sleep 0.1; done
	sleep 0.3
}
until_there() { # TEXT FILE
	for _ in $(seq 100); do grep -q "$1" "$2" && return; sleep 0.1; done
	echo "did not come: $1" >&2
	return 1
}
END
# in there: what is heard goes to $1; the host's own people are at work meanwhile, until the node "last" comes
cat >inside.sh <<'END'
set -eu
. ./listen.sh
listen "$1"
: >"$1.ready"
for _ in $(seq 200); do [ -e "$1.done" ] && break; sleep 0.1; done
echo "change 62177883-f1bb-47f0-914d-32a22e3a8804 LAST=1" >/sys/devices/ap/card05/uevent
until_there SYNTH_ARG_LAST=1 "$1"
kill $listener
END
cat >host.sh <<'END'
set -eu
. ./listen.sh
type=/sys/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
old=ef03cef0-9bba-4b7b-a0b2-0d6e7ec9d3a1
for case in plain five; do
	echo $old >$type/create
	listen host-$case
	policy=
	[ $case = plain ] || policy='--policy policy.yaml'
	"$APSYSFS" run --host /sys --net $policy -- bash inside.sh $case &
	inner=$!
	for _ in $(seq 100); do [ -e $case.ready ] && break; sleep 0.1; done
	echo -6 >/sys/bus/ap/apmask
	echo -5 >/sys/bus/ap/apmask
	echo $uuid >$type/create
	echo 1 >/sys/devices/vfio_ap/matrix/$uuid/remove
	echo 1 >/sys/devices/vfio_ap/matrix/$old/remove
	apsysfs machine adapter add 9 type=CEX5C
	apsysfs machine adapter remove 9
	echo +5,+6 >/sys/bus/ap/apmask
	: >$case.done
	wait $inner
	until_there SYNTH_ARG_LAST=1 host-$case
	kill $listener
done
END
"$APSYSFS" run --net -- bash host.sh
# "change /devices/ap/card05" and its properties in one line, without what each namespace counts for itself
lines() {
	sed 's/^KERNEL\[[0-9.]*\] */KERNEL /' "$1" | awk '
		/^KERNEL/ { line = $2 " " $3; next }
		/^SEQNUM=/ { next }
		/=/ { line = line " " $0; next }
		/^$/ && line != "" { print line; line = "" }
		END { if (line != "") print line }'
}
ours='^(LIBUDEV|the) |/virtual/bdi/'	# its own heading, and what the mount itself makes
lines host-plain | grep -vE "$ours" >want
lines plain | grep -vE "$ours" >got
[ "$(wc -l <want)" -gt 40 ] || { echo 'the host sent too little' >&2; cat want >&2; exit 1; }
diff -u want got
# of five: what is neither of adapter 5 nor of nobody in particular is not heard, nor that all queues have drivers
lines host-five | grep -vE "$ours" | grep -vE 'card0[69]|/0[69]\.|4000-|/[0-9a-f]{8}-|/virtual/vfio/|BINDINGS=complete' |
	sed "s/APMASK=0x\(..\).*/APMASK=0x\1/; s/APMASK=0xf[9b]/APMASK=0x00/; s/APMASK=0xf[df]/APMASK=0x04/" >want
lines five | grep -vE "$ours" | sed "s/\(APMASK=0x..\)0\{62\}$/\1/" >got
grep -q '^unbind /devices/ap/card05/05.0004 ' got
diff -u want got
! grep -qE 'card0[69]|/0[69]\.|62177883-f1bb-47f0-914d-32a22e3a8804 AC|ef03cef0' got
echo "$(lines host-plain | wc -l) events of a host, $(wc -l <got) of them for who sees adapter 5"
