#!/bin/bash
# SPDX-License-Identifier: MIT
# What a read through mount --host costs the host: one open and one read of its file, and a listing one of its directory.
# Exactly, by the counters of a mount that stands for the host; its names are cached, so looking costs it nothing.
set -eu
mkdir m n
. "$TOP/tests/e2e/leave-host.sh"
trap 'leave_host n m' EXIT
"$APSYSFS" m
"$APSYSFS" mount --host m n
COUNT=200

counted() { awk '$1 == "request" && $2 ~ /^(OPEN|READ|WRITE)$/ { print $2, $3 }' m/.apsysfs/stats; }

failed=0
expect() { # WHAT KIND PATH
	local got
	attrbench --rounds 1 --count 2 --value 30 "$2" x "$3" >/dev/null
	counted >zero
	counted >before
	attrbench --rounds 1 --count $COUNT --value 30 "$2" x "$3" >/dev/null
	counted >after
	got=$(awk -v n=$COUNT '
		FILENAME == "zero" { zero[$1] = $2; next }
		FILENAME == "before" { before[$1] = $2; next }
		{
			each = ($2 - before[$1] - (before[$1] - zero[$1])) / n
			if (each > 0.02)
				line = line (line ? " " : "") $1 "*" each
		}
		END { print line ? line : "none" }' zero before after)
	printf '%-6s %-40s %s\n' "$2" "$3" "$got"
	[ "$got" = "$1" ] || { echo "expected: $1" >&2; failed=1; }
}
expect 'OPEN*1 READ*1' read n/bus/ap/apmask
expect 'OPEN*1 READ*1' read n/devices/ap/card05/hwtype
expect 'OPEN*1 READ*1' read n/devices/ap/card05/05.0004/online
expect 'none' stat n/bus/ap/apmask
expect 'none' missing n/bus/ap/nothing
exit $failed
