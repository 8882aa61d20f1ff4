#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# One user's writes that a host holds up (removes of mdevs that guests have) take no more than his share of threads: a
# write too many is refused at once, with EAGAIN and a line in the audit; root and others go on; when the guests
# are gone all that waited is done, and he may write again.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be other users'; exit 77; }
command -v setpriv >/dev/null || { echo 'skip: no setpriv (util-linux)'; exit 77; }
SHARE=32
top=$(mktemp -d /tmp/apsysfs-held.XXXXXX)
m=$top/m n=$top/n
mkdir "$m" "$n"
chmod 755 "$top"
. "$TOP/tests/e2e/leave-host.sh"
trap 'leave_host "$n" "$m"; fusermount3 -uqz "$n" || :; fusermount3 -uqz "$m" || :; rm -rf "$top"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
as() { # UID COMMAND
	timeout 20 setpriv --reuid="$1" --regid="$1" --clear-groups -- bash -c "cd $n; $2"
}
cat >policy.yaml <<'END'
grants:
  - {name: root, to: uid:0, see: all, pool: all, assign: all, mdevs: all, actions: all}
  - {name: alice, to: uid:2001, see: {adapters: 5, domains: all}, mdevs: all, pool: {adapters: 5, domains: all}, actions: [create, remove, pool]}
  - {name: bob, to: uid:2002, see: {adapters: 6, domains: all}, mdevs: own, pool: {adapters: 6, domains: all}, actions: [create, remove, pool]}
END
export APSYSFS_MOUNT=$m
# a kernel whose remove waits for the guest
"$APSYSFS" mount --kernel 6.12 "$m"
"$APSYSFS" mount --host "$m" --policy policy.yaml --audit audit "$n"
matrix=devices/vfio_ap/matrix
create=$matrix/mdev_supported_types/vfio_ap-passthrough/create
uuids=
for i in $(seq 1 $SHARE); do uuids="$uuids $(printf 'a1000000-0000-4000-8000-%012d' "$i")"; done
for uuid in $uuids; do
	echo "$uuid" >"$m/$create"
	"$APSYSFS" guest start "$uuid"
done
removers=
for uuid in $uuids; do
	setpriv --reuid=2001 --regid=2001 --clear-groups -- sh -c "echo 1 >$n/$matrix/$uuid/remove" 2>>removers.err &
	removers="$removers $!"
done
tries=0
until [ "$("$APSYSFS" guest list | grep -c leaving)" = $SHARE ]; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || fail "only $("$APSYSFS" guest list | grep -c leaving) removes are on the host"
	sleep 0.1
done
# the last of them may be in time still
tries=0
while as 2001 'echo +5 >bus/ap/apmask' 2>why; do
	tries=$((tries + 1))
	[ $tries -lt 50 ] || fail 'he may write as ever'
done
grep -q 'temporarily unavailable' why || fail "the write too many: $(cat why)"
tail -n 1 audit | grep -F '"outcome":"denied"' | grep -F '"result":"EAGAIN"' | grep -F '"uid":2001' | grep -qF '"reason":"' ||
	fail "the audit has $(tail -n 1 audit)"
# he reads, and all others read and write
[ "$(as 2001 'cut -c1-4 bus/ap/apmask')" = 0x04 ] || fail 'he cannot read'
as 2002 "echo b0000000-0000-4000-8000-000000000001 >$create; echo -6 >bus/ap/apmask" || fail 'another user cannot write'
timeout 20 sh -c "echo +6 >$n/bus/ap/apmask; echo 1 >$n/$matrix/b0000000-0000-4000-8000-000000000001/remove" || fail 'root cannot write'
# shellcheck disable=SC2086 # a list
[ "$(jobs -pr | wc -l)" -ge $SHARE ] || fail 'a remove came back'
"$APSYSFS" guest stop all
for pid in $removers; do wait "$pid" || fail "a remove failed: $(cat removers.err)"; done
[ "$(find "$m/$matrix" -maxdepth 1 -name 'a1*' | wc -l)" = 0 ] || fail 'mdevs are left'
as 2001 'echo -5 >bus/ap/apmask' || fail 'he may not write again'
[ "$(cut -c1-4 "$m/bus/ap/apmask")" = 0xfb ] || fail 'it did not reach the host'
