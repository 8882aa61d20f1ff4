# SPDX-License-Identifier: MIT
# report.awk goals.tsv samples.tsv: the medians, and which goals are met, as tables of Markdown.
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
		if (metric[i] == "p99")
			r = ratio(p99, one[i], other[i])
		else
			r = ratio(ops, one[i], other[i])
		if (r < 0)
			verdict = "not measured here"
		else if (metric[i] == "p99" ? r <= bound[i] : r >= bound[i])
			verdict = "met"
		else
			verdict = "missed"
		printf "| %s | %s %s | %s | %s |\n", text[i], metric[i] == "p99" ? "<=" : ">=", bound[i], \
			r < 0 ? "-" : sprintf("%.2f", r), verdict
	}
}
