#!/bin/sh
# SPDX-License-Identifier: MIT
# seconds: 240
# mount --host: the tree of another mount, which stands for a host, comes through unchanged on five kernels: names, links,
# modes, texts; writes and their errnos; a remove that the host holds up holds up nobody; changes behind our back are
# seen at once; a killed daemon leaves the host as the last write left it.
set -eu
mkdir m n
trap 'fusermount3 -u n 2>/dev/null || true; fusermount3 -u m 2>/dev/null || true' EXIT
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
matrix=devices/vfio_ap/matrix
tree() (
	cd "$1"
	find . -printf '%p %y %l %m %U %G %n %s\n' | sort
	grep -r --exclude=request_count '' . 2>&1 | sort
)
is() { [ "$1" = "$2" ] || { echo "expected \"$2\", but it is \"$1\"" >&2; exit 1; }; }
same() { tree m >before; tree n >after; diff -u before after; }
# the daemon of n keeps m busy until it is gone
leave() {
	fusermount3 -u n
	i=0
	until fusermount3 -u m 2>/dev/null; do i=$((i + 1)); [ $i -lt 100 ]; sleep 0.05; done
}
refused() { if echo "$1" | tee "n/$2" >/dev/null 2>why; then echo "taken: $1 > $2" >&2; exit 1; fi; grep -q "$3" why; }

for kernel in 4.20 5.10 6.1 6.12 7.2; do
	"$APSYSFS" mount --kernel $kernel m
	"$APSYSFS" mount --host m n
	same
	echo -5 >n/bus/ap/apmask
	echo $uuid >n/$matrix/mdev_supported_types/vfio_ap-passthrough/create
	echo 5 >n/$matrix/$uuid/assign_adapter
	echo 4 >n/$matrix/$uuid/assign_domain
	is "$(cat m/$matrix/$uuid/matrix)" 05.0004
	refused zz bus/ap/apmask 'Invalid argument'
	refused 6 $matrix/$uuid/assign_adapter 'Cannot assign requested address'
	refused $uuid $matrix/mdev_supported_types/vfio_ap-passthrough/create 'File exists'
	# behind our back
	echo 06.0004 >m/bus/ap/drivers/cex4queue/unbind
	[ ! -e n/devices/ap/card06/06.0004/driver ]
	echo 'a node' >m/class/zcrypt/create
	[ -d 'n/devices/virtual/zcrypt/a node' ]
	"$APSYSFS" machine --mount m adapter add 9 type=CEX5C
	[ -d n/devices/ap/card09/09.0004 ]
	"$APSYSFS" machine --mount m adapter remove 9
	[ ! -e n/devices/ap/card09 ]
	same
	# nothing of ours to control, and no way out
	[ ! -e n/.apsysfs ]
	[ ! -e n/etc ]
	# held up on the host, by a guest (4.20 refuses)
	"$APSYSFS" guest --mount m start $uuid
	if [ $kernel != 4.20 ]; then
		echo 1 >n/$matrix/$uuid/remove &
		remove=$!
		for i in 1 2 3 4 5 6 7 8 9; do echo "+$i" >n/bus/ap/aqmask; cat n/bus/ap/aqmask; done >/dev/null
		kill -0 $remove
		same
		"$APSYSFS" guest --mount m stop $uuid
		wait $remove
		[ ! -e n/$matrix/$uuid ]
		[ ! -e m/$matrix/$uuid ]
	fi
	leave
done

# a host that runs in secure execution: its queues have files of their own, and what they say is known to a policy's trial
queue=devices/ap/card0a/0a.0004
"$APSYSFS" mount --kernel 7.2 --machine "$TOP/tests/e2e/secure.yaml" --clock virtual m
"$APSYSFS" mount -f --host m --policy "$TOP/tests/replay/all.policy.yaml" n 2>said &
i=0
while [ ! -e n/bus/ap ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
is "$(cat n/$queue/se_bind)" unbound
echo 1 >n/$queue/se_bind
echo 7 >n/$queue/se_associate
is "$(cat m/$queue/se_bind m/$queue/se_associate | tr '\n' ' ')" 'bound association pending '
refused 8 $queue/se_associate 'busy'
echo 0 >n/$queue/se_bind
is "$(cat n/$queue/se_bind n/$queue/se_associate | tr '\n' ' ')" 'unbound unassociated '
is "$(grep 'the host answered' said || true)" ''
leave

# killed amid writes: every one that was answered is on the host, and the host goes on
"$APSYSFS" m
"$APSYSFS" mount -f --host m n &
daemon=$!
i=0
while [ ! -e n/bus/ap ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
: >answered
(i=0; while echo "-$i" >n/bus/ap/apmask; do echo $i; i=$((i + 1)); done 2>/dev/null) >answered &
writer=$!
i=0
while [ "$(wc -l <answered)" -lt 20 ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done
kill -KILL $daemon
wait $writer || true
wait $daemon 2>/dev/null || true
last=$(tail -n 1 answered)
[ "$last" -ge 19 ]
mask=$(cat m/bus/ap/apmask)
cleared=$("$APSYSFS" mask "$mask" | head -n 3)
echo "$last writes answered, then killed: $mask"
echo "$cleared"
# one more may have reached the host unanswered
i=0
while [ $i -le "$last" ]; do
	word=$((i / 4 + 3))
	digit=$(echo "$mask" | cut -c$word)
	[ $((0x$digit >> (3 - i % 4) & 1)) = 0 ] || { echo "write $i was answered and is lost" >&2; exit 1; }
	i=$((i + 1))
done
fusermount3 -uz n

# what cannot be
if "$APSYSFS" mount --host /etc n 2>why; then exit 1; fi
grep -q 'has no bus/ap' why
if "$APSYSFS" mount --host m --kernel 7.2 n 2>why; then exit 1; fi
grep -q 'expected no option of a virtual machine' why

# run, over a host
"$APSYSFS" run --host "$CASE_DIR/m" -- sh -c 'echo -0x40 >/sys/bus/ap/apmask; cat /sys/devices/ap/card05/type' >out 2>err
is "$(cat err)" ''
is "$(cat out)" CEX5C
[ $((0x$(cut -c19 m/bus/ap/apmask) >> 3 & 1)) = 0 ]
