# SPDX-License-Identifier: MIT
# What player printed, in one line; fails if anything differed or nothing was played.
/ differ$/ { traces++; operations += $2; differ += $4; if ($4) print }
END {
	printf "played in process: %d traces, %d operations, %d differ\n", traces, operations, differ
	exit differ > 0 || !traces
}
