#!/bin/sh
# SPDX-License-Identifier: MIT
# A machine that outlives its daemon: what was written is there again, also after kill -9.
# Needs no root; APSYSFS names the program if it is not installed.
set -eu
apsysfs=${APSYSFS:-apsysfs}

dir=$(mktemp -d)
mkdir "$dir/m"
daemon=
trap '[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true; fusermount3 -uzq "$dir/m" || true; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
begin() { # in the foreground, so that its process is known
	"$apsysfs" mount -f --state "$dir/machine.state" "$dir/m" &
	daemon=$!
	until [ -e "$dir/m/bus/ap" ]; do kill -0 $daemon; sleep 0.1; done
}

begin
echo '== Adapter 5 leaves the host, a card is plugged'
echo -5 > "$dir/m/bus/ap/apmask"
"$apsysfs" machine --mount "$dir/m" adapter add 10 type=CEX8P
echo '== The daemon is killed'
kill -KILL $daemon
wait $daemon 2>/dev/null || true
fusermount3 -uz "$dir/m"
begin
echo '== And again'
cat "$dir/m/bus/ap/apmask"
"$apsysfs" show --mount "$dir/m"
