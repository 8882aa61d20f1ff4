#!/bin/sh
# SPDX-License-Identifier: MIT
# run-program.sh BUILD SECONDS COMMAND...: runs a test program, bounded in time, and fails if it
# fails or if a sanitizer wrote a report. The second matters: a leak found at exit does not change
# the exit status of a Criterion run.
set -u
build=$1 limit=$2
shift 2
reports=$build/sanitizer
mkdir -p "$reports"
rm -f "$reports"/report.*
prefix=$(cd "$reports" && pwd)/report

# an allocation of any size may fail here as it may in life
ASAN_OPTIONS=log_path=$prefix:allocator_may_return_null=1:detect_stack_use_after_return=1
UBSAN_OPTIONS=log_path=$prefix:print_stacktrace=1
TSAN_OPTIONS=log_path=$prefix:halt_on_error=1
LSAN_OPTIONS=log_path=$prefix
export ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS LSAN_OPTIONS

timeout --kill-after=5 "$limit" "$@"
status=$?
[ $status -ne 124 ] || echo "$*: still running after $limit s" >&2
for r in "$reports"/report.*; do
	# a failed allocation that a test asked for is noted there too, and no finding
	grep -qsE 'ERROR|SUMMARY|runtime error' "$r" || continue
	cat "$r" >&2
	echo "$*: the sanitizer wrote $r" >&2
	status=1
done
[ $status -eq 0 ] || echo "$*: failed ($status)" >&2
exit $status
