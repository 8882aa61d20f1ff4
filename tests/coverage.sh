#!/bin/sh
# SPDX-License-Identifier: MIT
# coverage.sh BUILD: what the tests that ran reached, by file and in total, from gcov's own summary.
set -eu
build=$(cd "$1" && pwd)
top=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for folder in core hostbackend fs; do
	for data in "$build/$folder"/*.gcno; do
		[ -e "$data" ] || continue
		(cd "$work" && gcov --branch-probabilities --source-prefix "$top" "$data" 2>/dev/null)
	done
done | awk '
	function share(hit, all) { return all ? sprintf("%6.1f %%", 100 * hit / all) : "     - " }
	# gcov says "File ...", then "Lines executed:P% of N", "Taken at least once:P% of N"
	/^File / { file = $0; gsub(/^File .|.$/, "", file); ours = file ~ /^(core|fs|hostbackend)\/.*\.c$/ }
	/^(Lines executed|Taken at least once):/ && ours {
		part = $1 == "Lines" ? "lines" : "branches"
		split($0, field, /[:%]/)
		count = $NF
		all[file, part] = count
		hit[file, part] = count * field[2] / 100
		files[file]
	}
	# the block of the whole object repeats the last file without naming one
	/^$/ { ours = 0 }
	END {
		printf "%-32s %17s %17s\n", "", "lines", "branches taken"
		n = 0
		for (f in files)
			name[++n] = f
		for (i = 1; i <= n; i++)
			for (j = i + 1; j <= n; j++)
				if (name[j] < name[i]) { t = name[i]; name[i] = name[j]; name[j] = t }
		for (i = 1; i <= n; i++) {
			f = name[i]
			folder = f
			sub(/\/.*/, "/", folder)
			printf "%-32s", f
			for (p = 1; p <= 2; p++) {
				part = p == 1 ? "lines" : "branches"
				printf " %s of %5d", share(hit[f, part], all[f, part]), all[f, part]
				sum[folder, part] += hit[f, part]; total[folder, part] += all[f, part]
				sum["total", part] += hit[f, part]; total["total", part] += all[f, part]
			}
			print ""
			groups[folder]
		}
		groups["total"]
		print ""
		for (g in groups)
			printf "%-32s %s of %5d %s of %5d\n", g,
				share(sum[g, "lines"], total[g, "lines"]), total[g, "lines"],
				share(sum[g, "branches"], total[g, "branches"]), total[g, "branches"] | "sort"
	}'
