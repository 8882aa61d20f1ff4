#!/bin/bash
# SPDX-License-Identifier: MIT
# check-format.sh [--fix] FILE...: clang-format holds the function bodies; enums, structs and tables
# are laid out by hand, because a table is read by its columns and clang-format has no word for that.
# Comments keep their place. Prints the differences and fails; --fix writes them. A file that was found good
# is not looked at again until it, this script or .clang-format changes: build/formatted-* keeps their sums.
set -u
limit=128	# columns no line may pass, but for long strings; 100 is what we aim at
fix=0
[ "${1-}" = --fix ] && { fix=1; shift; }

# The bodies of the functions of a file as clang-format's --lines options. Left out are tables and
# structs of several lines in them, and a choice among three (a ? b : c ? d : e), which clang-format
# stacks; with the line above, as a range that ends at a line's newline takes in what follows it.
bodies() {
	awk '
		function emit(last) { if (first && last >= first) printf "--lines=%d:%d\n", first, last; first = 0 }
		/^\{$/ { inside = 1; first = NR }
		inside && (/= \{$/ || /(=|\)) ?\{ [^;]*$/) { emit(NR - 2); end = "\\}[^{]*;$" }
		inside && /\?[^:]*:[^?]*\?.*:/ { emit(NR - 2); end = "[;{]$" }
		end { if ($0 ~ end) { end = ""; first = NR + 1 }; next }
		/^\}$/ && inside { emit(NR); inside = 0 }' "$1"
}

# clang-format 14 cannot leave the blanks before a comment alone, so they are not compared.
squeeze() { sed -E 's:[ \t]+/\*: /*:' "$@"; }

mkdir -p build
seen=build/formatted-$(cat .clang-format "$0" | sha1sum | cut -c1-12)
touch "$seen"
# the sum alone would do, but a path makes the list readable
mapfile -t todo < <(sha1sum "$@" | grep -vxFf "$seen" | cut -c43-)

bad=0
for f in ${todo[@]+"${todo[@]}"}; do
	good=1
	mapfile -t lines < <(bodies "$f")
	if [ ${#lines[@]} -gt 0 ]; then
		if [ $fix -eq 1 ]; then
			diff -q <(clang-format "${lines[@]}" "$f" | squeeze) <(squeeze "$f") >/dev/null ||
				clang-format -i "${lines[@]}" "$f"
		fi
		diff -u --label "$f" --label "$f, formatted" \
			<(squeeze "$f") <(clang-format "${lines[@]}" "$f" | squeeze) || good=0
	fi
	expand "$f" | awk -v f="$f" -v limit=$limit '
		length > limit && !/"/ { printf "%s:%d: %d columns, at most %d\n", f, NR, length, limit; bad = 1 }
		/[[:space:]]$/ { printf "%s:%d: blanks at the end of the line\n", f, NR; bad = 1 }
		END { exit bad }' || good=0
	grep -Hn '^        ' "$f" | sed 's/$/   <- indent with tabs/' | grep . && good=0
	[ $good -eq 1 ] && sha1sum "$f" >>"$seen" || bad=1
done
[ $bad -eq 0 ] || echo 'check-format: see above. "make format" does the bodies' >&2
exit $bad
