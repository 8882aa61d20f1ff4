#!/bin/sh
# SPDX-License-Identifier: MIT
# seconds: 120
# Two tenants and an operator on one mount: each sees and changes only what the policy grants him.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be three users'; exit 77; }
command -v setpriv >/dev/null || { echo 'skip: no setpriv (util-linux)'; exit 77; }
top=$(mktemp -d /tmp/apsysfs-tenants.XXXXXX)
m=$top/m
mkdir "$m"
chmod 755 "$top"
trap 'fusermount3 -uz "$m" 2>/dev/null; rm -rf "$top"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
as() { # UID COMMAND
	setpriv --reuid="$1" --regid="$1" --clear-groups -- bash -c "cd $m; $2"
}
refused() { # UID ERROR COMMAND
	if as "$1" "$3" 2>"$CASE_DIR/error"; then fail "uid $1 may: $3"; fi
	grep -q "$2" "$CASE_DIR/error" || fail "uid $1, $3: expected $2, got: $(cat "$CASE_DIR/error")"
}
shows() { # UID FILE TEXT
	got=$(as "$1" "cat $2")
	[ "$got" = "$3" ] || fail "uid $1 reads from $2: $got, expected $3"
}
cat >"$CASE_DIR/policy.yaml" <<'END'
grants:
  - name: host
    to: uid:0
    see: all
    pool: all
    assign: all
    mdevs: all
    actions: all
  - name: alice
    to: uid:2001
    pool: {adapters: 5, domains: all}
    assign: {adapters: 5, domains: [4, 0x47], control_domains: 4}
    mdevs: own
    actions: [create, remove, assign, pool, online, uevent]
    limits: {mdevs: 2}
  - name: bob
    to: uid:2002
    see: {adapters: 6, domains: [0xab, 0xff]}
    assign: {adapters: 6, domains: [0xab, 0xff]}
    mdevs: own
    actions: [create, remove, assign]
    limits: {mdevs: 1}
END
"$APSYSFS" mount --policy "$CASE_DIR/policy.yaml" --audit "$CASE_DIR/audit" --owners "$CASE_DIR/owners" "$m"
create=devices/vfio_ap/matrix/mdev_supported_types/vfio_ap-passthrough
mdevs=devices/vfio_ap/matrix
a1=a1000000-0000-4000-8000-000000000001 a2=a1000000-0000-4000-8000-000000000002
a3=a1000000-0000-4000-8000-000000000003 b1=b0000000-0000-4000-8000-000000000001
b2=b0000000-0000-4000-8000-000000000002 nobody=c0000000-0000-4000-8000-000000000001

# what there is
[ "$(as 2001 'ls -d devices/ap/card*')" = devices/ap/card05 ] || fail 'alice sees not only card05'
[ "$(as 2002 'ls -d devices/ap/card*')" = devices/ap/card06 ] || fail 'bob sees not only card06'
[ "$(as 2002 'ls bus/ap/devices' | tr '\n' ' ')" = '06.00ab 06.00ff card06 ' ] || fail 'bob sees other queues'
[ "$(as 2002 'ls bus/ap/drivers/cex4queue')" = "$(printf '%s\n' 06.00ab 06.00ff bind module uevent unbind)" ] || fail 'links of a driver'
[ "$(as 2002 'stat -c %h devices/ap/card06')" = "$(($(as 2002 'ls -l devices/ap/card06' | grep -c ^d) + 2))" ] || fail 'links are counted'
[ "$(as 2002 'ls -A .apsysfs' 2>&1 | grep -c 'No such file')" = 1 ] || fail '.apsysfs is there for bob'
[ "$(as 2003 'ls -d devices/ap/card*' 2>&1 | grep -c 'No such file')" = 1 ] || fail 'a stranger sees cards'
shows 2001 bus/ap/apmask 0x04"$(printf %062d 0)"
shows 2002 bus/ap/bindings '2/2 (complete)'
shows 2001 $create/available_instances 2
shows 2002 $create/available_instances 1
refused 2002 'No such file' 'cat devices/ap/card05/hwtype'
refused 2002 'No such file' 'cat devices/ap/card06/06.0004/online'

# what goes through hidden queues of a card that he sees is not counted for him, nor when all queues had drivers
echo 'queue 06.0004 rate=1000 pending=5' >"$m/.apsysfs/machine"
for _ in $(seq 100); do
	[ "$(cat "$m/devices/ap/card06/request_count")" -eq 0 ] || break
	sleep 0.1
done
[ "$(cat "$m/devices/ap/card06/request_count")" -gt 0 ] || fail 'nothing went through card06'
[ "$(cat "$m/devices/ap/card06/pendingq_count")" = 5 ] || fail 'nothing is in card06'
for file in request_count pendingq_count load; do shows 2002 devices/ap/card06/$file 0; done
echo 'queue 06.00ab rate=0 pending=3' >"$m/.apsysfs/machine"
shows 2002 devices/ap/card06/pendingq_count 3
echo 'queue 06.0004 rate=0 pending=0' >"$m/.apsysfs/machine"
[ -e "$m/bus/ap/bindings_complete_count" ] || fail 'root sees all queues'
refused 2002 'No such file' 'cat bus/ap/bindings_complete_count'

# test -w tells the truth, each his own
as 2001 'test -w bus/ap/apmask && test -w devices/ap/card05/online && ! test -w bus/ap/config_time' || fail 'test -w, alice'
as 2002 '! test -w bus/ap/apmask && ! test -w devices/ap/card06/online && test -w '$create/create || fail 'test -w, bob'

# pools
as 2001 'echo -5 >bus/ap/apmask'
refused 2001 'Permission denied' 'echo -6 >bus/ap/apmask'
refused 2001 'Permission denied' 'echo 0x0 >bus/ap/apmask'
refused 2001 'Permission denied' 'echo -4 >bus/ap/aqmask'
refused 2002 'Permission denied' 'echo -6 >bus/ap/apmask'
echo -6 >"$m/bus/ap/apmask"

# mdevs: own ones, as many as granted
as 2001 "echo $a1 >$create/create"
as 2001 "echo $a2 >$create/create"
refused 2001 'Permission denied' "echo $a3 >$create/create"
shows 2001 $create/available_instances 0
as 2002 "echo $b1 >$create/create"
refused 2002 'Permission denied' "echo $b2 >$create/create"
refused 2002 'Permission denied' "echo $a1 >$create/create"
[ "$(as 2001 "ls $mdevs | grep -c ^a1")" = 2 ] || fail 'alice sees not both of hers'
[ "$(as 2002 "ls $mdevs | grep -c -- -4000-")" = 1 ] || fail 'bob sees others'
[ "$(as 2002 'ls class/vfio' | wc -l)" = 1 ] || fail 'bob sees groups of others'
refused 2002 'No such file' "cat $mdevs/$a1/matrix"
as 2001 "echo 5 >$mdevs/$a1/assign_adapter; echo 4 >$mdevs/$a1/assign_domain; echo 4 >$mdevs/$a1/assign_control_domain"
refused 2001 'Permission denied' "echo 6 >$mdevs/$a1/assign_adapter"
refused 2001 'Permission denied' "echo 0xab >$mdevs/$a1/assign_domain"
refused 2001 'Permission denied' "printf '0x04,0x08,0x00000000000000000100' >$mdevs/$a1/ap_config"
shows 2001 $mdevs/$a1/matrix 05.0004
as 2001 "echo 5 >$mdevs/$a2/assign_adapter"
refused 2001 'Address already in use' "echo 4 >$mdevs/$a2/assign_domain"
as 2002 "echo 0x6 >$mdevs/$b1/assign_adapter; echo 0xab >$mdevs/$b1/assign_domain"
shows 2002 $mdevs/$b1/guest_matrix 06.00ab

# a descriptor that the host's root opened is no key for bob, nor bob's for a stranger
exec 8>"$m/$mdevs/$a1/remove"
refused 2002 'Permission denied' 'echo 1 >&8'
exec 8>&-
[ -e "$m/$mdevs/$a1" ] || fail 'bob removed what is not his'

# the owners are remembered: remove and create anew behind is another
as 2001 "echo 1 >$mdevs/$a2/remove"
echo $a2 >"$m/$create/create"
refused 2001 'No such file' "cat $mdevs/$a2/matrix"
grep -qx "$a1 2001" "$CASE_DIR/owners" || fail 'alice is not in the owners file'
grep -qx "$a2 0" "$CASE_DIR/owners" || fail "root's mdev is still alice's"
echo $nobody >"$m/$create/create"

# each refusal of a write is in the audit, with who and why
for text in '-6' 0x0 "$a3" 0xab; do
	grep -F "\"value\":\"$text" "$CASE_DIR/audit" | grep -F '"outcome":"denied"' | grep -qF '"reason":"' || fail "not in the audit: $text"
done
grep -F '"uid":2002' "$CASE_DIR/audit" | grep -F apmask | grep -qF '"event":"open","outcome":"denied"' || fail 'an open that was refused is not in the audit'
