#!/bin/sh
# SPDX-License-Identifier: MIT
# The example of the kernel's vfio-ap document, unmodified, in a /sys of ours.
set -eu
"$APSYSFS" run -- sh "$TOP/mount-examples/three-guests.sh" >out
sed -n '/^== Guest1/,$p' out >guests

diff -u - guests <<'EOF'
== Guest1: adapters 5 and 6, domains 4 and 0xab
05.0004
05.00ab
06.0004
06.00ab

== Guest2: adapter 5, domains 0x47 and 0xff
05.0047
05.00ff

== Guest3: adapter 6, domains 0x47 and 0xff
06.0047
06.00ff

== What belongs to one guest is refused to another
as it should be
EOF
