# SPDX-License-Identifier: MIT
# compare.awk exceptions.tsv DIFF: what differs between a recording and its replay, in diff's plain
# form. A recorded line that an exception covers is excused, with the line of ours that stands in its
# place if that fits the exception too; one of the recording machine's boot log is not even counted.
BEGIN { FS = "\t"; rules = 0 }

function applies(list, what,    i, n, part) {
	n = split(list, part, " ")
	for (i = 1; i <= n; i++)
		if (part[i] == "*" || part[i] == what || index(what, part[i] "-") == 1) return 1
	return 0
}

FILENAME != "-" {
	if ($0 ~ /^#/ || NF < 4) next
	if (applies($1, kernel) && applies($2, name)) {
		rules++
		boot[rules] = $4 == "boot"
		recorded[rules] = $3 == "-" ? "^$" : "^(" $3 ")$"
		ours[rules] = $4 == "=" ? recorded[rules] : $4 == "-" || $4 == "boot" ? "^$" : "^(" $4 ")$"
	}
	next
}

function excuse(line, replay,    i) {
	for (i = 1; i <= rules; i++)
		if (line ~ recorded[i] && replay ~ ours[i]) {
			if (boot[i]) total--
			else excused++
			return 1
		}
	return 0
}

# A hunk is over: pairs in their order, and what has no partner as "".
function close_hunk(    i, n) {
	n = olds > news ? olds : news
	for (i = 1; i <= n; i++) {
		if (excuse(i <= olds ? old[i] : "", i <= news ? new[i] : "")) continue
		different++
		if (i <= olds) report = report "  - " old[i] "\n"
		if (i <= news) report = report "  + " new[i] "\n"
	}
	olds = news = 0
}

/^< / { old[++olds] = substr($0, 3); next }
/^> / { new[++news] = substr($0, 3); next }
/^[0-9]/ { close_hunk(); if (shown++ < 1000) report = report (different > marked ? "  @ " $0 "\n" : ""); marked = different; next }

END {
	close_hunk()
	printf "@ %s%s %s %d %d %d\n%s", kernel, set, name, total, excused, different, report
}
