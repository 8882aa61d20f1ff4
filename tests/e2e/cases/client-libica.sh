#!/bin/bash
# SPDX-License-Identifier: MIT
# icainfo and icastats of libica (s390x, forky) under qemu-user: an accelerator's algorithms are there while a card
# of its kind is online, and at no other time.
# seconds: 180
set -eu
command -v qemu-s390x-static >/dev/null || { echo 'skip: there is no qemu-s390x-static (package qemu-user-static)'; exit 77; }
root=$TOP/build/clients/libica
why=$("$TOP/tests/clients/fetch.sh" --only forky s390x "$root" libica-utils libica4 libssl3t64 libzstd1 zlib1g libc6 2>&1) ||
	{ echo "skip: libica-utils cannot be had: $(echo "$why" | tail -n 1)"; exit 77; }
grep '^libica-utils' "$root/.versions"
export root
cat >machine.yaml <<'E2'
usage: [4]
adapters:
  - { id: 5, type: CEX5C }
  - { id: 6, type: CEX5A }
E2
cat >inside.sh <<'E2'
set -eu
ica() { qemu-s390x-static -L "$root" "$root/usr/bin/$@"; }
# dynamic ALGORITHM yes|no WHAT
dynamic() {
	has=$(awk -F'|' -v a="$1" '{ n = $1; gsub(/^ +| +$/, "", n); v = $2; gsub(/ /, "", v) } n == a { print v; exit }' info)
	[ "$has" = "$2" ] || { echo "$3: $1 is \"$has\", expected \"$2\"" >&2; cat info >&2; exit 1; }
}
all() { ica icainfo >info 2>&1; dynamic 'RSA ME' "$1" "$3"; dynamic 'RSA CRT' "$1" "$3"; dynamic 'ECDSA Sign' "$2" "$3"; }
all yes yes 'both cards online'
echo 0 > /sys/devices/ap/card05/online
all yes no 'the coprocessor offline'
echo 0 > /sys/devices/ap/card06/online
all no no 'both offline'
echo 1 > /sys/devices/ap/card06/online
all yes no 'the accelerator online again'
echo 1 > /sys/devices/ap/card05/online
apsysfs machine adapter set 5 state=deconfigured
all yes no 'the coprocessor deconfigured'
apsysfs machine adapter set 5 state=checkstopped
apsysfs machine adapter remove 6
all no no 'one checkstopped, one gone'
ica icastats >stats
grep -q 'RSA-ME' stats
E2
"$APSYSFS" run --machine machine.yaml -- sh inside.sh
