#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh FUZZER...: each for FUZZ_SECONDS, from its committed corpus; what it finds new stays in build/.
set -eu
seconds=${FUZZ_SECONDS:-10}
for fuzzer in "$@"; do
	name=${fuzzer##*/}
	found=${fuzzer%/*}/corpus/$name
	mkdir -p "$found"
	set -- -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
		-artifact_prefix="${fuzzer%/*}/$name-"
	[ ! -e "tests/fuzz/$name.dict" ] || set -- "$@" -dict="tests/fuzz/$name.dict"
	set -- "$@" "$found"
	[ ! -d "tests/fuzz/corpus/$name" ] || set -- "$@" "tests/fuzz/corpus/$name"
	log=${fuzzer%/*}/$name.log
	if ! timeout --kill-after=5 $((seconds + 60)) "$fuzzer" "$@" >"$log" 2>&1; then
		tail -n 60 "$log"
		echo "fuzz $name: failed; the input is beside $fuzzer" >&2
		exit 1
	fi
	echo "fuzz $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s"
done
