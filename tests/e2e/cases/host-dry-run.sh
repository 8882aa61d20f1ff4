#!/bin/bash
# SPDX-License-Identifier: MIT
# seconds: 120
# mount --host --policy --dry-run: every kind of write is decided and answered, and the audit has it; on the host, another
# mount, nothing changes, byte for byte, nor is anybody remembered as an owner.
set -eu
[ "$(id -u)" = 0 ] || { echo 'skip: needs root, to be another user'; exit 77; }
command -v setpriv >/dev/null || { echo 'skip: no setpriv (util-linux)'; exit 77; }
top=$(mktemp -d /tmp/apsysfs-dry-run.XXXXXX)
m=$top/m n=$top/n
mkdir "$m" "$n"
chmod 755 "$top"
. "$TOP/tests/e2e/leave-host.sh"
trap 'leave_host "$n" "$m"; fusermount3 -uqz "$n" || :; fusermount3 -uqz "$m" || :; rm -rf "$top"' EXIT
fail() { echo "FAIL: kernel $kernel: $*" >&2; exit 1; }
host() { # all that the host shows, its guests too, but what counts requests and what time changes
	(cd "$m" && find bus class devices module kernel .apsysfs/guests -printf '%p %y %l %m\n' | sort &&
		grep -r --exclude=request_count '' bus class devices module .apsysfs/guests 2>&1 | sort)
}
as() { # UID COMMAND
	setpriv --reuid="$1" --regid="$1" --clear-groups -- bash -c "cd $n; $2"
}
# what the last line of the audit that is about a write says
last() { grep '"event":"\(write\|open\)"' "$CASE_DIR/audit" | tail -n 1 | sed 's/.*"outcome":"\([a-z-]*\)".*"result":"\([A-Za-z]*\)".*/\1 \2/'; }
lines() { grep -c '"event":"\(write\|open\|result\)"' "$CASE_DIR/audit" || :; }
writes() { # OUTCOME ERROR TEXT FILE: by alice; ERROR "": it is answered as done
	local before status=0
	before=$(lines)
	printf '%s\n' "$3" >"$top/text"
	as 2001 "cat $top/text >$4" 2>"$CASE_DIR/error" || status=$?
	if [ -z "$2" ]; then
		[ $status = 0 ] || fail "\"$3\" to $4: $(cat "$CASE_DIR/error")"
	else
		grep -q "$2" "$CASE_DIR/error" || fail "\"$3\" to $4: expected $2, got: $(cat "$CASE_DIR/error")"
	fi
	[ "$(lines)" = $((before + 1)) ] || fail "\"$3\" to $4: $(($(lines) - before)) lines in the audit"
	[ "$(last)" = "$1" ] || fail "\"$3\" to $4: the audit has $(last), expected $1"
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
    see: {adapters: 6, domains: 4}
    pool: {adapters: [5, 9], domains: all}
    assign: {adapters: 5, domains: all, control_domains: all}
    mdevs: [62177883-f1bb-47f0-914d-32a22e3a8804, 62177883-f1bb-47f0-914d-32a22e3a8805]
    actions: [create, remove, assign, pool, online, config, reset, counters, bind, unbind, override, uevent, settings, scan, zcrypt]
END
uuid=62177883-f1bb-47f0-914d-32a22e3a8804
new=62177883-f1bb-47f0-914d-32a22e3a8805
mdevs=devices/vfio_ap/matrix
create=$mdevs/mdev_supported_types/vfio_ap-passthrough/create
for kernel in 7.2 5.10; do
	rm -f "$CASE_DIR/audit" "$CASE_DIR/owners"
	"$APSYSFS" mount --kernel $kernel "$m"
	echo -0x5 >"$m/bus/ap/apmask"
	echo $uuid >"$m/$create"
	echo 5 >"$m/$mdevs/$uuid/assign_adapter"
	echo 4 >"$m/$mdevs/$uuid/assign_domain"
	"$APSYSFS" mount --host "$m" --policy "$CASE_DIR/policy.yaml" --audit "$CASE_DIR/audit" --owners "$CASE_DIR/owners" --dry-run "$n"
	host >"$CASE_DIR/before"
	writes 'would-allow done' '' -9 bus/ap/apmask
	if [ $kernel = 5.10 ]; then # nothing holds what an mdev has (abi.md)
		writes 'would-allow done' '' +5 bus/ap/apmask
	else
		writes 'would-allow EBUSY' 'resource busy' +5 bus/ap/apmask
	fi
	writes 'would-allow EINVAL' 'Invalid argument' +x bus/ap/apmask
	writes 'denied EACCES' 'Permission denied' -6 bus/ap/apmask
	writes 'denied EACCES' 'Permission denied' -4 bus/ap/aqmask
	writes 'would-allow done' '' $new $create
	writes 'would-allow done' '' $new $create
	writes 'would-allow EEXIST' 'File exists' $uuid $create
	writes 'would-allow done' '' 0x47 $mdevs/$uuid/assign_domain
	writes 'would-allow done' '' 4 $mdevs/$uuid/unassign_domain
	writes 'would-allow done' '' 7 $mdevs/$uuid/assign_control_domain
	writes 'denied EACCES' 'Permission denied' 6 $mdevs/$uuid/assign_adapter
	[ ! -e "$m/$mdevs/$uuid/ap_config" ] ||
		writes 'would-allow done' '' 0x04,0x08,0x08 $mdevs/$uuid/ap_config
	writes 'would-allow done' '' 1 $mdevs/$uuid/remove
	writes 'would-allow done' '' 0 devices/ap/card05/online
	[ ! -e "$m/devices/ap/card05/config" ] || writes 'would-allow done' '' 0 devices/ap/card05/config
	writes 'denied EACCES' 'Permission denied' 0 devices/ap/card06/online
	writes 'would-allow done' '' 0 devices/ap/card05/request_count
	writes 'would-allow done' '' 05.0004 bus/ap/drivers/vfio_ap/unbind
	writes 'would-allow ENODEV' 'No such device' 05.0099 bus/ap/drivers/vfio_ap/unbind
	[ ! -e "$m/devices/ap/card05/05.0004/driver_override" ] ||
		writes 'would-allow done' '' cex4queue devices/ap/card05/05.0004/driver_override
	writes 'would-allow done' '' 60 bus/ap/config_time
	writes 'would-allow done' '' 0 bus/ap/drivers_autoprobe
	writes 'would-allow done' '' change devices/ap/card05/uevent
	[ ! -e "$m/bus/ap/scans" ] || [ "$(stat -c %a "$m/bus/ap/scans")" = 444 ] || writes 'would-allow done' '' 1 bus/ap/scans
	[ ! -e "$m/class/zcrypt/create" ] || writes 'would-allow done' '' mine class/zcrypt/create
	# root is no exception: what is granted to him is tried, too
	(echo 0 >"$n/devices/ap/card06/online")
	[ "$(last)" = 'would-allow done' ] || fail "root: the audit has $(last)"
	host >"$CASE_DIR/after"
	diff -u "$CASE_DIR/before" "$CASE_DIR/after" || fail 'the host changed'
	[ ! -s "$CASE_DIR/owners" ] || fail "owners are remembered: $(cat "$CASE_DIR/owners")"
	# and the mount shows what there is
	[ "$(as 2001 "cat $mdevs/$uuid/matrix")" = 05.0004 ] || fail 'the mount shows another matrix'
	leave_host "$n" "$m"
done
