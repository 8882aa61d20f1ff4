#!/bin/bash
# SPDX-License-Identifier: MIT
# A secure-execution guest whose firmware takes time to associate a queue (associate_delay): "association pending" until
# it is through, what is refused meanwhile, what ends it; and chzcrypt, which waits for it, as lszcrypt sees it.
# seconds: 120
set -eu
cat >inside.sh <<'E2'
set -eu
trap 'echo "inside.sh: line $LINENO" >&2' ERR
fail() { echo "$*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "expected \"$2\", but it is \"$1\""; }
later() { echo "advance $1" >"${APSYSFS_OUTER:-/sys}"/.apsysfs/clock; }
cd /sys/devices/ap/card0a/0a.0004
state() { cat se_bind se_associate | tr '\n' ' '; }
refused() { # ERRNO FILE TEXT
	is "$(python3 -c '
import errno, os, sys
try:
    os.write(os.open(sys.argv[1], os.O_WRONLY), sys.argv[2].encode())
    print("taken")
except OSError as e:
    print(errno.errorcode[e.errno])' "$2" "$3")" "$1"
}
events() { grep -c "SE_ASSOC=$1" "${APSYSFS_OUTER:-/sys}"/.apsysfs/events || :; }
is "$(state)" 'unbound unassociated '
echo 1 >se_bind
echo 7 >se_associate
is "$(state)" 'bound association pending '
refused EBUSY se_associate 8
refused EINVAL se_bind 1
is "$(events 7)" 0
later 1
is "$(state)" 'bound association pending '
later 2
is "$(state)" 'bound associated 7 '
is "$(events 7)" "$1"
refused EINVAL se_associate 8
# unbinding ends one that is under way
echo 0 >se_bind
echo 1 >se_bind
echo 9 >se_associate
is "$(state)" 'bound association pending '
echo 0 >se_bind
is "$(state)" 'unbound unassociated '
later 10
is "$(state)" 'unbound unassociated '
is "$(events 9)" 0
# the machine may change meanwhile
echo 1 >se_bind
echo 11 >se_associate
apsysfs machine apply "$2"
is "$(state)" 'bound association pending '
later 3
is "$(state)" 'bound associated 11 '
E2
for kernel in 7.2 6.12; do
	events=0
	[ $kernel = 6.12 ] || events=1
	"$APSYSFS" run --kernel $kernel --clock virtual --machine "$TOP/tests/e2e/secure.yaml" -- bash "$PWD/inside.sh" $events "$TOP/tests/e2e/secure.yaml"
done

. "$TOP/tests/clients/s390-tools.sh"
s390_tools forky
cat >chz.sh <<'E2'
set -eu
chzcrypt --se-bind 0a.0004
chzcrypt -V --se-associate 7 0a.0004 >chz.log 2>&1 &
for _ in $(seq 200); do
	if grep -q pending /sys/devices/ap/card0a/0a.0004/se_associate; then break; fi
	sleep 0.05
done
seen() { lszcrypt -c 0a.0004 | grep '^SE'; lszcrypt -V 0a.0004 | awk 'NR > 2 { print $NF }'; }
seen
wait $!
cat chz.log
seen
E2
"$APSYSFS" run --machine "$TOP/tests/e2e/secure.yaml" -- sh chz.sh >said
diff -u - said <<'EOF'
SE bind state: bound
SE association state: association pending
bound
Queue device 0a.0004 successful associated with index 7.
SE bind state: bound
SE association state: associated 7
usable
EOF
