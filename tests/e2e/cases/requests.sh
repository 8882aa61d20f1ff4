#!/bin/bash
# SPDX-License-Identifier: MIT
# not below a policy: each caller has his own view there, so nothing is kept
# How many requests each operation of a client costs, exactly: what the mount's own counters say of 200 of them.
# seconds: 60
set -eu
mkdir m fast
trap 'fusermount3 -uz m; fusermount3 -uzq fast || :' EXIT
export APSYSFS_MOUNT="$PWD/m"
COUNT=200

# The requests that a client waits for; RELEASE and FORGET come when it suits the kernel.
snapshot() {
	awk '$1 == "request" && $2 !~ /FORGET|RELEASE|INTERRUPT/ { print $2, $3 }' "${STATS:-m/.apsysfs/stats}"
}

# costs KIND PATH: "LOOKUP*1 OPEN*2", of one operation; what reading the counters costs is taken off.
costs() {
	attrbench --rounds 1 --count 2 --value "${VALUE:-0}" "$1" x "$2" >/dev/null
	snapshot >zero
	snapshot >before
	attrbench --rounds 1 --count $COUNT --value "${VALUE:-0}" "$1" x "$2" >/dev/null
	snapshot >after
	awk -v n=$COUNT -v slack="$3" '
		FILENAME == "zero" { zero[$1] = $2; next }
		FILENAME == "before" { before[$1] = $2; next }
		{
			each = ($2 - before[$1] - (before[$1] - zero[$1])) / n
			if (each * n > slack)
				line = line (line ? " " : "") $1 "*" each
		}
		END { print line ? line : "none" }' zero before after
}

# expect WHAT KIND PATH [SLACK]: SLACK requests a sample, for the one open of a file that stays open
failed=0
expect() {
	local got
	got=$(costs "$2" "$3" "${4:-0}")
	printf '%-8s %-32s %s\n' "$2" "$3" "$got"
	[ "$got" = "$1" ] || { echo "expected: $1" >&2; failed=1; }
}

# names are kept however the kernel is told of their changes
for how in --no-epoch ''; do
	mountpoint -q m && fusermount3 -u m
	# shellcheck disable=SC2086 # no option, or one
	"$APSYSFS" mount $how m
	expect 'none' stat m/devices/ap/card05/hwtype
	expect 'none' stat m/bus/ap
	expect 'none' missing m/bus/ap/devices/card77
	expect 'none' link m/bus/ap/devices/card05
	expect 'OPEN*1 READ*1' read m/bus/ap/apmask
	expect 'OPEN*1 READ*2' cat m/bus/ap/apmask
	expect 'OPEN*1 READ*1' read m/devices/ap/card05/hwtype
	VALUE=30 expect 'OPEN*1 WRITE*1' write m/bus/ap/config_time
	expect 'none' list m/bus/ap/devices
	# of one that stays open, each read is one
	expect 'READ*1' pread m/bus/ap/apmask 1
done

# a text that cannot change, where the kernel reads it by itself
if "$APSYSFS" mount --passthrough fast && grep -qx 'passthrough 1' fast/.apsysfs/stats; then
	STATS=fast/.apsysfs/stats
	expect 'OPEN*1' read fast/devices/ap/card05/hwtype
	expect 'OPEN*1' cat fast/devices/ap/card05/hwtype
	expect 'none' pread fast/devices/ap/card05/hwtype 1
	expect 'OPEN*1 READ*1' read fast/bus/ap/apmask
else
	echo 'passthrough: not here (Linux 6.9 and CAP_SYS_ADMIN)'
fi

"$APSYSFS" stats | grep -q '^OPEN '
"$APSYSFS" stats --json | grep -q '"OPEN":{"count":'
"$APSYSFS" stats --watch 0 && failed=1
exit $failed
