#!/bin/bash
# SPDX-License-Identifier: MIT
# No wrong text, size or name, whoever reads, writes, lists and changes the hardware at the same time.
# seconds: 60
set -eu
mkdir m
"$APSYSFS" m
trap 'fusermount3 -uz m' EXIT
races m 8
