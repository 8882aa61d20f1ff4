#!/bin/sh
# SPDX-License-Identifier: MIT
# Load through a mount: counters that move with the virtual clock to the request, and with the real one at all.
set -eu
is() { [ "$1" = "$2" ] || { echo "expected \"$2\", but it is \"$1\"" >&2; exit 1; }; }
cat >load.yaml <<'YAML'
usage: [4, 0x47]
adapters:
  - { id: 5, type: CEX5C, rate: 100, pending: 4 }
  - { id: 6, type: CEX2A, rate: 10, wave: 10 }
queues:
  - { queue: "5.0x47", rate: 7, pending: 20 }
YAML
mkdir m r
"$APSYSFS" mount --kernel 6.1 --clock virtual --machine load.yaml m
trap 'fusermount3 -u m; fusermount3 -uq r || :' EXIT
export APSYSFS_MOUNT="$CASE_DIR/m"
card=m/devices/ap/card05
is "$(cat $card/request_count)" 0
echo 'advance 10' >m/.apsysfs/clock
is "$(cat $card/05.0004/request_count)" 1000
is "$(cat $card/05.0047/request_count)" 70
is "$(cat $card/request_count)" 1070
is "$(cat m/devices/ap/card06/type)" CEX2A
is "$(cat m/devices/ap/card06/06.0004/request_count)" 50
is "$(cat $card/05.0047/pendingq_count) $(cat $card/05.0047/requestq_count) $(cat $card/05.0047/load)" '8 12 200'
is "$(cat $card/pendingq_count) $(cat $card/requestq_count) $(cat $card/load)" '12 12 240'
echo 0 >$card/online
echo 'advance 10' >m/.apsysfs/clock
is "$(cat $card/request_count) $(cat $card/load)" '1070 0'
echo 1 >$card/online
"$APSYSFS" machine queue set 5.4 rate=1
echo >$card/request_count
echo 'advance 100' >m/.apsysfs/clock
is "$(cat $card/request_count)" 800
"$APSYSFS" machine show >shown.yaml
grep -q '"0x05.0x04", rate: 1, pending: 4' shown.yaml
"$APSYSFS" machine apply shown.yaml
"$APSYSFS" machine show | diff -u shown.yaml -
if "$APSYSFS" machine adapter set 5 rate=fast 2>why; then exit 1; fi
grep -q '"fast": expected a number' why

# by the real clock: more later than now, as far as whoever looks often enough can say
"$APSYSFS" mount --machine load.yaml r
first=$(cat r/devices/ap/card05/request_count) later=$first tries=0
while [ "$later" -le $((first + 3)) ]; do
	tries=$((tries + 1))
	[ $tries -lt 500 ] || { echo 'the counter stands still' >&2; exit 1; }
	sleep 0.02
	later=$(cat r/devices/ap/card05/request_count)
done
