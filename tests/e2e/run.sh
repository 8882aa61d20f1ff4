#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh [CASE...]: the end-to-end cases, each an executable file in tests/e2e/cases.
#
# A case is run in a session and an empty folder of its own, with
#   APSYSFS    the program           BUILD      where the test tools are
#   TOP        the top of the tree   CASE_DIR   the folder; mount below it
# It exits 0 (passed), 77 (skipped; prints "skip: REASON") or with anything else (failed). It has
# CASE_SECONDS (60) seconds; "# seconds: N" in its first lines asks for another limit. EMULATED=1
# says that the machine is an emulated one: four times as long, and large cases leave parts out. What it
# leaves behind, processes or mounts below its folder, fails it and is taken away.
#
# OVERLAY=policy puts a policy that grants all before each mount and run, OVERLAY=host has each run go over a second one
# whose host is the first, with that policy: nothing may differ by it; three times as long. APSYSFS_OUTER is then the host. A case that is about what these change says so,
# "# not below a policy: REASON" or "# not over a host: REASON" in its first lines, and is skipped.
set -u
cd "$(dirname "$0")/../.." || exit 1
TOP=$PWD
BUILD=$(cd "${BUILD:-build}" && pwd) || exit 1
APSYSFS=$BUILD/apsysfs
PATH=$BUILD:$PATH
export TOP BUILD APSYSFS PATH
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/apsysfs-e2e.XXXXXX") || exit 1
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM

APSYSFS_REAL=$APSYSFS
case ${OVERLAY:-} in
'') left_out='' ;;
policy) left_out='not below a policy' ;;
host) left_out='not over a host' ;;
*) echo "run.sh: OVERLAY=$OVERLAY: expected policy or host" >&2; exit 2 ;;
esac
if [ -n "$left_out" ]; then
	mkdir "$work/bin"
	chmod 755 "$work"
	cp tests/e2e/overlay.sh "$work/bin/apsysfs"
	APSYSFS=$work/bin/apsysfs
	PATH=$work/bin:$PATH
	export APSYSFS_REAL OVERLAY
fi

[ -x "$APSYSFS_REAL" ] || { echo "run.sh: $APSYSFS_REAL is not there; build it first: make" >&2; exit 1; }

# The processes of a case carry its mark in their environment, daemons too.
processes_of() { # MARK
	grep -lszx "APSYSFS_CASE=$1" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 | grep -vx "$$"
}

describe() { # PID...
	local p
	for p; do printf '%s (%s) ' "$p" "$(tr '\0' ' ' 2>/dev/null <"/proc/$p/cmdline")"; done
}

mounts_below() { # DIR
	awk -v d="$1" 'index($5, d "/") == 1 || $5 == d { print $5 }' /proc/self/mountinfo | tac
}

# Daemons end soon after their mount: what is still there after 5 s was left behind.
leftovers() { # MARK DIR
	local left tries=0 m
	while left=$(processes_of "$1"); [ -n "$left" ] && [ $tries -lt 50 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	if [ -n "$left" ]; then
		# shellcheck disable=SC2086 # one word a pid
		echo "left processes behind: $(describe $left)"
		# shellcheck disable=SC2086
		kill -KILL $left 2>/dev/null
	fi
	for m in $(mounts_below "$2"); do
		echo "left a mount behind: $m"
		umount -l "$m" 2>/dev/null || fusermount3 -uz "$m"
	done
}

run_case() { # FILE: sets status, reason
	local file=$1 name=$2 dir=$work/$2 log=$work/$2.log mark limit left
	mark=$name-$$-$RANDOM
	limit=$(sed -n '1,10s/^# seconds: \([0-9]*\)$/\1/p' "$file")
	limit=$((${limit:-${CASE_SECONDS:-60}} * (${EMULATED:-0} ? 4 : 1)))
	[ "${OVERLAY:-}" != host ] || limit=$((3 * limit))
	mkdir "$dir" "$dir.reports"
	(
		cd "$dir" || exit 1
		export CASE_DIR=$dir APSYSFS_CASE=$mark
		# no leaks: "run" enters a pid namespace, where the checker cannot start its own thread
		export ASAN_OPTIONS="detect_leaks=0:log_path=$dir.reports/asan" UBSAN_OPTIONS="log_path=$dir.reports/ubsan:print_stacktrace=1"
		export TSAN_OPTIONS="suppressions=$TOP/tests/tsan.supp:log_path=$dir.reports/tsan" LSAN_OPTIONS="log_path=$dir.reports/lsan"
		exec setsid --wait timeout --kill-after=5 "$limit" "$file"
	) >"$log" 2>&1 </dev/null
	status=$? reason=
	case $status in
	0) ;;
	77) reason=$(sed -n 's/^skip: *//p' "$log" | tail -n 1)
	    [ -n "$reason" ] || { status=1 reason='skipped without a line "skip: REASON"'; } ;;
	124|137) reason="not done after $limit s" ;;
	*) reason="exit status $status" ;;
	esac
	left=$(leftovers "$mark" "$dir")
	[ -z "$left" ] || { status=1 reason=$left; }
	if grep -rqsE 'ERROR|SUMMARY|runtime error' "$dir.reports"; then
		cat "$dir.reports"/* >>"$log"
		status=1 reason='a sanitizer reported'
	fi
}

report_case() { # NAME SECONDS
	case $status in
	0) passed=$((passed + 1)); printf 'pass %s (%s s)\n' "$1" "$2" ;;
	77) skipped=$((skipped + 1)); printf 'skip %s: %s\n' "$1" "$reason" ;;
	*) failed=$((failed + 1)); printf 'FAIL %s: %s\n' "$1" "$reason"
	   tail -n 60 "$work/$1.log" | sed 's/^/    /' ;;
	esac
	[ "${V:-0}" != 1 ] || sed 's/^/    /' "$work/$1.log"
}

[ $# -gt 0 ] || set -- tests/e2e/cases/*.sh
for case; do
	name=$(basename "$case" .sh)
	file=$TOP/tests/e2e/cases/$name.sh
	start=$SECONDS
	reason=${left_out:+$(sed -n "1,12s/^# $left_out: *//p" "$file")}
	if [ -n "$reason" ]; then
		status=77
		: >"$work/$name.log"
	elif [ -x "$file" ]; then
		run_case "$file" "$name"
	else
		status=1 reason="$file is not an executable file"
		: >"$work/$name.log"
	fi
	report_case "$name" $((SECONDS - start))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
