#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 60
# mount --host of a mount whose server is killed: every call through it says that its host is gone, also where the kernel
# remembers names and listings of the host, and nothing looks like an empty folder; the daemon lives and can be unmounted,
# and one that is started once the host is back serves it. Without a policy and with one.
set -eu
mkdir m n
cat >policy.yaml <<'END'
grants:
  - name: all
    to: everyone
    see: all
    pool: all
    assign: all
    mdevs: all
    actions: all
END
leave() {
	exec 7<&- 8>&- 9<&-
	fusermount3 -uqz n || :
	fusermount3 -uqz m || :
}
trap leave EXIT
fail() { echo "FAIL: ${policy:-no policy}: $*" >&2; exit 1; }
# answers for at most 10 s; what comes back is an error
gone() { # COMMAND
	local status=0
	timeout 10 bash -c "$1" >out 2>why || status=$?
	[ $status != 124 ] || fail "hangs: $1"
	[ $status != 0 ] || fail "succeeds: $1: $(cat out)"
	grep -q 'endpoint is not connected' why || fail "$1: $(cat why)"
	[ ! -s out ] || fail "$1 prints $(cat out)"
}
for policy in '' '--policy policy.yaml'; do
	"$APSYSFS" mount -f m &
	host=$!
	for _ in $(seq 100); do [ -e m/bus/ap ] && break; sleep 0.05; done
	# shellcheck disable=SC2086 # an option and its value
	"$APSYSFS" mount -f --host m $policy n &
	daemon=$!
	for _ in $(seq 100); do [ -e n/bus/ap ] && break; sleep 0.05; done
	find n m >/dev/null
	exec 7<n/bus/ap/apmask 8>n/bus/ap/apmask 9<n/devices/ap/card05
	kill -KILL $host
	wait $host 2>/dev/null || :
	gone 'ls n'
	gone 'find n'
	gone 'stat n/bus/ap'
	gone 'ls n/devices/ap/card05'
	gone 'cat n/bus/ap/apmask'
	gone 'cat n/devices/ap/card05/hwtype'
	gone 'stat n/bus/nothing'
	gone 'readlink -v n/bus/ap/devices/card05'
	gone 'echo -5 >n/bus/ap/apmask'
	gone 'cat <&7'
	gone 'echo -5 >&8'
	gone 'ls /proc/self/fd/9/'
	gone 'chmod 600 n/bus/ap/apmask'
	kill -0 $daemon || fail 'the daemon is gone'
	exec 7<&- 8>&- 9<&-
	fusermount3 -u n
	wait $daemon || fail "the daemon ends with $?"
	fusermount3 -uz m
	# the host is back
	"$APSYSFS" mount m
	# shellcheck disable=SC2086
	"$APSYSFS" mount --host m $policy n
	[ "$(cat n/devices/ap/card05/hwtype)" = 11 ]
	fusermount3 -u n
	for _ in $(seq 100); do fusermount3 -u m 2>/dev/null && break; sleep 0.05; done
done
