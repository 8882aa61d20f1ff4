# SPDX-License-Identifier: MIT
# report.awk goals.tsv samples.tsv growth.tsv mdevs.tsv: the medians, and which goals are met, as tables of Markdown.
function median(list, n,    i, j, t) {
	for (i = 2; i <= n; i++) {
		t = list[i]
		for (j = i - 1; j > 0 && list[j] > t; j--)
			list[j + 1] = list[j]
		list[j + 1] = t
	}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function median_of(values, what,    list, n, r) {
	for (r = 0; (what, r) in values; r++)
		list[++n] = values[what, r]
	return n ? median(list, n) : 0
}

function ratio(values, a, b,    list, n, r) {
	for (r = 0; (a, r) in values && (b, r) in values; r++)
		if (values[b, r] > 0)
			list[++n] = values[a, r] / values[b, r]
	return n ? median(list, n) : -1
}

BEGIN { FS = "\t" }
FILENAME ~ /goals/ {
	if ($0 !~ /^#/ && NF >= 6) {
		goals++
		metric[goals] = $1; one[goals] = $2 SUBSEP $3; other[goals] = $2 SUBSEP $4
		bound[goals] = $5; text[goals] = $6
	}
	next
}
FILENAME ~ /growth|mdevs/ {
	file = FILENAME ~ /growth/ ? "grown" : "mdevs"
	if (FNR == 1) {
		for (i = 1; i <= NF; i++)
			column[file, i] = $i
		next
	}
	for (i = 2; i <= NF; i++) {
		of[file, column[file, i], $1] = $i
		list[file, column[file, i], FNR - 1] = $i
	}
	rows[file] = FNR - 1
	next
}

# How many times as much the last eighth costs as the first, by their medians; -1: not measured.
function growth_of(what,    i, n, head, tail, a, b) {
	n = int(rows["mdevs"] / 8)
	if (n < 1)
		n = 1
	if (rows["mdevs"] < 2)
		return -1
	for (i = 1; i <= n; i++) {
		head[i] = list["mdevs", what, i]
		tail[i] = list["mdevs", what, rows["mdevs"] - n + i]
	}
	a = median(head, n)
	b = median(tail, n)
	return a > 0 ? b / a : -1
}

{
	what = $1 SUBSEP $2
	if (!(what in seen)) {
		seen[what] = 1
		order[++kinds] = what
	}
	ops[what, $3] = $4; p50[what, $3] = $5; p99[what, $3] = $6
}
END {
	print "| operation | on | per second | p50 us | p99 us |\n|---|---|---|---|---|"
	for (i = 1; i <= kinds; i++) {
		split(order[i], name, SUBSEP)
		printf "| %s | %s | %.1f | %.1f | %.1f |\n", name[1], name[2], median_of(ops, order[i]), \
			median_of(p50, order[i]), median_of(p99, order[i])
	}
	print "\n| goal | wanted | measured | |\n|---|---|---|---|"
	for (i = 1; i <= goals; i++) {
		split(one[i], name, SUBSEP)
		if (metric[i] == "p99")
			r = ratio(p99, one[i], other[i])
		else if (metric[i] == "grown")
			r = (metric[i], name[1], name[2]) in of ? of[metric[i], name[1], name[2]] : -1
		else if (metric[i] == "mdevs")
			r = growth_of(name[1])
		else
			r = ratio(ops, one[i], other[i])
		if (r < 0)
			verdict = "not measured here"
		else if (metric[i] == "ops" ? r >= bound[i] : r <= bound[i])
			verdict = "met"
		else
			verdict = "missed"
		printf "| %s | %s %s | %s | %s |\n", text[i], metric[i] == "ops" ? ">=" : "<=", bound[i], \
			r < 0 ? "-" : sprintf(r < 1000 ? "%.2f" : "%.0f", r), verdict
	}
}
