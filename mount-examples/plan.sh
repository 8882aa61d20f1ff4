#!/bin/sh
# SPDX-License-Identifier: MIT
# From wanted guests to commands: planned on a virtual machine, looked at, carried out, changed. From the top of the sources:
#   apsysfs run -- sh mount-examples/plan.sh
# On a mainframe "apsysfs plan --sys /sys FILE" prints what to do there, and touches nothing.
set -eu
: "${APSYSFS:=apsysfs}"
guests=${GUESTS:-$(dirname "$0")/three-guests.yaml}

echo '== What the three guests of the kernel document need'
"$APSYSFS" plan "$guests" | tee /tmp/plan.$$
trap 'rm -f /tmp/plan.$$' EXIT
echo '== Carried out'
sh /tmp/plan.$$
"$APSYSFS" show
echo '== Then there is nothing left to do'
"$APSYSFS" plan "$guests"
echo '== A fourth wants what another has'
printf 'guests:\n  - { name: Fourth, adapters: [5], domains: [0x47] }\n' | "$APSYSFS" plan - || echo "status $?"
