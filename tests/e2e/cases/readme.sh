#!/bin/sh
# SPDX-License-Identifier: MIT
# The example of README.md's "Commands" runs as written.
set -eu
block() { awk -v kind="$1" '/^## / { here = $0 == "## Commands" } here && $0 == "```" kind { on = 1; next } /^```/ { on = 0 } here && on' "$TOP/README.md"; }
block yaml >machine.yaml
block sh >example.sh
[ -s machine.yaml ]
[ -s example.sh ]
sh -eu example.sh >out
cat out
grep -q '06.0004 -> ' out
