#!/bin/bash
# SPDX-License-Identifier: MIT
# The examples of load, plan and state do what their first lines say, and leave nothing behind. (The others have cases of
# their own: mount-example, three-guests, record, scenario.)
# not over a host: they control the virtual machine
set -eu
export TMPDIR=$CASE_DIR
examples=$TOP/mount-examples

echo '-- load: what the machine file says, seen by a monitor'
"$APSYSFS" run --clock virtual --machine "$examples/load.yaml" -- sh "$examples/load.sh" 5 4 >load
cat load
[ "$(grep -c '^05\.0004  200\.0   4 + 0$' load)" = 4 ]
[ "$(grep -c '^05\.0047  200\.0   4 + 0$' load)" = 4 ]
[ "$(grep -c '^06\.0047    1\.0   8 + 4$' load)" = 4 ]
# it rises for ten seconds and falls for ten
awk '$1 == "06.0004" { n++; r[n] = $2 } END { exit !(n == 4 && r[1] < r[2] && r[2] > r[4] && r[1] > 0 && r[4] > 0) }' load
"$APSYSFS" run --machine "$examples/load.yaml" -- sh "$examples/load.sh" 1 1 >real
awk '$1 == "05.0004" { exit !($2 > 0) }' real

echo '-- plan'
"$APSYSFS" run -- sh "$examples/plan.sh" >plan 2>&1
cat plan
grep -q '^echo -5,-6 > /sys/bus/ap/apmask$' plan
grep -q '^05 CEX5C            1  2  1  2$' plan
grep -q 'all of it holds already' plan
grep -q 'Fourth: 05.0047 is held by the mdev 9bef9f47-41b9-49c1-bd0b-ac7509f6031b' plan
[ "$(tail -n 1 plan)" = 'status 1' ]

echo '-- state'
sh "$examples/state.sh" >state 2>err || { cat state err; exit 1; }
grep -q '^0xfbff' state
grep -q '^05 CEX5C            \.  \.  \.  \.$' state
grep -q '^0a CEX8P' state

for e in "$examples"/*.sh; do grep -rqF "${e##*/}" "$TOP"/tests/e2e/cases/*.sh || { echo "no case runs ${e##*/}"; exit 1; }; done
