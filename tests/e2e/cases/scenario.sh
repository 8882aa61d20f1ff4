#!/bin/bash
# SPDX-License-Identifier: MIT
# Scenarios: in the machine file, in a file of their own, added while the mount runs; by both clocks; what is wrong said.
# not over a host: its examples control the virtual machine
set -eu
is() { [ "$1" = "$2" ] || { echo "expected \"$2\", but it is \"$1\"" >&2; exit 1; }; }
refused() { # TEXT COMMAND...
	local text=$1
	shift
	if "$@" >out 2>err; then echo "done, but it should be refused: $*" >&2; exit 1; fi
	grep -qF -- "$text" err || { echo "$*: not in its message: $text" >&2; cat err >&2; exit 1; }
}
mkdir m r

# the example, as its first lines say to run it
cd "$TOP"
"$APSYSFS" run --clock virtual --scenario mount-examples/card-fails.yaml -- \
	sh mount-examples/card-fails.sh >"$CASE_DIR/out"
cd "$CASE_DIR"
diff -u - out <<'TEXT'
adapter 6 is gone
2 s later: 62177883-f1bb-47f0-914d-32a22e3a8804 kvm running
3 s later: checkstopped is 1
10 s later: checkstopped is 0
45 s later: queue 05.0047 is configured: 0
1 s later: queue 05.0047 is configured: 1
 0  over     fired 1    write bus/ap/apmask "-5": unplug 6
 1  over     fired 1    mdev: wait 2; start guest; wait 3; checkstop 5; wait 10; restore 5
 2  pending  fired 1    every 60: deconfigure 05.0047; wait 1; restore 05.0047
TEXT

# a machine file with events, and more from another file and at run time
cat >machine.yaml <<'YAML'
usage: [4]
adapters:
  - { id: 5, type: CEX8C }
events:
  - { after: 10, do: [ plug 7 CEX8P ] }
YAML
cat >more.yaml <<'YAML'
events:
  - { write: bus/ap/apmask, always: true, do: [ "write bus/ap/aqmask +255" ] }
YAML
"$APSYSFS" mount --clock virtual --machine machine.yaml --scenario more.yaml m
trap 'fusermount3 -u m; fusermount3 -uq r || :' EXIT
export APSYSFS_MOUNT="$CASE_DIR/m"
"$APSYSFS" scenario add 'after 5: unplug 5'
"$APSYSFS" scenario load more.yaml
"$APSYSFS" scenario show >shown
diff -u - shown <<'TEXT'
 0  pending  fired 0    after 10: plug 7 CEX8P
 1  pending  fired 0    always write bus/ap/apmask: write bus/ap/aqmask +255
 2  pending  fired 0    after 5: unplug 5
 3  pending  fired 0    always write bus/ap/apmask: write bus/ap/aqmask +255
TEXT
echo 'advance 5' >m/.apsysfs/clock
[ ! -e m/devices/ap/card05 ]
[ ! -e m/devices/ap/card07 ]
echo 'advance 5' >m/.apsysfs/clock
is "$(cat m/devices/ap/card07/type)" CEX8P
"$APSYSFS" scenario remove 3
echo -7 >m/bus/ap/apmask
"$APSYSFS" scenario show --json >json
grep -q '"event":"always write bus/ap/apmask: write bus/ap/aqmask +255"' json
is "$(grep -c '"fired":1' json)" 3
refused '"explode": expected' "$APSYSFS" scenario add 'after 5: explode'
refused 'expected the number of an event' "$APSYSFS" scenario remove 9
"$APSYSFS" scenario clear
is "$("$APSYSFS" scenario show)" ''

# line and column of what is wrong
printf 'events:\n  - { after: 5, do: [ scan, unplug 256 ] }\n' >bad.yaml
refused 'bad.yaml:2:29: events.0.do.1: "256": expected a number from 0 to 255' "$APSYSFS" scenario load bad.yaml
refused 'bad.yaml:2:29: events.0.do.1' "$APSYSFS" mount --scenario bad.yaml r
printf 'usage: [4]\nevents:\n  - { after: 5, do: [ scan ] }\n  - { do: [ scan ] }\n' >bad.yaml
refused 'bad.yaml:4:5: events.1: "do": expected after, every, write, mdev or guest' "$APSYSFS" mount --machine bad.yaml r
refused 'bad.yaml:1:' "$APSYSFS" mount --scenario bad.yaml r
printf 'events:\n  - { after: 5, write: bus/ap/apmask, do: [ scan ] }\n' >bad.yaml
refused 'bad.yaml:2:24: events.0.write: "write": expected only one of' "$APSYSFS" mount --scenario bad.yaml r
{ echo events:; for _ in $(seq 65); do echo '  - { after: 1, do: [ scan ] }'; done; } >bad.yaml
refused '64 events' "$APSYSFS" mount --scenario bad.yaml r

# by the real clock, with nobody touching the mount
printf 'events:\n  - { after: 0.3, do: [ unplug 5, wait 0.2, plug 5 CEX5C ] }\n' >soon.yaml
"$APSYSFS" mount --scenario soon.yaml r
tries=0
until "$APSYSFS" scenario --mount "$PWD/r" show | grep -q over; do
	tries=$((tries + 1))
	[ $tries -lt 500 ] || { echo 'it never happened' >&2; exit 1; }
	sleep 0.02
done
is "$(cat r/devices/ap/card05/type)" CEX5C
grep -q 'remove@/devices/ap/card05 ' r/.apsysfs/events
