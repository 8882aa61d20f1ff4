#!/bin/sh
# SPDX-License-Identifier: MIT
# A monitor as one writes it for a mainframe, and something for it to show. From the top of the sources:
#   apsysfs run --machine mount-examples/load.yaml -- sh mount-examples/load.sh [SECONDS [ROUNDS]]
# With "--clock virtual" after run, time passes as fast as the monitor looks.
set -eu
seconds=${1:-5} rounds=${2:-4}
pass() {
	if [ "$(cut -d' ' -f1 /sys/.apsysfs/clock)" = virtual ]; then
		echo "advance $seconds" >/sys/.apsysfs/clock
	else
		sleep "$seconds"
	fi
}
counts() { # of each queue: its name, requests so far, in the card now, waiting for room in it
	for queue in /sys/devices/ap/card*/*.*/; do
		queue=${queue%/}
		echo "${queue##*/} $(cat "$queue/request_count" "$queue/pendingq_count" "$queue/requestq_count" | tr '\n' ' ')"
	done
}

printf 'queue      requests a second, pending + waiting, each %s seconds\n' "$seconds"
before=$(counts)
for _ in $(seq "$rounds"); do
	pass
	now=$(counts)
	printf '%s\n%s\n' "$before" "$now" | awk -v s="$seconds" '
		$1 in first { printf "%s  %5.1f %3d + %d\n", $1, ($2 - first[$1]) / s, $3, $4; next }
		{ first[$1] = $2 }'
	echo
	before=$now
done
