#!/bin/bash
# SPDX-License-Identifier: MIT
# instructions.sh [--update]: counts what the work of instructions.c costs, in instructions, and compares with
# instructions.tsv within 5 %, up and down: what became cheaper is to be kept. --update writes the file anew.
# The counts hold for one build only, named in the file; on any other nothing is compared.
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
expected=tests/bench/instructions.tsv
within=5	# per cent

skip() { printf 'skip: %s\n' "$*"; exit 0; }

# What the counts depend on: compiler, C library, architecture, flags.
this_build() {
	local flags
	read -r -a flags <"$BUILD/flags"
	"${flags[0]}" --version | sed -n '1s/^[^ ]* //p'
	getconf GNU_LIBC_VERSION
	uname -m
	printf '%s\n' "${flags[@]:1}" | grep -E '^-(O|f|m|D)|coverage' || :
}

command -v valgrind >/dev/null || skip 'instructions are counted by valgrind: apt-get install valgrind'
[ -e /usr/include/valgrind/callgrind.h ] || skip 'valgrind/callgrind.h is missing: apt-get install valgrind'
build=$(this_build | paste -sd' ')
if [ "${1:-}" != --update ]; then
	wanted=$(sed -n 's/^# build: //p' $expected)
	[ "$build" = "$wanted" ] || skip "the counts are of \"$wanted\", this is \"$build\""
fi

# The C library chooses its memcpy by the processor: the plainest, so that any counts alike.
count() { # WORKLOAD: "UNITS UNIT INSTRUCTIONS"
	GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX512VL,-ERMS,-FSRM valgrind --tool=callgrind \
		--callgrind-out-file=/dev/null --instr-atstart=no "$BUILD/instructions" "$1" 2>&1 | awk -F '[\t ]+' '
		/^[0-9]+\t/ { n = $1; unit = $2 }
		/Collected :/ { counted = $NF }
		END { if (!n || !counted) exit 1; printf "%s\t%.0f\t%s\n", name, counted / n, unit }' name="$1"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/apsysfs-instructions.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$BUILD/instructions" >"$work/names"
xargs -P 2 -I '{}' bash -c "$(declare -f count)"'; BUILD=$1; count "$2" >"$3/$2.count" || echo "$2: no count" >&2' \
	_ "$BUILD" '{}' "$work" <"$work/names"
while read -r name; do cat "$work/$name.count"; done <"$work/names" >"$work/counts"

if [ "${1:-}" = --update ]; then
	{
		sed -n '/^# build:/q; /^#/p' $expected
		printf '# build: %s\n' "$build"
		cat "$work/counts"
		grep '^growth' $expected
	} >"$work/new"
	cp "$work/new" $expected
	exit
fi

awk -F '\t' -v within=$within '
	/^#/ { next }
	FILENAME != "-" && $1 == "growth" { from[++rules] = $2; to[rules] = $3; limit[rules] = $4; next }
	FILENAME != "-" { expected[$1] = $2; next }
	{
		counted[$1] = $2
		off = $1 in expected ? ($2 / expected[$1] - 1) * 100 : 1e9
		if (off == 1e9)
			verdict = "not in the file"
		else
			verdict = sprintf("%+.1f %%%s", off, off > within ? ", dearer" : off < -within ? ", cheaper" : "")
		if (verdict ~ /,|not/)
			bad = 1
		printf "%-14s %9d a %-6s %s\n", $1, $2, $3, verdict
	}
	END {
		for (i = 1; i <= rules; i++) {
			ratio = counted[to[i]] / counted[from[i]]
			printf "%-14s %9.2f times %s, at most %s\n", to[i], ratio, from[i], limit[i]
			if (ratio > limit[i])
				bad = 1
		}
		if (bad)
			print "instructions: costs differ from tests/bench/instructions.tsv; if that is meant:" \
				" tests/bench/instructions.sh --update, and say in the commit why"
		exit bad
	}' $expected - <"$work/counts"
