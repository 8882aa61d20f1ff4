#!/bin/bash
# SPDX-License-Identifier: MIT
# --state: a machine that goes on where it was: masks, mdevs, guests, hardware, and what waits; and what it refuses.
# seconds: 120
set -eu
mkdir m
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
mdev=m/devices/vfio_ap/matrix/$uuid
daemon=

start() { # OPTION...: in the foreground, so that the process is ours to kill
	"$APSYSFS" mount -f --state kept "$@" m 2>>err &
	daemon=$!
	for _ in $(seq 200); do
		[ -e m/bus/ap ] && return
		kill -0 $daemon 2>/dev/null || break
		sleep 0.05
	done
	cat err
	echo 'did not mount'
	return 1
}
die() {
	kill -KILL $daemon
	wait $daemon 2>/dev/null || true
	fusermount3 -uz m
}
refused() { # WORDS OPTION...
	words=$1
	shift
	if "$APSYSFS" mount "$@" m 2>err; then echo "mounted in spite of $*"; return 1; fi
	grep -q "$words" err || { cat err; echo "expected: $words"; return 1; }
}
everything() { # what the tree says, but for what time and reading itself change
	(cd m && find bus devices class kernel module -type f ! -name uevent -perm -u=r -exec grep -H '' {} + 2>/dev/null) |
		grep -v -e /power/ -e /scans: -e request_count: | sort
}

echo '-- masks, an mdev, a guest, a plugged card, a time'
start
echo -5,-6 >m/bus/ap/apmask
echo $uuid >m/devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough/create
for a in 5 6; do echo $a >$mdev/assign_adapter; done
echo 0xab >$mdev/assign_domain
"$APSYSFS" machine --mount m adapter add 10 type=CEX8P
"$APSYSFS" guest --mount m start $uuid
echo 77 >m/bus/ap/config_time
[ "$(cat $mdev/matrix)" = "$(printf '05.00ab\n06.00ab')" ]
everything >before
ls -iR m/devices >inodes
die
start
everything >after
diff before after
ls -iR m/devices | diff inodes -
"$APSYSFS" guest --mount m list | grep -q "$uuid.*running"
[ -z "$(cat m/.apsysfs/events)" ]

echo '-- a remove that waits for the guest waits on, for nobody, and ends with it'
(echo 1 >$mdev/remove) 2>/dev/null &
blocked=$!
for _ in $(seq 100); do "$APSYSFS" guest --mount m list | grep -q leaving && break; sleep 0.05; done
kill -0 $blocked
die
wait $blocked || true
start
"$APSYSFS" guest --mount m list | grep -q leaving
"$APSYSFS" guest --mount m stop $uuid
[ ! -e $mdev ]

echo '-- one daemon only; the options it began with'
mkdir m2
if "$APSYSFS" mount --state kept m2 2>err; then exit 1; fi
grep -q 'in use by another apsysfs' err
fusermount3 -u m
wait $daemon || true
refused 'kernel "7.2"' --kernel 6.1 --state kept
refused 'clock "real"' --clock virtual --state kept
refused 'modules "1"' --no-modules --state kept
refused 'cmdline ""' --cmdline ap.apmask=0x0 --state kept
printf 'adapters:\n  - { id: 9, type: CEX7A }\n' >other.yaml
refused 'other hardware' --machine other.yaml --state kept
start --kernel 7.2 --clock real
[ -e m/devices/ap/card0a ]
die

echo '-- a torn end is cut, a file of others is left alone, a damaged one refused'
cp kept whole
start
echo +17 >m/bus/ap/apmask
echo -17,-18 >m/bus/ap/apmask
die
truncate -s -5 kept
start
grep -q 'cut off' err
[ $((16#$(cut -c7 m/bus/ap/apmask) & 6)) = 6 ]
echo -18 >m/bus/ap/apmask
die
start
[ $((16#$(cut -c7 m/bus/ap/apmask) & 6)) = 4 ]
die
echo hello >foreign
cp foreign foreign2
refused 'is not a state of apsysfs' --state foreign
cmp foreign foreign2
refused 'must be a file' --state m
refused 'its directory must exist' --state nowhere/kept
cp whole kept
printf 'X' | dd of=kept bs=1 seek=5000 conv=notrunc status=none
refused 'is damaged' --state kept
cp whole kept
printf '\377' | dd of=kept bs=1 seek=24 conv=notrunc status=none
refused 'another version of apsysfs' --state kept

echo '-- time that nobody lived did not pass; a virtual clock keeps its own'
rm kept
start --clock virtual
echo 'advance 100' >m/.apsysfs/clock
die
start
[ "$(cat m/.apsysfs/clock)" = 'virtual 100.000000000' ]
die

echo '-- a scenario goes on where it was: what is due, what waits in the middle, what was over'
rm kept
cat >scenario.yaml <<'EOF'
events:
  - { after: 10, do: [ unplug 6 ] }
  - { write: bus/ap/apmask, text: "-5", do: [ checkstop 05.0004, wait 20, restore 05.0004 ] }
  - { after: 1, do: [ plug 9 CEX8P ] }
EOF
start --clock virtual --scenario scenario.yaml
echo 'advance 4' >m/.apsysfs/clock
echo -5 >m/bus/ap/apmask
[ -d m/devices/ap/card09 ]
[ "$(cat m/devices/ap/card05/05.0004/chkstop)" = 1 ]
"$APSYSFS" scenario --mount m show >before
die
start --clock virtual --scenario scenario.yaml
"$APSYSFS" scenario --mount m show | diff before -
echo 'advance 5' >m/.apsysfs/clock
[ -d m/devices/ap/card06 ]
echo 'advance 1' >m/.apsysfs/clock
[ ! -d m/devices/ap/card06 ]
[ "$(cat m/devices/ap/card05/05.0004/chkstop)" = 1 ]
die
start --clock virtual --scenario scenario.yaml
[ ! -d m/devices/ap/card06 ]
[ "$(cat m/devices/ap/card05/05.0004/chkstop)" = 1 ]
echo 'advance 14' >m/.apsysfs/clock
[ "$(cat m/devices/ap/card05/05.0004/chkstop)" = 0 ]
die

echo '-- what a trace could not begin with'
"$APSYSFS" mount m
"$APSYSFS" record --sys m >recorded.yaml
fusermount3 -u m
rm kept
refused 'begins with a boot: use it without --state' --trace trace --state kept
refused 'recorded.yaml has a recorded state' --trace trace --machine recorded.yaml
refused 'scenario.yaml has events' --trace trace --scenario scenario.yaml
[ ! -e trace ]
[ ! -e kept ]

echo '-- run'
rm -f kept
"$APSYSFS" run --state kept -- sh -c 'echo -5 >/sys/bus/ap/apmask'
[ "$("$APSYSFS" run --state kept -- cut -c1-4 /sys/bus/ap/apmask)" = 0xfb ]

echo '-- a full disk: refused, and nothing changed'
unshare -rm true 2>err || { cat err; echo 'skip: no user namespace for a full disk of its own'; exit 77; }
mkdir t
# shellcheck disable=SC2016 # for the inner shell
unshare -rm bash -euc '
	mount -t tmpfs -o size=256k none t
	"$APSYSFS" mount -f --state t/kept --state-limit 100000 m &
	daemon=$!
	for _ in $(seq 200); do [ -e m/bus/ap ] && break; sleep 0.05; done
	head -c 1000000 /dev/zero >t/filler 2>/dev/null || true
	n=0
	while echo "+$n" >m/bus/ap/apmask && echo "-$n" >m/bus/ap/apmask; do n=$(((n + 1) % 256)); done 2>refusal
	grep -q "No space left" refusal
	before=$(cat m/bus/ap/apmask)
	if echo -0-255 >m/bus/ap/apmask; then exit 1; fi 2>/dev/null
	[ "$(cat m/bus/ap/apmask)" = "$before" ]
	rm t/filler
	echo -0-255 >m/bus/ap/apmask
	kill -KILL $daemon
	wait $daemon || true
	umount -l m
	"$APSYSFS" mount -f --state t/kept m &
	for _ in $(seq 200); do [ -e m/bus/ap ] && break; sleep 0.05; done
	grep -q "^0x0*$" m/bus/ap/apmask
	umount -l m'
