#!/bin/bash
# SPDX-License-Identifier: MIT
# No wrong text, size or name, whoever reads, writes, lists and changes the hardware at the same time; however the
# kernel is told that names have changed.
# seconds: 90
set -eu
for how in '' --no-epoch; do
	mkdir m
	# shellcheck disable=SC2086 # no option, or one
	"$APSYSFS" mount $how m
	trap 'fusermount3 -uz m' EXIT
	races m 6
	fusermount3 -u m
	trap - EXIT
	rmdir m
done
