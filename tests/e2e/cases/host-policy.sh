#!/bin/sh
# SPDX-License-Identifier: MIT
# seconds: 120
# mount --host --policy: two tenants on what a host lets through. Another mount stands for the host: what is permitted
# reaches it as an edit of the bits that change; what is refused leaves all of it, byte for byte, as it was.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be three users'; exit 77; }
command -v setpriv >/dev/null || { echo 'skip: no setpriv (util-linux)'; exit 77; }
top=$(mktemp -d /tmp/apsysfs-host-policy.XXXXXX)
m=$top/m
n=$top/n
mkdir "$m" "$n"
chmod 755 "$top"
. "$TOP/tests/e2e/leave-host.sh"
trap 'leave_host "$n" "$m"; fusermount3 -uz "$n" 2>/dev/null || :; fusermount3 -uz "$m" 2>/dev/null || :; rm -rf "$top"' EXIT
fail() { echo "FAIL: kernel $kernel: $*"; exit 1; }
host() { # all that the host shows, but what counts requests and what reading itself changes
	(cd "$m" && find bus class devices -printf '%p %y %l %m\n' | sort &&
		grep -r --exclude=request_count '' bus class devices 2>&1 | sort)
}
as() { # UID COMMAND
	setpriv --reuid="$1" --regid="$1" --clear-groups -- bash -c "cd $n; $2"
}
refused() { # UID ERROR COMMAND
	host >"$CASE_DIR/before"
	if as "$1" "$3" 2>"$CASE_DIR/error"; then fail "uid $1 may: $3"; fi
	grep -q "$2" "$CASE_DIR/error" || fail "uid $1, $3: expected $2, got: $(cat "$CASE_DIR/error")"
	host >"$CASE_DIR/after"
	diff -u "$CASE_DIR/before" "$CASE_DIR/after" || fail "refused, but the host changed: $3"
}
shows() { # UID FILE TEXT
	got=$(as "$1" "cat $2")
	[ "$got" = "$3" ] || fail "uid $1 reads from $2: $got, expected $3"
}
holds() { # FILE TEXT: on the host
	[ "$(cat "$m/$1")" = "$2" ] || fail "the host's $1 is $(cat "$m/$1"), expected $2"
}
cat >"$CASE_DIR/policy.yaml" <<'END'
grants:
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
mdevs=devices/vfio_ap/matrix
create=$mdevs/mdev_supported_types/vfio_ap-passthrough
a1=a1000000-0000-4000-8000-000000000001 a2=a1000000-0000-4000-8000-000000000002
b1=b0000000-0000-4000-8000-000000000001 other=c0000000-0000-4000-8000-000000000001
zeros=$(printf %062d 0)
ones=$(printf %062d 0 | tr 0 f)

for kernel in 7.2 6.1; do
	rm -f "$CASE_DIR/audit" "$CASE_DIR/owners"
	"$APSYSFS" mount --kernel $kernel "$m"
	"$APSYSFS" mount --host "$m" --policy "$CASE_DIR/policy.yaml" --audit "$CASE_DIR/audit" --owners "$CASE_DIR/owners" "$n"

	# what there is, for each
	[ "$(as 2001 'ls -d devices/ap/card*')" = devices/ap/card05 ] || fail 'alice sees not only card05'
	[ "$(as 2002 'ls bus/ap/devices' | tr '\n' ' ')" = '06.00ab 06.00ff card06 ' ] || fail 'bob sees other queues'
	[ "$(as 2002 'ls -A .apsysfs' 2>&1 | grep -c 'No such file')" = 1 ] || fail '.apsysfs is there for bob'
	[ "$(as 2003 'ls -d devices/ap/card*' 2>&1 | grep -c 'No such file')" = 1 ] || fail 'a stranger sees cards'
	refused 2002 'No such file' 'cat devices/ap/card05/hwtype'
	refused 2002 'No such file' 'echo 0 >devices/ap/card06/06.0004/online'
	shows 2001 bus/ap/apmask 0x04$zeros

	# masks: the bits that change are what the host is told, so an absolute one leaves the bits of others
	as 2001 'echo -5 >bus/ap/apmask'
	holds bus/ap/apmask 0xfb$ones
	shows 2001 bus/ap/apmask 0x00$zeros
	echo -6 >"$m/bus/ap/apmask"
	holds bus/ap/apmask 0xf9$ones
	as 2001 "echo 0xfd$ones >bus/ap/apmask"
	holds bus/ap/apmask 0xfd$ones
	as 2001 "echo 0xf9$ones >bus/ap/apmask"
	holds bus/ap/apmask 0xf9$ones
	refused 2001 'Permission denied' 'echo -7 >bus/ap/apmask'
	refused 2001 'Permission denied' 'echo +6 >bus/ap/apmask'
	refused 2001 'Permission denied' 'echo 0x0 >bus/ap/apmask'
	refused 2001 'Permission denied' "echo 0xff$ones >bus/ap/apmask"
	refused 2002 'Permission denied' 'echo +6 >bus/ap/apmask'
	refused 2001 'Permission denied' 'echo -6 >bus/ap/drivers_autoprobe'

	# mdevs: own ones, as many as granted, of the resources that are granted
	as 2001 "echo $a1 >$create/create"
	as 2002 "echo $b1 >$create/create"
	[ -d "$m/$mdevs/$a1" ] && [ -d "$m/$mdevs/$b1" ] || fail 'the host has not both mdevs'
	echo $other >"$m/$create/create"
	[ "$(as 2001 "ls $mdevs | grep -c -- -4000-")" = 1 ] || fail 'alice sees others'
	[ "$(as 2002 "ls $mdevs | grep -c -- -4000-")" = 1 ] || fail 'bob sees others'
	refused 2002 'Permission denied' "echo ${b1%1}2 >$create/create"
	refused 2002 'Permission denied' "echo $a1 >$create/create"
	refused 2002 'No such file' "cat $mdevs/$a1/matrix"
	as 2001 "echo 5 >$mdevs/$a1/assign_adapter; echo 4 >$mdevs/$a1/assign_domain; echo 4 >$mdevs/$a1/assign_control_domain"
	as 2002 "echo 6 >$mdevs/$b1/assign_adapter; echo 0xab >$mdevs/$b1/assign_domain"
	holds $mdevs/$a1/matrix 05.0004
	holds $mdevs/$b1/matrix 06.00ab
	shows 2001 $mdevs/$a1/matrix 05.0004
	refused 2001 'Permission denied' "echo 6 >$mdevs/$a1/assign_adapter"
	refused 2001 'Permission denied' "echo 0xab >$mdevs/$a1/assign_domain"
	refused 2001 'Permission denied' "echo 5 >$mdevs/$a1/assign_control_domain"
	if [ -e "$m/$mdevs/$a1/ap_config" ]; then
		refused 2001 'Permission denied' "echo 0x06$zeros,0x08$zeros,0x08$zeros >$mdevs/$a1/ap_config"
		as 2001 "echo 0x04$zeros,0x08$zeros,0x00$zeros >$mdevs/$a1/ap_config"
		holds $mdevs/$a1/control_domains ''
	fi

	# devices
	as 2001 'echo 0 >devices/ap/card05/online'
	holds devices/ap/card05/online 0
	as 2001 'echo 1 >devices/ap/card05/online'
	refused 2002 'Permission denied' 'echo 0 >devices/ap/card06/online'

	# what the host's own people do is seen at once, and an mdev made anew behind our back is nobody's of ours
	echo 1 >"$m/$mdevs/$a1/remove"
	refused 2001 'No such file' "cat $mdevs/$a1/matrix"
	echo $a1 >"$m/$create/create"
	refused 2001 'No such file' "echo 1 >$mdevs/$a1/remove"
	as 2001 "echo $a2 >$create/create"
	as 2001 "echo 1 >$mdevs/$a2/remove"
	[ ! -e "$m/$mdevs/$a2" ] || fail 'an mdev that alice removed is there'

	# each refusal of a write is in the audit, with who and why, and each write that reached the host
	for text in -7 +6 0x0 ${b1%1}2 0xab; do
		grep -F "\"value\":\"$text" "$CASE_DIR/audit" | grep -F '"outcome":"denied"' | grep -qF '"reason":"' ||
			fail "not in the audit: $text"
	done
	for text in -5 "$a1" "$b1" "$a2"; do
		grep -F "\"value\":\"$text" "$CASE_DIR/audit" | grep -vqF '"outcome":"denied"' || fail "not in the audit: $text"
	done
	leave_host "$n" "$m"
	[ ! -e "$m/bus" ] || fail 'the host is still mounted'
done
